"""Operations 14 and 15, and ranks by any measure: who stands between others, and what holds a part together."""

from functools import partial
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.measures import Scores, projected, scores
from graphsvc.analysis.members import Identity, identities
from graphsvc.analysis.partitions import Method, edges, partition
from graphsvc.analysis.parts import Reading
from graphsvc.analysis.projection import PARALLEL, Part, ScopeSpec, pairs
from graphsvc.analysis.runs import Run, stored
from graphsvc.analysis.stability import UNKNOWN, of_ranks
from graphsvc.analysis.stability import Kept as Stability
from graphsvc.errors import UsageError

Array = npt.NDArray[Any]

MOST = 100
SEED = 1
"""Of the draws of a core, which itself knows no chance."""


class Ranked(msgspec.Struct, frozen=True):
    """One identity in a rank."""

    rank: Annotated[int, Meta(description="Place, from 1.")]
    who: Annotated[Identity, Meta(description="Who or what.")]
    score: Annotated[float, Meta(description="The measure.")]
    error: Annotated[
        float | None, Meta(description="Standard error where the score is estimated from samples.")
    ]
    constraint: Annotated[
        float | None,
        Meta(description="Burt's constraint: low for those whose contacts do not know each other."),
    ]
    groups: Annotated[int, Meta(description="Groups that its links reach, its own included.")]
    stability: Annotated[
        Stability,
        Meta(description="How often it stays among those named here when some of the data is missing."),
    ]


