"""The kernels agree with networkx under any restriction, and a hidden record leaves no trace in an answer."""

import os
from itertools import combinations, pairwise

import msgspec
import networkx as nx
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from graphsvc.errors import NotFound
from graphsvc.topology.links import costs
from graphsvc.topology.question import Question, stored_confidence
from tests.topology.worlds import SMALLER, Link, Node, Oracle, World, arrival, questions, worlds

EXAMPLES = int(os.environ.get("GRAPHSVC_EXAMPLES", "100"))
PHASES = tuple(Phase) if SMALLER else (Phase.generate,)
HELD = st.sets(st.integers(0, 3), min_size=2)

many = settings(max_examples=EXAMPLES, deadline=None, phases=PHASES)


def _pair(world: World, held: set[int], data: st.DataObject) -> tuple[str, str]:
    visible = [node.id for node in world.without_hidden(held).nodes]
    assume(len(visible) > 1)
    a, b = data.draw(st.lists(st.sampled_from(visible), min_size=2, max_size=2, unique=True))
    return a, b


@many
@given(worlds(), HELD, questions(), st.data())
def test_every_shortest_path_is_found_in_order(
    world: World, held: set[int], question: Question, data: st.DataObject
) -> None:
    a, b = _pair(world, held, data)
    expected = list(Oracle(world, held, question).paths(a, b, 8))
    shortest = [path for path in expected if len(path) == len(expected[0])]
    links = world.under(held)
    found = links.shortest(a, b, question, most=8, count=100)
    assert list(found.paths) == shortest[:100]
    assert not found.truncated
    assert list(links.k_shortest(a, b, 1, question, most=8).paths) == shortest[:1]


@many
@given(worlds(), HELD, questions(), st.data())
def test_one_shortest_path_is_among_all_of_them(
    world: World, held: set[int], question: Question, data: st.DataObject
) -> None:
    a, b = _pair(world, held, data)
    expected = list(Oracle(world, held, question).paths(a, b, 8))
    found = world.under(held).shortest(a, b, question, most=8).paths
    assert len(found) == min(len(expected), 1)
    assert all(path in expected and len(path) == len(expected[0]) for path in found)


@many
@given(worlds(9, 20), HELD, questions(), st.integers(1, 9), st.data())
def test_the_k_shortest_paths_are_found(
    world: World, held: set[int], question: Question, k: int, data: st.DataObject
) -> None:
    a, b = _pair(world, held, data)
    expected = list(Oracle(world, held, question).paths(a, b, 6))
    found = list(world.under(held).k_shortest(a, b, k, question, most=6).paths)
    assert list(map(len, found)) == list(map(len, expected[:k]))
    assert len(set(found)) == len(found)
    assert set(found) <= set(expected)
    shortest = [path for path in expected if len(path) == len(expected[0])]
    assert found[: len(shortest)] == shortest[:k]


@many
@given(worlds(), HELD, questions(), st.data())
def test_hidden_records_leave_the_answers_of_a_world_without_them(
    world: World, held: set[int], question: Question, data: st.DataObject
) -> None:
    a, b = _pair(world, held, data)
    question = Question(
        **{f: getattr(question, f) for f in question.__struct_fields__ if f != "budget"}, budget=9
    )
    one, other = world.under(held), world.without_hidden(held).under(held)
    assert one.shortest(a, b, question, count=20) == other.shortest(a, b, question, count=20)
    assert one.k_shortest(a, b, 4, question) == other.k_shortest(a, b, 4, question)
    assert one.k_shortest(a, b, 1, question) == other.k_shortest(a, b, 1, question)
    assert one.cluster(a) == other.cluster(a)


@many
@given(worlds(), HELD, questions(), st.data())
def test_what_stands_behind_a_path_is_all_and_only_what_may_be_used(
    world: World, held: set[int], question: Question, data: st.DataObject
) -> None:
    a, b = _pair(world, held, data)
    links, oracle = world.under(held), Oracle(world, held, question)
    for clusters in links.shortest(a, b, question, count=3).paths:
        path = links.explain(clusters, a, b, question)
        graph = oracle.graph(a, b)
        at = a
        for (one, other), hop in zip(pairwise(clusters), path.hops, strict=True):
            used = [hop.use, *hop.others]
            assert {(use.type, use.id) for use in used} == {
                (type_, id_)
                for _, _, (type_, id_) in graph.edges((one,), keys=True)
                if graph.has_edge(one, other, (type_, id_))
            }
            for join in hop.joins:
                assert join.from_ == at
                at = join.to
            assert at == hop.use.from_
            at = hop.use.to
        for join in path.ending:
            assert join.from_ == at
            at = join.to
        assert at == b


