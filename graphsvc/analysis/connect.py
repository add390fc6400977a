"""Operation 9: the small network that joins 3 to 20 records."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.evidence import Joined, behind, day, joined
from graphsvc.analysis.paths import Step, left_out, step
from graphsvc.analysis.walks import walk
from graphsvc.errors import UsageError
from graphsvc.topology.links import Hop, Join, Links, Network
from graphsvc.topology.question import HUB_CAP, Question

LEAST_SEEDS, MOST_SEEDS = 2, 20
MOST_HOPS = 12
MOST_PARALLEL = 10


class SeedGroup(msgspec.Struct, frozen=True):
    """Records asked for that the network joins with one another."""

    ids: Annotated[tuple[str, ...], Meta(description="Their ids.")]


class ConnectingNetwork(msgspec.Struct, frozen=True):
    """A network of few links that joins the records asked for, as far as they can be joined."""

    records: Annotated[tuple[str, ...], Meta(description="Every record on it, by id.")]
    steps: Annotated[tuple[Step, ...], Meta(description="Its links, with their evidence.")]
    joins: Annotated[tuple[Joined, ...], Meta(description="Records on it that stand together at no cost.")]
    parts: Annotated[
        tuple[SeedGroup, ...], Meta(description="Which of the records asked for are joined; one part if all.")
    ]
    bound: Annotated[float, Meta(description="It has at most this many times the links of the smallest one.")]
    truncated: Annotated[bool, Meta(description="The search ended at its budget; more could be joined.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    left_out: Annotated[tuple[str, ...], Meta(description="What the question left out, in words.")]


async def connecting_network(
    view: View,
    ids: Sequence[str],
    *,
    max_hops: int = 8,
    types: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    hub_cap: int = HUB_CAP,
    least_confidence: float = 0.0,
) -> ConnectingNetwork:
    """A network that joins records, of at most ``2 (1 - 1/n)`` times the links of the smallest.

    ``max_hops`` bounds the way between two of them. Raises NotFound, UsageError.
    """
    if not LEAST_SEEDS <= len(set(ids)) <= MOST_SEEDS or not 1 <= max_hops <= MOST_HOPS:
        raise UsageError(
            f"ask for {LEAST_SEEDS} to {MOST_SEEDS} records and ways of up to {MOST_HOPS} links."
        )
    question = Question(
        types=None if types is None else frozenset(types),
        kinds=None if kinds is None else frozenset(kinds),
        since=day(since),
        until=day(until, last=True),
        least_confidence=least_confidence,
        hub_cap=hub_cap,
    )
    network, hops, ties = await walk(view, lambda links: _search(links, ids, max_hops, question))
    known = await behind(view, [use for hop in hops for use in (hop.use, *hop.others)])
    whole = [hop for hop in hops if (hop.use.id, hop.use.type) in known]
    return ConnectingNetwork(
        records=tuple(sorted({*ids, *(end for hop in whole for end in (hop.use.from_, hop.use.to))})),
        steps=tuple(step(hop, known) for hop in whole),
        joins=tuple(map(joined, ties)),
        parts=tuple(SeedGroup(group) for group in network.groups),
        bound=round(2 * (1 - 1 / len(set(ids))), 3),
        truncated=network.truncated,
        as_of=view.scope.as_of,
        left_out=left_out(question),
    )


def _search(
    links: Links, ids: Sequence[str], most: int, question: Question
) -> tuple[Network, list[Hop], list[Join]]:
    network = links.connect(ids, question, most=most)
    hops = []
    for one, other in network.steps:
        path = links.explain((one, other), one, other, question, most=MOST_PARALLEL)
        hops += [msgspec.structs.replace(hop, joins=()) for hop in path.hops]
    fastened = {*ids, *(end for hop in hops for end in (hop.use.from_, hop.use.to))}
    return network, hops, _ties(links, fastened, question)


def _ties(links: Links, fastened: set[str], question: Question) -> list[Join]:
    """The joins between the records of one identity that links of the network are fastened to."""
    clusters: dict[tuple[str, ...], list[str]] = {}
    for id_ in sorted(fastened):
        clusters.setdefault(links.cluster(id_, question), []).append(id_)
    found: dict[tuple[str, str], Join] = {}
    for members in clusters.values():
        for other in members[1:]:
            for join in links.joins(members[0], other, question):
                found[min(join.from_, join.to), max(join.from_, join.to)] = join
    return [found[pair] for pair in sorted(found)]
