"""Operation 23: what happened how often, interval by interval, on the events that the caller may see."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.intervals import PRECISION, Calendar
from graphsvc.analysis.packing import compact
from graphsvc.analysis.reporting import Reporter, Reporting, reporting, uneven
from graphsvc.analysis.selection import Filter, Selection, once, select, window
from graphsvc.analysis.small import Rule, inside
from graphsvc.analysis.statistics import METHOD, Ahead, LevelChange, Season, Statistics, statistics
from graphsvc.analysis.units import common
from graphsvc.analysis.withheld import Days, Series, withheld
from graphsvc.errors import UsageError
from graphsvc.topology.layout import FAR

Array = npt.NDArray[Any]

MEASURES = ("count", "quantity")


class Point(msgspec.Struct, frozen=True):
    """One interval. ``quantity`` is in the trend's unit; None where quantities are not asked for."""

    interval: Annotated[str, Meta(description="The interval, such as 2017-08, 2017-W34 or 2017-Q3.")]
    count: Annotated[
        int | None, Meta(description="Events, each once however many reported it; null where it is left out.")
    ]
    quantity: Annotated[float | None, Meta(description="Sum of the quantities in the unit of the trend.")] = (
        None
    )
    steady: Annotated[
        int | None, Meta(description="Events that a reporter over the whole time reported.")
    ] = 0
    low: Annotated[int | None, Meta(description="Lower bound of what was to be expected of them.")] = None
    high: Annotated[int | None, Meta(description="Upper bound of what was to be expected of them.")] = None
    unusual: Annotated[
        bool | None, Meta(description="Whether the steady count lies outside these bounds.")
    ] = False


class Quantity(msgspec.Struct, frozen=True):
    """All quantities in one common unit."""

    unit: Annotated[str, Meta(description="Common unit; an empty text where the source gave none.")]
    events: Annotated[
        int | None, Meta(description="Events that have a quantity in it; null where it is left out.")
    ]
    total: Annotated[float | None, Meta(description="Sum; null where its events are left out.")]


class Trend(msgspec.Struct, frozen=True):
    """A series. ``points`` has every interval from the first to the last, those without events included."""

    interval: Annotated[str, Meta(description="Length of the intervals.")]
    measure: Annotated[str, Meta(description="What the series measures: count or quantity.")]
    points: Annotated[tuple[Point, ...], Meta(description="The intervals in order of time.")]
    n: Annotated[int | None, Meta(description="Events in the series; null where it is left out.")]
    reports: Annotated[
        int | None, Meta(description="Records behind them; an event may be reported by several countries.")
    ]
    undated: Annotated[
        int | None, Meta(description="Events whose time is not known well enough to be in an interval.")
    ]
    sources: Annotated[int, Meta(description="Sources that reported them.")]
    unit: Annotated[str | None, Meta(description="Unit of the quantities in the points.")]
    quantities: Annotated[
        tuple[Quantity, ...], Meta(description="Quantities by common unit, the most frequent first.")
    ]
    changes: Annotated[
        tuple[LevelChange, ...], Meta(description="Lasting changes among the steady reporters, by time.")
    ]
    season: Annotated[
        tuple[Season, ...], Meta(description="The usual round of the season; empty when too short to tell.")
    ]
    ahead: Annotated[
        tuple[Ahead, ...], Meta(description="Forecast of the next intervals; empty when too short to tell.")
    ]
    reporters: Annotated[tuple[Reporter, ...], Meta(description="Who reported, and since when.")]
    warnings: Annotated[tuple[str, ...], Meta(description="What to know before drawing conclusions.")]
    method: Annotated[str, Meta(description="How changes, bounds and forecast are made.")]
    as_of: Annotated[str, Meta(description="When this was true.")]
    least: Annotated[
        int | None, Meta(description="Smallest count that is shown; null where all of them are.")
    ] = None
    remark: Annotated[str | None, Meta(description="What is left out because numbers are small.")] = None


async def trend(
    view: View,
    asked: Filter | None = None,
    *,
    interval: str = "month",
    measure: str = "count",
    unit: str | None = None,
    warned: bool = True,
    weighed: bool = True,
    like_for_like: bool = True,
    rule: Rule | None = None,
    windows: Sequence[Days] = (),
) -> Trend:
    """The series of the visible events that match, from the first to the last of them or over the time asked for.

    ``measure`` ``quantity`` sums what was moved or seized in ``unit``, or in the unit that most events have. Without
    ``warned``, for those who do not read them, there are no warnings, which take as long as all else, and without
    ``weighed`` no quantities by unit. Without ``like_for_like`` all reporters count as steady.
    Small numbers are left out by ``rule``, the one for readers inside unless another is given; none follows from totals
    that are told elsewhere of ``windows`` of days. Raises UsageError for a value that no event can have.
    """
    if interval not in PRECISION:
        raise UsageError(f"{interval!r} is no interval: ask for one of {', '.join(PRECISION)}")
    if measure not in MEASURES:
        raise UsageError(f"{measure!r} is no measure: ask for one of {', '.join(MEASURES)}")
    events = await view.events()
    asked, given = asked or Filter(), rule or inside(view)
    return await asyncio.to_thread(
        lambda: series(
            select(events, asked), asked, interval, measure, unit, view.scope.as_of,
            warned=warned, weighed=weighed, like_for_like=like_for_like, rule=given, windows=windows,
        )
    )  # fmt: skip


