"""What every kernel owes whoever asks: it ends at its budget and says so, and ends when it is told to."""

from collections.abc import Callable

import pytest

from graphsvc.errors import Cancelled
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question
from graphsvc.topology.spaces import Stop
from tests.topology.worlds import Link, Node, World

SIDE = 12
FIRST, LAST = "g:0000", f"g:{SIDE * SIDE - 1:04}"
GRID = World(
    tuple(Node(f"g:{n:04}") for n in range(SIDE * SIDE)),
    tuple(
        Link(f"l:{n}-{other}", "CALLED", f"g:{n:04}", f"g:{other:04}", days=(n, n), confidence=0.5)
        for n in range(SIDE * SIDE)
        for other in (n + 1, n + SIDE)
        if other < SIDE * SIDE and (other % SIDE or other == n + SIDE)
    ),
)
"""Streets and crossings: many ways from one corner to the other, each of which takes ``MOST`` links."""
MOST = 2 * SIDE - 2
Walk = Callable[[Links, Question], bool]


def network(links: Links, question: Question) -> bool:
    return links.connect([FIRST, LAST, "g:0011"], question, most=MOST).truncated


WALKS: dict[str, Walk] = {
    "one shortest path": lambda links, asked: links.shortest(FIRST, LAST, asked, most=MOST).truncated,
    "all shortest paths": lambda links, asked: (
        links.shortest(FIRST, LAST, asked, most=MOST, count=5).truncated
    ),
    "k shortest paths": lambda links, asked: links.k_shortest(FIRST, LAST, 5, asked, most=MOST).truncated,
    "paths in order of time": lambda links, asked: links.timed(FIRST, LAST, 2, asked, most=MOST).truncated,
    "surest path": lambda links, asked: links.surest(FIRST, LAST, asked).truncated,
    "expansion": lambda links, asked: links.expand([FIRST], MOST, 500, asked).truncated,
    "connecting network": network,
}


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_a_walk_says_when_its_budget_ended_it(walk: Walk) -> None:
    links = GRID.under({0})
    assert walk(links, Question(budget=30))
    assert not walk(links, Question())


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_a_walk_that_is_given_up_ends_and_the_next_one_is_whole(walk: Walk) -> None:
    links = GRID.under({0})
    links.stop = Stop()
    links.stop.now()
    with pytest.raises(Cancelled):
        walk(links, Question())
    links.stop = None
    assert not walk(links, Question())
