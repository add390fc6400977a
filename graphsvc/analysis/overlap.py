"""Operation 12: groups that share members, by cliques or by what neighbours say."""

from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.measures import rows
from graphsvc.analysis.members import Identity, identities
from graphsvc.analysis.parts import Reading
from graphsvc.analysis.projection import Part, ScopeSpec
from graphsvc.analysis.runs import Run, stored
from graphsvc.errors import LimitError, UsageError

Array = npt.NDArray[Any]

METHODS = ("cliques", "propagation")
MOST_VERTICES = 5_000
MOST_CLIQUES = 20_000
ROUNDS = 50
STRENGTH = 0.2
"""Share of its memory that a label needs, for a vertex to be in that group."""
LISTED = 20
MOST = 50

CHANCE = {
    "cliques": "None: the same data gives the same groups.",
    "propagation": "Labels are heard by chance, drawn from the seed; another seed may give other groups. "
    "`agreement` says how alike those of ten seeds are.",
}


class Overlapping(msgspec.Struct, frozen=True):
    """A group that may share members with others."""

    rank: Annotated[int, Meta(description="Place by size, from 1.")]
    size: Annotated[int, Meta(description="How many identities it has.")]
    members: Annotated[tuple[Identity, ...], Meta(description="Its members, in order of ids.")]
    truncated: Annotated[bool, Meta(description="It has more members than are named here.")]


class Sharing(msgspec.Struct, frozen=True):
    """An identity that is in several groups."""

    who: Annotated[Identity, Meta(description="Who or what.")]
    groups: Annotated[tuple[int, ...], Meta(description="Ranks of its groups.")]


