"""Operation 8: how two records are connected, and what each step rests on."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.entity import Entity
from graphsvc.analysis.evidence import Evidence, Joined, Name, behind, day, joined
from graphsvc.analysis.walks import walk
from graphsvc.errors import UsageError
from graphsvc.topology.links import Found, Hop, Links, Path
from graphsvc.topology.question import HUB_CAP, Question

MOST_PATHS = 25
MOST_HOPS = 12
MOST_PARALLEL = 20


class Step(msgspec.Struct, frozen=True):
    """One link of a path. ``joins`` lead from the record before it to the one that it is fastened to, at no cost."""

    from_id: Annotated[str, Meta(description="Record that the step leaves from.")]
    to_id: Annotated[str, Meta(description="Record that it arrives at.")]
    outward: Annotated[bool, Meta(description="The link points along the path.")]
    link: Annotated[Evidence, Meta(description="The link, as its owner wrote it.")]
    joins: Annotated[
        tuple[Joined, ...], Meta(description="Why the record before and this one are taken as one.")
    ]
    others: Annotated[
        tuple[Evidence, ...], Meta(description="Further links between the same two, by type and id.")
    ]


class FoundPath(msgspec.Struct, frozen=True):
    """A path from one record to another."""

    hops: Annotated[int, Meta(description="How many links it has; identity costs none.")]
    steps: Annotated[tuple[Step, ...], Meta(description="Its links in order.")]
    ending: Annotated[
        tuple[Joined, ...], Meta(description="Joins from the last link to the record asked for.")
    ]
    confidence: Annotated[float | None, Meta(description="Product of the known confidences of its links.")]
    weakest: Annotated[
        Evidence | None, Meta(description="The link with the least confidence; unknown is less than any.")
    ]


class Paths(msgspec.Struct, frozen=True):
    """Paths in order of their length, and then of the ids on the way."""

    paths: Annotated[tuple[FoundPath, ...], Meta(description="The paths.")]
    truncated: Annotated[
        bool, Meta(description="The search ended at its budget; there may be more or shorter paths.")
    ]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    left_out: Annotated[tuple[str, ...], Meta(description="What the question left out, in words.")]


async def paths(
    view: View,
    a: str,
    b: str,
    *,
    k: int = 1,
    max_hops: int = 8,
    types: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    time_ordered: bool = False,
    surest: bool = False,
    hub_cap: int = HUB_CAP,
    least_confidence: float = 0.0,
    meet: Callable[[Iterable[Entity]], None] | None = None,
) -> Paths:
    """The ``k`` shortest paths between two records that pass no identity twice, or the ``surest`` one.

    Records between the ends are of the ``kinds`` given and have at most ``hub_cap`` links that the question may
    use; ``since`` and ``until`` are ISO 8601 prefixes, and leave undated links out. Time-ordered paths go along
    dates that never go back. The surest path has the greatest product of confidences, however many links it takes; one
    of more than ``max_hops`` is not shown, and the answer says so. ``meet`` is given the records at the ends of the
    links. Raises NotFound, UsageError.
    """
    if surest and (k > 1 or time_ordered):
        raise UsageError(
            "the surest path is one, and not in order of time: ask for it without k and timeOrdered."
        )
    if not 1 <= k <= MOST_PATHS or not 0 <= max_hops <= MOST_HOPS:
        raise UsageError(f"ask for 1 to {MOST_PATHS} paths of up to {MOST_HOPS} links.")
    question = Question(
        types=None if types is None else frozenset(types),
        kinds=None if kinds is None else frozenset(kinds),
        since=day(since),
        until=day(until, last=True),
        dated=time_ordered,
        least_confidence=least_confidence,
        hub_cap=hub_cap,
    )
    found, explained = await walk(
        view, lambda links: _search(links, a, b, k, max_hops, time_ordered, surest, question)
    )
    uses = [use for path in explained for hop in path.hops for use in (hop.use, *hop.others)]
    known = await behind(view, uses, meet)
    return Paths(
        tuple(_path(path, known) for path in explained if _whole(path, known)),
        found.truncated,
        view.scope.as_of,
        left_out(question) + _too_long(found, max_hops),
    )


def _search(
    links: Links, a: str, b: str, k: int, most: int, time_ordered: bool, surest: bool, question: Question
) -> tuple[Found, list[Path]]:
    if surest:
        found = links.surest(a, b, question)
    else:
        search = links.timed if time_ordered else links.k_shortest
        found = search(a, b, k, question, most=most)
    return found, [
        links.explain(path, a, b, question, most=MOST_PARALLEL, timed=time_ordered)
        for path in found.paths
        if len(path) <= most + 1
    ]


def _too_long(found: Found, most: int) -> tuple[str, ...]:
    lengths = [len(path) - 1 for path in found.paths if len(path) > most + 1]
    return tuple(
        f"the surest path, which takes {length} links, more than the {most} asked for" for length in lengths
    )


def left_out(question: Question) -> tuple[str, ...]:
    """What a question leaves out of the visible part, in words."""
    said = [
        f"records with more than {question.hub_cap} links between the ends",
        f"identity keys held by more than {question.key_cap} records",
    ]
    if question.types is not None:
        said.append("links of other types than " + ", ".join(sorted(question.types)))
    if question.kinds is not None:
        said.append("records of other kinds than " + ", ".join(sorted(question.kinds)) + " between the ends")
    if question.dated or question.since is not None or question.until is not None:
        said.append("links without a date")
    if question.least_confidence > 0:
        said.append(f"links with a confidence under {question.least_confidence:g} or none")
    return tuple(said)


def _whole(path: Path, known: dict[Name, Evidence]) -> bool:
    return all((hop.use.id, hop.use.type) in known for hop in path.hops)


def _path(path: Path, known: dict[Name, Evidence]) -> FoundPath:
    steps = tuple(step(hop, known) for hop in path.hops)
    product = 1.0
    for taken in steps:
        product *= 1.0 if taken.link.confidence is None else taken.link.confidence
    judged = [join for taken in steps for join in taken.joins] + [joined(join) for join in path.ending]
    for join in judged:
        product *= 1.0 if join.confidence is None else join.confidence
    graded = any(taken.link.confidence is not None for taken in steps)
    return FoundPath(
        hops=len(steps),
        steps=steps,
        ending=tuple(map(joined, path.ending)),
        confidence=round(product, 4) if graded else None,
        weakest=min((taken.link for taken in steps), key=_strength, default=None),
    )


def _strength(link: Evidence) -> tuple[float, str]:
    return -1.0 if link.confidence is None else link.confidence, link.id


def step(hop: Hop, known: dict[Name, Evidence]) -> Step:
    """A hop as it is shown."""
    others = (known.get((use.id, use.type)) for use in hop.others)
    return Step(
        from_id=hop.use.from_,
        to_id=hop.use.to,
        outward=hop.use.outward,
        link=known[hop.use.id, hop.use.type],
        joins=tuple(map(joined, hop.joins)),
        others=tuple(sorted((one for one in others if one), key=lambda link: (link.type, link.id))),
    )
