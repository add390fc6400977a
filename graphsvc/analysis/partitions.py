"""Partitions of a part into groups. Seeded, on one thread, so that the same part gives the same groups."""

from functools import partial
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.access.edges import Edges
from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.projection import Part
from graphsvc.analysis.propagation import propagate
from graphsvc.analysis.quality import in_order, modularity, volumes
from graphsvc.errors import UsageError

Array = npt.NDArray[Any]

ALGORITHMS = ("leiden", "louvain", "label_propagation", "components", "strong_components")
OPTIMISED = ("leiden", "louvain")
CONNECTED = ("components", "strong_components")
SMALL = 2_000
"""Vertices up to which several numberings are tried and the partition of highest modularity is kept."""
TRIES = (10, 100)
"""Fewest and most numberings: as many as make ``TOGETHER`` vertices, since a try of a small part costs little."""
TOGETHER = 10_000
LEVELS = 50
"""More than any graph needs: the algorithms end by themselves when nothing improves."""
TOLERANCE = 1e-9
MOST_REPEATED = 1.5
"""Links a pair, on average, up to which each link is projected by itself."""
ESTIMATES = 15
"""Rounds in which a resolution is estimated, unless it settles before."""
SETTLED = 0.02


class Method(msgspec.Struct, frozen=True):
    """How a part is divided. ``seed`` and ``resolution`` count for ``leiden`` alone: the others know no chance.

    A resolution of 0 is estimated from the part itself, so that neither small nor large groups are lost.
    """

    algorithm: str = "leiden"
    seed: int = 1
    resolution: float = 1.0

    def check(self) -> None:
        """Raise UsageError for what cannot be."""
        if self.algorithm not in ALGORITHMS:
            raise UsageError(f"There is no algorithm {self.algorithm!r}; use one of {', '.join(ALGORITHMS)}.")
        if not 0 <= self.seed < 1 << 31:
            raise UsageError("The seed must be between 0 and 2147483647.")
        if not 0 <= self.resolution <= 1000:
            raise UsageError("The resolution must be between 0 and 1000, with 0 for one that is estimated.")

    @property
    def directed(self) -> bool:
        """Whether the direction of links counts."""
        return self.algorithm == "strong_components"


def edges(part: Part) -> Edges:
    """The links of a part as they are projected."""
    plain = bool((part.weight == 1).all())
    return Edges(part.size, part.source, part.target, None if plain else part.weight, part.directed)


def by_vertex(frame: Any, column: str, size: int) -> Array:
    """A column of an answer by vertex."""
    values = frame[column].to_numpy()
    found = np.zeros(size, values.dtype)
    found[frame["nodeId"].to_numpy(np.int64)] = values
    return found


async def partition(view: View, part: Part, method: Method, name: str, job: Job) -> tuple[Array, float]:
    """The group of each vertex, numbers from the largest group down, equals by their first vertex; and the resolution.

    Raises UsageError, LimitError, Cancelled.
    """
    method.check()
    resolution = method.resolution or 1.0
    if not len(part.source):
        return np.arange(part.size), resolution
    if method.algorithm == "label_propagation":
        return in_order(await view.gds.in_turn(name, job, partial(propagate, part))), resolution
    if method.algorithm in OPTIMISED:
        return await _optimised(view, part, method, name, job)
    links = edges(part)
    async with view.gds.projected(name, links, job) as projection:
        labels = await projection.run(method.algorithm, partial(run, edges=links, method=method))
    return in_order(labels), resolution


