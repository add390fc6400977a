"""The examples of LDBC Graphalytics, exact."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graphsvc.analysis import measures
from graphsvc.analysis.projection import Part
from graphsvc.analysis.propagation import propagate
from tests.analysis.groups.parts import part_of

pytestmark = pytest.mark.data

ROUNDS = 2
"""Of PageRank and label propagation in these examples."""


@pytest.fixture(params=["directed", "undirected"])
def example(
    request: pytest.FixtureRequest, public_data: Callable[..., Path]
) -> tuple[Part, Callable[[str], list[float]]]:
    """The graph, and what is expected of a measure by vertex."""
    folder, name = public_data("graphalytics-examples"), f"example-{request.param}"
    number = {line: at for at, line in enumerate((folder / f"{name}.v").read_text().split())}
    lines = [line.split() for line in (folder / f"{name}.e").read_text().splitlines()]
    part = part_of(
        [(number[one], number[other]) for one, other, *_ in lines], directed=request.param == "directed"
    )
    assert part.size == len(number)

    def expected(measure: str) -> list[float]:
        rows = dict(line.split() for line in (folder / f"{name}-{measure}").read_text().splitlines())
        return [float(rows[vertex]) for vertex in number]

    return part, expected


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


def test_components(example: Example) -> None:
    part, expected = example
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    matrix = coo_matrix((np.ones(len(part.source)), (part.source, part.target)), shape=(part.size, part.size))
    _, found = connected_components(matrix, directed=False)
    wanted = expected("WCC")
    assert len(set(zip(found.tolist(), wanted, strict=True))) == len(set(found.tolist())) == len(set(wanted))
