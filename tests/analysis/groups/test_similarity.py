"""Who has the same contacts, and which links are likely missing."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from graphsvc.analysis import similarity
from graphsvc.errors import LimitError
from tests.analysis.groups.parts import drawn, graph_of, part_of


def test_likeness_is_the_jaccard_index() -> None:
    for seed in range(10):
        part = drawn(seed, directed=False)
        graph = graph_of(part)
        alike, _ = similarity.likeness(part, 0)
        wanted = [
            score for _, _, score in nx.jaccard_coefficient(graph, [(0, v) for v in range(1, part.size)])
        ]
        assert alike[1:] == pytest.approx(wanted)


def test_the_likeliest_links_are_those_of_resource_allocation() -> None:
    for seed in range(10):
        part = drawn(seed, directed=False)
        pairs = nx.resource_allocation_index(graph_of(part))
        wanted = sorted((score for _, _, score in pairs if score > 0), reverse=True)[:5]
        _, _, score, common = similarity.likely(part, 5)
        assert score == pytest.approx(wanted)
        assert (common > 0).all()


def test_a_link_left_out_of_a_ring_is_found() -> None:
    links = [pair for pair in combinations(range(6), 2) if pair != (2, 4)] + [(5, 6), (6, 7), (7, 8)]
    one, other, _, common = similarity.likely(part_of(links), 1)
    assert (one.tolist(), other.tolist(), common.tolist()) == ([2], [4], [4])


def test_guesses_within_circles_are_better_than_chance_and_repeat() -> None:
    random = np.random.default_rng(3)
    links = [
        (c * 10 + a, c * 10 + b)
        for c in range(10)
        for a, b in combinations(range(10), 2)
        if random.random() < 0.6
    ]
    part = part_of(links)
    accuracy, held = similarity.accuracy_of(part, 1)
    assert accuracy is not None
    assert accuracy > 0.9
    assert held == round(0.1 * len(links))
    assert similarity.accuracy_of(part, 1) == (accuracy, held)


def test_a_part_with_a_vast_hub_is_refused() -> None:
    with pytest.raises(LimitError):
        similarity.likely(part_of([(0, at) for at in range(1, 10_000)]), 5)