@many
@given(worlds(10, 24), HELD, questions(), st.integers(1, 6), st.data())
def test_dates_never_go_back_along_a_time_ordered_path(
    world: World, held: set[int], question: Question, k: int, data: st.DataObject
) -> None:
    a, b = _pair(world, held, data)
    dated = msgspec.structs.replace(question, dated=True)
    oracle = Oracle(world, held, dated)
    graph = oracle.graph(a, b)
    possible = {path: arrival(path, graph, oracle) for path in oracle.paths(a, b, 5)}
    expected = sorted((len(path), day) for path, day in possible.items() if day is not None)
    found = world.under(held).timed(a, b, k, question, most=5).paths
    assert len(set(found)) == len(found)
    assert [(len(path), possible[path]) for path in found] == expected[:k]


@many
@given(worlds(), HELD, questions(), st.integers(1, 3), st.integers(1, 5), st.data())
def test_expansion_reaches_what_breadth_first_search_reaches(
    world: World, held: set[int], question: Question, hops: int, cap: int, data: st.DataObject
) -> None:
    a, b = _pair(world, held, data)
    question = msgspec.structs.replace(question, hub_cap=cap)
    links, oracle = world.under(held), Oracle(world, held, question)
    reached = links.expand([a, b], hops, cap, question)
    expected, held_back = oracle.within([a, b], hops)
    names = [links.snapshot.id(number) for number in reached.records.tolist()]
    assert list(zip(reached.hops.tolist(), names, strict=True)) == sorted(
        (hop, id_) for id_, hop in expected.items()
    )
    assert {links.snapshot.id(number) for number in reached.held_back.tolist()} == held_back


STAR = World(
    tuple(Node(f"s:{n}") for n in range(6)),
    tuple(Link(f"s:{n}", "CALLED", "s:0", f"s:{n}") for n in range(1, 6)),
)


def test_an_expansion_whose_last_record_takes_it_over_the_budget_is_whole() -> None:
    reached = STAR.under({0}).expand(["s:0"], 1, 500, Question(budget=4))
    assert len(reached.records) == len(STAR.nodes)
    assert not reached.truncated


def test_an_expansion_that_leaves_records_unwalked_is_truncated() -> None:
    reached = STAR.under({0}).expand(["s:0"], 2, 500, Question(budget=4))
    assert reached.truncated


@many
@given(worlds(), HELD, questions(), st.integers(1, 5), st.data())
def test_pages_of_an_expansion_hold_each_link_once(
    world: World, held: set[int], question: Question, size: int, data: st.DataObject
) -> None:
    a, b = _pair(world, held, data)
    links, oracle = world.under(held), Oracle(world, held, question)
    reached = links.expand([a, b], 2, question.hub_cap, question)
    names = {links.snapshot.id(number) for number in reached.records.tolist()}
    found = []
    for low in range(0, len(names), size):
        high = min(low + size, len(names))
        found += links.back_links(reached.records, low, high, question, most=1000)[0]
    assert len({(use.type, use.id) for use in found}) == len(found)
    assert {(use.type, use.id) for use in found} == {
        (link.type, link.id) for link in oracle.links if {link.from_, link.to} <= names
    }


@many
@given(worlds(), HELD, questions(), st.data())
def test_the_surest_path_has_the_greatest_product_of_confidences(
    world: World, held: set[int], question: Question, data: st.DataObject
) -> None:
    a, b = _pair(world, held, data)
    oracle = Oracle(world, held, question)
    graph = oracle.graph(a, b)
    price = costs()

    def cost(one: str, other: str) -> int:
        found = (graph.get_edge_data(one, other) or {}).values()
        return min(int(price[stored_confidence(edge["link"].confidence)]) for edge in found)

    plain: nx.Graph[str] = nx.Graph()
    plain.add_nodes_from(graph)
    plain.add_weighted_edges_from((one, other, cost(one, other)) for one, other in nx.Graph(graph).edges)
    ends = oracle.root[a], oracle.root[b]
    found = world.under(held).surest(a, b, question).paths
    if not nx.has_path(plain, *ends):
        assert found == ()
        return
    (path,) = found
    assert (path[0], path[-1]) == ends
    assert sum(cost(one, other) for one, other in pairwise(path)) == nx.dijkstra_path_length(plain, *ends)


