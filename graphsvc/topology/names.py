"""A sorted table of texts in two flat arrays: position is rank, so numbers compare as the texts do."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Names(Sequence[str]):
    """``blob`` holds the UTF-8 texts one after another, ``ends`` where each of them ends."""

    def __init__(self, blob: Array, ends: Array) -> None:
        texts = np.ascontiguousarray(blob).data.cast("B") if len(blob) else memoryview(b"")
        self.blob = texts.toreadonly()  # always: kernels are compiled apart for what can be written
        self.ends = ends
        self.size = len(ends)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """The table of texts that are already in order."""
        encoded = [text.encode() for text in texts]
        ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(self.size))]
        return self.raw(position).decode()

    def take(self, positions: Array) -> list[str]:
        """The texts at several positions."""
        blob, limits = self.blob, np.asarray(self.ends)
        starts = np.where(positions > 0, limits[positions - 1], 0).tolist()
        return [
            str(blob[start:end], "utf-8")
            for start, end in zip(starts, limits[positions].tolist(), strict=True)
        ]

    def raw(self, position: int) -> bytes:
        """The text at a position as UTF-8."""
        start = self.ends.item(position - 1) if position else 0
        return self.blob[start : self.ends.item(position)].tobytes()

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(self.size))

    def place(self, text: str) -> int:
        """How many texts come before this one."""
        wanted = text.encode()
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            if self.raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, text: str) -> int:
        """The position of a text, or -1."""
        place = self.place(text)
        return place if place < self.size and self.raw(place) == text.encode() else -1
