"""What a load would do: the writer's decisions on what is stored and on what it would have written, without a write."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from neo4j import ManagedTransaction

from graphsvc.store import statements as cypher
from graphsvc.store.batch import Counts, Reject, Shaped
from graphsvc.store.database import Database
from graphsvc.store.linking import stored_facts, stored_links
from graphsvc.store.plan import REFUSES, WRITES, Change, Many, Row, key, reason, settled, sources
from graphsvc.store.runs import refuse_others
from graphsvc.store.tombstones import REFUSED, Hash, buried

SOURCES = "MATCH (s:Source) RETURN s.name AS name, s.owner AS owner, s.complete AS complete"
THERE = "MATCH (n:Entity) USING INDEX SEEK n:Entity(id) WHERE n.id IN $ids RETURN collect(n.id) AS ids"

BROUGHT = """
CREATE TABLE element (
  key TEXT PRIMARY KEY, kind TEXT, digest TEXT, sequence INTEGER, recorded_at TEXT, run TEXT
) WITHOUT ROWID;
CREATE TABLE pending (key TEXT PRIMARY KEY, new INTEGER, one TEXT, other TEXT) WITHOUT ROWID;
"""
"""What the files brought so far, and the links to the owner's own records, with those ends that are not stored."""
KNOWN = "SELECT element.* FROM json_each(?) AS asked JOIN element ON element.key = asked.value"
TAKE = "INSERT OR REPLACE INTO element VALUES (?, ?, ?, ?, ?, ?)"
PEND = """
INSERT INTO pending VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET new = max(new, excluded.new), one = excluded.one, other = excluded.other
"""
SETTLE = "DELETE FROM pending WHERE key = ?"
WAITING = """
SELECT count(*), coalesce(sum(new), 0) FROM pending
WHERE one IS NOT NULL AND NOT EXISTS (SELECT 1 FROM element WHERE key = ' ' || one)
   OR other IS NOT NULL AND NOT EXISTS (SELECT 1 FROM element WHERE key = ' ' || other)
"""


class Would(Counts):
    """The account of a load that does not take place; ``new`` are those written that are not stored yet."""

    new: int = 0


class Stored(NamedTuple):
    """What the graph says of a batch: facts by ``key``, ends that are there, ids that were purged."""

    facts: dict[str, Row]
    ends: frozenset[str]
    purged: frozenset[str]