async def _optimised(view: View, part: Part, method: Method, name: str, job: Job) -> tuple[Array, float]:
    """The partition of highest modularity among several numberings of a small part, and of its own numbering for a
    large one: the order in which vertices are moved matters more than the algorithms' own seed."""
    several = part.size <= SMALL and method.algorithm == "leiden"
    few, many = TRIES
    count = min(max(TOGETHER // part.size, few), many) if several else 1
    tries = numberings(part.size, method.seed, count)
    together = copies(part, tries)
    group, resolution = np.zeros(part.size, np.int64), method.resolution or 1.0
    async with view.gds.projected(name, together, job) as projection:
        for _ in range(1 if method.resolution or method.algorithm != "leiden" else ESTIMATES):
            work = partial(run, edges=together, method=method, resolution=resolution * len(tries))
            group = _best(part, await projection.run(method.algorithm, work), tries, resolution)
            following = method.resolution or estimate(part, group, resolution)
            if abs(following - resolution) < SETTLED * resolution:
                break
            resolution = following
    return group, resolution


def _best(part: Part, found: Array, tries: list[Array], resolution: float) -> Array:
    """The partition of highest modularity, the first of equals."""
    labels = found.reshape(len(tries), part.size)
    groups = [in_order(each[number]) for each, number in zip(labels, tries, strict=True)]
    if len(groups) == 1:
        return groups[0]
    quality = [round(modularity(part, group, resolution), 12) for group in groups]
    return groups[quality.index(max(quality))]


def estimate(part: Part, group: Array, resolution: float) -> float:
    """The resolution at which best modularity is the likeliest division of a part whose links within and between
    groups are as many as in this one (M. Newman, 2016); the one given where that can't be told."""
    within, volume = volumes(part, group)
    total = volume.sum()
    by_chance = (volume**2).sum() / total
    if by_chance >= total or within.sum() >= total:
        return resolution
    inside, between = within.sum() / by_chance, (total - within.sum()) / (total - by_chance)
    return (
        float(np.clip((inside - between) / (np.log(inside) - np.log(between)), 0.1, 1000))
        if inside > between
        else 1.0
    )


def numberings(size: int, seed: int, count: int) -> list[Array]:
    """The vertices' own numbers, and then others drawn from the seed."""
    random = np.random.default_rng(seed)
    return [np.arange(size), *(random.permutation(size) for _ in range(count - 1))]


def copies(part: Part, tries: list[Array]) -> Edges:
    """The part once for each numbering, side by side. With the resolution times the number of copies, the best
    partition of the whole is the best of each."""
    source, target, weight = one_by_one(part)
    if len(tries) == 1:
        return Edges(part.size, source, target, weight)
    source = np.concatenate([number[source] + at * part.size for at, number in enumerate(tries)])
    target = np.concatenate([number[target] + at * part.size for at, number in enumerate(tries)])
    source, target = np.maximum(source, target), np.minimum(source, target)
    if weight is not None:
        weight = np.tile(weight, len(tries))
    order = np.lexsort((target, source))
    source, target = source[order], target[order]
    weight = None if weight is None else weight[order]
    return Edges(part.size * len(tries), source, target, weight)


def one_by_one(part: Part) -> tuple[Array, Array, Array | None]:
    """Pairs that weigh one, each as often as it has links, where these are few: to modularity they are the same as a
    weight, and a projection without weights is filled and divided in less time. Others with their weight."""
    times = part.weight.astype(np.int64)
    if not (times == part.weight).all() or times.sum() > MOST_REPEATED * len(times):
        return part.source, part.target, part.weight
    return np.repeat(part.source, times), np.repeat(part.target, times), None


def run(gds: Any, graph: Any, edges: Edges, method: Method, resolution: float = 1.0) -> Array:
    """What the algorithm itself calls the group of each vertex."""
    if method.algorithm == "components":
        return by_vertex(gds.wcc.stream(graph, concurrency=1), "componentId", edges.size)
    if method.algorithm == "strong_components":
        return by_vertex(gds.scc.stream(graph, concurrency=1), "componentId", edges.size)
    shared = {
        "concurrency": 1,
        "max_levels": LEVELS,
        "tolerance": TOLERANCE,
        "relationship_weight_property": None if edges.weight is None else "weight",
    }
    if method.algorithm == "leiden":
        frame = gds.leiden.stream(graph, random_seed=method.seed, gamma=resolution, **shared)
    else:
        frame = gds.louvain.stream(graph, **shared)
    return by_vertex(frame, "communityId", edges.size)
