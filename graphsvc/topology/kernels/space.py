"""What a question brings along: its rules, and the scratch memory of one walk."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SEEN, HEAD = 0, 2
"""Columns of a cell, each one for either side."""
ROOT_STAMP, ROOT, BLOCK = 0, 1, 2
"""Columns of what is known about a record beside that."""
KNOWN, PLAIN, TIED, CROWDED = 1, 2, 4, 8
"""Bits of a look at a record: it was looked at, it may be seen, it has ties, it has many links."""
CLOCK, LOGGED, SPENT, QUESTION, TRUNCATED, CANCELLED, BASE, MARKS = 0, 1, 2, 3, 4, 5, 6, 7
"""Places in the state of a walk."""


class Rules(NamedTuple):
    """What may be seen (``mask`` by handling, ``today``) and what the question asks for.

    ``types`` is by type code with the direction flag, ``kinds`` by kind code. Days are inclusive and count
    only when ``dated``. ``least`` is a confidence as stored. A record with more than ``hub_cap`` usable links
    is not passed through, a key with more than ``key_cap`` visible holders joins nothing, and a walk ends
    after ``budget`` visible links. ``crowd`` remembers, by record, how many links with a held handling those with
    many have, ``sight`` what a look at it told, and ``hubs`` whether it has more usable links than the cap (1 no,
    2 yes), for questions that use the same links; 0 where nobody has looked yet. ``free`` says that every record with
    few links may be walked through.
    """

    mask: Array
    crowd: Array
    sight: Array
    hubs: Array
    free: bool
    today: int
    types: Array
    kinds: Array
    dated: bool
    since: int
    until: int
    least: int
    hub_cap: int
    key_cap: int
    budget: int


class Space(NamedTuple):
    """Scratch memory for one walk at a time; ``cancel[0]`` set to 1 ends it soon.

    Cells are valid for the stamp that they carry, so nothing is wiped between questions.
    """

    cell: Array  # int32[nodes, 4]
    about: Array  # int32[nodes, 3]
    mark: Array  # int32[nodes, 2]: stamp, head of the chain of successors
    queue: Array  # int32[2, nodes]
    meets: Array  # int32[nodes]
    far: Array  # int64[4, nodes]: costs from both sides, and where the members of a cluster stand in both queues
    log: Array  # int32[room, 2]: who came before, the next of the same chain
    state: Array  # int64[8]
    cancel: Array  # uint8[1]


def space(nodes: int, log: int) -> Space:
    """Scratch memory for a graph of so many nodes; the system gives pages as they are used."""
    return Space(
        np.zeros((max(nodes, 1), 4), np.int32),
        np.zeros((max(nodes, 1), 3), np.int32),
        np.zeros((max(nodes, 1), 2), np.int32),
        np.zeros((2, max(nodes, 1)), np.int32),
        np.zeros(max(nodes, 1), np.int32),
        np.zeros((4, max(nodes, 1)), np.int64),
        np.zeros((log, 2), np.int32),
        np.array([1, 0, 0, 0, 0, 0, 0, 0], np.int64),
        np.zeros(1, np.uint8),
    )
