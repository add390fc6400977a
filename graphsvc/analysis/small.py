"""Small numbers: cells of a table that would tell of single persons are left out before it is given to others.

Cells from 1 up to a threshold are left out, and so many more in the same row or column that nobody can work one out
from the totals: wherever cells of a line are left out, there are at least two, and together they are no small number.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

RELEASE = 11
"""Smallest count that a release shows."""
INSIDE = 5
"""Smallest count about victims, minors or personal traits that is shown inside."""


def suppressed(table: Array, least: int) -> Array:
    """Which cells of a table (one or two dimensions, whose totals are shown) are left out."""
    counts = np.atleast_2d(np.asarray(table, np.int64))
    hidden = (counts > 0) & (counts < least)
    changed = True
    while changed:
        changed = False
        for cells, mask in _lines(counts, hidden):
            changed |= _protected(cells, mask, least)
    return hidden.reshape(np.shape(table))


def _lines(counts: Array, hidden: Array) -> list[tuple[Array, Array]]:
    lines = [(counts[row], hidden[row]) for row in range(len(counts)) if counts.shape[1] > 1]
    if len(counts) > 1:
        lines += [(counts[:, column], hidden[:, column]) for column in range(counts.shape[1])]
    return lines


def _protected(cells: Array, mask: Array, least: int) -> bool:
    """Leave out the next smallest cell while what is left out could be worked out; whether anything changed."""
    changed = False
    while mask.any() and (mask.sum() < 2 or cells[mask].sum() < least):
        open_ = np.flatnonzero(~mask & (cells > 0))
        if not len(open_):
            open_ = np.flatnonzero(~mask)
        if not len(open_):
            break
        mask[open_[cells[open_].argmin()]] = True
        changed = True
    return changed
