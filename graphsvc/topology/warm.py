"""Compile the kernels before anybody waits for them: a tiny world of our own is asked one question of each sort.

The machine code is kept on disk, so only the first start of a version takes the time.
"""

from functools import cache

import numpy as np

from graphsvc.topology import assemble
from graphsvc.topology.layout import FAR, FORMAT, KIND_CODES, KIND_NAMES, TYPE_CODES, TYPES, Meta
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question
from graphsvc.topology.snapshot import Snapshot
from graphsvc.topology.spaces import Spaces

IDS = ["warm:a", "warm:b", "warm:c", "warm:d"]
ENDS = [(0, 1), (1, 2), (0, 2), (2, 3)]


@cache
def warm() -> None:
    """Compile what questions about links use; done once a process."""
    links = Links(_snapshot(), np.ones(1, bool), 0, spaces=Spaces())
    question = Question()
    first, last = IDS[0], IDS[-1]
    for path in links.k_shortest(first, last, 2, question).paths:
        links.explain(path, first, last, question)
    dated = Question(dated=True)
    for path in links.timed(first, last, 2, dated).paths:
        links.explain(path, first, last, dated, timed=True)
    links.surest(first, last, question)
    links.connect(IDS[:3], question)
    links.expand([first], 2, 10, question)


def _snapshot() -> Snapshot:
    nodes, ties = len(IDS), len(ENDS)
    arrays = assemble.arrays(
        assemble.Nodes(
            list(IDS),
            np.full(nodes, KIND_CODES["Person"], np.int32),
            np.zeros(nodes, np.int32),
            np.full(nodes, FAR, np.int32),
            np.full(nodes, FAR, np.int32),
            np.full(nodes, -FAR, np.int32),
            {0: ("warm:key",), 1: ("warm:key",)},
        ),
        assemble.Links(
            [f"warm:l{number}" for number in range(ties)],
            np.full(ties, TYPE_CODES["ASSOCIATE_OF"], np.int32),
            np.array([start for start, _ in ENDS], np.int32),
            np.array([end for _, end in ENDS], np.int32),
            np.zeros(ties, np.int32),
            np.full(ties, FAR, np.int32),
            np.zeros(ties, np.int32),
            np.zeros(ties, np.int32),
            np.full(ties, 100, np.int32),
            np.zeros(ties, np.int8),
        ),
        [""],
    )
    lengths = {name: len(array) for name, array in arrays.items()}
    return Snapshot.of(arrays, Meta(FORMAT, "warm", 0, TYPES, KIND_NAMES, [""], lengths))
