"""Intervals of time: days into the weeks, months, quarters or years that they belong to."""

from datetime import date, timedelta

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
        case "day":
            return day + timedelta(days=1)
        case "week":
            return day + timedelta(days=7)
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
        day, until = _start(_date(first), interval), _date(last)
        edges = [day]
        while edges[-1] <= until:
            edges.append(_next(edges[-1], interval))
            if len(edges) > MOST + 1:
                raise UsageError(
                    f"that is more than {MOST:,} intervals: ask for longer ones or a shorter time"
                )
        self.edges: Days = np.array([edge.toordinal() - days.EPOCH for edge in edges], np.int64)

    def __len__(self) -> int:
        return len(self.edges) - 1

    def place(self, of: npt.NDArray[np.int32]) -> Days:
        """The number of the interval that each day is in. All days lie within the span."""
        spread = np.repeat(np.arange(len(self)), np.diff(self.edges))
        found: Days = spread[of - self.edges[0]]
        return found

    def label(self, place: int) -> str:
        """``2017-08-24``, ``2017-W34``, ``2017-08``, ``2017-Q3`` or ``2017``."""
        day = _date(int(self.edges[place]))
        match self.interval:
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
