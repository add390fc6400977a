"""Groups of rows by codes, in time that grows with the rows and not with their order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

ROOM = 20_000_000
"""Cells that a table of counts may have; beyond it rows are sorted instead."""


def compact(codes: Array) -> tuple[Array, Array]:
    """The codes in use, ascending, and for each row the place of its code among them. No code is negative."""
    if not len(codes):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    if int(codes.max()) >= ROOM:
        return np.unique(codes, return_inverse=True)
    codes = codes.astype(np.int64, copy=False)  # numpy takes by no other numbers half as fast
    used = np.flatnonzero(np.bincount(codes))
    place = np.zeros(int(used[-1]) + 1, np.int64)
    place[used] = np.arange(len(used))
    return used, place.take(codes)


def combined(columns: Sequence[Array]) -> tuple[Array, Array]:
    """The combinations of codes in use, one a row, and for each row of the columns the number of its combination."""
    used, places = zip(*(compact(column) for column in columns), strict=True)
    key = places[0]
    for values, place in zip(used[1:], places[1:], strict=True):
        key = key * max(1, len(values)) + place
    keys, place = compact(key)
    parts = []
    for values in used[:0:-1]:
        keys, rest = np.divmod(keys, max(1, len(values)))
        parts.append(values[rest] if len(values) else rest)
    parts.append(used[0][keys] if len(used[0]) else keys)
    return np.stack(parts[::-1], axis=1), place
