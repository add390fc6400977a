"""Sets of very many ids: what a batch holds, and what a run found stored as it brought it."""

from array import array
from collections.abc import Iterable
from itertools import compress
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
        asked = list(keys)
        if not asked or (self._sorted is None and not any(self._recent)):
            return set()
        import numpy as np

        recent, self._recent = [np.array(marks) for marks in self._recent], []
        ordered = self._sorted
        if recent or ordered is None:
            parts = recent if ordered is None else [ordered, *recent]
            # A stable sort goes along what is in order already.
            self._sorted = ordered = np.sort(np.concatenate(parts), kind="stable")
        marks = np.fromiter(map(hash, asked), dtype=np.int64, count=len(asked))
        places = np.minimum(ordered.searchsorted(marks), len(ordered) - 1)
        return set(compress(asked, ordered[places] == marks))
