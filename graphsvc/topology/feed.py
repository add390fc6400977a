"""What the store says of changed elements now, and what the change feed says has changed."""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from graphsvc.model.links import BY_NAME as LINK_KINDS
from graphsvc.topology.assemble import DATED_KINDS, judged
from graphsvc.topology.layout import FAR, KIND_CODES, TYPE_CODES
from graphsvc.topology.patch import Changes, LinkState, NodeState
from graphsvc.topology.question import stored_confidence

HIDDEN = -2
"""Handling of an element that has none: nobody holds it."""


class Rows(Protocol):
    """Runs a reading statement."""

    async def rows(self, text: str, /, **parameters: Any) -> list[dict[str, Any]]: ...


CHANGES = """
MATCH (c:Change) WHERE c.seq > $after AND c.seq <= $head
RETURN c.seq AS seq, c.op AS op, c.nodes AS nodes, c.links AS links, c.link_kinds AS link_kinds
ORDER BY seq
"""

NODES = """
UNWIND $ids AS id MATCH (n:Entity {id: id})
RETURN n.id AS id, n.kind AS kind, coalesce(n.handling, -2) AS handling, n.retain_day AS retain, n.keys AS keys
"""

LINK = """
RETURN r.id AS id, type(r) AS type, a.id AS from, b.id AS to, coalesce(r.handling, -2) AS handling,
       r.retain_day AS retain, r.first_day AS first, r.last_day AS last, r.confidence AS confidence,
       r.decision AS decision,
       CASE WHEN a.kind IN $dated AND a.first_day IS NOT NULL THEN [a.first_day, a.last_day]
            WHEN b.kind IN $dated AND b.first_day IS NOT NULL THEN [b.first_day, b.last_day] END AS borrowed
"""

LINKS_OF = "UNWIND $ids AS id MATCH (n:Entity {id: id}) WHERE n.kind IN $dated MATCH (n)-[r]-() " \
    "WITH DISTINCT r MATCH (a)-[r]->(b)" + LINK  # fmt: skip

HANDLINGS = "MATCH (h:Handling) WHERE h.number >= $known RETURN h.digest AS digest ORDER BY h.number"


def _links_by_id(kind: str) -> str:
    return f"UNWIND $ids AS id MATCH (a)-[r:{LINK_KINDS[kind].name} {{id: id}}]->(b)" + LINK


class Pending(msgspec.Struct):
    """Elements that have changed: ids of records, and ids and types of links."""

    nodes: set[str]
    links: set[tuple[str, str]]

    def __len__(self) -> int:
        return len(self.nodes) + len(self.links)

    def add(self, row: dict[str, Any]) -> None:
        """Take in one row of the feed."""
        self.nodes.update(row["nodes"] or ())
        self.links.update(zip(row["links"] or (), row["link_kinds"] or (), strict=True))

    def take(self, most: int) -> "Pending":
        """Split off up to so many, records before links."""
        nodes = {self.nodes.pop() for _ in range(min(most, len(self.nodes)))}
        links = {self.links.pop() for _ in range(min(most - len(nodes), len(self.links)))}
        return Pending(nodes, links)


async def states(store: Rows, pending: Pending, *, known: int, has: Any) -> Changes:
    """The present state of what is pending. ``known`` is how many handlings are, ``has`` tells known records.

    Links of changed events come too, since they borrow its days; so do records that a link needs.
    """
    links = dict.fromkeys(pending.links) | await _links(store, pending)
    ends = {end for link in links.values() if link for end in (link.from_, link.to)}
    wanted = pending.nodes | {end for end in ends if not has(end)}
    nodes: dict[str, NodeState | None] = dict.fromkeys(sorted(wanted))
    if wanted:
        for row in await store.rows(NODES, ids=sorted(wanted)):
            nodes[row["id"]] = _node(row)
    digests = [row["digest"] for row in await store.rows(HANDLINGS, known=known)]
    return Changes(nodes, links, digests)


async def _links(store: Rows, pending: Pending) -> dict[tuple[str, str], LinkState | None]:
    found: dict[tuple[str, str], LinkState | None] = {}
    rows: list[dict[str, Any]] = []
    for kind in sorted({kind for _, kind in pending.links}):
        ids = sorted(id_ for id_, of in pending.links if of == kind)
        rows += await store.rows(_links_by_id(kind), ids=ids, dated=DATED_KINDS)
    if pending.nodes:
        rows += await store.rows(LINKS_OF, ids=sorted(pending.nodes), dated=DATED_KINDS)
    for row in rows:
        found[row["id"], row["type"]] = _link(row)
    return found


def _node(row: dict[str, Any]) -> NodeState:
    retain = FAR if row["retain"] is None else row["retain"]
    return NodeState(row["id"], KIND_CODES[row["kind"]], row["handling"], retain, tuple(row["keys"] or ()))


def _link(row: dict[str, Any]) -> LinkState:
    first, last = (row["first"], row["last"]) if row["first"] is not None else row["borrowed"] or (FAR, -FAR)
    return LinkState(
        id=row["id"],
        type=TYPE_CODES[row["type"]],
        from_=row["from"],
        to=row["to"],
        handling=row["handling"],
        retain=FAR if row["retain"] is None else row["retain"],
        first=first,
        last=last,
        confidence=stored_confidence(row["confidence"]),
        judged=judged(row["type"], row["decision"]),
    )


def pending_of(rows: Iterable[dict[str, Any]]) -> tuple[Pending, Pending]:
    """What must be in before the next answer (restricted or gone), and what may follow."""
    urgent, later = Pending(set(), set()), Pending(set(), set())
    for row in rows:
        (later if row["op"] == "upsert" else urgent).add(row)
    return urgent, later
