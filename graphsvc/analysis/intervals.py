"""Intervals of time: days into the weeks, months, quarters or years that they belong to."""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from graphsvc.errors import UsageError
from graphsvc.model import days

INTERVALS = ("day", "week", "month", "quarter", "year")
PRECISION = {"day": 3, "week": 3, "month": 2, "quarter": 2, "year": 1}
"""How precise a date must be to be put into an interval: 3 the day, 2 the month, 1 the year."""
PER_YEAR = {"day": 365.25, "week": 52.18, "month": 12, "quarter": 4, "year": 1}
CYCLE = {"day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}
"""How many intervals one season takes."""
STEADY = {"day": 1, "week": 7}
"""Days of the intervals that are all of one length."""
MOST = 5_000
"""Intervals that one series may have."""

Days = npt.NDArray[np.int64]


def _start(day: date, interval: str) -> date:
    match interval:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, day.month - (day.month - 1) % 3, 1)
        case _:
            return date(day.year, 1, 1)


def _next(day: date, interval: str) -> date:
    match interval:
        case "year":
            return date(day.year + 1, 1, 1)
        case _:
            months = day.year * 12 + day.month - 1 + (1 if interval == "month" else 3)
            return date(months // 12, months % 12 + 1, 1)


class Calendar:
    """The intervals that cover a span of days, whole at both ends. Weeks begin on Monday (ISO 8601)."""

    def __init__(self, interval: str, first: int, last: int) -> None:
        if interval not in INTERVALS:
            raise UsageError(f"{interval!r} is no interval: ask for one of {', '.join(INTERVALS)}")
        self.interval = interval
        start = _start(_date(first), interval)
        self.edges: Days = (
            _steady(start, last, interval) if interval in STEADY else _edges(start, last, interval)
        )
        if len(self) > MOST:
            raise UsageError(f"that is more than {MOST:,} intervals: ask for longer ones or a shorter time")

    def __len__(self) -> int:
        return len(self.edges) - 1

    def place(self, of: npt.NDArray[np.int32]) -> Days:
        """The number of the interval that each day is in. All days lie within the span."""
        spread = np.repeat(np.arange(len(self)), np.diff(self.edges))
        found: Days = spread[of - self.edges[0]]
        return found

    def labels(self) -> list[str]:
        """Those of all intervals, in order."""
        return [_label(edge, self.interval) for edge in self.edges[:-1].tolist()]

    def label(self, place: int) -> str:
        """``2017-08-24``, ``2017-W34``, ``2017-08``, ``2017-Q3`` or ``2017``."""
        return _label(int(self.edges[place]), self.interval)


def _steady(start: date, last: int, interval: str) -> Days:
    """Edges of intervals that are all of one length."""
    first, length = start.toordinal() - days.EPOCH, STEADY[interval]
    return np.arange(first, last + length + 1, length, dtype=np.int64)


def _edges(start: date, last: int, interval: str) -> Days:
    edges, until = [start], _date(last)
    while edges[-1] <= until and len(edges) <= MOST + 1:
        edges.append(_next(edges[-1], interval))
    return np.array([edge.toordinal() - days.EPOCH for edge in edges], np.int64)


@lru_cache(maxsize=20_000)
def _label(first: int, interval: str) -> str:
    day = _date(first)
    match interval:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{day.year}-{day.month:02}"
        case "quarter":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case _:
            return str(day.year)


def _date(day: int) -> date:
    return date.fromordinal(day + days.EPOCH)
