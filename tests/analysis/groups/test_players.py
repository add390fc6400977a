"""Key players as sets, removal, overlap and doubt, on graphs small enough to try everything."""

import asyncio
from collections.abc import Callable
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from graphsvc.access.jobs import Job
from graphsvc.analysis import keyplayers, overlap, stability
from graphsvc.analysis.projection import Part
from graphsvc.errors import LimitError
from tests.analysis.groups.parts import drawn, graph_of, part_of

TWO_RINGS = [*combinations(range(5), 2), *combinations(range(4, 9), 2)]


def fragmentation(part: Part, gone: tuple[int, ...]) -> float:
    left = graph_of(part)
    left.remove_nodes_from(gone)
    joined = sum(len(piece) * (len(piece) - 1) for piece in nx.connected_components(left))
    return 1 - joined / (part.size * (part.size - 1))


def nearness(part: Part, chosen: tuple[int, ...]) -> float:
    lengths = nx.multi_source_dijkstra_path_length(graph_of(part), set(chosen), weight=None)
    return sum(1 / max(length, 1) for length in lengths.values()) / part.size


@pytest.mark.parametrize("goal", ["fragment", "reach"])
def test_the_best_set_is_found_on_small_graphs(goal: str) -> None:
    score = fragmentation if goal == "fragment" else nearness
    for seed in range(20):
        part = drawn(seed, directed=False)
        if part.size < 4:
            continue
        chosen, found = keyplayers.best(part, 2, goal)
        assert found == pytest.approx(score(part, tuple(chosen.tolist())))
        assert found == pytest.approx(max(score(part, pair) for pair in combinations(range(part.size), 2)))


def test_the_best_set_is_not_the_best_single_ones() -> None:
    # 0 and 1 hold the same two halves together; 8 alone holds a tail
    links = [
        (0, 2),
        (1, 2),
        (0, 3),
        (1, 3),
        (2, 4),
        (2, 5),
        (3, 6),
        (3, 7),
        (0, 1),
        (7, 8),
        (8, 9),
        (8, 10),
        (8, 11),
    ]
    part = part_of(links)
    chosen, score = keyplayers.best(part, 2, "fragment")
    top = np.lexsort((np.arange(part.size), -np.bincount(np.array(links).ravel())))[:2]
    assert score > keyplayers.score_of(part, top, "fragment")
    assert len(chosen) == 2


def test_a_large_part_is_refused() -> None:
    part = part_of([(at, at + 1) for at in range(30_000)])
    with pytest.raises(LimitError):
        keyplayers.best(part, 20, "distance")


def test_taking_out_the_middle_leaves_two_halves() -> None:
    part = part_of(TWO_RINGS)
    order, largest = keyplayers.taken_out(part, "betweenness", 2, 1, Job())
    assert order[0] == 4
    assert largest == [9, 4, 4]
    assert keyplayers.taken_out(part, "degree", 1, 1, Job()) == ([4], [9, 4])


@pytest.mark.parametrize("rule", keyplayers.RULES)
@pytest.mark.parametrize("links", [[], [(0, 0)]], ids=["nobody", "one alone"])
def test_from_fewer_than_two_nobody_is_taken_out(rule: str, links: list[tuple[int, int]]) -> None:
    part = part_of(links)

    assert keyplayers.taken_out(part, rule, 0, 1, Job()) == ([], [part.size])
    assert keyplayers.best(part, 0, "fragment")[0].tolist() == []


def test_cliques_share_a_member() -> None:
    assert overlap.cliques(part_of(TWO_RINGS), 3) == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8]]


def test_propagation_repeats_with_its_seed() -> None:
    part = part_of([*combinations(range(12), 2), *combinations(range(12, 24), 2), (0, 12)])
    first = overlap.propagation(part, 7)
    assert first == overlap.propagation(part, 7)
    assert [set(group) for group in first] == [set(range(12)), set(range(12, 24))]


def doubt(part: Part, vertex: int) -> stability.Kept:
    """Of the first by betweenness, which needs no projection; nobody else is in the queue."""

    async def in_turn(stage: str, job: Job, work: Callable[[], Any]) -> Any:
        return work()

    view: Any = SimpleNamespace(gds=SimpleNamespace(in_turn=in_turn))
    (kept,) = asyncio.run(stability.of_ranks(view, part, "betweenness", np.array([vertex]), Job(), seed=1))
    return kept


def test_a_broker_that_many_links_make_is_not_in_doubt() -> None:
    kept = doubt(part_of(TWO_RINGS), 4)
    assert (kept.links_5, kept.links_10, kept.nodes_5, kept.nodes_10) == (1.0, 1.0, 1.0, 1.0)


def test_a_broker_that_one_link_makes_is() -> None:
    ring = [(at, (at + 1) % 20) for at in range(20)]
    kept = doubt(part_of([*ring, (0, 10)]), 0)
    assert kept.links_10 is not None
    assert kept.links_10 < 1.0


def test_overlap_of_the_same_groups_is_whole() -> None:
    group = np.array([0, 0, 0, 1, 1])
    there = np.array([True, True, True, True, True])
    assert stability.overlap(group, np.array([1, 1, 1, 0, 0]), there).tolist() == [1.0, 1.0]
    assert stability.overlap(group, np.array([0, 0, 0, 0, 0]), there).tolist() == pytest.approx([0.6, 0.4])
