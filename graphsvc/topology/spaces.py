"""Scratch memory that walks borrow, and the flag that ends a walk from another thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from graphsvc.topology.kernels.space import Space, space

LOG = 1 << 23
"""Room for notes of who led to whom; more than a walk's budget needs."""


class Stop:
    """Ends a walk: ``now`` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._space: Space | None = None
        self._called = False

    def now(self) -> None:
        """End the walk that runs, and any that begins."""
        with self._lock:
            self._called = True
            if self._space is not None:
                self._space.cancel[0] = 1

    @contextmanager
    def watching(self, space: Space) -> Iterator[None]:
        """Let ``now`` reach this walk."""
        with self._lock:
            self._space = space
            space.cancel[0] = self._called
        try:
            yield
        finally:
            with self._lock:
                self._space = None
                space.cancel[0] = 0


class Spaces:
    """A pool of scratch memory. A graph that outgrew a piece of it gets a new one."""

    def __init__(self, keep: int = 8) -> None:
        self._lock = threading.Lock()
        self._free: list[Space] = []
        self._keep = keep

    @contextmanager
    def lend(self, nodes: int, stop: Stop | None = None) -> Iterator[Space]:
        """A piece for one walk over so many nodes."""
        lent = self._take(nodes)
        try:
            with (stop or Stop()).watching(lent):
                yield lent
        finally:
            with self._lock:
                if len(self._free) < self._keep:
                    self._free.append(lent)

    def _take(self, nodes: int) -> Space:
        with self._lock:
            while self._free:
                lent = self._free.pop()
                if len(lent.cell) >= nodes:
                    return lent
        return space(nodes + nodes // 16, LOG)
