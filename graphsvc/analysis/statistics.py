"""What a series of counts tells, in words of its calendar: changes, season, bounds, forecast."""

from datetime import date
from functools import lru_cache
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.analysis import changes, steps
from graphsvc.analysis.intervals import CYCLE, Calendar
from graphsvc.model import days

Array = npt.NDArray[Any]

METHOD = (
    "Season by robust STL on logarithms; changes are steps of the season-adjusted series beside a linear trend "
    f"(largest F statistic, threshold {steps.THRESHOLD:g}, autocorrelation taken off); bounds hold 99% of a negative "
    "binomial spread; "
    "forecast by exponential smoothing since the last change, 95%. All on counts of reporters over the whole time, the "
    "interval that is still running left out."
)
AHEAD = {"day": 7, "week": 4, "month": 3, "quarter": 2, "year": 1}


class LevelChange(msgspec.Struct, frozen=True):
    """A lasting change of level of the season-adjusted series."""

    at: Annotated[str, Meta(description="First interval after it.")]
    earliest: Annotated[str, Meta(description="Earliest interval that it may have been.")]
    latest: Annotated[str, Meta(description="Latest interval that it may have been.")]
    effect: Annotated[float, Meta(description="Relative change: 0.5 is half as many again.")]
    low: Annotated[float, Meta(description="Lower bound of the effect, 95%.")]
    high: Annotated[float, Meta(description="Upper bound of the effect, 95%.")]


class Ahead(msgspec.Struct, frozen=True):
    """What is expected of a coming interval, from the steady reporters."""

    interval: Annotated[str, Meta(description="The interval.")]
    expected: Annotated[float, Meta(description="Expected count.")]
    low: Annotated[int, Meta(description="Lower bound, 95%.")]
    high: Annotated[int, Meta(description="Upper bound, 95%.")]


class Season(msgspec.Struct, frozen=True):
    """One part of the yearly or weekly round."""

    part: Annotated[int, Meta(description="Number of the part, from 1: the month, quarter, week or weekday.")]
    factor: Annotated[float, Meta(description="How many times the mean of the round it usually has.")]


class Statistics(msgspec.Struct, frozen=True, eq=False):
    """All of it; ``low`` and ``high`` have a bound for each interval, or are empty when there is too little to tell."""

    changes: tuple[LevelChange, ...] = ()
    season: tuple[Season, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    counts: tuple[int, ...] = ()
    low: tuple[int, ...] = ()
    high: tuple[int, ...] = ()

    def bounds(self, size: int) -> list[tuple[int | None, int | None, bool]]:
        """For so many intervals the bounds of each, and whether its count lies outside."""
        known = zip(self.low, self.counts, self.high, strict=False)
        told: list[tuple[int | None, int | None, bool]] = [
            (low, high, not low <= count <= high) for low, count, high in known
        ]
        return told[:size] + [(None, None, False)] * (size - len(told))


def statistics(counts: Array, calendar: Calendar | None) -> Statistics:
    """What the series tells. The interval that today is in is left out, because it is not over."""
    if calendar is None:
        return Statistics()
    whole = len(counts)
    while whole and calendar.edges[whole] > days.today() + 1:
        whole -= 1
    return _told(
        tuple(counts[:whole].tolist()), calendar.interval, int(calendar.edges[0]), int(calendar.edges[whole])
    )


@lru_cache(maxsize=512)
def _told(counts: tuple[int, ...], interval: str, first: int, end: int) -> Statistics:
    series, period = np.array(counts), CYCLE[interval]
    fitted = changes.fit(series, period)
    if fitted is None:
        return Statistics()
    calendar = Calendar(interval, first, end - 1)
    coming = Calendar(interval, end, end + 366 * 2)
    ahead = changes.forecast(series, fitted, period, AHEAD[interval])
    return Statistics(
        tuple(_change(step, calendar) for step in fitted.steps),
        _season(fitted.season, calendar),
        tuple(
            Ahead(
                coming.label(at), round(float(ahead.expected[at]), 1), int(ahead.low[at]), int(ahead.high[at])
            )
            for at in range(AHEAD[interval])
        ),
        counts,
        tuple(fitted.low.astype(int).tolist()),
        tuple(fitted.high.astype(int).tolist()),
    )


def _change(step: changes.Step, calendar: Calendar) -> LevelChange:
    return LevelChange(
        calendar.label(step.at), calendar.label(step.earliest), calendar.label(step.latest),
        round(step.effect, 3), round(step.low, 3), round(step.high, 3),
    )  # fmt: skip


def _season(season: Array, calendar: Calendar) -> tuple[Season, ...]:
    """The mean factor of each part of the round, when there is a round at all."""
    if not np.any(season != 1.0):
        return ()
    parts = np.array([_part(int(edge), calendar.interval) for edge in calendar.edges[:-1]])
    return tuple(
        Season(int(part), round(float(season[parts == part].mean()), 3)) for part in np.unique(parts)
    )


@lru_cache(maxsize=20_000)
def _part(day: int, interval: str) -> int:
    of = date.fromordinal(day + days.EPOCH)
    match interval:
        case "day":
            return of.isoweekday()
        case "week":
            return of.isocalendar().week
        case "quarter":
            return (of.month + 2) // 3
        case _:
            return of.month
