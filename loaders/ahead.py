"""Work done ahead by a thread of its own, so that reading goes on while a batch is being committed."""

import queue
import threading
from collections.abc import Iterator
from typing import Generic, Self, TypeVar

T = TypeVar("T")

DEPTH = 2
"""Items made before they are asked for."""


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
