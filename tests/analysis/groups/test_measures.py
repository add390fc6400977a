"""Every measure equals that of networkx, with parallel and directed links."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import numpy as np
import pytest

from graphsvc.access.gds import Science
from graphsvc.access.jobs import Job
from graphsvc.analysis import kernels, measures
from graphsvc.analysis.centrality import ranking
from graphsvc.analysis.partitions import edges
from graphsvc.analysis.projection import Part
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.analysis.groups.asking import ask
from tests.analysis.groups.parts import drawn, graph_of, part_of
from tests.world import File

GRAPHS = int(os.environ.get("GRAPHSVC_ORACLE_GRAPHS", "16"))
"""How many random graphs, half of them directed; set the variable to 200 for the whole of it."""

ORACLES: dict[str, Callable[[Any], Any]] = {
    "betweenness": lambda graph: nx.betweenness_centrality(graph, normalized=False),
    "degree": lambda graph: dict(graph.degree()),
    "weighted_degree": lambda graph: dict(graph.degree(weight="weight")),
    "closeness": nx.closeness_centrality,
    "harmonic": nx.harmonic_centrality,
    "eigenvector": lambda graph: nx.eigenvector_centrality(graph, max_iter=40_000, tol=1e-13),
    "page_rank": lambda graph: nx.pagerank(graph, tol=1e-15, max_iter=2_000),
    "constraint": lambda graph: nx.constraint(graph, weight="weight"),
    "core": nx.core_number,
    "clustering": nx.clustering,
}


@pytest.fixture(scope="module")
def science(open_server: Settings) -> Iterator[Science]:
    found = Science(open_server)
    yield found
    found.close()


def measured(science: Science, part: Part, names: list[str]) -> dict[str, Any]:
    """All of these measures of a part, on one projection."""
    links = edges(part)
    science.plugin.drop("oracle")
    client = science.plugin.open("oracle", links, Job())
    graph = science.plugin.project(client, "oracle", links)
    try:
        return {
            name: measures.LOCAL[name](part)
            if name in measures.LOCAL
            else measures.projected(client, graph, part.size, name).value
            for name in names
        }
    finally:
        graph.drop()


@pytest.mark.neo4j
@pytest.mark.parametrize("directed", [False, True])
def test_all_measures_equal_those_of_networkx(science: Science, directed: bool) -> None:
    for seed in range(GRAPHS // 2):
        part = drawn(seed, directed=directed)
        graph = graph_of(part)
        names = [name for name in ORACLES if name not in ("core", "clustering") or not directed]
        if directed or not nx.is_connected(graph):
            names.remove("eigenvector")  # it need not settle there
        for name, found in measured(science, part, names).items():
            wanted = ORACLES[name](graph)
            assert found == pytest.approx([wanted[at] for at in range(part.size)], abs=1e-9), (name, seed)


@pytest.mark.parametrize("directed", [False, True])
def test_betweenness_in_this_process_is_the_same(directed: bool) -> None:
    for seed in range(GRAPHS // 2):
        part = drawn(seed, directed=directed)
        at, to, _ = measures.rows(part, both=not directed)
        found = kernels.betweenness(at, to, np.zeros(part.size, bool), directed)
        wanted = nx.betweenness_centrality(graph_of(part), normalized=False)
        assert found == pytest.approx([wanted[vertex] for vertex in range(part.size)], abs=1e-9)


def test_a_star_has_one_broker() -> None:
    part = part_of([(0, at) for at in range(1, 6)])
    at, to, _ = measures.rows(part, both=True)
    assert kernels.betweenness(at, to, np.zeros(6, bool), False).tolist() == [10, 0, 0, 0, 0, 0]
    assert measures.constraint(part).tolist() == pytest.approx([0.2, 1, 1, 1, 1, 1])


@pytest.mark.neo4j
def test_cut_points_and_bridges_equal_those_of_networkx(science: Science) -> None:
    for seed in range(GRAPHS // 2):
        part = drawn(seed, directed=False)
        client, graph = science.plugin.open("oracle", edges(part), Job()), graph_of(part)
        projection = science.plugin.project(client, f"oracle-{seed}", edges(part))
        points, lines = client.articulation_points.stream(projection), client.bridges.stream(projection)
        projection.drop()
        cut = set(points["nodeId"].tolist()) if len(points) else set()
        bridges = (
            {frozenset(pair) for pair in lines[["from", "to"]].to_numpy().tolist()} if len(lines) else set()
        )
        assert cut == set(nx.articulation_points(graph))
        assert bridges == {frozenset(pair) for pair in nx.bridges(graph)}


def three(database: Database) -> None:
    """Ana has two links to Ben and one to Cem, of a weight each."""
    file = File("FR")
    for name in ("ana", "ben", "cem"):
        file.person(name)
    for id_, other, weight in (("l1", "ben", 5.0), ("l2", "ben", 1.0), ("l3", "cem", 2.0)):
        file.link("ana", "ASSOCIATE_OF", other, id_=id_, weight=weight)
    file.load(database)


@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("parallel", "expected"),
    [("counted", [3, 2, 1]), ("collapsed", [2, 1, 1]), ("weighted", [8, 6, 2])],
)
def test_parallel_links_count_by_the_rule_that_is_asked_for(
    database: Database, open_server: Settings, parallel: str, expected: list[float]
) -> None:
    three(database)
    found = ask(open_server, lambda view: ranking(view, measure="weighted_degree", parallel=parallel))
    assert [one.score for one in found.ranked] == expected
    assert [one.who.id for one in found.ranked] == ["fr-file:ana", "fr-file:ben", "fr-file:cem"]


@pytest.mark.neo4j
@pytest.mark.parametrize(("directed", "first"), [(False, "fr-file:ana"), (True, "fr-file:ben")])
def test_the_direction_of_links_counts_by_choice(
    database: Database, open_server: Settings, directed: bool, first: str
) -> None:
    three(database)
    found = ask(open_server, lambda view: ranking(view, measure="page_rank", directed=directed))
    assert found.ranked[0].who.id == first
