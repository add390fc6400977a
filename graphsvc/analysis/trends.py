"""Operation 23: what happened how often, interval by interval, on the events that the caller may see."""

import asyncio
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.intervals import PRECISION, Calendar
from graphsvc.analysis.selection import Filter, Selection, select, window
from graphsvc.analysis.units import common
from graphsvc.errors import UsageError
from graphsvc.topology.layout import FAR

Array = npt.NDArray[Any]

MEASURES = ("count", "quantity")


class Point(msgspec.Struct, frozen=True):
    """One interval. ``quantity`` is in the trend's unit; None where quantities are not asked for."""

    interval: Annotated[str, Meta(description="The interval, such as 2017-08, 2017-W34 or 2017-Q3.")]
    count: Annotated[int, Meta(description="Events, each once however many reported it.")]
    quantity: Annotated[float | None, Meta(description="Sum of the quantities in the unit of the trend.")] = (
        None
    )


class Quantity(msgspec.Struct, frozen=True):
    """All quantities in one common unit."""

    unit: Annotated[str, Meta(description="Common unit; an empty text where the source gave none.")]
    events: Annotated[int, Meta(description="Events that have a quantity in it.")]
    total: Annotated[float, Meta(description="Sum.")]


class Trend(msgspec.Struct, frozen=True):
    """A series. ``points`` has every interval from the first to the last, those without events included."""

    interval: Annotated[str, Meta(description="Length of the intervals.")]
    measure: Annotated[str, Meta(description="What the series measures: count or quantity.")]
    points: Annotated[tuple[Point, ...], Meta(description="The intervals in order of time.")]
    n: Annotated[int, Meta(description="Events in the series.")]
    reports: Annotated[
        int, Meta(description="Records behind them; an event may be reported by several countries.")
    ]
    undated: Annotated[
        int, Meta(description="Events whose time is not known well enough to be in an interval.")
    ]
    sources: Annotated[int, Meta(description="Sources that reported them.")]
    unit: Annotated[str | None, Meta(description="Unit of the quantities in the points.")]
    quantities: Annotated[
        tuple[Quantity, ...], Meta(description="Quantities by common unit, the most frequent first.")
    ]
    as_of: Annotated[str, Meta(description="When this was true.")]


async def trend(
    view: View,
    asked: Filter | None = None,
    *,
    interval: str = "month",
    measure: str = "count",
    unit: str | None = None,
) -> Trend:
    """The series of the visible events that match, from the first to the last of them or over the time asked for.

    ``measure`` ``quantity`` sums what was moved or seized in ``unit``, or in the unit that most events have.
    Raises UsageError for a value that no event can have.
    """
    if interval not in PRECISION:
        raise UsageError(f"{interval!r} is no interval: ask for one of {', '.join(PRECISION)}")
    if measure not in MEASURES:
        raise UsageError(f"{measure!r} is no measure: ask for one of {', '.join(MEASURES)}")
    events = await view.events()
    asked = asked or Filter()
    return await asyncio.to_thread(
        lambda: series(select(events, asked), asked, interval, measure, unit, view.scope.as_of)
    )


def series(
    found: Selection, asked: Filter, interval: str, measure: str, unit: str | None, as_of: str
) -> Trend:
    """The series of a selection."""
    dated = found.rows[fitting(found, found.rows, asked, interval)]
    undated = len(found.rows) - len(dated)
    quantities, amounts, chosen = _quantities(found, dated, unit)
    calendar, place = _calendar(found.take("day", dated), asked, interval)
    size = 0 if calendar is None else len(calendar)
    counts = np.bincount(place, minlength=size)
    sums = np.bincount(place, amounts, minlength=size) if measure == "quantity" else None
    points = tuple(
        Point(calendar.label(at), int(counts[at]), None if sums is None else _tidy(sums[at]))
        for at in range(size)
        if calendar is not None
    )
    return Trend(
        interval,
        measure,
        points,
        len(dated),
        len(found.reports),
        undated,
        len(np.unique(found.take("source", found.reports))),
        chosen if measure == "quantity" else None,
        quantities,
        as_of,
    )


def fitting(found: Selection, rows: Array, asked: Filter, interval: str) -> Array:
    """Which rows have a time precise enough for the interval, and surely within the time asked for."""
    since, until = window(asked)
    enough = found.take("precision", rows) >= PRECISION[interval]
    fits: Array = enough & (found.take("day", rows) >= since) & (found.take("last", rows) <= until)
    return fits


def _calendar(days: Array, asked: Filter, interval: str) -> tuple[Calendar | None, Array]:
    since, until = window(asked)
    if not len(days) and (since == -FAR or until == FAR):
        return None, np.zeros(0, np.int64)
    first = since if since > -FAR else int(days.min())
    last = until if until < FAR else int(days.max())
    calendar = Calendar(interval, first, last)
    return calendar, calendar.place(days)


def _quantities(found: Selection, rows: Array, unit: str | None) -> tuple[tuple[Quantity, ...], Array, str]:
    """Sums by common unit, what each row adds in the unit chosen, and that unit."""
    amounts = found.take("quantity", rows)
    codes = found.take("unit", rows)
    known = ~np.isnan(amounts)
    used, place = np.unique(codes, return_inverse=True)
    units = [common(found.events.words.texts[code]) for code in used]
    factors = np.array([one.factor for one in units])
    names = sorted({one.name for one in units})
    name_of = np.array([names.index(one.name) for one in units], np.int64)
    scaled = amounts * factors[place] if len(rows) else amounts
    of = name_of[place] if len(rows) else place
    count = np.bincount(of[known], minlength=len(names))
    total = np.bincount(of[known], scaled[known], minlength=len(names))
    order = sorted((at for at in range(len(names)) if count[at]), key=lambda at: (-count[at], names[at]))
    quantities = tuple(Quantity(names[at], int(count[at]), _tidy(total[at])) for at in order)
    chosen = common(unit).name if unit is not None else quantities[0].unit if quantities else ""
    inside = known & (of == names.index(chosen)) if chosen in names else np.zeros(len(rows), bool)
    return quantities, np.where(inside, scaled, 0.0), chosen


def _tidy(value: float) -> float:
    """Without the last bits, which say in which order it was added up."""
    return float(f"{value:.12g}")
