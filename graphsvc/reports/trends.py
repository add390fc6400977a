"""The trends report: what grows, where, along which route, how sure that is, and who reports it."""

import msgspec
import numpy as np

from graphsvc.access.view import View
from graphsvc.analysis.compare import Comparison, Window, compare
from graphsvc.analysis.flows import Flows, flows
from graphsvc.analysis.selection import Filter, select
from graphsvc.analysis.small import INSIDE, RELEASE, suppressed
from graphsvc.analysis.statistics import METHOD
from graphsvc.analysis.trends import Trend, trend
from graphsvc.model.vocabulary import Class
from graphsvc.reports import charts, maps
from graphsvc.reports.document import Section, Table, figure, percent

SHOWN = 25
ABOUT_VICTIMS = ("HUMAN_TRAFFICKING", "MIGRANT_SMUGGLING")
ALL = 1
"""The smallest count that is shown where all are."""


class Asked(msgspec.Struct, frozen=True):
    """What a report of trends is about. ``release`` leaves small numbers out, for those outside police."""

    where: Filter
    interval: str = "month"
    before: Window | None = None
    after: Window | None = None
    release: bool = False


async def sections(view: View, asked: Asked) -> tuple[Section, ...]:
    """All sections, on the events of the view."""
    found = await trend(view, asked.where, interval=asked.interval)
    before, after = windows(found, asked)
    least = await least_shown(view, asked)
    told = [overview(found, least)]
    for by, title in (("commodity", "Commodities"), ("country", "Countries"), ("route", "Means and routes")):
        if before is not None and after is not None:
            compared = await compare(view, asked.where, by=by, before=before, after=after)
            told.append(comparison(compared, title, before, after, least))
    period = (
        asked.where
        if after is None
        else msgspec.structs.replace(asked.where, since=after.since, until=after.until)
    )
    told.append(routes(await flows(view, period, baseline=before), least))
    return (findings(told), *told, coverage(found), method(least))


async def least_shown(view: View, asked: Asked) -> int:
    """The smallest count that is shown: of a release, of events about victims and minors, and of all others."""
    if asked.release:
        return RELEASE
    if asked.where.area in ABOUT_VICTIMS:
        return INSIDE
    found = select(await view.events(), msgspec.structs.replace(asked.where, since=None, until=None))
    numbers = np.unique(found.take("handling", found.reports)).tolist()
    protected = any(view.handling(number).class_ in (Class.VICTIM, Class.MINOR) for number in numbers)
    return INSIDE if protected else ALL


def windows(found: Trend, asked: Asked) -> tuple[Window | None, Window | None]:
    """The two windows asked for, or the last year of the series and the one before it."""
    if asked.before is not None and asked.after is not None:
        return asked.before, asked.after
    years = sorted({point.interval[:4] for point in found.points if point.count})
    if len(years) < 2:
        return None, None
    return Window(years[-2], years[-2]), Window(years[-1], years[-1])


def few(least: int) -> str:
    """What stands where a small number is left out."""
    return f"1-{least - 1}"


def findings(told: list[Section]) -> Section:
    """The first sentences of each section, which say what matters most."""
    return Section("Key findings", tuple(sentence for section in told for sentence in section.sentences[:2]))


def overview(found: Trend, least: int) -> Section:
    """The series as a whole."""
    said = [
        f"{figure(found.n)} events were reported in {len(found.points)} intervals by {found.sources} source(s)."
    ]
    said += [
        f"From {change.at} on the level differs by {percent(change.effect)} (between {percent(change.low)} and "
        f"{percent(change.high)}; the change lies between {change.earliest} and {change.latest})."
        for change in found.changes
    ] or ["No lasting change of level is beyond chance."]
    unusual = [point.interval for point in found.points if point.unusual]
    if unusual:
        said.append(
            f"Outside the expected range: {', '.join(unusual[:12])}{' and more' if len(unusual) > 12 else ''}."
        )
    if found.ahead:
        coming = found.ahead[0]
        said.append(
            f"Expected in {coming.interval}: {figure(coming.expected)} (between {coming.low} and {coming.high})."
        )
    if found.undated:
        said.append(f"{figure(found.undated)} more events have no date that is precise enough.")
    said += found.warnings
    hidden = suppressed(np.array([point.count for point in found.points]), least)
    rows = tuple(
        (point.interval, few(least) if hidden[at] else figure(point.count))
        for at, point in enumerate(found.points)
    )
    drawn = (
        ()
        if hidden.any()
        else (
            charts.series(
                "Events over time: all (solid), steady reporters (dotted) and their expected range", found
            ),
        )
    )
    return Section(
        "Overview",
        tuple(said),
        drawn,
        (Table("Events by interval", ("Interval", "Events"), rows, frozenset({1})),),
    )


