"""Operation 23 in GraphQL: trends."""

from typing import Annotated, Any

from graphsvc.analysis import trends
from graphsvc.analysis.selection import Filter
from graphsvc.api.context import Info
from graphsvc.api.fields import argument, operation
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
    return await trends.trend(view, taken(Filter, where), interval=interval, measure=measure, unit=unit)


FIELDS = [
    operation(
        "trend",
        trend,
        output(trends.Trend),
        "Events over time, each counted once however many countries report it.",
    )
]
