"""Operations 23 and 24 in GraphQL: trends, comparison of windows, and flows."""

from typing import Annotated, Any

from graphsvc.analysis import compare, flows, trends
from graphsvc.analysis.selection import Filter
from graphsvc.api.context import Info
from graphsvc.api.fields import argument, operation, selects
from graphsvc.api.inputs import given, taken
from graphsvc.api.types import output

EventFilter = given(
    Filter,
    "EventFilter",
    {
        "type": "What happened: trip, seizure, attack …",
        "area": "Crime area, such as HUMAN_TRAFFICKING.",
        "modus": "How it was done.",
        "commodity": "What was moved or seized.",
        "country": "Where it happened.",
        "region": "Regional desk where it happened, such as EUROPE.",
        "place": "Place within the country.",
        "route": "Route, carrier or flight.",
        "origin": "Country that it came from.",
        "via": "Country on the way.",
        "destination": "Country that it was going to.",
        "sources": "Only what these sources reported.",
        "since": "First day, as an ISO 8601 prefix.",
        "until": "Last day, as an ISO 8601 prefix.",
    },
)


async def trend(
    info: Info,
    where: Annotated[Any, argument("Which events; all when it is left out.", EventFilter | None)] = None,
    interval: Annotated[
        str, argument("Length of the intervals: day, week, month, quarter or year.")
    ] = "month",
    measure: Annotated[str, argument("What is measured: count or quantity.")] = "count",
    unit: Annotated[
        str | None, argument("Unit of the quantities; the most frequent when it is left out.")
    ] = None,
) -> trends.Trend:
    view = await info.context.view()
    found = await trends.trend(
        view,
        taken(Filter, where),
        interval=interval,
        measure=measure,
        unit=unit,
        warned=selects(info, "warnings"),
        weighed=selects(info, "quantities"),
    )
    info.context.remark(found.remark)
    return found


TimeWindow = given(
    compare.Window,
    "TimeWindow",
    {
        "since": "First day, as an ISO 8601 prefix.",
        "until": "Last day, as an ISO 8601 prefix.",
    },
)


async def compare_windows(
    info: Info,
    before: Annotated[Any, argument("The first window.", TimeWindow)],
    after: Annotated[Any, argument("The second window.", TimeWindow)],
    where: Annotated[Any, argument("Which events; all when it is left out.", EventFilter | None)] = None,
    by: Annotated[str, argument("What events are grouped by: " + ", ".join(compare.BY) + ".")] = "commodity",
    like_for_like: Annotated[bool, argument("Leave out reporters that joined, left or fell silent.")] = True,
) -> compare.Comparison:
    view = await info.context.view()
    found = await compare.compare(
        view,
        taken(Filter, where),
        by=by,
        before=taken(compare.Window, before),
        after=taken(compare.Window, after),
        like_for_like=like_for_like,
    )
    info.context.remark(found.remark)
    return found


async def flow_matrix(
    info: Info,
    where: Annotated[Any, argument("Which events, and in what period.", EventFilter | None)] = None,
    baseline: Annotated[
        Any, argument("The time that the period is compared with.", TimeWindow | None)
    ] = None,
    least_events: Annotated[int, argument("Events that make a route new, or gone.")] = flows.LEAST_EVENTS,
    least_sources: Annotated[
        int, argument("Reporters, a source and country each, that make a route new, or gone.")
    ] = flows.LEAST_SOURCES,
) -> flows.Flows:
    view = await info.context.view()
    found = await flows.flows(
        view,
        taken(Filter, where),
        baseline=None if baseline is None else taken(compare.Window, baseline),
        least_events=least_events,
        least_sources=least_sources,
    )
    info.context.remark(found.remark)
    return found


FIELDS = [
    operation(
        "trend",
        trend,
        output(trends.Trend),
        "Events over time, each counted once however many countries report it.",
    ),
    operation(
        "compareWindows",
        compare_windows,
        output(compare.Comparison),
        "What grew or fell between two windows of time, over many series at once.",
    ),
    operation(
        "flows",
        flow_matrix,
        output(flows.Flows),
        "What goes from where to where, on which routes, and what of that is new.",
    ),
]
