"""Operation 10: the records behind a link, as their owners wrote them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.entity import Entity, entity_of
from graphsvc.errors import NotFound, UsageError
from graphsvc.model import days
from graphsvc.model.links import BY_NAME
from graphsvc.model.vocabulary import Level
from graphsvc.topology.links import Join, Use

MOST = 1_000


class Evidence(msgspec.Struct, frozen=True):
    """A link as its owner wrote it."""

    id: Annotated[str, Meta(description="Id of the link.")]
    type: Annotated[str, Meta(description="Type of link.")]
    from_id: Annotated[str, Meta(description="Record that it goes from.")]
    to_id: Annotated[str, Meta(description="Record that it goes to.")]
    owner: Annotated[str, Meta(description="Contributor whose link it is.")]
    source: Annotated[str, Meta(description="Name of the source.")]
    level: Annotated[str, Meta(description="Confidentiality.")]
    conditions: Annotated[tuple[str, ...], Meta(description="Conditions of use that its owner set.")]
    grade: Annotated[str | None, Meta(description="Grade as its owner gave it.")]
    confidence: Annotated[float | None, Meta(description="Between 0 and 1; null when unknown.")]
    role: Annotated[str | None, Meta(description="In which role.")]
    first_seen: Annotated[str | None, Meta(description="First day that it is known for.")]
    last_seen: Annotated[str | None, Meta(description="Last day that it is known for.")]
    recorded_at: Annotated[str | None, Meta(description="When its owner recorded it.")]
    details: Annotated[
        tuple[str, ...], Meta(description="Other declared fields that are filled, as `name: value`.")
    ]


class Joined(msgspec.Struct, frozen=True):
    """Two records that stand together at no cost: they share an identity key, or were judged the same."""

    from_id: Annotated[str, Meta(description="One record.")]
    to_id: Annotated[str, Meta(description="The other.")]
    key: Annotated[str | None, Meta(description="The identity key that they share.")]
    judgement: Annotated[str | None, Meta(description="The link by which they were judged the same.")]
    confidence: Annotated[float | None, Meta(description="Confidence of the judgement.")]


def joined(join: Join) -> Joined:
    """A join as it is shown."""
    return Joined(join.from_, join.to, join.key, join.judgement, join.confidence)


Name = tuple[str, str]


async def behind(
    view: View, uses: Iterable[Use], meet: Callable[[Iterable[Entity]], None] | None = None
) -> dict[Name, Evidence]:
    """What the owners wrote of links, by id and type. Links that have gone since the walk are not there.

    ``meet`` is given the records at their ends, which come in the same answer of the store.
    """
    wanted = {(use.id, use.type): _ends(use) for use in uses}
    if not wanted:
        return {}
    rows = await view.rows("links/evidence", links=list(wanted.values()), ends=meet is not None)
    if meet is not None:
        ends = {record["id"]: record for row in rows for record in row["ends"]}
        meet(entity_of(view, record) for record in ends.values())
    return {(row["link"]["id"], row["link"]["kind"]): _evidence(view, row["link"]) for row in rows}


def _ends(use: Use) -> dict[str, str]:
    from_, to = (use.from_, use.to) if use.outward else (use.to, use.from_)
    return {"id": use.id, "type": use.type, "from": from_, "to": to}


def _evidence(view: View, link: dict[str, Any]) -> Evidence:
    handling = view.handling(link["handling"])
    declared = (field.name for field in BY_NAME[link["kind"]].fields if field.name != "role")
    return Evidence(
        id=link["id"],
        type=link["kind"],
        from_id=link["from"],
        to_id=link["to"],
        owner=link["owner"],
        source=link["source"],
        level=Level(handling.level).name,
        conditions=handling.conditions,
        grade=link.get("grade"),
        confidence=link.get("confidence"),
        role=link.get("role"),
        first_seen=link.get("first_seen"),
        last_seen=link.get("last_seen"),
        recorded_at=link.get("recorded_at"),
        details=tuple(f"{name}: {_shown(link[name])}" for name in declared if link.get(name) is not None),
    )


def _shown(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def day(text: str | None, *, last: bool = False) -> int | None:
    """The first or last day number of a date or the beginning of one. Raises UsageError."""
    if text is None:
        return None
    try:
        return days.last_day(text) if last else days.first_day(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a date; write it as 2024, 2024-03 or 2024-03-05.") from error


async def evidence(
    view: View, from_id: str, to_id: str, *, types: Sequence[str] | None = None
) -> tuple[Evidence, ...]:
    """Every link that may be seen between two records, in order of type and id.

    Raises NotFound when one of the records is absent or hidden.
    """
    rows = await view.rows("links/between", one=from_id, other=to_id, most=MOST)
    if not rows:
        raise NotFound("There is no such record, or none that you may see.")
    found = [_evidence(view, link) for link in rows[0]["links"] if types is None or link["kind"] in types]
    return tuple(sorted(found, key=lambda link: (link.type, link.id)))
