"""Work done ahead by a thread of its own, so that reading goes on while a batch is being committed."""

import gc
import itertools
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Self, TypeVar

T = TypeVar("T")

DEPTH = 1
"""Items made before they are asked for."""
BATCHES = 3
"""After how many batches cyclic garbage is looked for."""


class Ahead(Generic[T]):
    """The same items in the same order; an error of the maker is raised where the items are taken."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._made: queue.Queue[T | BaseException | None] = queue.Queue(maxsize=DEPTH)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._make, name="reading", daemon=True)

    def _put(self, item: T | BaseException | None) -> None:
        while not self._ended.is_set():
            try:
                self._made.put(item, timeout=0.2)
            except queue.Full:
                continue
            return

    def _make(self) -> None:
        try:
            for item in self._items:
                self._put(item)
                if self._ended.is_set():
                    return
            self._put(None)
        except BaseException as error:
            self._put(error)

    def __iter__(self) -> Iterator[T]:
        while (item := self._made.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


@contextmanager
def in_a_hurry() -> Iterator[Callable[[], None]]:
    """Let two threads that handle rows get on; what it gives is to be called after each batch.

    Rows hold no cycles, and looking for some among them takes as long as reading them (measured: 3.2 s of 50,000
    records became 1.8 s). The driver's results do hold some, with all parameters of a batch in them: left to the
    collector's own count they outlive many batches, and add up to hundreds of MB over millions of records. So they are
    looked for after every ``BATCHES``, among what was made since the start. A thread that an answer of the database
    wakes otherwise waits 5 ms for its turn, each time.
    """
    turn, counted = sys.getswitchinterval(), itertools.count(1)

    def tidy() -> None:
        if next(counted) % BATCHES == 0:
            gc.collect()

    gc.freeze()
    gc.disable()
    sys.setswitchinterval(0.0005)
    try:
        yield tidy
    finally:
        sys.setswitchinterval(turn)
        gc.enable()
        gc.unfreeze()
