"""Events out of the store, whole or by id, in columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphsvc.store.reader import Reader
from graphsvc.topology.events import (
    TYPES,
    EventColumns,
    Judgement,
    Rows,
    Words,
    in_order,
    joined,
    name_of,
    rows_of,
)
from graphsvc.topology.layout import FAR

RANGE = 25_000
FIELDS = ("id", "handling", "retain_day", "time", "recorded_at", "areas", "quantity", "keys", "type", "modus",
          "commodity", "unit", "origin", "transit", "destination", "country", "place", "route", "source")  # fmt: skip
_RETURN = ", ".join(f"n.{name}" for name in FIELDS)

HEAD = "MATCH (m:Meta {name: 'graph'}) RETURN m.seq AS seq, m.next_no AS next_no, m.built AS built"
BY_RANGE = (
    f"MATCH (n:Entity) WHERE n.no >= $low AND n.no < $high AND n:Event RETURN collect([{_RETURN}]) AS rows"
)
BY_ID = f"UNWIND $ids AS id MATCH (n:Event {{id: id}}) RETURN collect([{_RETURN}]) AS rows".replace(
    ":Event", ":Entity:Event"
)
JUDGED = """
MATCH (a:Event)-[r:SAME_AS]->(b:Event) WHERE r.decision = 'same'
RETURN r.id AS id, a.id AS from, b.id AS to, r.handling AS handling, r.retain_day AS retain
"""
JUDGED_BY_ID = """
UNWIND $ids AS id MATCH (a:Event)-[r:SAME_AS {id: id}]->(b:Event) USING INDEX SEEK r:SAME_AS(id)
WHERE r.decision = 'same'
RETURN r.id AS id, a.id AS from, b.id AS to, r.handling AS handling, r.retain_day AS retain
"""
CHANGES = """
MATCH (c:Change) WHERE c.seq > $after AND c.seq <= $upto
RETURN c.nodes AS nodes, c.kinds AS kinds, c.links AS links, c.link_kinds AS link_kinds ORDER BY c.seq
"""


def _records(rows: list[list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]


def _judgement(row: dict[str, Any]) -> Judgement:
    retain = FAR if row["retain"] is None else row["retain"]
    return name_of(row["from"]), name_of(row["to"]), row["handling"], retain


async def whole(reader: Reader) -> EventColumns:
    """All events as of the head of the feed when reading began; what changed meanwhile follows by the feed."""
    head = (await reader.rows(HEAD))[0]
    words = Words()
    parts: list[Rows] = [{name: np.zeros(0, kind) for name, kind in TYPES.items()}]
    for low in range(0, head["next_no"], RANGE):
        found = await reader.rows(BY_RANGE, low=low, high=low + RANGE)
        parts.append(rows_of(_records(found[0]["rows"]), words))
    same = {row["id"]: _judgement(row) for row in await reader.rows(JUDGED)}
    return EventColumns.of(in_order(joined(parts)), words, same, head["seq"], head["built"])


async def followed(reader: Reader, columns: EventColumns, seq: int) -> EventColumns:
    """The state at change ``seq``: whatever the feed names since is read again, or all of it where the feed is cut."""
    changes = await reader.rows(CHANGES, after=columns.seq, upto=seq)
    if len(changes) < seq - columns.seq:
        return await whole(reader)
    ids = [
        id_
        for change in changes
        for id_, kind in zip(change["nodes"], change["kinds"], strict=True)
        if kind == "Event"
    ]
    judged = [
        id_
        for change in changes
        for id_, kind in zip(change["links"], change["link_kinds"], strict=True)
        if kind == "SAME_AS"
    ]
    ids, judged = list(dict.fromkeys(ids)), list(dict.fromkeys(judged))
    now = await _by_ids(reader, ids, columns.words)
    same = columns.same
    if judged:
        found = await reader.rows(JUDGED_BY_ID, ids=judged)
        gone = set(judged)
        same = {id_: pair for id_, pair in same.items() if id_ not in gone} | {
            r["id"]: _judgement(r) for r in found
        }
    return columns.changed(ids, now, same, seq)


async def _by_ids(reader: Reader, ids: Sequence[str], words: Words) -> Rows:
    parts = [rows_of((), words)]
    for at in range(0, len(ids), RANGE):
        found = await reader.rows(BY_ID, ids=list(ids[at : at + RANGE]))
        parts.append(rows_of(_records(found[0]["rows"]), words))
    return joined(parts)