@many
@given(worlds(), HELD, questions(), st.integers(2, 5), st.data())
def test_a_connecting_network_is_a_tree_within_its_bound(
    world: World, held: set[int], question: Question, size: int, data: st.DataObject
) -> None:
    visible = sorted(node.id for node in world.without_hidden(held).nodes)
    assume(len(visible) >= size)
    seeds = data.draw(st.lists(st.sampled_from(visible), min_size=size, max_size=size, unique=True))
    oracle = Oracle(world, held, question)
    graph: nx.Graph[str] = nx.Graph(oracle.graph(*seeds))
    network = world.under(held).connect(seeds, question)
    roots = {oracle.root[seed] for seed in seeds}
    tree: nx.Graph[str] = nx.Graph(network.steps)
    tree.add_nodes_from(roots)
    assert nx.is_forest(tree)
    assert len(network.steps) == tree.number_of_edges()
    assert all(graph.has_edge(one, other) for one, other in network.steps)
    assert {node for node in tree if tree.degree(node) == 1} <= roots
    joined = [{oracle.root[seed] for seed in group} for group in network.groups]
    assert sorted(map(sorted, joined)) == sorted(
        sorted(part & roots) for part in map(set, nx.connected_components(graph)) if part & roots
    )
    for part in joined:
        assert all(nx.has_path(tree, min(part), root) for root in part)
    best = smallest_network(graph, joined)
    assert len(network.steps) <= 2 * (1 - 1 / len(seeds)) * best


def smallest_network(graph: "nx.Graph[str]", parts: list[set[str]]) -> int:
    """Links of the smallest network by trying every set of records between."""
    total = 0
    for part in parts:
        others = sorted(set(nx.node_connected_component(graph, min(part))) - part)
        total += next(
            len(part) + extra - 1
            for extra in range(len(others) + 1)
            if any(
                nx.is_connected(graph.subgraph(part | set(chosen))) for chosen in combinations(others, extra)
            )
        )
    return total


RING = World(
    (
        Node("fr:driver", keys=("doc:FR:passport:1",), handling=0),
        Node("es:driver", keys=("doc:FR:passport:1",), handling=1),
        Node("it:driver", keys=("doc:FR:passport:1",), handling=2),
        Node("fr:house", handling=0),
        Node("it:payer", handling=2),
    ),
    (
        Link("fr:1", "LIVES_AT", "fr:driver", "fr:house", handling=0),
        Link("it:1", "ASSOCIATE_OF", "it:payer", "it:driver", handling=2),
    ),
)


def test_a_shared_passport_joins_three_countries_at_no_cost() -> None:
    found = RING.under({0, 1, 2}).shortest("fr:house", "it:payer", Question())
    assert found.paths == (("fr:house", "es:driver", "it:payer"),)


@pytest.mark.parametrize("held", [{0, 2}, {0, 1, 2}])
def test_a_hidden_record_neither_joins_nor_splits_what_is_left(held: set[int]) -> None:
    links = RING.under(held)
    found = links.shortest("fr:house", "it:payer", Question())
    path = links.explain(found.paths[0], "fr:house", "it:payer", Question())
    assert len(path.hops) == 2
    assert [(join.from_, join.to, join.key) for join in path.hops[1].joins] == [
        ("fr:driver", "it:driver", "doc:FR:passport:1")
    ]


def test_a_hidden_end_is_not_found() -> None:
    with pytest.raises(NotFound):
        RING.under({0}).shortest("fr:house", "it:payer", Question())


def test_a_key_that_very_many_hold_joins_nothing() -> None:
    found = RING.under({0, 1, 2}).shortest("fr:house", "it:payer", Question(key_cap=2))
    assert found.paths == ()


def test_hidden_holders_do_not_count_against_the_cap_of_a_key() -> None:
    found = RING.under({0, 2}).shortest("fr:house", "it:payer", Question(key_cap=2))
    assert len(found.paths) == 1


def test_a_walk_that_spends_its_budget_says_so() -> None:
    star = World(
        tuple(Node(f"s:{n:03}") for n in range(200)),
        tuple(Link(f"s:{n:03}", "CALLED", f"s:{n // 3:03}", f"s:{n:03}") for n in range(1, 200)),
    )
    found = star.under({0}).shortest("s:100", "s:199", Question(budget=20))
    assert found.truncated
    assert found.paths == ()
