"""Operation 7: what stands around records: counts by type first, then pages of records with their links."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.evidence import Joined, day, joined
from graphsvc.analysis.paths import left_out
from graphsvc.analysis.walks import walk
from graphsvc.errors import UsageError
from graphsvc.model import days
from graphsvc.topology.layout import INWARD, KIND_NAMES, TYPES
from graphsvc.topology.links import Array, Links, Reached
from graphsvc.topology.question import Question

MOST_SEEDS = 100
MOST_HOPS = 4
MOST_PAGE = 1_000
MOST_LINKS = 5_000


class TypeCount(msgspec.Struct, frozen=True):
    """How many links of a type the records asked for have, in one direction."""

    type: Annotated[str, Meta(description="Type of link.")]
    outward: Annotated[bool, Meta(description="From the records asked for, or to them.")]
    count: Annotated[int, Meta(description="How many.")]


class KindCount(msgspec.Struct, frozen=True):
    """How many links of the records asked for lead to a kind of record."""

    kind: Annotated[str, Meta(description="Kind of record.")]
    count: Annotated[int, Meta(description="How many links lead there.")]


class Near(msgspec.Struct, frozen=True):
    """A record that was reached."""

    id: Annotated[str, Meta(description="Id of the record.")]
    hops: Annotated[int, Meta(description="Links from the nearest record asked for; 0 for its own identity.")]
    held_back: Annotated[
        bool, Meta(description="It has more links than the cap, and was not walked through.")
    ]


class NearLink(msgspec.Struct, frozen=True):
    """A link between records that were reached."""

    id: Annotated[str, Meta(description="Id of the link.")]
    type: Annotated[str, Meta(description="Type of link.")]
    from_id: Annotated[str, Meta(description="Record that it goes from.")]
    to_id: Annotated[str, Meta(description="Record that it goes to.")]
    confidence: Annotated[float | None, Meta(description="Between 0 and 1; null when unknown.")]
    first_day: Annotated[
        str | None, Meta(description="First day; its own, or that of the event it belongs to.")
    ]
    last_day: Annotated[str | None, Meta(description="Last day.")]


class Expansion(msgspec.Struct, frozen=True):
    """Counts at the records asked for, and one page of what was reached, in order of hops and then of ids.

    Links and joins lead from the records of this page to one another and to those of earlier pages, so that all
    pages together hold each of them once.
    """

    types: Annotated[tuple[TypeCount, ...], Meta(description="Links at the records asked for, most first.")]
    kinds: Annotated[tuple[KindCount, ...], Meta(description="The same by kind of the other end.")]
    total: Annotated[int, Meta(description="How many records were reached in all, those asked for included.")]
    records: Annotated[tuple[Near, ...], Meta(description="The records of this page.")]
    links: Annotated[tuple[NearLink, ...], Meta(description="Links of this page.")]
    joins: Annotated[
        tuple[Joined, ...], Meta(description="Records of this page that stand together with others.")
    ]
    more: Annotated[bool, Meta(description="There are more pages.")]
    truncated: Annotated[
        bool, Meta(description="The search ended at its budget, or a page has more links than fit.")
    ]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    left_out: Annotated[tuple[str, ...], Meta(description="What the question left out, in words.")]


async def expand(
    view: View,
    ids: Sequence[str],
    *,
    hops: int = 1,
    types: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    least_confidence: float = 0.0,
    degree_cap: int = 500,
    first: int = 100,
    after: tuple[int, str] | None = None,
) -> Expansion:
    """What stands within some hops of records. ``after`` is hops and id of the last record of the page before.

    Records with more than ``degree_cap`` links are shown and not walked through, but for those asked for.
    Raises NotFound when one of these is absent or hidden, and UsageError.
    """
    if not 1 <= len(ids) <= MOST_SEEDS or not 1 <= hops <= MOST_HOPS or not 1 <= first <= MOST_PAGE:
        raise UsageError(
            f"ask for 1 to {MOST_SEEDS} records, 1 to {MOST_HOPS} hops and pages of up to {MOST_PAGE} records."
        )
    question = Question(
        types=None if types is None else frozenset(types),
        kinds=None if kinds is None else frozenset(kinds),
        since=day(since),
        until=day(until, last=True),
        least_confidence=least_confidence,
        hub_cap=degree_cap,
    )
    return await walk(
        view, lambda links: _expansion(links, ids, hops, question, first, after, view.scope.as_of)
    )


def _expansion(
    links: Links,
    ids: Sequence[str],
    hops: int,
    question: Question,
    first: int,
    after: tuple[int, str] | None,
    as_of: str,
) -> Expansion:
    reached = links.expand(ids, hops, question.hub_cap, question)
    low = 0 if after is None else _place(links, reached, after)
    high = min(low + first, len(reached.records))
    found, cut = links.back_links(reached.records, low, high, question, most=MOST_LINKS)
    held_back = set(reached.held_back.tolist())
    return Expansion(
        types=_types(reached.types),
        kinds=_kinds(reached.kinds),
        total=len(reached.records),
        records=tuple(
            Near(links.snapshot.id(number), hop, number in held_back)
            for number, hop in zip(
                reached.records[low:high].tolist(), reached.hops[low:high].tolist(), strict=True
            )
        ),
        links=tuple(
            NearLink(
                use.id,
                use.type,
                use.from_ if use.outward else use.to,
                use.to if use.outward else use.from_,
                use.confidence,
                _date(use.first),
                _date(use.last),
            )
            for use in found
        ),
        joins=tuple(map(joined, links.back_joins(reached.records, low, high, question))),
        more=high < len(reached.records),
        truncated=reached.truncated or cut,
        as_of=as_of,
        left_out=left_out(question),
    )


def _place(links: Links, reached: Reached, after: tuple[int, str]) -> int:
    """Where the page after a record begins; the record itself may have gone since."""
    hops, id_ = after
    low = int(np.searchsorted(reached.hops, hops, side="left"))
    high = int(np.searchsorted(reached.hops, hops, side="right"))
    while low < high:
        middle = (low + high) // 2
        if links.snapshot.id(reached.records.item(middle)).encode() <= id_.encode():
            low = middle + 1
        else:
            high = middle
    return low


def _date(number: int | None) -> str | None:
    return None if number is None else days.iso(number)


def _types(found: Array) -> tuple[TypeCount, ...]:
    counts = (
        TypeCount(TYPES[code & ~INWARD], not code & INWARD, found.item(code))
        for code in np.flatnonzero(found).tolist()
    )
    return tuple(sorted(counts, key=lambda one: (-one.count, one.type, one.outward)))


def _kinds(found: Array) -> tuple[KindCount, ...]:
    counts = (KindCount(KIND_NAMES[code], found.item(code)) for code in np.flatnonzero(found).tolist())
    return tuple(sorted(counts, key=lambda one: (-one.count, one.kind)))
