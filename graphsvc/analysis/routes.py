"""Routes of one period: counted, with what they carry, who saw them, and what of it is too small to be shown."""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.analysis.packing import combined, compact
from graphsvc.analysis.selection import Filter, Selection, window
from graphsvc.analysis.small import Rule, Told, protect
from graphsvc.analysis.units import common
from graphsvc.topology.layout import FAR

Array = npt.NDArray[Any]

NOWHERE = ("", "unknown", "none", "not specified", "unspecified")

Key = tuple[str, str, str]


class RouteCount(msgspec.Struct):
    events: int = 0
    quantity: float = 0.0
    reporters: int = 0
    hidden: bool = False


NONE = RouteCount()


class Period(msgspec.Struct):
    """Routes of one time, counted. ``least`` is the smallest count that is shown, None where all are."""

    routes: dict[Key, RouteCount]
    events: int
    days: int
    unit: str
    least: int | None = None
    told: Told = Told()
    whole: bool = True  # no route of it is hidden
    dropped: bool = False  # events are left out of it

    def of(self, key: Key) -> RouteCount:
        return self.routes.get(key, NONE)

    def hides(self, key: Key) -> bool:
        """Whether the count of a route is hidden; where names are not told, that of each, zeros included."""
        return not self.told.names or self.of(key).hidden


def _within(found: Selection, rows: Array, asked: Filter) -> Array:
    since, until = window(asked)
    inside = (found.take("day", rows) >= since) & (found.take("last", rows) <= until)
    kept: Array = rows[inside | ((since == -FAR) & (until == FAR))]
    return kept


def period(found: Selection, asked: Filter, rule: Rule | None = None) -> Period:
    """The routes of the selection in the time asked for; all counts are shown without a rule of small numbers."""
    rows, reports = _within(found, found.rows, asked), _within(found, found.reports, asked)
    marked = None if rule is None else rule.marked(found)
    every = len(rows)
    if rule is not None and marked is not None:
        rows = _told_apart(found, rows, marked, rule)
    day = found.take("day", rows)
    since, until = window(asked)
    dated = day[day < FAR]
    first = since if since > -FAR else int(dated.min()) if len(dated) else 0
    last = until if until < FAR else int(dated.max()) if len(dated) else 0
    quantity, unit = _quantity(found, rows)
    texts = found.events.words.texts
    table: dict[Key, RouteCount] = {}
    codes, place = _routes(found, rows)
    sums = np.bincount(place, quantity, minlength=len(codes))
    counts = np.bincount(place, minlength=len(codes))
    seen = _reporters(found, reports)
    of_route = (
        np.bincount(place[marked[rows]], minlength=len(codes)) > 0 if marked is not None else counts < 0
    )
    touched = [] if marked is None else [bool(marked[rows].any())]
    numbers = codes.tolist()
    keys = [(texts[origin], texts[transit], texts[destination]) for origin, transit, destination in numbers]
    for at in sorted(
        range(len(keys)), key=keys.__getitem__
    ):  # codes tell in which order values were first met
        key = keys[at]
        if all(part.casefold() not in NOWHERE for part in (key[0], key[2])):
            reporters = seen.get(tuple(numbers[at]), 1)
            table[key] = RouteCount(int(counts[at]), float(sums[at]), reporters)
            touched.append(bool(of_route[at]))
    made = Period(table, len(rows), last - first + 1, unit, dropped=len(rows) < every)
    return made if rule is None or marked is None else _withheld(made, rule, np.array(touched))


def _told_apart(found: Selection, rows: Array, marked: Array, rule: Rule) -> Array:
    """Without events of a rough date where they are few: a trend of the same time would tell how many they are."""
    precision = found.take("precision", rows)
    for rough in (0, 1, 2):
        of = precision == rough
        if rule.small(np.array([of.sum()])).any() and marked[rows[of]].any():
            rows, precision = rows[~of], precision[~of]
    return rows


def _withheld(made: Period, rule: Rule, touched: Array) -> Period:
    """With small counts hidden, and what would give them away. ``touched`` says of the events without a route, which
    are one more cell, and of each route whether its small counts are left out."""
    counts = list(made.routes.values())
    routed = [count.events for count in counts]
    cells = np.array([made.events - sum(routed), *routed], np.int64)
    hidden = rule.small(cells) & touched
    told = protect(cells, hidden, rule.least)
    for count, left_out in zip(counts, hidden[1:].tolist(), strict=True):
        count.hidden = left_out
    return msgspec.structs.replace(made, least=rule.least, told=told, whole=not hidden.any())


def _routes(found: Selection, rows: Array) -> tuple[Array, Array]:
    """The routes in use, as codes of origin, transit and destination, and the number of the route of each row."""
    return combined([found.take(name, rows) for name in ("origin", "transit", "destination")])


def _reporters(found: Selection, reports: Array) -> dict[tuple[int, int, int], int]:
    """How many reporters saw each route."""
    codes, place = _routes(found, reports)
    _, who = combined((found.take("source", reports), found.take("country", reports)))
    pairs, _ = combined((place, who))
    number = np.bincount(pairs[:, 0], minlength=len(codes))
    return {
        (origin, transit, destination): int(number[at])
        for at, (origin, transit, destination) in enumerate(codes.tolist())
    }


def _quantity(found: Selection, rows: Array) -> tuple[Array, str]:
    """What each row adds in the unit that most of them have."""
    amounts, codes = found.take("quantity", rows), found.take("unit", rows)
    known = ~np.isnan(amounts)
    if not known.any():
        return np.zeros(len(rows)), ""
    used, place = compact(codes)
    units = [common(found.events.words.texts[code]) for code in used]
    number = np.bincount(place[known], minlength=len(used))
    total: dict[str, int] = {}
    for unit, count in zip(units, number.tolist(), strict=True):
        total[unit.name] = total.get(unit.name, 0) + count
    chosen = min(total, key=lambda name: (-total[name], name))
    factor = np.array([unit.factor if unit.name == chosen else 0.0 for unit in units])
    return np.where(known, amounts, 0.0) * factor[place], chosen
