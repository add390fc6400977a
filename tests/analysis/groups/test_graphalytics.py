"""The examples of LDBC Graphalytics, exact."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from graphsvc.access.gds import Science, ScopedScience
from graphsvc.access.jobs import Job
from graphsvc.analysis import measures
from graphsvc.analysis.partitions import Method, partition
from graphsvc.analysis.projection import Part, around
from graphsvc.analysis.propagation import propagate
from graphsvc.settings import Settings
from tests.access.test_gds import SCOPE
from tests.analysis.groups.parts import part_of

pytestmark = pytest.mark.data

ROUNDS = 2
"""Of PageRank and label propagation in these examples."""


def read(folder: Path, *, directed: bool) -> "Example":
    """The graph, and what is expected of a measure by vertex."""
    name = f"example-{'directed' if directed else 'undirected'}"
    number = {line: at for at, line in enumerate((folder / f"{name}.v").read_text().split())}
    lines = [line.split() for line in (folder / f"{name}.e").read_text().splitlines()]
    part = part_of([(number[one], number[other]) for one, other, *_ in lines], directed=directed)
    assert part.size == len(number)

    def expected(measure: str) -> list[float]:
        rows = dict(line.split() for line in (folder / f"{name}-{measure}").read_text().splitlines())
        return [float(rows[vertex]) for vertex in number]

    return part, expected


@pytest.fixture(params=[True, False], ids=["directed", "undirected"])
def example(request: pytest.FixtureRequest, public_data: Callable[..., Path]) -> "Example":
    return read(public_data("graphalytics-examples"), directed=request.param)


Example = tuple[Part, Callable[[str], list[float]]]


def test_page_rank(example: Example) -> None:
    part, expected = example
    assert measures.page_rank(part, ROUNDS) == pytest.approx(expected("PR"), abs=1e-12)


def test_clustering(example: Example) -> None:
    part, expected = example
    assert measures.clustering(part) == pytest.approx(expected("LCC"), abs=1e-12)


def test_label_propagation(example: Example) -> None:
    part, expected = example
    least = min(expected("CDLP")) - min(propagate(part, ROUNDS))
    assert (propagate(part, ROUNDS) + least).tolist() == expected("CDLP")


def test_breadth_first_search(public_data: Callable[..., Path]) -> None:
    """Through the surroundings of a seed, which go against the direction of links too."""
    part, expected = read(public_data("graphalytics-examples"), directed=False)
    (root,) = [at for at, depth in enumerate(expected("BFS")) if depth == 0]
    depths = np.sum([~around(part, np.array([root]), hops) for hops in range(part.size)], axis=0)
    wanted = [depth if depth < part.size else part.size for depth in expected("BFS")]
    assert depths.tolist() == wanted


@pytest.mark.neo4j
def test_components(example: Example, open_server: Settings) -> None:
    part, expected = example
    science = Science(open_server)
    view: Any = SimpleNamespace(gds=ScopedScience(science, SCOPE))
    try:
        group, _ = asyncio.run(partition(view, part, Method("components"), "test", Job()))
    finally:
        science.close()
    pairs = set(zip(group.tolist(), expected("WCC"), strict=True))
    assert len(pairs) == len(set(group.tolist())) == len(set(expected("WCC")))