def comparison(found: Comparison, title: str, before: Window, after: Window, least: int) -> Section:
    """What grew or fell between two windows."""
    series = sorted(
        (one for one in found.series if one.name), key=lambda one: (-one.after - one.before, one.name)
    )
    table = np.array([[one.before, one.after] for one in series], np.int64).reshape(-1, 2)
    hidden = suppressed(table, least) if len(series) else np.zeros(table.shape, bool)
    open_ = {one.name for at, one in enumerate(series) if not hidden[at].any()}
    sure = [one for one in found.series if one.significant and one.ratio is not None and one.name in open_]
    up, down = ([one for one in sure if (one.ratio or 0) > 1], [one for one in sure if (one.ratio or 0) < 1])
    said = [
        f"{title} {word} beyond chance from {_span(before)} to {_span(after)}: "
        + ", ".join(
            f"{one.name} ({percent((one.ratio or 0) - 1)}, {one.before} to {one.after})" for one in some[:5]
        )
        + "."
        for word, some in (("grown", up), ("fallen", down))
        if some
    ] or [f"{title}: nothing changed beyond chance from {_span(before)} to {_span(after)}."]
    rows = tuple(
        (
            one.name, *(few(least) if hidden[at, side] else figure(table[at, side]) for side in (0, 1)),
            "" if hidden[at].any() or one.ratio is None else f"{one.ratio:.2f}",
            "" if hidden[at].any() else f"{one.low:.2f} to {'-' if one.high is None else f'{one.high:.2f}'}",
            "" if hidden[at].any() else f"{one.q:.2g}" if one.q >= 1e-6 else "< 1e-6",
        )
        for at, one in enumerate(series[:SHOWN])
    )  # fmt: skip
    columns = ("Name", _span(before), _span(after), "Ratio of rates", "95% exact", "q")
    note = "Like for like: " + (
        f"left out {'; '.join(found.left_out[:8])}." if found.left_out else "all reporters count."
    )
    return Section(
        title, tuple(said), (), (Table(f"{title} compared", columns, rows, frozenset({1, 2, 3, 4, 5}), note),)
    )


def _span(window: Window) -> str:
    return window.since if window.since == window.until else f"{window.since} to {window.until}"


def routes(found: Flows, least: int) -> Section:
    """Where things come from and go to."""
    if not found.flows:
        return Section("Routes", ("No event of the period has both an origin and a destination.",))
    shown = [flow for flow in found.flows if flow.events >= least or least == ALL][:SHOWN]
    new = [flow for flow in shown if flow.state == "new"]
    said = [
        f"{figure(found.routed)} of {figure(found.n)} events have an origin and a destination; the concentration of "
        f"routes (HHI) is {found.concentration:.3f}."
    ]
    said += (
        [f"New, seen by at least two reporters: {', '.join(_route(flow) for flow in new[:6])}."]
        if new
        else []
    )
    said += [
        f"{one.fallen} fell by {one.lost} while {one.risen} rose by {one.gained}: the route may have moved."
        for one in found.displaced[:5]
        if least == ALL
    ]
    rows = tuple(
        (
            flow.origin, " > ".join(flow.transit), flow.destination, figure(flow.events),
            few(least) if 0 < flow.baseline < least else figure(flow.baseline),
            figure(flow.quantity), flow.state,
        )
        for flow in shown
    )  # fmt: skip
    columns = ("Origin", "Transit", "Destination", "Events", "Before", f"Quantity ({found.unit})", "State")
    balance = tuple(
        (one.country, one.region or "", figure(one.out), figure(one.through), figure(one.into))
        for one in found.balance[:SHOWN]
        if least == ALL or min(one.out, one.through, one.into) >= least
    )
    drawn = charts.bars(
        "Most frequent routes", [(_route(flow), flow.events) for flow in shown[:15]], "events"
    )
    arcs = [maps.Arc(flow.origin, flow.destination, flow.events, flow.state) for flow in shown if flow.events]
    mapped = maps.flows("Flows on the map", arcs)
    return Section(
        "Routes",
        tuple(said),
        tuple(chart for chart in (mapped, drawn) if shown and chart is not None),
        (
            Table("Routes", columns, rows, frozenset({3, 4, 5})),
            Table(
                "Balance by country",
                ("Country", "Desk", "Out", "Through", "In"),
                balance,
                frozenset({2, 3, 4}),
            ),
        ),
    )


def _route(flow: object) -> str:
    origin, transit, destination = (getattr(flow, name) for name in ("origin", "transit", "destination"))
    return " > ".join((origin, *transit, destination))


def coverage(found: Trend) -> Section:
    """Who reported, and since when."""
    rows = tuple(
        (
            one.source,
            one.country,
            figure(one.reports),
            one.first,
            one.last,
            one.latest_record or "",
            one.change or "throughout",
        )
        for one in found.reporters[:60]
    )
    columns = ("Source", "Country", "Reports", "First event", "Last event", "Latest record", "Since when")
    steady = sum(not one.change for one in found.reporters)
    said = f"{len(found.reporters)} reporters; {steady} report over the whole time."
    return Section("Coverage", (said,), (), (Table("Reporters", columns, rows, frozenset({2})),))


def method(least: int) -> Section:
    """How the figures are made, and what they cannot say."""
    said = [
        METHOD,
        "Two windows are compared by the exact Poisson test of their rates; q takes the whole table into account.",
        "An event that several countries report counts once; the report with the most precise date stands for it.",
        "Reported events say what was found, not what happened: more police work finds more.",
    ]
    if least > ALL:
        said.append(
            f"Counts of {few(least)} are left out, and others through which they could be worked out."
        )
    return Section("Method and limits", tuple(said))
