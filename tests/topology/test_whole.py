"""What is asked of the whole visible part at once."""

import numpy as np

from graphsvc.topology.kernels.whole import going_out
from graphsvc.topology.layout import TYPE_CODES
from graphsvc.topology.question import Question
from tests.topology.worlds import TODAY, Link, Node, World

WORLD = World(
    (
        Node("a:1"),
        Node("a:2"),
        Node("a:3"),
        Node("a:4"),
        Node("a:5"),
        Node("b:1"),
        Node("b:2", handling=1),
    ),
    (
        Link("l:1", "CALLED", "a:1", "b:1"),
        Link("l:2", "CALLED", "a:2", "b:1", handling=1),
        Link("l:3", "CALLED", "a:3", "b:2"),
        Link("l:4", "ASSOCIATE_OF", "a:4", "b:1"),
        Link("l:5", "CALLED", "a:5", "b:1", retain=TODAY - 1),
    ),
)


def calling(held: set[int]) -> list[str]:
    """Who calls somebody, as one who holds these handlings sees it today."""
    links = WORLD.under(held)
    numbers = np.arange(links.snapshot.nodes)
    found = going_out(links.snapshot.graph, links.rules(Question()), numbers, TYPE_CODES["CALLED"])
    return links.snapshot.texts(numbers[found])


def test_a_link_goes_out_when_it_and_its_other_end_may_be_seen() -> None:
    assert calling({0}) == ["a:1"]
    assert calling({0, 1}) == ["a:1", "a:2", "a:3"]