def series(
    found: Selection,
    asked: Filter,
    interval: str,
    measure: str,
    unit: str | None,
    as_of: str,
    *,
    warned: bool = True,
    weighed: bool = True,
    like_for_like: bool = True,
    rule: Rule | None = None,
    windows: Sequence[Days] = (),
) -> Trend:
    """The series of a selection; all of it without a rule of small numbers."""
    dated = found.rows[fitting(found, found.rows, asked, interval)]
    reports = found.reports[fitting(found, found.reports, asked, interval)]
    summed = measure == "quantity"
    quantities, amounts, chosen = _quantities(found, dated, unit) if weighed or summed else ((), None, None)
    calendar = _calendar(found.take("day", reports), asked, interval)
    place = _placed(found, dated, calendar)
    size = 0 if calendar is None else len(calendar)
    who = reporting(found, reports)
    if not like_for_like:
        who = msgspec.structs.replace(who, steady=np.ones(len(reports), bool))
    steady = _counted(found, reports[who.steady], calendar, size)
    told = statistics(steady, calendar)
    counts = np.bincount(place, minlength=size)
    sums = np.bincount(place, amounts, minlength=size) if summed else None
    points = () if calendar is None else _points(calendar, counts, sums, told, steady)
    said = warnings(who, told, told if who.steady.all() else statistics(counts, calendar)) if warned else ()
    made = Trend(
        interval, measure, points, len(dated), len(found.reports), len(found.rows) - len(dated),
        len(compact(found.take("source", found.reports))[0]), chosen if summed else None,
        quantities, told.changes, told.season, told.ahead, who.reporters, said, METHOD, as_of,
    )  # fmt: skip
    if rule is None:
        return made
    return withheld(made, Series(found, dated, reports, calendar, place), rule, windows)


def _points(
    calendar: Calendar, counts: Array, sums: Array | None, told: Statistics, steady: Array
) -> tuple[Point, ...]:
    amounts = [None] * len(counts) if sums is None else [_tidy(one) for one in sums]
    rows = zip(
        calendar.labels(), counts.tolist(), amounts, steady.tolist(), told.bounds(len(counts)), strict=True
    )
    return tuple(Point(label, count, amount, kept, *bounds) for label, count, amount, kept, bounds in rows)


def _counted(found: Selection, reports: Array, calendar: Calendar | None, size: int) -> Array:
    return np.bincount(_placed(found, once(found.events, reports), calendar), minlength=size)


def _placed(found: Selection, rows: Array, calendar: Calendar | None) -> Array:
    return np.zeros(0, np.int64) if calendar is None else calendar.place(found.take("day", rows))


def warnings(who: Reporting, told: Statistics, every: Statistics) -> tuple[str, ...]:
    """What to know before drawing conclusions."""
    said = list(uneven(who.reporters))
    steady = {change.at for change in told.changes}
    for change in every.changes:
        if not any(change.earliest <= at <= change.latest for at in steady):
            said.append(
                f"The change in {change.at} among all reports comes from who reports, not from what happens."
            )
    if not told.changes and not told.season and not told.ahead:
        said.append("The series is too short, or too thin, to tell a season, changes or a forecast.")
    return tuple(said)


def fitting(found: Selection, rows: Array, asked: Filter, interval: str) -> Array:
    """Which rows have a time precise enough for the interval, and surely within the time asked for."""
    since, until = window(asked)
    enough = found.take("precision", rows) >= PRECISION[interval]
    fits: Array = enough & (found.take("day", rows) >= since) & (found.take("last", rows) <= until)
    return fits


def _calendar(days: Array, asked: Filter, interval: str) -> Calendar | None:
    """The time asked for, or from the first of these days to the last: of two reports of one event, that of a steady
    reporter may be of another day than the one that is counted."""
    since, until = window(asked)
    if not len(days) and (since == -FAR or until == FAR):
        return None
    first = since if since > -FAR else int(days.min())
    last = until if until < FAR else int(days.max())
    return Calendar(interval, first, last)


def _quantities(found: Selection, rows: Array, unit: str | None) -> tuple[tuple[Quantity, ...], Array, str]:
    """Sums by common unit, what each row adds in the unit chosen, and that unit."""
    amounts = found.take("quantity", rows)
    used, place = compact(found.take("unit", rows))
    known = ~np.isnan(amounts)
    amounts = np.where(known, amounts, 0.0)
    units = [common(found.events.words.texts[code]) for code in used]
    factors = np.array([one.factor for one in units])
    events = np.bincount(place, known, minlength=len(units))
    sums = np.bincount(place, amounts, minlength=len(units)) * factors
    by_name: dict[str, list[int]] = {}
    for at, one in enumerate(units):
        if events[at]:
            by_name.setdefault(one.name, []).append(at)
    order = sorted(by_name, key=lambda name: (-int(events[by_name[name]].sum()), name))
    quantities = tuple(
        Quantity(name, int(events[by_name[name]].sum()), _tidy(sums[by_name[name]].sum())) for name in order
    )
    chosen = common(unit).name if unit is not None else order[0] if order else ""
    scales = np.where([one.name == chosen for one in units], factors, 0.0)
    return quantities, amounts * scales[place] if len(rows) else amounts, chosen


def _tidy(value: float) -> float:
    """Without the last bits, which say in which order it was added up."""
    return float(f"{value:.12g}")