class Ranking(msgspec.Struct, frozen=True):
    """The first identities by a measure, equals in order of their ids."""

    measure: Annotated[str, Meta(description="What was measured.")]
    ranked: Annotated[tuple[Ranked, ...], Meta(description="The first of them.")]
    identities: Annotated[int, Meta(description="How many identities were measured.")]
    links: Annotated[int, Meta(description="How many links were used.")]
    exact: Annotated[bool, Meta(description="Whether the scores are exact, or estimated from samples.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    run: Annotated[Run, Meta(description="How the answer came about.")]


class Bridge(msgspec.Struct, frozen=True):
    """A link without which its two sides fall apart."""

    from_: Annotated[Identity, Meta(description="One side.")]
    to: Annotated[Identity, Meta(description="The other side.")]


class Core(msgspec.Struct, frozen=True):
    """How deep in the core an identity stands."""

    who: Annotated[Identity, Meta(description="Who or what.")]
    core: Annotated[int, Meta(description="Largest k of a part where all have k links or more, with it in.")]
    cut_point: Annotated[bool, Meta(description="Whether the rest falls apart without it.")]
    stability: Annotated[
        Stability,
        Meta(
            description="Of one deepest in: how often it stays among them when some of the data is missing; nulls for "
            "other cut points."
        ),
    ]


class CoreStructure(msgspec.Struct, frozen=True):
    """The core, and where the part would fall apart."""

    deepest: Annotated[int, Meta(description="The highest core number.")]
    core: Annotated[tuple[Core, ...], Meta(description="Those deepest in, equals in order of their ids.")]
    cut_points: Annotated[tuple[Core, ...], Meta(description="Without each of them the rest falls apart.")]
    bridges: Annotated[
        tuple[Bridge, ...], Meta(description="Links without which their two sides fall apart.")
    ]
    identities: Annotated[int, Meta(description="How many identities there are.")]
    truncated: Annotated[bool, Meta(description="There are more than are named here.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    run: Annotated[Run, Meta(description="How the answer came about.")]


async def ranking(
    view: View,
    scope: ScopeSpec | None = None,
    *,
    measure: str = "betweenness",
    directed: bool = False,
    parallel: str = "counted",
    seed: int = 1,
    first: int = 20,
    fresh: bool = False,
    job: Job | None = None,
) -> Ranking:
    """The first of a scope by a measure, kept and answered again. Constraint ranks the least constrained first.

    Raises UsageError, NotFound for a hidden seed, LimitError, Cancelled.
    """
    if not 1 <= first <= MOST or parallel not in PARALLEL:
        raise UsageError(f"Ask for the first 1 to {MOST}, with parallel links {', '.join(PARALLEL)}.")
    given = job or Job()
    given.report("reading")

    async def work(part: Part, found: Reading, run: Run) -> Ranking:
        measured = await scores(view, part, measure, "ranking", given, seed=seed)
        ranked = await _ranked(view, part, found.snapshot, measure, measured, first, seed, given)
        exact = measured.error is None
        return Ranking(measure, ranked, part.size, len(part.link), exact, view.scope.as_of, run)

    spec = scope or ScopeSpec()
    how: Any = {"parallel": parallel, "directed": directed, "seed": seed, "first": first}
    return await stored(view, "ranking", Ranking, spec, work, algorithm=measure, **how, fresh=fresh)


async def brokers(view: View, scope: ScopeSpec | None = None, **asked: Any) -> Ranking:
    """Operation 14: who stands between others. As ``ranking`` by betweenness."""
    return await ranking(view, scope, measure="betweenness", **asked)


async def _ranked(
    view: View, part: Part, snapshot: Any, measure: str, measured: Scores, first: int, seed: int, job: Job
) -> tuple[Ranked, ...]:
    low_first = measure == "constraint"
    named = measured.order(low_first=low_first)[:first]
    plain = msgspec.structs.replace(part, directed=False)
    group, _ = await partition(view, undirected(plain), Method(seed=seed), "ranking", job)
    doubt = await of_ranks(view, part, measure, named, job, seed=seed, low_first=low_first)
    burt = await view.gds.in_turn("constraint", job, partial(_constraint, part))
    who = await identities(view, part, snapshot, named.tolist())
    reached = {int(vertex): _groups(part, group, int(vertex)) for vertex in named}
    return tuple(
        Ranked(
            rank=at + 1,
            who=who[int(vertex)],
            score=float(measured.value[vertex]),
            error=None if measured.error is None else float(measured.error[vertex]),
            constraint=float(burt[vertex]),
            groups=reached[int(vertex)],
            stability=doubt[at],
        )
        for at, vertex in enumerate(named)
    )


def undirected(part: Part) -> Part:
    """The same links without their direction."""
    high, low = np.maximum(part.source, part.target), np.minimum(part.source, part.target)
    source, target, pair = pairs(high, low, part.size)
    weight = np.bincount(pair, part.weight, len(source))
    return msgspec.structs.replace(part, source=source, target=target, weight=weight, directed=False)


def _constraint(part: Part) -> Array:
    from graphsvc.analysis.measures import constraint

    return constraint(part)


def _groups(part: Part, group: Array, vertex: int) -> int:
    near = np.concatenate((part.target[part.source == vertex], part.source[part.target == vertex], [vertex]))
    return len(np.unique(group[near]))


async def core_structure(
    view: View,
    scope: ScopeSpec | None = None,
    *,
    first: int = 50,
    fresh: bool = False,
    job: Job | None = None,
) -> CoreStructure:
    """Operation 15: k-core, cut points and bridges of a scope. Raises UsageError, NotFound, LimitError, Cancelled."""
    if not 1 <= first <= MOST:
        raise UsageError(f"Ask for the first 1 to {MOST}.")
    given = job or Job()
    given.report("reading")

    async def work(part: Part, found: Reading, run: Run) -> CoreStructure:
        core, cut_points, bridges = await _structure(view, part, given)
        deep = np.lexsort((np.arange(part.size), -core))[:first]
        vertices = [*deep.tolist(), *cut_points[:first].tolist(), *bridges[:first].reshape(-1).tolist()]
        who = await identities(view, part, found.snapshot, vertices)
        cut = set(cut_points.tolist())
        doubt = await of_ranks(view, part, "core", deep, given, seed=SEED) if len(part.source) else []
        stability = dict(zip(deep.tolist(), doubt, strict=False))

        def told(vertex: int) -> Core:
            return Core(who[vertex], int(core[vertex]), vertex in cut, stability.get(vertex, UNKNOWN))

        return CoreStructure(
            deepest=int(core.max(initial=0)),
            core=tuple(told(int(vertex)) for vertex in deep),
            cut_points=tuple(told(int(vertex)) for vertex in cut_points[:first]),
            bridges=tuple(Bridge(who[int(one)], who[int(other)]) for one, other in bridges[:first]),
            identities=part.size,
            truncated=max(part.size, len(cut_points), len(bridges)) > first,
            as_of=view.scope.as_of,
            run=run,
        )

    spec = scope or ScopeSpec()
    return await stored(
        view, "coreStructure", CoreStructure, spec, work, algorithm="core", first=first, fresh=fresh
    )


async def _structure(view: View, part: Part, job: Job) -> tuple[Array, Array, Array]:
    """Core numbers by vertex, cut points, and bridges as pairs; the latter two in order."""
    if not len(part.source):
        return np.zeros(part.size, np.int64), np.zeros(0, np.int64), np.zeros((0, 2), np.int64)
    async with view.gds.projected("core", edges(part), job) as projection:
        core = await projection.run("core", lambda gds, graph: projected(gds, graph, part.size, "core"))
        points = await projection.run("cut points", lambda gds, graph: gds.articulation_points.stream(graph))
        lines = await projection.run("bridges", lambda gds, graph: gds.bridges.stream(graph))
    pairs = (
        np.sort(lines[["from", "to"]].to_numpy(np.int64), axis=1)
        if len(lines)
        else np.zeros((0, 2), np.int64)
    )
    found = np.sort(points["nodeId"].to_numpy(np.int64)) if len(points) else np.zeros(0, np.int64)
    return core.value.astype(np.int64), found, pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
