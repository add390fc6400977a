"""One batch in one transaction: lock, ledger, handlings, records, links, late ends, feed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from neo4j import Transaction

from graphsvc.model.handling import Handling
from graphsvc.store import statements as cypher
from graphsvc.store.batch import Batch, Counts, Shaped
from graphsvc.store.interning import given, intern
from graphsvc.store.linking import LinksOfKind, join, stored_facts
from graphsvc.store.overlay import keep
from graphsvc.store.plan import (
    REFUSES,
    WRITES,
    Change,
    Many,
    Row,
    in_order,
    key,
    reason,
    settled,
    sources,
    unversioned,
)
from graphsvc.store.reviews import raise_triggers, reviewed, revoked
from graphsvc.store.tell import tell_recipients
from graphsvc.store.tombstones import REFUSED, Hash, buried
from graphsvc.store.unsaid import Unsaid

CORRECTIONS = (Change.CHANGED, Change.RESTRICTED)


class Head(msgspec.Struct):
    """What the books say when a batch begins. ``last`` is the batch, or other change, that was written last;
    ``known`` are the numbers of handlings by digest."""

    seq: int
    next_no: int
    handlings: int
    last: str | None
    tombstones: bool
    waiting: bool
    known: dict[str, int]
    done: dict[str, Any] | None = None


class Overtaken(Exception):
    """A batch that was written ahead of the lock met something that only the lock's holder may decide on."""


