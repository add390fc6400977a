"""The questions: each a resolver that checks its arguments, asks analysis, and pages the answer."""

from typing import Annotated

import msgspec
import strawberry
from strawberry.tools import create_type

from graphsvc.analysis import entity as entities
from graphsvc.analysis import holdings as holdings_
from graphsvc.analysis import search
from graphsvc.api import (
    checks,
    compliance,
    cursor,
    governance,
    groups,
    inquiries,
    likeness,
    links,
    persons,
    reports,
    structure,
    trends,
)
from graphsvc.api.context import Info
from graphsvc.api.entities import Entity
from graphsvc.api.fields import AFTER, FIRST, argument, operation, told
from graphsvc.api.types import output

Texts = list[str] | None


class Me(msgspec.Struct, frozen=True):
    """Who asks, as the service understood it."""

    subject: Annotated[str, told("Person or program, in the words of the token.")]
    ncb: Annotated[str, told("The contributor for whom the question is asked.")]
    level: Annotated[str, told("Highest confidentiality that may be seen.")]
    purpose: Annotated[str, told("Why the question is asked.")]
    case: Annotated[str, told("Reference of the case that the question serves.")]
    as_of: Annotated[str, told("Time for which the answers of this request hold.")]


class SearchPage(msgspec.Struct, frozen=True):
    """One page of candidates, best first. Everything is counted on what the caller may see."""

    hits: Annotated[tuple[search.Hit, ...], told("The candidates.")]
    total: Annotated[int, told("How many candidates there are in all.")]
    truncated: Annotated[bool, told("More candidates than can be ranked; narrow the search to see them.")]
    next: Annotated[str | None, told("Cursor of the next page; null on the last one.")]
    kinds: Annotated[tuple[search.Facet, ...], told("Candidates by kind.")]
    countries: Annotated[tuple[search.Facet, ...], told("Candidates by country that they name.")]
    owners: Annotated[tuple[search.Facet, ...], told("Candidates by owner.")]
    as_of: Annotated[str, told("Time for which the answer holds.")]


async def me(info: Info) -> Me:
    caller = info.context.caller
    scope = (await info.context.view()).scope
    return Me(
        subject=caller.subject,
        ncb=caller.ncb,
        level=caller.level.name,
        purpose=caller.purpose,
        case=caller.case,
        as_of=scope.as_of,
    )


async def search_entities(
    info: Info,
    text: Annotated[str, argument("Name or identifier; `*` and `?` stand for any signs and for one.")],
    kinds: Annotated[Texts, argument("Kinds of record, such as Person.")] = None,
    countries: Annotated[Texts, argument("Countries that the record names.")] = None,
    areas: Annotated[Texts, argument("Crime areas.")] = None,
    owners: Annotated[Texts, argument("Contributors whose records to search.")] = None,
    birth_date: Annotated[str | None, argument("Birth date, as precisely as is known.")] = None,
    birth_days: Annotated[int, argument("Days by which a birth date may be off.")] = 0,
    fuzzy: Annotated[bool, argument("Also words that sound alike or differ by one letter.")] = True,
    first: Annotated[int, argument(FIRST)] = 20,
    after: Annotated[str | None, argument(AFTER)] = None,
) -> SearchPage:
    where = search.Filter(
        _tuple(kinds), _tuple(countries), _tuple(areas), _tuple(owners), birth_date, birth_days
    )
    asked = cursor.question("searchEntities", text, where, fuzzy)
    position = cursor.read(asked, after, tuple[float, str])
    view = await info.context.view()
    found = await search.search(view, text, where, fuzzy=fuzzy, first=first, after=position)
    last = found.hits[-1] if found.more else None
    return SearchPage(
        found.hits,
        found.total,
        found.truncated,
        None if last is None else cursor.write(asked, (last.score, last.id)),
        found.kinds,
        found.countries,
        found.owners,
        view.scope.as_of,
    )


async def entity(
    info: Info, id: Annotated[strawberry.ID, argument("Source and local id, as in `source:local`.")]
) -> entities.Entity:
    return await entities.entity(await info.context.view(), id)


async def holdings(info: Info) -> holdings_.Holdings:
    return await holdings_.holdings(await info.context.view())


def _tuple(values: Texts) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


Query = create_type(
    "Query",
    [
        operation("me", me, output(Me), "Who asks, as the service understood it."),
        operation(
            "searchEntities",
            search_entities,
            output(SearchPage),
            "Records by name or identifier, ranked, with reasons and facets.",
        ),
        operation(
            "entity",
            entity,
            Entity,
            "One record, its conditions of use and its cluster; NOT_FOUND where absent or hidden.",
        ),
        operation(
            "holdings", holdings, output(holdings_.Holdings), "How many records of each kind you may see."
        ),
        *checks.FIELDS,
        *links.FIELDS,
        *inquiries.FIELDS,
        *groups.FIELDS,
        *structure.FIELDS,
        *likeness.FIELDS,
        *persons.FIELDS,
        *trends.FIELDS,
        *reports.FIELDS,
        *governance.QUERIES,
        *compliance.QUERIES,
    ],
    description="What may be asked. Every answer is worked out on what the caller may see alone.",
)

Mutation = create_type(
    "Mutation",
    [*governance.MUTATIONS, *compliance.MUTATIONS],
    description="What may be changed: by the owner, over its own records; each change counts from the next request on.",
)
