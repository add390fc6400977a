"""The trends report: what grows, where, along which route, how sure that is, and who reports it."""

import msgspec

from graphsvc.access.view import View
from graphsvc.analysis.compare import Compared, Comparison, Window, compare
from graphsvc.analysis.flows import Flows, flows
from graphsvc.analysis.selection import Filter, select, window
from graphsvc.analysis.small import RELEASE, Rule, inside
from graphsvc.analysis.statistics import METHOD
from graphsvc.analysis.trends import Trend, trend
from graphsvc.errors import UsageError
from graphsvc.model.sentences import listed
from graphsvc.reports import charts
from graphsvc.reports.document import HIDDEN, SHOWN, Section, Table, figure, percent, shown
from graphsvc.reports.routes import routes

COMPARED = {"Commodities": "commodity", "Countries": "country", "Means and routes": "route"}
PLACES = COUNTRIES, ROUTES = "countries", "routes"
EITHER = (
    "Where small numbers are left out, a report tells of countries or of routes, not of both: one could tell what is "
    "hidden in the other."
)
NO_ROUTES = f"{EITHER} This one tells of countries; routes are in a report of their own (--places routes)."
NO_COUNTRIES = (
    f"{EITHER} This one tells of routes: who reported, and in which country, is left out, and a change may come from "
    "who reports rather than from what happens."
)


Both = tuple[Window | None, Window | None]


class Asked(msgspec.Struct, frozen=True):
    """What a report of trends is about. ``release`` leaves small numbers out, for those outside police. ``places`` says
    what is told of places, countries or routes, where small numbers are left out."""

    where: Filter
    interval: str = "month"
    before: Window | None = None
    after: Window | None = None
    release: bool = False
    places: str = COUNTRIES


async def sections(view: View, asked: Asked) -> tuple[Section, ...]:
    """All sections, on the events of the view. Raises UsageError."""
    if asked.places not in PLACES:
        raise UsageError(f"{asked.places!r} is nothing to tell places by: use one of {', '.join(PLACES)}")
    where, rule = asked.where, Rule(RELEASE) if asked.release else inside(view)
    small = asked.release or await _touched(view, where, rule)
    alike = not small or asked.places == COUNTRIES
    found, (before, after) = await _series(view, asked, rule, like_for_like=alike)
    compared, period = {}, where
    if before is not None and after is not None:
        for title, by in COMPARED.items():
            compared[title] = await compare(
                view, where, by=by, before=before, after=after, like_for_like=alike, rule=rule
            )
        period = msgspec.structs.replace(where, since=after.since, until=after.until)
    flowing = await flows(view, period, baseline=before, rule=rule)
    told = (found, (before, after), compared, flowing)
    return one_way(*told, rule.remark(), asked.places) if small else written(*told)


async def _series(view: View, asked: Asked, rule: Rule, *, like_for_like: bool) -> tuple[Trend, Both]:
    """The series and the two windows asked for, or its last year and the one before it; what is told of these gives
    nothing hidden away."""

    async def found(*windows: Window) -> Trend:
        return await trend(
            view,
            asked.where,
            interval=asked.interval,
            rule=rule,
            windows=spans(*windows),
            like_for_like=like_for_like,
        )

    if asked.before is not None and asked.after is not None:
        return await found(asked.before, asked.after), (asked.before, asked.after)
    first = await found()
    before, after = last_years(first)
    if before is None or after is None or first.least is None:
        return first, (before, after)
    return await found(before, after), (before, after)


async def _touched(view: View, where: Filter, rule: Rule) -> bool:
    """Whether small numbers of some event are left out, at any time: windows go beyond the time asked for."""
    whole = msgspec.structs.replace(where, since=None, until=None)
    return rule.marked(select(await view.events(), whole)) is not None


def written(found: Trend, both: Both, compared: dict[str, Comparison], flowing: Flows) -> tuple[Section, ...]:
    """The sections of what was found, nothing left out."""
    told = [overview(found), *_comparisons(compared, both), routes(flowing)]
    return (findings(told), *told, coverage(found), method())


def one_way(
    found: Trend, both: Both, compared: dict[str, Comparison], flowing: Flows, remark: str, places: str
) -> tuple[Section, ...]:
    """The sections where small numbers are left out, which tell of places in one way only.

    Somebody may know how countries and routes hang together (a route ends where the event happened, say) and could
    work a hidden number of one out from those of the other. A report that tells of one of them alone says no more to
    him than to anybody. With routes nothing depends on who reported; found and compared are not like for like. Beside
    countries that are compared, how much each reporter reports is not told: two windows may add up to it.
    """
    if places == COUNTRIES:
        told = [overview(found), *_comparisons(compared, both), Section("Routes", (NO_ROUTES,))]
        last = coverage(found, closed=found.n is None or bool(compared))
    else:
        others = {title: one for title, one in compared.items() if one.by != "country"}
        nobody = msgspec.structs.replace(found, sources=0, reporters=(), warnings=())
        told = [overview(nobody), *_comparisons(others, both, everybody=True), routes(flowing)]
        last = Section("Coverage", (NO_COUNTRIES,))
    return (findings(told), *told, last, method(remark))


def _comparisons(compared: dict[str, Comparison], both: Both, *, everybody: bool = False) -> list[Section]:
    before, after = both
    if before is None or after is None:
        return []
    return [comparison(one, title, before, after, everybody=everybody) for title, one in compared.items()]


def spans(*windows: Window) -> list[tuple[int, int]]:
    """Windows as first and last days."""
    return [window(Filter(since=one.since, until=one.until)) for one in windows]