class Writing:
    """The transaction of one batch: ``apply`` is the whole of it but the commit.

    Where the batch before is still being committed, ``foresee`` and then ``confirm`` do the same: a batch of nothing
    but new elements is written on the books as they will be, and the lock is taken when it is free, to make sure.
    """

    def __init__(self, tx: Transaction, batch: Batch, hash: Hash) -> None:
        self.tx = tx
        self.batch = batch
        self.hash = hash
        self.foreseen = False
        self.done = False
        """Whether the ledger held the batch already, so that there is nothing to commit."""
        self.met = False
        """Whether some of it was stored before, or waits for an end."""
        self.same: list[str] = []
        self.counts = Counts()
        self.rejects: list[Row] = [self._reject(r.file, r.line, r.reason, r.row) for r in batch.rejects]
        self.changed_nodes: dict[Change, list[tuple[str, str]]] = defaultdict(list)
        self.changed_links: dict[Change, list[tuple[str, str]]] = defaultdict(list)
        self.nodes, self.links = batch.nodes, batch.links
        self.rules = self._rules()
        self.seq = self.next_no = self.handlings = self.revoked = 0
        self.after: Head | None = None

    def apply(self) -> Counts:
        """Do it all but the commit. A batch that the ledger already holds is not done again."""
        head = self._head()
        if head.done is not None:
            self.done = True
            self.same = [key(row) for row, _, _ in (*self.nodes, *self.links) if unversioned(row)]
            return msgspec.convert(
                {name: head.done.get(name, 0) for name in Counts.__struct_fields__}, Counts
            )
        self._write(head)
        self._close()
        return self.counts

    def foresee(self, head: Head) -> None:
        """Write the rows on the books as they will be, without the lock. Raises Overtaken."""
        if head.tombstones or head.waiting or any(rule.digest not in head.known for rule in self.rules):
            raise Overtaken
        if any(reviewed(row) for row, _, _ in self.nodes):
            raise Overtaken
        self.foreseen = True
        self._write(head)
        self._before = head

    def confirm(self) -> Counts:
        """Take the lock and see that the books are as foreseen. Raises Overtaken."""
        found, wanted = self._head(), self._before
        same = (found.seq, found.next_no, found.handlings, found.last) == (
            wanted.seq, wanted.next_no, wanted.handlings, wanted.last,
        )  # fmt: skip
        if not same or found.done is not None or found.tombstones or found.waiting:
            raise Overtaken
        self._close()
        return self.counts

    def _head(self) -> Head:
        digests = [rule.digest for rule in self.rules]
        found = self.tx.run(cypher.HEAD, batch=self.batch.id, digests=Unsaid(digests)).single(strict=True)
        return msgspec.convert({**found, "known": dict(found["known"])}, Head)

    def _write(self, head: Head) -> None:
        self.seq, self.next_no, self.handlings = head.seq, head.next_no, head.handlings
        if head.tombstones:
            self._refuse_purged()
        numbers, self.handlings = given(self.tx, self.rules, head.known, self.handlings)
        for row, handling, _ in (*self.nodes, *self.links):
            row["handling"] = numbers[handling]
            row["run"] = self.batch.run
        self._nodes()
        self._links(any_waiting=head.waiting)
        self.after = msgspec.structs.replace(
            head,
            last=self.batch.id,
            waiting=head.waiting or bool(self.counts.waiting or self.counts.accepted),
            known=head.known | {rule.digest: number for rule, number in numbers.items()},
        )

    def committed(self) -> None:
        """Remember for the run's later batches what this one found unchanged. To be called after the commit."""
        self.batch.seen.add(self.same)

    def only_new(self, stored: object) -> None:
        """Before the lock is held, nothing that is stored may be looked at. Raises Overtaken."""
        self.met = self.met or bool(stored)
        if self.foreseen and stored:
            raise Overtaken

    def _rules(self) -> set[Handling]:
        return {handling for _, handling, _ in (*self.nodes, *self.links)}

    def _refuse_purged(self) -> None:
        """What was purged does not come back, whoever sends it again."""
        batch = self.batch
        purged = buried(self.tx, self.hash, (row["id"] for row, _, _ in (*batch.nodes, *batch.links)))
        if not purged:
            return
        for row, _, line in (*batch.nodes, *batch.links):
            if row["id"] in purged:
                self.rejects.append(self._reject(batch.file, line, REFUSED.format(id=row["id"]), ""))
        self.nodes = [shaped for shaped in batch.nodes if shaped[0]["id"] not in purged]
        self.links = [shaped for shaped in batch.links if shaped[0]["id"] not in purged]
        self.rules = self._rules()

    def intern(self, handlings: Iterable[Handling]) -> dict[Handling, int]:
        """The numbers of handlings, new ones added to the books."""
        numbers, self.handlings = intern(self.tx, handlings, self.handlings)
        return numbers

    def _nodes(self) -> None:
        ids = Many(row["id"] for row, _, _ in self.nodes)
        stored = stored_facts(self.tx, cypher.STORED_NODES, cypher.NODE_FACTS, ids)
        self.only_new(stored)
        self.recall((row for row, _, _ in self.nodes), stored)
        keep(self, ((row, handling) for row, handling, _ in self.nodes), stored)
        new: dict[str, dict[str, Row]] = defaultdict(dict)
        changed: dict[str, Row] = {}
        for row, _, line in self.nodes:
            change = self.settle(row, stored, line)
            if change is None:
                continue
            if change is Change.NEW:
                new[row["kind"]][row["id"]] = row
            elif row["id"] in new[row["kind"]]:
                new[row["kind"]][row["id"]] = row
                change = Change.NEW
            else:
                row["no"] = stored[row["id"]]["no"]
                changed[row["id"]] = row
            self.changed_nodes[change].append((row["id"], row["kind"]))
            stored[row["id"]] = {**row, "no": row.get("no")}
        written = [*(row for rows in new.values() for row in rows.values()), *changed.values()]
        raise_triggers(self.tx, written)
        self.revoked = revoked(written)
        self._create(new)
        if changed:
            self.run(cypher.UPDATE_NODES, in_order(changed.values()))

    def _create(self, new: dict[str, dict[str, Row]]) -> None:
        for kind, rows in sorted(new.items()):
            ordered = in_order(rows.values())
            for row in ordered:
                row["no"] = self.next_no
                self.next_no += 1
            if ordered:
                self.run(cypher.create_nodes(kind), ordered)

    def settle(self, row: Row, stored: dict[str, Row], line: int, *, foreign: bool = False) -> Change | None:
        """The decision for a row that is to be written, or nothing when it is counted and done with.

        A link to another owner's record counts as accepted whatever becomes of it.
        """
        known = stored.get(row["id"])
        change = settled(row, known, run=self.batch.run, complete=self.batch.complete)
        if change in REFUSES and known is not None:
            self.rejects.append(self._reject(self.batch.file, line, reason(change, row, known), ""))
        elif foreign:
            self.counts.accepted += 1
        elif change in WRITES:
            self.counts.written += 1
        else:
            self.counts.unchanged += 1
        if change is Change.UNCHANGED and known is not None:
            self.brought(row, known)
        return change if change in WRITES else None

    def brought(self, row: Row, known: Row) -> None:
        """It is there as it is brought: other content of this id in this run is as refused as in a first load."""
        known["run"] = self.batch.run
        if unversioned(row):
            self.same.append(key(row))

    def recall(self, rows: Iterable[Row], stored: dict[str, Row]) -> None:
        """Take what earlier batches of the run found unchanged for brought by it, where there is other content now."""
        others = {
            key(row): row["id"]
            for row in rows
            if (known := stored.get(row["id"])) and known["digest"] != row["digest"] and unversioned(row)
        }
        for found in self.batch.seen.among(others):
            stored[others[found]]["run"] = self.batch.run

    def _links(self, *, any_waiting: bool) -> None:
        by_kind: dict[str, list[Shaped]] = defaultdict(list)
        for shaped in self.links:
            by_kind[shaped[0]["kind"]].append(shaped)
        for kind, rows in sorted(by_kind.items()):
            LinksOfKind(self, kind, any_waiting=any_waiting).write(rows)
        if any_waiting and self.changed_nodes[Change.NEW]:
            join(self, [id_ for id_, _ in self.changed_nodes[Change.NEW]])

    def foreign(self, row: Row) -> bool:
        """Whether a link has an end of another owner, so that nothing may be said of what becomes of it."""
        return not sources(row) <= self.batch.own_sources

    def _close(self) -> None:
        self.counts.read = len(self.batch) + len(self.batch.rejects)
        self.counts.rejected = len(self.rejects)
        if self.rejects:
            self.run(cypher.REJECTS, self.rejects)
        tell_recipients(self.tx, "correct", [id_ for change in CORRECTIONS for id_ in self._changed(change)])
        feed = []
        for op, changes in (("upsert", (Change.NEW, Change.CHANGED)), ("restrict", (Change.RESTRICTED,))):
            nodes = [pair for change in changes for pair in self.changed_nodes[change]]
            links = [pair for change in changes for pair in self.changed_links[change]]
            if nodes or links:
                self.seq += 1
                feed.append(_change(self.seq, self.batch.run, op, nodes, links))
        ledger = {
            **msgspec.structs.asdict(self.counts),
            "id": self.batch.id,
            "run": self.batch.run,
            "seq": self.seq,
            "revoked": self.revoked,
        }
        books = {"seq": self.seq, "next_no": self.next_no, "handlings": self.handlings}
        self.tx.run(cypher.TAIL, books, batch=ledger, feed=Unsaid(feed)).consume()
        if self.after is not None:
            self.after = msgspec.structs.replace(self.after, **books)

    def _changed(self, change: Change) -> Iterator[str]:
        for pairs in (self.changed_nodes[change], self.changed_links[change]):
            yield from (id_ for id_, _ in pairs)

    def _reject(self, file: str, line: int, why: str, row: str) -> Row:
        return {"run": self.batch.run, "file": file, "line": line, "reason": why, "row": row}

    def run(self, text: str, rows: list[Row]) -> None:
        """Write rows and let go of them: the driver would hold them until garbage is looked for."""
        sent = Unsaid(rows)
        self.tx.run(text, rows=sent).consume()
        sent.clear()
        rows.clear()


def _change(seq: int, run: str, op: str, nodes: list[tuple[str, str]], links: list[tuple[str, str]]) -> Row:
    return {
        "seq": seq,
        "run": run,
        "op": op,
        "nodes": Many(id_ for id_, _ in nodes),
        "kinds": Many(kind for _, kind in nodes),
        "links": Many(id_ for id_, _ in links),
        "link_kinds": Many(kind for _, kind in links),
    }
