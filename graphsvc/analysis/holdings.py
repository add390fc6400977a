"""What there is to ask about: how many records of each kind the caller may see."""

import asyncio
from typing import Annotated

import msgspec
from msgspec import Meta

from graphsvc.access.view import View


class Holding(msgspec.Struct, frozen=True):
    """One kind of record."""

    kind: Annotated[str, Meta(description="Kind of record, such as Person.")]
    records: Annotated[int, Meta(description="How many of them may be seen today.")]


class Holdings(msgspec.Struct, frozen=True):
    """All kinds of which anything may be seen."""

    kinds: Annotated[tuple[Holding, ...], Meta(description="The kinds, most records first.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


async def holdings(view: View) -> Holdings:
    """Counts of records, not of what stands together: each owner's record counts."""
    counts = await asyncio.to_thread((await view.whole()).kinds)
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return Holdings(tuple(Holding(kind, records) for kind, records in ordered), view.scope.as_of)
