"""Operations 16 and 18 in GraphQL: who offends and who travels together."""

from typing import Annotated

import strawberry

from graphsvc.analysis import offenders, travel
from graphsvc.api.context import Info
from graphsvc.api.fields import FIRST, argument, operation
from graphsvc.api.types import output

First = Annotated[int, argument(FIRST)]
Since = Annotated[str | None, argument("First day, as an ISO 8601 prefix.")]
Until = Annotated[str | None, argument("Last day, as an ISO 8601 prefix.")]


async def co_offenders(
    info: Info,
    id: Annotated[strawberry.ID, argument("A person or body.")],
    since: Since = None,
    until: Until = None,
    first: First = 100,
) -> offenders.CoOffenders:
    return await offenders.co_offenders(await info.context.view(), id, since=since, until=until, first=first)


async def co_travel(
    info: Info,
    id: Annotated[strawberry.ID | None, argument("A person; or name a route.")] = None,
    origin: Annotated[str | None, argument("Country that the route begins in.")] = None,
    destination: Annotated[str | None, argument("Country that it ends in.")] = None,
    since: Since = None,
    until: Until = None,
    least_trips: Annotated[int, argument("Least number of trips together.")] = 2,
    least_lift: Annotated[float, argument("Least lift: shared trips by those that chance gives.")] = 0.0,
    first: First = 100,
) -> travel.CoTravel:
    return await travel.co_travel(
        await info.context.view(),
        id=id,
        origin=origin,
        destination=destination,
        since=since,
        until=until,
        least_trips=least_trips,
        least_lift=least_lift,
        first=first,
    )


FIELDS = [
    operation(
        "coOffenders", co_offenders, output(offenders.CoOffenders), "Who is in the same cases as a person."
    ),
    operation(
        "coTravel",
        co_travel,
        output(travel.CoTravel),
        "Who travels together, and whether more than the route explains.",
    ),
]
