"""Partial dates as day numbers: days since 1970-01-01, rounded outwards."""

import time
from calendar import monthrange
from datetime import date
from functools import lru_cache

EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=16_384)
def first_day(prefix: str) -> int:
    """The first day that an ISO 8601 prefix can mean: ``2017-08`` is 2017-08-01."""
    year, month, day = _parts(prefix)
    return date(year, month or 1, day or 1).toordinal() - EPOCH


@lru_cache(maxsize=16_384)
def last_day(prefix: str) -> int:
    """The last day that it can mean: ``2017-08`` is 2017-08-31."""
    year, month, day = _parts(prefix)
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1]).toordinal() - EPOCH


def today() -> int:
    """Today's day number, by the machine's clock in UTC."""
    return int(time.time() // 86_400)


def iso(day: int) -> str:
    """The date of a day number."""
    return date.fromordinal(day + EPOCH).isoformat()


def _parts(prefix: str) -> tuple[int, int, int]:
    parts = prefix[:10].split("-")
    numbers = [int(part) for part in parts] + [0, 0]
    return numbers[0], numbers[1], numbers[2]
