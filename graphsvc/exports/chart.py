"""What is exported: records and the links among them, with the group of each where there are groups."""

from collections.abc import Mapping, Sequence

import msgspec

from graphsvc.access.view import View
from graphsvc.errors import LimitError
from graphsvc.model.vocabulary import PROTECTED_ROLES

MOST_RECORDS = 5_000


class Node(msgspec.Struct, frozen=True):
    """A record. ``group`` is empty where it is in none; ``level`` is its confidentiality."""

    id: str
    kind: str
    caption: str
    owner: str
    countries: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    group: str = ""
    level: int = 1
    conditions: tuple[str, ...] = ()


class Edge(msgspec.Struct, frozen=True):
    """A link from one record to another."""

    id: str
    type: str
    from_: str
    to: str
    role: str = ""
    first: str = ""
    last: str = ""
    confidence: float | None = None
    owner: str = ""
    level: int = 1


class Chart(msgspec.Struct, frozen=True):
    """A graph as it leaves the service. ``as_of`` is the time for which it holds."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    as_of: str


async def chart(
    view: View, ids: Sequence[str], types: Sequence[str], groups: Mapping[str, str] | None = None
) -> Chart:
    """The visible ones of these records and the links of these types among them, without those in protected roles.

    ``groups`` names the group of an id. Raises LimitError for more than an export may hold.
    """
    if len(ids) > MOST_RECORDS:
        raise LimitError(f"An export holds up to {MOST_RECORDS} records; narrow the question.")
    records = await view.rows("groups/chart_records", ids=list(ids))
    links = await view.rows("groups/chart_links", ids=list(ids))
    of = groups or {}
    nodes = []
    for row in records:
        handling = view.handling(row["handling"])
        nodes.append(
            Node(
                id=row["id"],
                kind=next(label for label in row["kind"] if label != "Entity"),
                caption=row["caption"],
                owner=row["owner"],
                countries=tuple(row["countries"]),
                first=row["first"] or "",
                last=row["last"] or "",
                group=of.get(row["id"], ""),
                level=handling.level,
                conditions=handling.conditions,
            )
        )
    edges = [
        Edge(
            id=row["id"],
            type=row["type"],
            from_=row["from"],
            to=row["to"],
            role=row["role"] or "",
            first=row["first"] or "",
            last=row["last"] or "",
            confidence=row["confidence"],
            owner=row["owner"],
            level=view.handling(row["handling"]).level,
        )
        for row in links
        if row["type"] in types and row["role"] not in PROTECTED_ROLES
    ]
    return Chart(tuple(nodes), tuple(edges), view.scope.as_of)