class OverlappingGroups(msgspec.Struct, frozen=True):
    """Groups that share members, the largest first."""

    method: Annotated[str, Meta(description="cliques or propagation.")]
    chance: Annotated[str, Meta(description="What chance has to do with it.")]
    agreement: Annotated[
        float | None,
        Meta(description="Mean likeness of the memberships of ten seeds, 1 for the same; null for cliques."),
    ]
    groups: Annotated[tuple[Overlapping, ...], Meta(description="The largest groups.")]
    shared: Annotated[tuple[Sharing, ...], Meta(description="Who is in most groups, equals in order of ids.")]
    total: Annotated[int, Meta(description="How many groups there are.")]
    identities: Annotated[int, Meta(description="How many identities were looked at.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    run: Annotated[Run, Meta(description="How the answer came about.")]


async def overlapping_groups(
    view: View,
    scope: ScopeSpec | None = None,
    *,
    method: str = "cliques",
    k: int = 3,
    seed: int = 1,
    first: int = 20,
    fresh: bool = False,
    job: Job | None = None,
) -> OverlappingGroups:
    """Groups of neighbouring cliques of ``k``, or of labels that are heard often.

    Raises UsageError, NotFound for a hidden seed record, and LimitError for a part with too many cliques.
    """
    if method not in METHODS or not 3 <= k <= 20 or not 1 <= first <= MOST:
        raise UsageError(f"Ask for 1 to {MOST} groups by {' or '.join(METHODS)}, with cliques of 3 to 20.")
    given = job or Job()
    given.report("reading")

    async def work(part: Part, found: Reading, run: Run) -> OverlappingGroups:
        dividing = partial(_groups, part, method, k, seed)
        groups, agreement = await view.gds.in_turn(method, given, dividing)
        return await _told(
            view,
            part,
            found,
            groups,
            OverlappingGroups(
                method=method,
                chance=CHANCE[method],
                agreement=agreement,
                groups=(),
                shared=(),
                total=len(groups),
                identities=part.size,
                as_of=view.scope.as_of,
                run=run,
            ),
            first,
        )

    spec = scope or ScopeSpec()
    how: Any = {"parallel": "counted", "k": k, "seed": seed, "first": first}
    return await stored(
        view, "overlappingGroups", OverlappingGroups, spec, work, algorithm=method, **how, fresh=fresh
    )


async def _told(
    view: View, part: Part, found: Reading, groups: list[list[int]], answer: OverlappingGroups, first: int
) -> OverlappingGroups:
    """The answer with the first groups, and those who are in most."""
    of: dict[int, list[int]] = {}
    for at, group in enumerate(groups):
        for vertex in group:
            of.setdefault(vertex, []).append(at + 1)
    shared = sorted((v for v in of if len(of[v]) > 1), key=lambda v: (-len(of[v]), v))[:first]
    named = groups[:first]
    who = await identities(
        view, part, found.snapshot, [*shared, *(v for group in named for v in group[:LISTED])]
    )
    return msgspec.structs.replace(
        answer,
        groups=tuple(
            Overlapping(at + 1, len(group), tuple(who[v] for v in group[:LISTED]), len(group) > LISTED)
            for at, group in enumerate(named)
        ),
        shared=tuple(Sharing(who[vertex], tuple(of[vertex])) for vertex in shared),
    )


def _groups(part: Part, method: str, k: int, seed: int) -> tuple[list[list[int]], float | None]:
    if method == "cliques":
        return cliques(part, k), None
    several = [propagation(part, seed + at) for at in range(10 if part.size <= MOST_VERTICES else 1)]
    return several[0], _agreement(several, part.size) if len(several) > 1 else None


def in_order(groups: Iterable[Iterable[int]]) -> list[list[int]]:
    """The largest first, equals by their members."""
    return sorted((sorted(group) for group in groups), key=lambda group: (-len(group), group))


def cliques(part: Part, k: int) -> list[list[int]]:
    """Clique percolation (G. Palla, 2005): cliques of k that share all but one vertex are one group."""
    import networkx as nx

    if part.size > MOST_VERTICES:
        raise LimitError("This part is too large for cliques; narrow the scope or use propagation.")
    graph: Any = nx.Graph()
    graph.add_nodes_from(range(part.size))
    graph.add_edges_from(zip(part.source.tolist(), part.target.tolist(), strict=True))
    found = list(islice(nx.find_cliques(graph), MOST_CLIQUES + 1))
    if len(found) > MOST_CLIQUES:
        raise LimitError("This part has too many cliques; narrow the scope or use propagation.")
    return in_order(nx.community.k_clique_communities(graph, k, found))


def propagation(part: Part, seed: int) -> list[list[int]]:
    """Speaker-listener label propagation; groups within another one are left out."""
    from graphsvc.analysis import kernels

    if not part.size:
        return []
    memory = kernels.speak_and_listen(*rows(part, both=True), ROUNDS, seed)
    code = np.repeat(np.arange(part.size), ROUNDS + 1) * part.size + memory.reshape(-1)
    pair, heard = np.unique(code, return_counts=True)
    strong = pair[heard >= STRENGTH * (ROUNDS + 1)]
    groups: dict[int, list[int]] = {}
    for vertex, label in zip((strong // part.size).tolist(), (strong % part.size).tolist(), strict=True):
        groups.setdefault(label, []).append(vertex)
    return _outermost(in_order(group for group in groups.values() if len(group) > 1))


def _outermost(groups: list[list[int]]) -> list[list[int]]:
    """Groups that do not lie within one that came before."""
    kept: list[list[int]] = []
    of: dict[int, set[int]] = {}
    for group in groups:
        around = set.intersection(*(of.get(vertex, set()) for vertex in group))
        if not around:
            for vertex in group:
                of.setdefault(vertex, set()).add(len(kept))
            kept.append(group)
    return kept


def _agreement(several: list[list[list[int]]], size: int) -> float:
    """Mean over pairs of answers of the share of pairs of vertices that are together in both, of those in either."""
    together = [
        {
            one * size + other
            for group in groups
            for one in group[:200]
            for other in group[:200]
            if one < other
        }
        for groups in several
    ]
    pairs = [(a, b) for at, a in enumerate(together) for b in together[at + 1 :]]
    return float(np.mean([len(a & b) / max(len(a | b), 1) for a, b in pairs]))
