"""Partial dates and times as ISO 8601 prefixes: read strictly, since a guessed date is a wrong date."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?)?\s?(Z|[+-]\d\d:?\d\d)?"
)

DAY_DIRECTIVES = ("%d", "%j", "%x", "%c", "%s")
MONTH_DIRECTIVES = ("%m", "%b", "%B", "%U", "%W", "%V")
HOUR_DIRECTIVES = ("%H", "%I", "%c", "%X", "%s")


@lru_cache(maxsize=16_384)
def date_prefix(text: str) -> str:
    """``2017``, ``2017-08`` or ``2017-08-24``; parts that are ``00`` are unknown and left out. Raises ValueError."""
    found = DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a date: write it as 2017-08-24, 2017-08 or 2017")
    year, month, day = found.groups()
    try:
        date(int(year), int(month or 0) or 1, int(day or 0) or 1)
    except ValueError:
        raise ValueError(
            f"{text!r} is no day of the calendar: mend it, or leave out what is not known"
        ) from None
    if not int(month or 0):
        return year
    return f"{year}-{month}" if not int(day or 0) else text


@lru_cache(maxsize=16_384)
def time_prefix(text: str) -> str:
    """A date prefix, or down to the minute or second in UTC (``2017-08-24T13:05:00``). Raises ValueError.

    A time with an offset is turned to UTC; one without is taken as UTC.
    """
    found = TIME.fullmatch(text)
    if found is None:
        try:
            return date_prefix(text)
        except ValueError as error:
            raise ValueError(
                str(error).replace("a date: write", "a time: write 2017-08-24T13:05, or")
            ) from None
    day, hour, minute, second, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{hour}:{minute or '00'}:{second or '00'}")
        if zone and zone != "Z":
            moment -= _offset(zone)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time of the calendar: mend it, or give the date alone") from None
    length = 19 if second else 16 if minute else 13
    return moment.isoformat()[:length]


def _offset(zone: str) -> timedelta:
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))


def _precision(pattern: str) -> int:
    if any(mark in pattern for mark in HOUR_DIRECTIVES):
        return 19 if "%S" in pattern or "%s" in pattern else 16
    if any(mark in pattern for mark in DAY_DIRECTIVES):
        return 10
    return 7 if any(mark in pattern for mark in MONTH_DIRECTIVES) else 4


@lru_cache(maxsize=16_384)
def from_pattern(text: str, patterns: tuple[str, ...]) -> str:
    """The ISO prefix of a date written after one of the ``strptime`` patterns, as precise as the pattern.

    The pattern ``%s`` reads seconds since 1970. Raises ValueError.
    """
    for pattern in patterns:
        try:
            moment = _read(text, pattern)
            if moment.tzinfo is not None:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError, OSError):
            continue
        return moment.isoformat()[: _precision(pattern)]
    raise ValueError(f"{text!r} is not a date of the form {' or '.join(patterns)}")


def _read(text: str, pattern: str) -> datetime:
    if pattern == "%s":
        return datetime.fromtimestamp(float(text), UTC)
    return datetime.strptime(text, pattern)