def last_years(found: Trend) -> Both:
    """The last year of the series and the one before it, None where it has only one."""
    years = sorted({point.interval[:4] for point in found.points if point.count})
    if len(years) < 2:
        return None, None
    return Window(years[-2], years[-2]), Window(years[-1], years[-1])


def findings(told: list[Section]) -> Section:
    """The first sentences of each section, which say what matters most."""
    return Section("Key findings", tuple(sentence for section in told for sentence in section.sentences[:2]))


def overview(found: Trend) -> Section:
    """The series as a whole."""
    number = "Events" if found.n is None else f"{figure(found.n)} events"
    by = f" by {found.sources} source(s)" if found.sources else ""
    said = [f"{number} were reported in {len(found.points)} intervals{by}."]
    said += [
        f"From {change.at} on the level differs by {percent(change.effect)} (between {percent(change.low)} and "
        f"{percent(change.high)}; the change lies between {change.earliest} and {change.latest})."
        for change in found.changes
    ] or ([] if withheld(found) else ["No lasting change of level is beyond chance."])
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
    rows = tuple((point.interval, shown(point.count)) for point in found.points)
    range_ = "" if withheld(found) else ": all (solid), steady reporters (dotted) and their expected range"
    drawn = charts.series(f"Events over time{range_}", found)
    return Section(
        "Overview",
        tuple(said),
        () if drawn is None else (drawn,),
        (Table("Events by interval", ("Interval", "Events"), rows, frozenset({1}), found.remark or ""),),
    )


def withheld(found: Trend) -> bool:
    """Whether what is worked out from the single counts is left out."""
    return any(point.steady is None for point in found.points)


def _closed(one: Compared) -> bool:
    return one.before is None or one.after is None


def _order(one: Compared) -> tuple[bool, int, str]:
    """The most frequent first; what is hidden last, by name."""
    return _closed(one), 0 if _closed(one) else -(one.after or 0) - (one.before or 0), one.name


def comparison(
    found: Comparison, title: str, before: Window, after: Window, *, everybody: bool = False
) -> Section:
    """What grew or fell between two windows; like for like unless ``everybody`` counts."""
    series = sorted((one for one in found.series if one.name), key=_order)
    sure = [one for one in found.series if one.significant and one.ratio is not None and one.name]
    up, down = ([one for one in sure if (one.ratio or 0) > 1], [one for one in sure if (one.ratio or 0) < 1])
    said = [
        f"{title} {word} beyond chance from {_span(before)} to {_span(after)}: "
        + ", ".join(
            f"{one.name} ({percent((one.ratio or 0) - 1)}, {one.before} to {one.after})" for one in some[:5]
        )
        + "."
        for word, some in (("grown", up), ("fallen", down))
        if some
    ] or [f"{title}: nothing {_that(found)}changed beyond chance from {_span(before)} to {_span(after)}."]
    rows = tuple((one.name, shown(one.before), shown(one.after), *_tested(one)) for one in series[:SHOWN])
    columns = ("Name", _span(before), _span(after), "Ratio of rates", "95% exact", "q")
    left_out = f"left out {listed(found.left_out, 8)}." if found.left_out else "all reporters count."
    note = "All reporters count, steady or not." if everybody else f"Like for like: {left_out}"
    note += f" {found.remark}" if found.remark else ""
    return Section(
        title, tuple(said), (), (Table(f"{title} compared", columns, rows, frozenset({1, 2, 3, 4, 5}), note),)
    )


def _that(found: Comparison) -> str:
    return "that may be shown " if found.remark else ""


def _tested(one: Compared) -> tuple[str, str, str]:
    """Ratio, its interval and q."""
    if one.q is None or one.low is None:
        return "", "", ""
    return (
        "" if one.ratio is None else f"{one.ratio:.2f}",
        f"{one.low:.2f} to {'-' if one.high is None else f'{one.high:.2f}'}",
        f"{one.q:.2g}" if one.q >= 1e-6 else "< 1e-6",
    )


def _span(window: Window) -> str:
    return window.since if window.since == window.until else f"{window.since} to {window.until}"


def coverage(found: Trend, *, closed: bool = False) -> Section:
    """Who reported, and since when. Where ``closed``, no numbers: they would be totals of what is hidden elsewhere."""
    reporters = found.reporters
    if closed:
        reporters = tuple(sorted(reporters, key=lambda one: (one.source, one.country)))
    rows = tuple(
        (
            one.source,
            one.country,
            HIDDEN if closed else shown(one.reports),
            one.first or HIDDEN,
            one.last or HIDDEN,
            one.latest_record or "",
            one.change or "throughout",
        )
        for one in reporters[:60]
    )
    columns = ("Source", "Country", "Reports", "First event", "Last event", "Latest record", "Since when")
    steady = sum(not one.change for one in found.reporters)
    said = f"{len(found.reporters)} reporters; {steady} report over the whole time."
    if not found.reporters and found.sources:
        said = f"{found.sources} source(s); their reports are too few to be told apart."
    return Section("Coverage", (said,), (), (Table("Reporters", columns, rows, frozenset({2})),))


def method(remark: str | None = None) -> Section:
    """How the figures are made, and what they cannot say. ``remark`` is the rule of small numbers where it applies."""
    said = [
        METHOD,
        "Two windows are compared by the exact Poisson test of their rates; q takes the whole table into account.",
        "An event that several countries report counts once; the report with the most precise date stands for it.",
        "Reported events say what was found, not what happened: more police work finds more.",
    ]
    return Section("Method and limits", tuple([*said, remark] if remark else said))
