"""Parts without a store, for what is worked out on arrays alone."""

from collections.abc import Sequence
from typing import Any

import networkx as nx
import numpy as np

from graphsvc.analysis.projection import Part, Rows, build


def part_of(
    links: Sequence[tuple[int, int]],
    *,
    weights: Sequence[float] | None = None,
    parallel: str = "counted",
    directed: bool = False,
) -> Part:
    """The part of links between numbered records, each an identity of its own."""
    ends = np.array(links, np.int32).reshape(-1, 2)
    count, size = len(ends), int(ends.max(initial=-1)) + 1
    none = np.zeros(count, np.int32)
    rows = Rows(
        ends[:, 0],
        ends[:, 1],
        np.arange(count, dtype=np.int32),
        none,
        none,
        none,
        np.ones(count) if weights is None else np.array(weights, float),
    )
    return build(rows, np.arange(size), np.arange(size), parallel=parallel, directed=directed)


def graph_of(part: Part) -> Any:
    """The same for networkx."""
    graph: Any = nx.DiGraph() if part.directed else nx.Graph()
    graph.add_nodes_from(range(part.size))
    ends = zip(part.source.tolist(), part.target.tolist(), part.weight.tolist(), strict=True)
    graph.add_weighted_edges_from(ends)
    return graph


def drawn(seed: int, *, directed: bool) -> Part:
    """A random part with parallel links, of up to 24 vertices."""
    random = np.random.default_rng(seed)
    size, count = int(random.integers(2, 25)), int(random.integers(2, 60))
    ends = random.integers(0, size, (count, 2))
    ends[0] = 0, 1
    return part_of([(int(a), int(b)) for a, b in ends], directed=directed)
