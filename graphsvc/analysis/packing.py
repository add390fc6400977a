"""Groups of rows by codes, in time that grows with the rows and not with their order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from graphsvc.topology.kernels import kernel

Array = npt.NDArray[Any]

ROOM = 20_000_000
"""Cells that a table of counts may have; beyond it rows are sorted instead."""


def compact(codes: Array) -> tuple[Array, Array]:
    """The codes in use, ascending, and for each row the place of its code among them. No code is negative."""
    if not len(codes):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    most = int(codes.max())
    if most >= ROOM:
        return np.unique(codes, return_inverse=True)
    used, place = placed(codes.astype(np.int64), most + 1)
    return used, place


@kernel
def placed(codes, number):  # type: ignore[no-untyped-def]
    """The same for codes that are all below a number. int64 both, as the codes."""
    used = np.zeros(number, np.bool_)
    for code in codes:
        used[code] = True
    names = np.flatnonzero(used)
    places, place = np.empty(number, np.int64), np.empty(len(codes), np.int64)
    for at, code in enumerate(names):
        places[code] = at
    for at, code in enumerate(codes):
        place[at] = places[code]
    return names, place


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
