"""How much each vertex counts in a part: degree, betweenness, closeness, rank and constraint."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.partitions import by_vertex, edges
from graphsvc.analysis.projection import Part, pairs
from graphsvc.errors import LimitError, UsageError

Array = npt.NDArray[Any]

EXACT = 5_000
"""Vertices up to which betweenness is worked out from every one of them."""
SAMPLES = 100
"""Vertices that stand for all of them in a larger part."""
ROUNDS = 2_000
DAMPING = 0.85
MEASURES = (
    "betweenness",
    "degree",
    "weighted_degree",
    "closeness",
    "harmonic",
    "eigenvector",
    "page_rank",
    "constraint",
    "clustering",
    "core",
)


class Scores(msgspec.Struct, frozen=True, eq=False):
    """``value`` by vertex. ``error`` is the standard error of estimates, and None where values are exact."""

    value: Array
    error: Array | None = None

    def order(self, *, low_first: bool = False) -> Array:
        """Vertices from the most telling, equals in order of their ids."""
        value = self.value if low_first else -self.value
        return np.lexsort((np.arange(len(value)), np.round(value, 12)))


def rows(part: Part, *, both: bool) -> tuple[Array, Array, Array]:
    """The part as compressed rows: ``at``, ``to`` and ``weight``; ``both`` reads links in both directions."""
    source, target, weight = part.source, part.target, part.weight
    if both:
        source, target = np.concatenate((source, target)), np.concatenate((target, source))
        weight = np.concatenate((weight, weight))
    source, target, pair = pairs(source, target, part.size)
    at = np.searchsorted(source, np.arange(part.size + 1))
    return at, target, np.bincount(pair, weight, len(source))


def degree(part: Part, *, weighted: bool) -> Array:
    """Links, or their weight, at each vertex; in a directed part those in and out."""
    return msgspec.structs.replace(
        part, weight=part.weight if weighted else np.ones(len(part.weight))
    ).degree()


def constraint(part: Part) -> Array:
    """Burt's constraint of each vertex; not a number for one without links."""
    from graphsvc.analysis import kernels

    at, to, weight = rows(part, both=True)
    return np.where(np.diff(at) > 0, kernels.constraint(at, to, weight), np.nan)


def eigenvector(part: Part) -> Array:
    """Eigenvector centrality: a vertex counts as much as those that point at it, by power iteration with its own share
    kept, so that it settles on graphs in two halves too. Raises LimitError where it does not settle."""
    from scipy.sparse import csr_matrix

    source, target = part.source, part.target
    if not part.directed:
        source, target = np.concatenate((source, target)), np.concatenate((target, source))
    into = csr_matrix((np.ones(len(source)), (target, source)), shape=(part.size, part.size))
    found = np.full(part.size, 1 / max(part.size, 1))
    for _ in range(ROUNDS * 10):
        following: Array = found + into @ found
        following /= np.linalg.norm(following) or 1.0
        if np.abs(following - found).sum() < part.size * 1e-13:
            return following
        found = following
    raise LimitError("Eigenvector centrality does not settle on this part; use page_rank.")


def page_rank(part: Part, rounds: int | None = None) -> Array:
    """PageRank with damping .85, weighted, summing to one; who points at nobody points at everybody alike. After so
    many rounds, or when it has settled."""
    from scipy.sparse import csr_matrix

    source, target, weight = part.source, part.target, part.weight
    if not part.directed:
        source, target = np.concatenate((source, target)), np.concatenate((target, source))
        weight = np.concatenate((weight, weight))
    given = np.bincount(source, weight, part.size)
    into = csr_matrix((weight / given[source], (target, source)), shape=(part.size, part.size))
    found = np.full(part.size, 1 / part.size)
    for _ in range(ROUNDS if rounds is None else rounds):
        idle = found[given == 0].sum() / part.size
        following: Array = (1 - DAMPING) / part.size + DAMPING * (into @ found + idle)
        change, found = np.abs(following - found).sum(), following
        if rounds is None and change < 1e-14:
            break
    return found


def clustering(part: Part) -> Array:
    """Of each vertex the share of pairs of its neighbours that are linked, as LDBC Graphalytics has it: neighbours are
    those of either direction, and in a directed part each direction between two of them counts for itself."""
    from graphsvc.analysis import kernels

    around = msgspec.structs.replace(part, directed=False)
    at, to, _ = rows(around, both=True)
    out, towards, _ = rows(part, both=not part.directed)
    found: Array = kernels.clustering(at, to, out, towards)
    return found


LOCAL: dict[str, Callable[[Part], Array]] = {
    "degree": partial(degree, weighted=False),
    "weighted_degree": partial(degree, weighted=True),
    "constraint": constraint,
    "eigenvector": eigenvector,
    "page_rank": page_rank,
    "clustering": clustering,
}
"""Measures that need no projection."""


async def scores(view: View, part: Part, measure: str, name: str, job: Job, *, seed: int = 1) -> Scores:
    """A measure of every vertex. Raises UsageError, LimitError, Cancelled.

    Distances count links and not their weights, as in networkx; closeness is that of Wasserman and Faust, harmonic
    and betweenness are sums; closeness and harmonic in a directed part look at the ways towards a vertex.
    """
    if measure not in MEASURES:
        raise UsageError(f"There is no measure {measure!r}; use one of {', '.join(MEASURES)}.")
    if not part.size:
        return Scores(np.zeros(0))
    if measure in LOCAL:
        return Scores(await view.gds.in_turn(measure, job, partial(LOCAL[measure], part)))
    async with view.gds.projected(name, edges(part), job) as projection:
        return await projection.run(
            measure, lambda gds, graph: projected(gds, graph, part.size, measure, seed)
        )


def projected(gds: Any, graph: Any, size: int, measure: str, seed: int = 1) -> Scores:
    """Measures of Graph Data Science."""
    column = "coreValue" if measure == "core" else "score"
    scale = 1.0
    match measure:
        case "betweenness":
            return _betweenness(gds, graph, size, seed)
        case "closeness":
            frame = gds.closeness.stream(graph, concurrency=1, use_wasserman_faust=True)
        case "harmonic":
            frame, scale = gds.harmonic.stream(graph, concurrency=1), size - 1.0
        case _:
            frame = gds.kcore.stream(graph, concurrency=1)
    value = by_vertex(frame, column, size) * scale
    return Scores(value)


def _betweenness(gds: Any, graph: Any, size: int, seed: int) -> Scores:
    """Exact on a small part. On a large one the mean of several samples, and how far they are apart."""
    if size <= EXACT:
        return Scores(by_vertex(gds.betweenness.stream(graph, concurrency=1), "score", size))
    batches = 4
    found = np.stack(
        [
            by_vertex(
                gds.betweenness.stream(
                    graph, concurrency=1, sampling_size=SAMPLES // batches, sampling_seed=seed + batch
                ),
                "score",
                size,
            )
            for batch in range(batches)
        ]
    )
    # the sum from a few starting points stands for that from all of them
    found *= size / (SAMPLES // batches)
    return Scores(found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(batches))
