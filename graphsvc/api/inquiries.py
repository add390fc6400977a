"""Operations 19 to 22 in GraphQL: indicators of trafficking, money, cyber cases, borders."""

from typing import Annotated

import strawberry

from graphsvc.analysis import crossborder, cyber, money, moneyshapes, trafficking
from graphsvc.api.context import Info
from graphsvc.api.fields import argument, operation
from graphsvc.api.types import output

Texts = list[str] | None
SINCE = "Only what is known on or after this day, as an ISO 8601 prefix."
UNTIL = "Only what is known on or before this day, as an ISO 8601 prefix."
FIRST = "How many at most."


async def trafficking_indicators(
    info: Info,
    ids: Annotated[
        list[strawberry.ID] | None, argument("Persons, cases or trips; all trips when left out.")
    ] = None,
    areas: Annotated[Texts, argument("Crime areas of the trips.")] = None,
    since: Annotated[str | None, argument(SINCE)] = None,
    until: Annotated[str | None, argument(UNTIL)] = None,
    rules: Annotated[Texts, argument("Rules to try; all when it is left out.")] = None,
    first: Annotated[int, argument(FIRST)] = 200,
) -> trafficking.Indicators:
    return await trafficking.trafficking_indicators(
        await info.context.view(), ids=ids, areas=areas, since=since, until=until, rules=rules, first=first
    )


async def money_flows(
    info: Info,
    id: Annotated[strawberry.ID, argument("Account, wallet, person or body.")],
    patterns: Annotated[list[str] | None, argument("Patterns to look for; all when it is left out.")] = None,
    hops: Annotated[int, argument("Payments away from it.")] = 4,
    since: Annotated[str | None, argument(SINCE)] = None,
    until: Annotated[str | None, argument(UNTIL)] = None,
    tolerance: Annotated[float, argument("Share by which an amount passed on may differ.")] = 0.3,
    days: Annotated[int, argument("Most days between payments of one flow.")] = 30,
    least: Annotated[int, argument("Parties from which on a fan counts.")] = 3,
    first: Annotated[int, argument(FIRST)] = 50,
) -> money.MoneyFlows:
    return await money.money_flows(
        await info.context.view(), id, patterns=patterns or moneyshapes.PATTERNS, hops=hops, since=since, until=until,
        tolerance=tolerance, days=days, least=least, first=first,
    )  # fmt: skip


async def cyber_pivot(
    info: Info,
    id: Annotated[
        strawberry.ID, argument("Domain, address, file, certificate, malware, wallet or registrant.")
    ],
    hops: Annotated[int, argument("How many links away.")] = 3,
    shared_cap: Annotated[int, argument("What more than so many share is shown and not gone on from.")] = 10,
) -> cyber.CyberPivot:
    return await cyber.cyber_pivot(await info.context.view(), id, hops=hops, shared_cap=shared_cap)


async def cross_border(
    info: Info,
    ids: Annotated[list[strawberry.ID], argument("A person, or the members of a group.")],
    first: Annotated[int, argument(FIRST)] = 200,
) -> crossborder.CrossBorder:
    return await crossborder.cross_border(await info.context.view(), ids, first=first)


FIELDS = [
    operation(
        "traffickingIndicators", trafficking_indicators, output(trafficking.Indicators),
        "Rules on trips that fired, with what they rest on; never a score.",
    ),
    operation("moneyFlows", money_flows, output(money.MoneyFlows), "Patterns of payments in time order."),
    operation("cyberPivot", cyber_pivot, output(cyber.CyberPivot), "From one piece of a cyber case to the rest."),
    operation("crossBorder", cross_border, output(crossborder.CrossBorder), "Countries, transfer points, bureaus."),
]  # fmt: skip
