"""What a budget is spent on depends on ids alone: not on when a record came, which hidden ones beside it decide."""

import numpy as np
import pytest

from graphsvc.topology import snapshot
from graphsvc.topology.patch import patched
from graphsvc.topology.question import Question
from tests.topology.test_patch import changes, part, roomy
from tests.topology.worlds import Link, Node, World

KEYS = ("plate:FR:AB1",)
WORLD = World(
    (
        Node("a:1", keys=KEYS),
        Node("a:2", keys=KEYS),
        Node("a:3", keys=KEYS),
        *(Node(f"b:{n}") for n in range(6)),
    ),
    tuple(Link(f"c:{n}", "CALLED", f"a:{1 + n % 3}", f"b:{n}") for n in range(6)),
)


@pytest.mark.parametrize("late", [0, 1, 2])
@pytest.mark.parametrize("budget", [3, 4, 5, 6])
def test_a_budget_reaches_the_same_records_whichever_came_later(late: int, budget: int) -> None:
    before = part(WORLD, set(range(9)) - {late}, set(range(6)))
    made = patched(roomy(before.snapshot()), changes(before, WORLD))
    held = {0, 1, 2, 3}
    question = Question(budget=budget)
    answers = [
        [
            links.snapshot.id(number)
            for number in links.expand(["a:2", "a:1"], 2, 100, question).records.tolist()
        ]
        for links in (WORLD.under(held, made), WORLD.under(held))
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("few", [0, 1_000])
def test_records_come_in_the_order_of_their_ids_however_many(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "FEW", few)
    before = part(WORLD, {0, 2, 4, 6, 8}, set())
    made = patched(roomy(before.snapshot()), changes(before, WORLD))
    numbers = np.array([made.number(node.id) for node in reversed(WORLD.nodes)], np.int32)
    assert [made.id(number) for number in made.in_order(numbers).tolist()] == [
        node.id for node in WORLD.nodes
    ]
    assert made.in_order(numbers[:0]).tolist() == []
    assert made.texts(numbers) == [node.id for node in reversed(WORLD.nodes)]
    assert made.texts(numbers[:0]) == []
