"""Small numbers: cells of an answer that would tell of single persons are left out, and what would give them away.

Inside, these are counts under 5 of events about victims or minors; in a release, all counts under 11. Where a cell is
left out of a line whose total may be known, so are as many more that the rest could be any number up to the threshold.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.model.vocabulary import Class

if TYPE_CHECKING:
    from graphsvc.access.view import View
    from graphsvc.analysis.selection import Selection
    from graphsvc.model.handling import Handling

Array = npt.NDArray[Any]

RELEASE = 11
"""Smallest count that a release shows."""
INSIDE = 5
"""Smallest count about victims, minors or personal traits that is shown inside."""
AREAS = ("HUMAN_TRAFFICKING", "MIGRANT_SMUGGLING")
"""Crime areas whose events are about victims."""
CLASSES = (Class.VICTIM, Class.MINOR)


class Rule(msgspec.Struct, frozen=True, eq=False):
    """Counts under ``least`` are left out: of events about victims and minors where ``handling`` tells the handling of
    a visible record by its number, of all events where it is None."""

    least: int
    handling: "Callable[[int], Handling] | None" = None

    def marked(self, found: "Selection") -> Array | None:
        """Of each row of the columns, whether it is a report of an event whose small counts are left out; None where
        none of the selection is. One such report makes the event one, whoever else reports it."""
        reports = found.reports
        hit = np.ones(len(reports), bool) if self.handling is None else self._personal(found)
        if not hit.any():
            return None
        rows = np.zeros(sum(map(len, found.events.parts)), bool)
        rows[reports[hit]] = True
        tied, group = found.events.clusters
        together = np.zeros(int(group.max(initial=-1)) + 1, bool)
        together[group[rows[tied]]] = True
        rows[tied] = together[group]
        return rows

    def _personal(self, found: "Selection") -> Array:
        hit: Array = (found.take("areas", found.reports) & found.events.areas(AREAS)) != 0
        numbers = found.take("handling", found.reports)
        told = self.handling
        of_persons = [
            number
            for number in np.flatnonzero(np.bincount(numbers)).tolist()
            if told is not None and told(number).class_ in CLASSES
        ]
        return hit | np.isin(numbers, of_persons) if of_persons else hit

    def small(self, counts: Array) -> Array:
        """Which counts are small: zeros tell of nobody."""
        found: Array = (counts > 0) & (counts < self.least)
        return found

    def remark(self, also: str = "") -> str:
        """What is said wherever something was left out."""
        of = "" if self.handling is None else " of events about victims or minors"
        said = f"Counts{of} from 1 to {self.least - 1} are left out, and others through which they could be worked out"
        return f"{said}{also}."


def inside(view: "View") -> Rule:
    """The rule for readers inside."""
    return Rule(INSIDE, view.handling)


class Told(msgspec.Struct, frozen=True):
    """What may be said of a line. ``total`` may be shown; ``names`` of its cells may be listed, though each of them
    stands for a count of at least 1."""

    total: bool = True
    names: bool = True


def protect(cells: Array, hidden: Array, least: int) -> Told:
    """Hide more of the cells of a line, in place, until its total tells no hidden one.

    The next smallest are hidden too, until each hidden cell may be anything from 1 to ``least`` - 1 whatever the others
    are. Where there are not enough of them the whole line is hidden, zeros included.
    """
    if not hidden.any():
        return Told()
    for at in np.argsort(cells, kind="stable"):
        if _enough(cells, hidden, least):
            return Told()
        if cells[at] > 0:
            hidden[at] = True
    if _enough(cells, hidden, least):
        return Told()
    hidden[:] = True
    return Told(total=len(cells) > 1 and bool(cells.sum() >= least), names=False)


def _enough(cells: Array, hidden: Array, least: int) -> bool:
    return bool(hidden.sum() > 1 and (cells[hidden] - 1).sum() >= least - 2)
