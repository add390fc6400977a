"""Sets of very many ids in eight bytes each."""

import hashlib
from collections.abc import Iterable


def id_mark(id: str) -> bytes:
    """Eight bytes that stand for an id."""
    return hashlib.blake2b(id.encode(), digest_size=8).digest()


class Marks:
    """Whether an id is among those given.

    With a million given, fewer than one in ten million million others is mistaken for one of them.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        import numpy as np

        marks = bytearray()
        for id in ids:
            marks += id_mark(id)
        self._sorted = np.unique(np.frombuffer(bytes(marks), dtype=np.uint64))
        self._number = np.uint64

    def holds(self, id: str) -> bool:
        """Whether it was given."""
        mark = self._number(int.from_bytes(id_mark(id), "little"))
        place = int(self._sorted.searchsorted(mark))
        return place < len(self._sorted) and bool(self._sorted[place] == mark)
