"""What a run found stored as it brought it: other content of the same id in this run is refused, as in a first load."""

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray


class Seen:
    """Keys of very many elements, in eight bytes each, for one process.

    With a million added, fewer than one in ten million million others is mistaken for one of them.
    """

    def __init__(self) -> None:
        self._sorted: NDArray[int64] | None = None
        self._recent: list[array[int]] = []

    def add(self, keys: Iterable[str]) -> None:
        """Remember them."""
        self._recent.append(array("q", map(hash, keys)))

    def among(self, keys: Iterable[str]) -> set[str]:
        """Those of ``keys`` that were added."""
        by_mark = {hash(key): key for key in keys}
        if not by_mark or (self._sorted is None and not any(self._recent)):
            return set()
        import numpy as np

        recent, self._recent = self._recent, []
        before = [] if self._sorted is None else [self._sorted]
        # A stable sort goes along what is in order already.
        ordered = np.sort(np.concatenate([*before, *(np.array(marks) for marks in recent)]), kind="stable")
        self._sorted = ordered
        marks = np.fromiter(by_mark, dtype=np.int64, count=len(by_mark))
        places = np.minimum(ordered.searchsorted(marks), len(ordered) - 1)
        return {by_mark[mark] for mark in marks[ordered[places] == marks].tolist()}
