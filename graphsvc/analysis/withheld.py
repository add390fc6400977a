"""What a trend leaves out where numbers are small: cells, totals that give them away, what is worked out from them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.analysis.intervals import Calendar
from graphsvc.analysis.reporting import Reporter, uneven
from graphsvc.analysis.selection import Selection
from graphsvc.analysis.small import Rule, Told, protect
from graphsvc.analysis.units import common

if TYPE_CHECKING:
    from graphsvc.analysis.trends import Point, Quantity, Trend

Array = npt.NDArray[Any]
Days = tuple[int, int]
ALSO = "; so are expected range, season, changes and forecast, which rest on them"


class Series(msgspec.Struct, frozen=True, eq=False):
    """The events behind a trend: ``dated`` rows with the number of the interval that each is in, and all dated
    ``reports`` of them, some of which may tell another day."""

    found: Selection
    dated: Array
    reports: Array
    calendar: Calendar | None
    place: Array


def withheld(made: "Trend", of: Series, rule: Rule, windows: Sequence[Days] = ()) -> "Trend":
    """The trend as it may be shown. ``windows`` are times whose totals are told elsewhere: nothing hidden follows from
    these either."""
    marked = rule.marked(of.found)
    if marked is None:
        return made
    hidden, told = _points(made, of, marked, rule, windows)
    reporters, listed, closed = _reporters(made, of, marked, rule, told)
    quantities, inside = _quantities(made, of, marked, rule)
    whole = not hidden.any() and not closed and not _split(made, of, marked, rule)
    few = _undated(of, marked, rule)
    something = few or not whole or len(quantities) < len(made.quantities) or not listed
    something |= any(one.events is None for one in quantities) or any(
        one.reports is None for one in reporters
    )
    return msgspec.structs.replace(
        made if whole else _bare(made),
        points=_shown(made.points, hidden, whole=whole, amounts=inside),
        n=made.n if told.total else None,
        undated=None if few else made.undated,
        reports=None if few or not told.total else made.reports,
        reporters=reporters,
        quantities=quantities,
        least=rule.least,
        remark=rule.remark("" if whole else ALSO) if something else None,
    )


def _bare(made: "Trend") -> "Trend":
    """Without what is worked out from the single counts."""
    said = uneven(made.reporters) if made.warnings else ()
    return msgspec.structs.replace(made, changes=(), season=(), ahead=(), warnings=said)


def _shown(points: "tuple[Point, ...]", hidden: Array, *, whole: bool, amounts: bool) -> "tuple[Point, ...]":
    if whole and amounts:
        return points
    none: dict[str, Any] = {} if whole else dict.fromkeys(("steady", "low", "high", "unusual"))
    made = []
    for point, left_out in zip(points, hidden, strict=True):
        more = dict.fromkeys(("count", "quantity")) if left_out else {} if amounts else {"quantity": None}
        made.append(msgspec.structs.replace(point, **none, **more))
    return tuple(made)


def _points(
    made: "Trend", of: Series, marked: Array, rule: Rule, windows: Sequence[Days]
) -> tuple[Array, Told]:
    """Which points are hidden, and what may be said of all of them."""
    counts = np.array([point.count for point in made.points], np.int64)
    if of.calendar is None:
        return np.zeros(0, bool), Told()
    touched = np.bincount(of.place[marked[of.dated]], minlength=len(counts)) > 0
    hidden = rule.small(counts) & touched
    told = []
    for part in _parts(of.calendar, windows):
        mask = hidden[part]
        told.append(protect(counts[part], mask, rule.least))
        hidden[part] = mask
    return hidden, Told(total=all(one.total for one in told), names=all(one.names for one in told))


def _parts(calendar: Calendar, windows: Sequence[Days]) -> list[Array]:
    """The points of each window, and those of none."""
    first, last = calendar.edges[:-1], calendar.edges[1:] - 1
    parts = [(first >= since) & (last <= until) for since, until in windows]
    rest = np.ones(len(first), bool)
    for part in parts:
        rest &= ~part
    return [*parts, rest]


def _undated(of: Series, marked: Array, rule: Rule) -> bool:
    rows = np.setdiff1d(of.found.rows, of.dated, assume_unique=True)
    return bool(rule.small(np.array([len(rows)]))[0] and marked[rows].any())


def _split(made: "Trend", of: Series, marked: Array, rule: Rule) -> bool:
    """Whether steady reporters, or all others, have a small count in an interval."""
    steady = np.array([point.steady for point in made.points], np.int64)
    counts = np.array([point.count for point in made.points], np.int64)
    if of.calendar is None:
        return False
    days = of.found.take("day", of.reports[marked[of.reports]])
    touched = np.bincount(of.calendar.place(days), minlength=len(counts)) > 0
    return bool(((rule.small(steady) | rule.small(np.abs(counts - steady))) & touched).any())


def _reporters(
    made: "Trend", of: Series, marked: Array, rule: Rule, told: Told
) -> tuple[tuple[Reporter, ...], bool, bool]:
    """The reporters, those whose reports are hidden last and by name; whether they are listed; and whether the counts
    of steady reporters would give hidden ones away."""
    rows = of.found.reports[marked[of.found.reports]]
    texts = of.found.events.words.texts
    pairs = np.unique(np.stack([of.found.take(name, rows) for name in ("source", "country")], 1), axis=0)
    names = {(texts[source], texts[country]) for source, country in pairs.tolist()}
    counts = np.array([one.reports for one in made.reporters], np.int64)
    touched = np.array([(one.source, one.country) in names for one in made.reporters], bool)
    hidden = rule.small(counts) & touched
    changed = any(one.change for one in made.reporters)
    if not protect(counts, hidden, rule.least).names:
        return (), False, changed
    if not told.total:
        hidden[:] = True
    shown = [one for one, left_out in zip(made.reporters, hidden, strict=True) if not left_out]
    rest = [one for one, left_out in zip(made.reporters, hidden, strict=True) if left_out]
    none = {"reports": None, "first": None, "last": None, "latest_record": None}
    rest = [
        msgspec.structs.replace(one, **none)
        for one in sorted(rest, key=lambda one: (one.source, one.country))
    ]
    return (*shown, *rest), True, changed and bool(hidden.any())


def _quantities(made: "Trend", of: Series, marked: Array, rule: Rule) -> "tuple[tuple[Quantity, ...], bool]":
    """The quantities, hidden ones last and by unit, and whether those of the points may be shown."""
    codes = np.unique(of.found.take("unit", of.dated[marked[of.dated]])).tolist()
    names = {common(of.found.events.words.texts[code]).name for code in codes}
    events = [one.events or 0 for one in made.quantities]
    cells = np.array([*events, (made.n or 0) - sum(events)], np.int64)
    touched = np.array([one.unit in names for one in made.quantities] + [bool(names)], bool)
    hidden = rule.small(cells) & touched
    if not protect(cells, hidden, rule.least).names:
        return (), False
    shown = [one for one, left_out in zip(made.quantities, hidden, strict=False) if not left_out]
    rest = [one for one, left_out in zip(made.quantities, hidden, strict=False) if left_out]
    rest = [
        msgspec.structs.replace(one, events=None, total=None)
        for one in sorted(rest, key=lambda one: one.unit)
    ]
    return (*shown, *rest), made.unit is None or made.unit in {one.unit for one in shown}
