"""Changes brought in one after another leave the answers that a build of the last state gives."""

from itertools import pairwise

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from graphsvc.topology.assemble import judged
from graphsvc.topology.layout import FAR, KIND_CODES, TAILED, TYPE_CODES, Graph
from graphsvc.topology.patch import Changes, LinkState, NodeState, patched
from graphsvc.topology.question import Question, stored_confidence
from graphsvc.topology.snapshot import Snapshot
from tests.topology.test_paths import HELD, many
from tests.topology.worlds import Link, Node, World, questions, worlds


def state_of(node: Node) -> NodeState:
    return NodeState(
        node.id, KIND_CODES[node.kind], node.handling, FAR if node.retain is None else node.retain, node.keys
    )


def state_of_link(link: Link, world: World) -> LinkState:
    days = {node.id: node.days for node in world.nodes if node.kind == "Event"}
    first, last = link.days or days.get(link.from_) or days.get(link.to) or (FAR, -FAR)
    return LinkState(
        link.id, TYPE_CODES[link.type], link.from_, link.to, link.handling,
        FAR if link.retain is None else link.retain, first, last, stored_confidence(link.confidence),
        judged(link.type, link.decision),
    )  # fmt: skip


def changes(before: World, after: World) -> Changes:
    """What the feed would tell of the way from one world to another."""
    found = Changes({}, {})
    old_nodes, new_nodes = {n.id: n for n in before.nodes}, {n.id: n for n in after.nodes}
    for id_ in old_nodes.keys() | new_nodes.keys():
        if old_nodes.get(id_) != new_nodes.get(id_):
            found.nodes[id_] = state_of(new_nodes[id_]) if id_ in new_nodes else None
    old_links, new_links = ({(k.id, k.type): k for k in w.links} for w in (before, after))
    for name in old_links.keys() | new_links.keys():
        now = new_links.get(name)
        state = None if now is None else state_of_link(now, after)
        was = old_links.get(name)
        if (None if was is None else state_of_link(was, before)) != state:
            found.links[name] = state
    return found


def part(world: World, nodes: set[int], links: set[int]) -> World:
    """Some records of a world, and those of some links whose ends are among them."""
    kept = tuple(node for at, node in enumerate(world.nodes) if at in nodes)
    ids = {node.id for node in kept}
    return World(
        kept,
        tuple(k for at, k in enumerate(world.links) if at in links and {k.from_, k.to} <= ids),
        world.handlings,
    )


def other(world: World, data: st.DataObject) -> World:
    """A part of a world in which some records and links have changed."""
    places = st.sets(st.integers(0, 40))
    cut = part(world, data.draw(places), data.draw(places))
    swapped = data.draw(worlds(len(world.nodes), 0))
    nodes = tuple(
        Node(n.id, m.kind, m.handling, m.retain, m.keys, m.days) if data.draw(st.booleans()) else n
        for n, m in zip(cut.nodes, swapped.nodes, strict=False)
    )
    ids = {node.id for node in nodes}
    return World(nodes, tuple(k for k in cut.links if {k.from_, k.to} <= ids), world.handlings)


@many
@given(worlds(), HELD, questions(), st.data())
def test_changes_lead_to_the_answers_of_a_fresh_build(
    world: World, held: set[int], question: Question, data: st.DataObject
) -> None:
    stages = [other(world, data) for _ in range(3)] + [world]
    snapshot = stages[0].snapshot()
    snapshot = roomy(snapshot)
    for before, after in pairwise(stages):
        snapshot = patched(snapshot, changes(before, after))
    visible = [node.id for node in world.without_hidden(held).nodes]
    assume(len(visible) > 1)
    a, b = data.draw(st.lists(st.sampled_from(visible), min_size=2, max_size=2, unique=True))
    one, fresh = world.under(held, snapshot), world.under(held)
    assert one.shortest(a, b, question, count=20) == fresh.shortest(a, b, question, count=20)
    assert one.k_shortest(a, b, 5, question) == fresh.k_shortest(a, b, 5, question)
    assert [one.cluster(id_) for id_ in visible] == [fresh.cluster(id_) for id_ in visible]


def roomy(snapshot: Snapshot) -> Snapshot:
    """The same snapshot with room behind its arrays, as a mapped one has."""
    grown = {
        name: np.concatenate((array, np.zeros((4_000, *array.shape[1:]), array.dtype)))
        for name in TAILED
        for array in (getattr(snapshot.graph, name),)
    }
    snapshot.graph = Graph(**{**snapshot.graph._asdict(), **grown})
    return snapshot


def test_parallel_links_that_came_later_stand_in_the_order_of_their_names() -> None:
    """An order that depended on what the base holds would show hidden links of the base."""
    nodes = (Node("a:1"), Node("a:2"))
    links = tuple(Link(f"a:{name}", "CALLED", "a:1", "a:2") for name in ("bl32", "al43", "cl7", "al5"))
    whole = World(nodes, links)
    before = World(nodes, links[2:3])
    made = patched(roomy(before.snapshot()), changes(before, whole))

    def order(snapshot: Snapshot) -> list[str]:
        return [snapshot.link(n)[0] for n in snapshot.graph.cold[snapshot.entries_of(0), 0].tolist()]

    assert order(made) == order(whole.snapshot()) == ["a:al43", "a:al5", "a:bl32", "a:cl7"]
