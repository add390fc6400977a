"""Links within a batch: new, changed, moved to other ends, or waiting for an end that has not arrived."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec
from neo4j import ManagedTransaction, Transaction

from graphsvc.store import statements as cypher
from graphsvc.store.overlay import keep
from graphsvc.store.plan import Change, Many, Row, decide, in_order, key

if TYPE_CHECKING:
    from graphsvc.store.batch import Shaped
    from graphsvc.store.writing import Writing


class LinksOfKind:
    """All links of one type in a batch. ``any_waiting`` tells whether looking for waiting ones is worth it."""

    def __init__(self, writing: "Writing", kind: str, *, any_waiting: bool) -> None:
        self.writing = writing
        self.kind = kind
        self.any_waiting = any_waiting
        self.create: dict[str, Row] = {}
        self.update: dict[str, Row] = {}
        self.moved: set[str] = set()
        self.changes: dict[str, Change] = {}
        self.still: list[str] = []

    def write(self, rows: "list[Shaped]") -> None:
        """Decide on each row (with its handling and line), then write them all."""
        ids = Many(row["id"] for row, _, _ in rows)
        stored = stored_links(self.writing.tx, self.kind, ids, any_waiting=self.any_waiting)
        self.writing.only_new(stored)
        self.writing.recall((row for row, _, _ in rows), stored)
        keep(self.writing, ((row, handling) for row, handling, _ in rows), stored)
        for row, _, line in rows:
            self._place(row, line, stored)
        if self.moved:
            self.writing.tx.run(cypher.delete_links(self.kind), ids=sorted(self.moved)).consume()
        if self.update:
            self.writing.run(cypher.update_links(self.kind), in_order(self.update.values()))
        missing = link(self.writing, self.kind, list(self.create.values()))
        self.writing.only_new(missing)
        self._wait([self.create[id_] for id_ in missing])
        if self.still:
            self.writing.tx.run(cypher.STILL_WAITING, ids=self.still, run=self.writing.batch.run).consume()
        if self.any_waiting:
            arrived = [f"{self.kind} {id_}" for id_ in self.create if id_ not in missing]
            self.writing.tx.run(cypher.DROP_WAITING, ids=arrived).consume()
        for id_, change in self.changes.items():
            if id_ not in missing:
                self.writing.changed_links[change].append((id_, self.kind))

    def _place(self, row: Row, line: int, stored: dict[str, Row]) -> None:
        known = stored.get(row["id"])
        waits = known is not None and bool(known.get("waits"))
        foreign = self.writing.foreign(row)
        run = self.writing.batch.run
        same = waits and decide(row, known, run=run) is Change.UNCHANGED
        if known is not None and same and not foreign and known["run"] != run:
            self.writing.counts.waiting += 1
            self.writing.brought(row, known)
            self.still.append(key(row))
            return
        change = self.writing.settle(row, stored, line, foreign=foreign)
        if change is None:
            return
        self.changes.setdefault(row["id"], change)
        if known is None or waits or row["id"] in self.create:
            self.create[row["id"]] = row
        elif (known["from"], known["to"]) == (row["from"], row["to"]):
            self.update[row["id"]] = row
        else:
            self.moved.add(row["id"])
            self.update.pop(row["id"], None)
            self.create[row["id"]] = row
        stored[row["id"]] = row | {"waits": waits}

    def _wait(self, rows: list[Row]) -> None:
        own = sum(not self.writing.foreign(row) for row in rows)
        self.writing.counts.written -= own
        self.writing.counts.waiting += own
        keep = [
            {
                "id": key(row),
                "link": row["id"],
                "kind": self.kind,
                "foreign": self.writing.foreign(row),
                "payload": msgspec.json.encode(row).decode(),
                **{name: row.get(name) for name in cypher.WAITING_FACTS},
            }
            for row in in_order(rows)
        ]
        if keep:
            self.writing.run(cypher.KEEP_WAITING, keep)


def stored_facts(
    tx: Transaction | ManagedTransaction, statement: str, names: tuple[str, ...], ids: Many[str]
) -> dict[str, Row]:
    """What is stored of the elements with these ids, by id."""
    if not ids:
        return {}
    found = tx.run(statement, ids=ids).single(strict=True)["facts"]
    return {values[0]: dict(zip(names, values, strict=True)) for values in found}


def stored_links(
    tx: Transaction | ManagedTransaction, kind: str, ids: Many[str], *, any_waiting: bool = True
) -> dict[str, Row]:
    """What is stored of the links of one type with these ids, by id; those that wait say so in ``waits``."""
    stored: dict[str, Row] = {}
    if any_waiting:
        waiting = tx.run(cypher.WAITING_LINKS, ids=Many(f"{kind} {id_}" for id_ in ids)).data()
        stored = {row["id"]: {**row, "waits": True} for row in waiting}
    return stored | stored_facts(tx, cypher.stored_links(kind), cypher.LINK_FACTS, ids)


def link(writing: "Writing", kind: str, rows: list[Row]) -> set[str]:
    """Create the links whose ends are both there; the ids of the others come back."""
    if not rows:
        return set()
    ordered = in_order(rows)
    made = writing.tx.run(cypher.create_links(kind), rows=ordered).single(strict=True)["made"]
    ordered.clear()
    ids = {str(row["id"]) for row in rows}
    if made == len(ids):
        return set()
    return ids - stored_facts(writing.tx, cypher.stored_links(kind), cypher.LINK_FACTS, Many(ids)).keys()


def join(writing: "Writing", arrived: list[str]) -> None:
    """Join the waiting links whose other end is among the records that have just arrived."""
    by_kind: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for found in writing.tx.run(cypher.ARRIVED, ids=arrived):
        row = msgspec.json.decode(found["payload"], type=dict[str, Any])
        by_kind[found["kind"]].append((found["waiting"], row))
    for kind, pairs in sorted(by_kind.items()):
        missing = link(writing, kind, [row for _, row in pairs])
        joined = [(waiting, row["id"]) for waiting, row in pairs if row["id"] not in missing]
        writing.tx.run(cypher.DROP_WAITING, ids=[waiting for waiting, _ in joined]).consume()
        writing.counts.joined += len(joined)
        writing.changed_links[Change.NEW].extend((id_, kind) for _, id_ in joined)
