"""Operation 2: a record, the terms on which it may be used, and the cluster that it stands in."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.walks import walk
from graphsvc.errors import NotFound
from graphsvc.model import days
from graphsvc.model.kinds import BY_NAME
from graphsvc.model.record import Value
from graphsvc.model.vocabulary import Level

MOST_MEMBERS = 500


class Entity(msgspec.Struct, frozen=True):
    """One record as its owner wrote it. ``fields`` holds the declared fields of its kind that are filled."""

    id: str
    kind: str
    caption: str
    owner: str
    source: str
    countries: tuple[str, ...]
    level: str
    class_: str
    conditions: tuple[str, ...]
    grade: str | None
    recorded_at: str | None
    first_seen: str | None
    last_seen: str | None
    retain_until: str | None
    keys: tuple[str, ...]
    fields: dict[str, Value]


class Member(msgspec.Struct, frozen=True):
    """A record of a cluster. ``keys`` are those it shares with another member, ``judgements`` the ids of the
    links by which somebody judged it the same as another member."""

    id: Annotated[str, Meta(description="Id of the record.")]
    keys: Annotated[tuple[str, ...], Meta(description="Identity keys that it shares with another member.")]
    judgements: Annotated[
        tuple[str, ...], Meta(description="Links by which it was judged the same as another.")
    ]


class Cluster(msgspec.Struct, frozen=True):
    """Records that stand together, in order of their ids. ``truncated`` says that there are more members."""

    members: Annotated[tuple[Member, ...], Meta(description="The members, by id.")]
    truncated: Annotated[bool, Meta(description="There are more members.")]


async def entity(view: View, id: str) -> Entity:
    """The record of that id. Raises NotFound when there is none that may be seen."""
    found = await entities(view, [id])
    if found[0] is None:
        raise NotFound("There is no such record, or none that you may see.")
    return found[0]


async def entities(view: View, ids: Sequence[str]) -> list[Entity | None]:
    """Records in the order of their ids, None for each that is absent or hidden."""
    rows = await view.rows("identity/records", ids=list(dict.fromkeys(ids)))
    found = {row["record"]["id"]: entity_of(view, row["record"]) for row in rows}
    return [found.get(id) for id in ids]


def entity_of(view: View, record: dict[str, Any]) -> Entity:
    """A record from the properties that a query of this view gave."""
    handling = view.handling(record["handling"])
    declared = BY_NAME[record["kind"]].fields
    return Entity(
        id=record["id"],
        kind=record["kind"],
        caption=record["caption"],
        owner=record["owner"],
        source=record["source"],
        countries=tuple(record.get("countries", ())),
        level=Level(handling.level).name,
        class_=handling.class_,
        conditions=handling.conditions,
        grade=record.get("grade"),
        recorded_at=record.get("recorded_at"),
        first_seen=record.get("first_seen"),
        last_seen=record.get("last_seen"),
        retain_until=days.iso(record["retain_day"]) if "retain_day" in record else None,
        keys=tuple(record.get("keys", ())),
        fields={field.name: record[field.name] for field in declared if field.name in record},
    )


async def cluster(view: View, start: Entity) -> Cluster:
    """Everything that stands together with a record, through identity keys and judgements, seen parts only."""
    whole = await walk(view, lambda links: links.cluster(start.id))
    ids = sorted(whole)[:MOST_MEMBERS]
    found = [one for one in await entities(view, ids) if one is not None]
    judgements: dict[str, set[str]] = {}
    for row in await view.rows("identity/judged_same", ids=ids):
        judgements.setdefault(row["of"], set()).add(row["link"])
    held = Counter(key for one in found for key in one.keys)
    members = tuple(
        Member(
            one.id, tuple(key for key in one.keys if held[key] > 1), tuple(sorted(judgements.get(one.id, ())))
        )
        for one in found
    )
    return Cluster(members, len(whole) > MOST_MEMBERS)
