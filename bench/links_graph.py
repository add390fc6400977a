"""The graph that link analysis is measured on: blocks of about 50 records, and a heavy tail of hubs."""

import random
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BLOCK = 50
INSIDE = 0.8
SHAPE, SCALE = 1.2, 5.0
HANDLINGS = 3_000


class World(NamedTuple):
    """Links by the numbers of their ends; a link carries the handling of the record that it goes from."""

    size: int
    from_: Array
    to: Array
    handling: Array  # by record

    @property
    def links(self) -> int:
        return len(self.from_)


def world(size: int, degree: int = 4, seed: int = 6) -> World:
    """``degree`` links a record: most inside the block of their first end, the rest to a Pareto tail. No loops."""
    draw = np.random.default_rng(seed)
    count = size * degree
    from_ = draw.integers(0, size, count)
    inside = np.minimum(from_ // BLOCK * BLOCK + draw.integers(0, BLOCK, count), size - 1)
    tail = np.floor(draw.pareto(SHAPE, count) * SCALE).astype(np.int64) % size
    to = np.where(draw.random(count) < INSIDE, inside, tail)
    keep = from_ != to
    return World(
        size,
        from_[keep].astype(np.int32),
        to[keep].astype(np.int32),
        draw.integers(0, HANDLINGS, size).astype(np.int32),
    )


def id_(number: int) -> str:
    """Id of a record."""
    return f"bench:p-{number:08d}"


def held(half: bool) -> Array:
    """The mask of one who holds all handlings, or every second."""
    mask = np.ones(HANDLINGS, bool)
    if half:
        mask[::2] = False
    return mask


def drawn(graph: World, mask: Array, count: int, seed: int) -> list[tuple[str, str]]:
    """Pairs of records that may be seen."""
    draw = random.Random(seed)
    found: list[tuple[str, str]] = []
    while len(found) < count:
        a, b = draw.randrange(graph.size), draw.randrange(graph.size)
        if a != b and mask[graph.handling[a]] and mask[graph.handling[b]]:
            found.append((id_(a), id_(b)))
    return found
