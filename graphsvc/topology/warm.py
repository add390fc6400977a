"""Compile the kernels before anybody waits for them: a tiny world of our own is asked one question of each sort.

The machine code is kept on disk, so only the first start of a version takes the time. A question that comes while it
is made waits for a while, and is then told to come back.
"""

import asyncio
import threading
import time
from functools import cache

import numpy as np

from graphsvc.errors import StoreUnavailable
from graphsvc.topology import assemble
from graphsvc.topology.layout import FAR, FORMAT, KIND_CODES, KIND_NAMES, TYPE_CODES, TYPES, Meta
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question
from graphsvc.topology.snapshot import Snapshot
from graphsvc.topology.spaces import Spaces

PATIENCE = 20.0
"""Seconds that a question waits for kernels: less than a request may take."""
LONG_PATIENCE = 45.0
"""The same for what takes long in any case, such as a report."""
PAUSE = 0.05

IDS = ["warm:a", "warm:b", "warm:c", "warm:d"]
ENDS = [(0, 1), (1, 2), (0, 2), (2, 3)]


_begun = threading.Event()
_ended = threading.Event()
_whole_ended = threading.Event()


def warm() -> None:
    """Compile what questions about links use; done once a process."""
    _begun.set()
    try:
        links = _walks()
    finally:
        _ended.set()  # when it failed, each question compiles what it needs
    try:
        _whole(links)
    finally:
        _whole_ended.set()


async def warmed(*, whole: bool = False) -> None:
    """Wait until ``warm`` is done, where it was begun: with what walks use, or with the ``whole`` of it for those who
    have more patience. Raises StoreUnavailable when that takes too long.
    """
    until = time.monotonic() + (LONG_PATIENCE if whole else PATIENCE)
    ended = _whole_ended if whole else _ended
    while _begun.is_set() and not ended.is_set():
        if time.monotonic() > until:
            raise StoreUnavailable(
                "this version starts for the first time on this machine and is still compiling, which takes a few "
                "minutes at most; ask again soon."
            )
        await asyncio.sleep(PAUSE)


@cache
def _walks() -> Links:
    """What walks use, the most frequent first."""
    links = Links(_snapshot(), np.ones(1, bool), 0, spaces=Spaces())
    question = Question()
    first, last = IDS[0], IDS[-1]
    for path in links.k_shortest(first, last, 2, question).paths:
        links.explain(path, first, last, question)
    reached = links.expand([first], 2, 10, question)
    links.back_links(reached.records, 0, len(reached.records), question, most=10)
    links.cluster(first)
    links.connect(IDS[:3], question)
    dated = Question(dated=True)
    for path in links.timed(first, last, 2, dated).paths:
        links.explain(path, first, last, dated, timed=True)
    links.shortest(first, last, question)
    links.shortest(first, last, question, count=2)
    links.surest(first, last, question)
    return links


def _whole(links: Links) -> None:
    """What groups, key players and their like take from all that is visible."""
    from graphsvc.topology.kernels.whole import digests, going_out, identities, seen, used_links

    graph, rules = links.snapshot.graph, links.rules(Question())
    saw = seen(graph, rules)
    used_links(graph, rules, saw, np.empty((len(ENDS), 4), np.int32))
    identities(graph, rules, saw, saw)
    going_out(graph, rules, np.arange(len(IDS)), 0)
    names = links.snapshot.ids
    digests(np.frombuffer(names.blob, np.uint8), np.asarray(names.ends), np.arange(len(IDS)))


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