class Rehearsal:
    """Loads that do not take place, one after the other, on what is stored or, without a database, on nothing.

    What they brought is kept in a temporary file, so memory stays small.
    """

    def __init__(self, database: Database | None) -> None:
        self._database = database
        found = database.rows(SOURCES) if database is not None else []
        self._owners: dict[str, str] = {row["name"]: row["owner"] for row in found}
        self._complete: dict[str, int | None] = {row["name"]: row["complete"] for row in found}
        self._brought = sqlite3.connect("")  # a temporary file without a name
        self._brought.executescript(BROUGHT)
        self._run = 0
        self._source = ""
        self._own: set[str] = set()
        self.would = Would()

    def begin(self, source: str, owner: str) -> Would:
        """Begin a load; its account, which grows. Raises AccessError when the source belongs to another owner."""
        refuse_others(source, self._owners.setdefault(source, owner), owner)
        self._source = source
        self._own = {name for name, of in self._owners.items() if of == owner}
        self._run += 1
        self.would = Would()
        return self.would

    def batch(self, nodes: list[Shaped], links: list[Shaped], file: str, rejected: int) -> list[Reject]:
        """Add what becomes of a batch, and that so many rows were rejected before, to the account; the rows that the
        batch would refuse come back."""
        rows = [(row, line) for row, _, line in (*nodes, *links)]
        stored = self._stored([row for row, _ in rows])
        batch = Decisions(
            run=str(self._run),
            own=self._own,
            complete=self._complete.get(self._source),
            purged=stored.purged,
            stored=stored.ends,
            known=stored.facts | self._known(key(row) for row, _ in rows),
            there=stored.ends | self._arrived(ends((row for row, _ in rows), self._own)),
        )
        refused = []
        self.would.read += len(rows) + rejected
        self.would.rejected += rejected
        for row, line in rows:
            row["handling"] = None  # which one makes no difference to the account
            why = batch.decide(row, self.would)
            if why is not None:
                refused.append(Reject(file, line, why))
        self._keep(batch)
        return refused

    def _keep(self, batch: "Decisions") -> None:
        pending = batch.pending.items()
        with self._brought:
            self._brought.executemany(TAKE, map(_fact, batch.taken.items()))
            self._brought.executemany(SETTLE, [(name,) for name, ends in pending if ends is None])
            self._brought.executemany(PEND, [(name, *ends) for name, ends in pending if ends is not None])

    def end(self) -> None:
        """Take the links that wait in the end out of those that are written."""
        waiting, new = self._brought.execute(WAITING).fetchone()
        self._brought.execute("DELETE FROM pending")
        self.would.written -= waiting
        self.would.new -= new
        self.would.waiting = waiting

    def _stored(self, rows: list[Row]) -> Stored:
        if self._database is None:
            return Stored({}, frozenset(), frozenset())
        with self._database.session() as session:
            return session.execute_read(self._read, rows, self._database.hash)

    def _read(self, tx: ManagedTransaction, rows: list[Row], hash: Hash) -> Stored:
        ids: dict[str, Many[str]] = defaultdict(Many)
        for row in rows:
            ids[row["kind"] if "from" in row else ""].append(row["id"])
        facts: dict[str, Row] = {}
        for kind, some in ids.items():
            if kind:
                found = stored_links(tx, kind, some)
            else:
                found = stored_facts(tx, cypher.STORED_NODES, cypher.NODE_FACTS, some)
            facts |= {f"{kind} {id}": fact for id, fact in found.items()}
        there = tx.run(THERE, ids=Many(ends(rows, self._own))).single(strict=True)["ids"]
        return Stored(facts, frozenset(there), buried(tx, hash, (row["id"] for row in rows)))

    def _known(self, keys: Iterable[str]) -> dict[str, Row]:
        names = ("kind", "digest", "sequence", "recorded_at", "run")
        found = self._brought.execute(KNOWN, [json.dumps(list(keys))])
        return {name: dict(zip(names, facts, strict=True), handling=None) for name, *facts in found}

    def _arrived(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that are of records that were brought."""
        asked = [f" {id}" for id in ids]
        return {name[1:] for name, *_ in self._brought.execute(KNOWN, [json.dumps(asked)])}


Pending = tuple[bool, str | None, str | None]
"""Of a link: whether it is new, and those of its ends that are not stored."""


class Decisions(msgspec.Struct, kw_only=True):
    """Those on one batch: ``known`` are facts by ``key``, ``stored`` the ends that are in the graph, ``there``
    these and what was brought before.

    ``taken`` is what the batch would bring, ``pending`` of those that are links, None for one to a record of others.
    """

    run: str
    own: set[str]
    complete: int | None
    purged: frozenset[str]
    stored: frozenset[str]
    known: dict[str, Row]
    there: frozenset[str]
    taken: dict[str, Row] = {}
    pending: dict[str, Pending | None] = {}

    def decide(self, row: Row, would: Would) -> str | None:
        """Count what becomes of a row; the reason where it is refused."""
        if row["id"] in self.purged:
            would.rejected += 1
            return REFUSED.format(id=row["id"])
        name = key(row)
        known = self.known.get(name)
        change = settled(row, known, run=self.run, complete=self.complete)
        if change in REFUSES and known is not None:
            would.rejected += 1
            return reason(change, row, known)
        link = "from" in row
        foreign = link and not sources(row) <= self.own
        if link and not foreign and change is Change.UNCHANGED and self._waits(row, known):
            change = Change.NEW
        _count(would, change, foreign=foreign)
        if change is not Change.STALE:
            self.known[name] = self.taken[name] = {**row, "run": self.run}
        if link and change in WRITES:
            before = self.pending.get(name)
            new = change is Change.NEW or (before is not None and before[0])
            one, other = (None if row[end] in self.stored else row[end] for end in ("from", "to"))
            self.pending[name] = None if foreign else (new, one, other)
        return None

    def _waits(self, row: Row, known: Row | None) -> bool:
        return known is not None and known["run"] != self.run and not self.there >= ends([row], self.own)


def ends(rows: Iterable[Row], own: set[str]) -> set[str]:
    """The ids at both ends of those that are links within one owner's sources; nothing is asked of those of others."""
    links = (row for row in rows if "from" in row and sources(row) <= own)
    return {id for link in links for id in (link["from"], link["to"])}


def _count(would: Would, change: Change, *, foreign: bool) -> None:
    if foreign:
        would.accepted += 1
    elif change in WRITES:
        would.written += 1
        would.new += change is Change.NEW
    else:
        would.unchanged += 1


def _fact(taken: tuple[str, Row]) -> tuple[Any, ...]:
    name, row = taken
    day = row.get("recorded_at")
    return name, row["kind"], row["digest"], row.get("sequence"), day and str(day), row["run"]
