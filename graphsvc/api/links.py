"""Operations 7, 8 and 10 in GraphQL: what stands around records, how two are connected, and on what it rests."""

from typing import Annotated

import msgspec
import strawberry

from graphsvc.analysis import connect, links, paths
from graphsvc.analysis import evidence as evidence_
from graphsvc.api import cursor
from graphsvc.api.context import Info
from graphsvc.api.fields import AFTER, argument, operation, selects_within, told
from graphsvc.api.types import output
from graphsvc.topology.question import HUB_CAP

Texts = list[str] | None

TYPES = "Types of link to walk, such as ASSOCIATE_OF; all when it is left out."
SINCE = "Only links known on or after this day, as an ISO 8601 prefix."
UNTIL = "Only links known on or before this day, as an ISO 8601 prefix."
ENDS = frozenset({"fromRecord", "toRecord"})
CONFIDENCE = "Least confidence of a link, between 0 and 1."


class ExpansionPage(msgspec.Struct, frozen=True):
    """Counts at the records asked for, and one page of what was reached."""

    found: Annotated[links.Expansion, told("Counts, records and links.")]
    next: Annotated[str | None, told("Cursor of the next page; null on the last one.")]


async def expand(
    info: Info,
    ids: Annotated[list[strawberry.ID], argument("Records to start from.")],
    hops: Annotated[int, argument("How many links away.")] = 1,
    types: Annotated[Texts, argument(TYPES)] = None,
    kinds: Annotated[Texts, argument("Kinds of record to walk to; all when it is left out.")] = None,
    since: Annotated[str | None, argument(SINCE)] = None,
    until: Annotated[str | None, argument(UNTIL)] = None,
    least_confidence: Annotated[float, argument(CONFIDENCE)] = 0.0,
    degree_cap: Annotated[int, argument("Records with more links are shown and not walked through.")] = 500,
    first: Annotated[int, argument("How many records of the page.")] = 100,
    after: Annotated[str | None, argument(AFTER)] = None,
) -> ExpansionPage:
    asked = cursor.question("expand", ids, hops, types, kinds, since, until, least_confidence, degree_cap)
    view = await info.context.view()
    found = await links.expand(
        view,
        ids,
        hops=hops,
        types=types,
        kinds=kinds,
        since=since,
        until=until,
        least_confidence=least_confidence,
        degree_cap=degree_cap,
        first=first,
        after=cursor.read(asked, after, tuple[int, str]),
    )
    last = found.records[-1] if found.more else None
    return ExpansionPage(found, None if last is None else cursor.write(asked, (last.hops, last.id)))


async def find_paths(
    info: Info,
    a: Annotated[strawberry.ID, argument("One record.")],
    b: Annotated[strawberry.ID, argument("The other.")],
    k: Annotated[int, argument("How many paths at most.")] = 1,
    max_hops: Annotated[int, argument("Most links of a path.")] = 8,
    types: Annotated[Texts, argument(TYPES)] = None,
    kinds: Annotated[Texts, argument("Kinds of record between the ends; all when it is left out.")] = None,
    since: Annotated[str | None, argument(SINCE)] = None,
    until: Annotated[str | None, argument(UNTIL)] = None,
    time_ordered: Annotated[bool, argument("Only paths along dates that never go back.")] = False,
    surest: Annotated[
        bool, argument("The path with the greatest product of confidences, not those of fewest links.")
    ] = False,
    hub_cap: Annotated[int, argument("Records with more links are not passed through.")] = HUB_CAP,
    least_confidence: Annotated[float, argument(CONFIDENCE)] = 0.0,
) -> paths.Paths:
    return await paths.paths(
        await info.context.view(),
        a,
        b,
        k=k,
        max_hops=max_hops,
        types=types,
        kinds=kinds,
        since=since,
        until=until,
        time_ordered=time_ordered,
        surest=surest,
        hub_cap=hub_cap,
        least_confidence=least_confidence,
        meet=info.context.meet if selects_within(info, ENDS) else None,
    )


async def evidence(
    info: Info,
    from_id: Annotated[strawberry.ID, argument("One record.")],
    to_id: Annotated[strawberry.ID, argument("The other.")],
    types: Annotated[Texts, argument("Types of link; all when it is left out.")] = None,
) -> list[evidence_.Evidence]:
    return list(await evidence_.evidence(await info.context.view(), from_id, to_id, types=types))


async def connecting_network(
    info: Info,
    ids: Annotated[list[strawberry.ID], argument("Records to join, 3 to 20.")],
    max_hops: Annotated[int, argument("Most links between two of them.")] = 8,
    types: Annotated[Texts, argument(TYPES)] = None,
    kinds: Annotated[Texts, argument("Kinds of record on the way; all when it is left out.")] = None,
    since: Annotated[str | None, argument(SINCE)] = None,
    until: Annotated[str | None, argument(UNTIL)] = None,
    hub_cap: Annotated[int, argument("Records with more links are not passed through.")] = HUB_CAP,
    least_confidence: Annotated[float, argument(CONFIDENCE)] = 0.0,
) -> connect.ConnectingNetwork:
    return await connect.connecting_network(
        await info.context.view(),
        ids,
        max_hops=max_hops,
        types=types,
        kinds=kinds,
        since=since,
        until=until,
        hub_cap=hub_cap,
        least_confidence=least_confidence,
    )


FIELDS = [
    operation(
        "expand", expand, output(ExpansionPage), "What stands around records: counts first, then a page."
    ),
    operation(
        "paths",
        find_paths,
        output(paths.Paths),
        "How two records are connected, with the evidence of each step.",
    ),
    operation(
        "connectingNetwork",
        connecting_network,
        output(connect.ConnectingNetwork),
        "The small network that joins some records.",
    ),
    operation("evidence", evidence, list[output(evidence_.Evidence)], "Every link between two records."),  # type: ignore[misc]
]
