"""Vertices as people read them: ids, lines, kinds and owners."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.projection import Part
from graphsvc.topology.layout import KIND_NAMES
from graphsvc.topology.snapshot import Snapshot


class Identity(msgspec.Struct, frozen=True):
    """One identity: a record, or several that stand together."""

    id: Annotated[str, Meta(description="Id of the record; the first of its identity.")]
    caption: Annotated[str, Meta(description="One line for people.")]
    kind: Annotated[str, Meta(description="Kind of record.")]
    owner: Annotated[str, Meta(description="Contributor of the record.")]
    records: Annotated[tuple[str, ...], Meta(description="All visible records of the identity.")]


async def identities(
    view: View, part: Part, snapshot: Snapshot, vertices: Iterable[int]
) -> dict[int, Identity]:
    """The identities of these vertices."""
    chosen = list(dict.fromkeys(int(vertex) for vertex in vertices))
    ids = {vertex: snapshot.id(int(part.member[part.start[vertex]])) for vertex in chosen}
    rows = {row["id"]: row for row in await view.rows("groups/members", ids=list(ids.values()))}
    return {vertex: identity(part, snapshot, vertex, rows.get(id_, {})) for vertex, id_ in ids.items()}


def identity(part: Part, snapshot: Snapshot, vertex: int, row: dict[str, str]) -> Identity:
    """One of them; ``row`` is what the store tells of its first record."""
    records = part.member[part.start[vertex] : part.start[vertex + 1]].tolist()
    ids = tuple(map(snapshot.id, records))
    return Identity(ids[0], row.get("caption", ""), kind(snapshot, records[0]), row.get("owner", ""), ids)


def kind(snapshot: Snapshot, record: int) -> str:
    """The kind of a record."""
    return KIND_NAMES[int(snapshot.graph.card[record, 2]) & 0xFF]
