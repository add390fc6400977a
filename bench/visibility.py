"""Visibility at size: counting what a caller may see, and paths under a scope against paths with everything held.

The graph is that of link analysis, with a handling a record and 3,000 of them. Both sides ask the same pairs of
records on the same arrays in turns, so that the ratio is one of a single run. The restricted caller holds every second
handling.
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from bench.figures import Figure, at_most, middle, under
from bench.links_graph import HANDLINGS, World, held, id_, world
from graphsvc.topology import assemble
from graphsvc.topology.layout import FAR, FORMAT, KIND_CODES, KIND_NAMES, TYPE_CODES, TYPES, Meta
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question
from graphsvc.topology.snapshot import Snapshot
from graphsvc.topology.spaces import Spaces

SIZE = 1_000_000
PAIRS = 400
ROUNDS = 5
TODAY = 20_000


def snapshot(made: World) -> Snapshot:
    """The arrays of a world, as a build makes them."""
    nodes = assemble.Nodes(
        [id_(number) for number in range(made.size)],
        np.full(made.size, KIND_CODES["Person"], np.int32),
        made.handling,
        np.full(made.size, FAR, np.int32),
        np.full(made.size, FAR, np.int32),
        np.full(made.size, -FAR, np.int32),
        {},
    )
    links = assemble.Links(
        [f"bench:l-{number:08d}" for number in range(made.links)],
        np.full(made.links, TYPE_CODES["ASSOCIATE_OF"], np.int32),
        made.from_,
        made.to,
        made.handling[made.from_],
        np.full(made.links, FAR, np.int32),
        np.full(made.links, FAR, np.int32),
        np.full(made.links, -FAR, np.int32),
        np.zeros(made.links, np.int32),
        np.zeros(made.links, np.int8),
    )
    digests = [f"{number:08x}" for number in range(HANDLINGS)]
    arrays = assemble.arrays(nodes, links, digests)
    lengths = {name: len(array) for name, array in arrays.items()}
    return Snapshot.of(arrays, Meta(FORMAT, "bench", 0, TYPES, KIND_NAMES, digests, lengths))


def milliseconds(work: Any) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def pairs(made: World, count: int) -> list[tuple[str, str]]:
    """Pairs of records that both callers see."""
    draw = np.random.default_rng(3)
    numbers = np.flatnonzero(held(True)[made.handling])
    return [(id_(int(a)), id_(int(b))) for a, b in draw.choice(numbers, (count, 2))]


def run(size: int = SIZE) -> Iterator[Figure]:
    """The figures, against the bars of the issue."""
    made = world(size)
    shape, spaces = snapshot(made), Spaces()
    whole, part = (Links(shape, held(half), TODAY, spaces=spaces) for half in (False, True))
    for links in (whole, part):  # compiled and warm
        links.kinds()
        for a, b in pairs(made, 5):
            links.k_shortest(a, b, 3, Question())
    counts = [milliseconds(part.kinds) for _ in range(ROUNDS)]
    yield under(f"counts of visible records by kind, {size:,} records", "ms", middle(counts), 50)
    for name, k in (("shortest path", 1), ("3 shortest paths", 3)):
        yield from _paths(name, k, whole, part, pairs(made, PAIRS))


def _paths(name: str, k: int, whole: Links, part: Links, asked: list[tuple[str, str]]) -> Iterator[Figure]:
    """Times of the same questions with everything held and with half of it, each pair in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn, (a, b) in enumerate(asked):
        for side in (0, 1) if turn % 2 else (1, 0):
            links = (whole, part)[side]
            times[side].append(milliseconds(lambda links=links: links.k_shortest(a, b, k, Question())))  # noqa: B023
    for share in (50, 95):
        free, held_ = (float(np.percentile(one, share)) for one in times)
        yield at_most(f"{name} under half of the handlings, p{share}", "ms", held_, free, "all held", 2)
