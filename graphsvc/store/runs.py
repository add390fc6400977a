"""Load runs: every write goes through one. Cut off, it resumes; repeated, it changes nothing."""

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Self

import msgspec
from neo4j import ManagedTransaction
from neo4j import exceptions as neo

from graphsvc.errors import AccessError, Error, OutcomeUnknown, StoreUnavailable
from graphsvc.model import derive
from graphsvc.model.record import Link, Record
from graphsvc.store.batch import Batch, Counts, Reject
from graphsvc.store.database import Database, again
from graphsvc.store.failures import StoreMemory, translate
from graphsvc.store.pipeline import Pipeline
from graphsvc.store.reviews import check_revocations
from graphsvc.store.seen import Seen
from graphsvc.store.table import Table, elements
from graphsvc.store.writing import Writing

PATIENCE = 60.0
"""Seconds for which a lost database is waited for."""

LOST = (OutcomeUnknown, StoreUnavailable)

CLAIM_SOURCE = """
MATCH (m:Meta {name: 'graph'}) SET m.writer = $run
MERGE (s:Source {name: $source}) ON CREATE SET s.owner = $owner
RETURN s.owner AS owner, s.complete AS complete
"""

SAME_UNFINISHED = """
MATCH (r:Run {state: 'running'}) WHERE r.source = $source AND r.fingerprint = $fingerprint
RETURN r.id AS id ORDER BY r.id LIMIT 1
"""

BEGIN = """
MERGE (r:Run {id: $id}) ON CREATE SET r.source = $source, r.owner = $owner, r.loader = $loader, r.files = $files,
  r.fingerprint = $fingerprint, r.content = $content, r.sequence = $sequence, r.state = 'running',
  r.started_at = datetime()
WITH r MATCH (s:Source {name: r.source}) SET s.last = r.id, s.touched = false
"""
"""The source knows its last run, and whether anything was taken out of it since (see ``decisions.Books.touch``)."""

RESUME = "MATCH (s:Source {name: $source}) WHERE s.last <> $id SET s.last = null"
"""Where another run came in between, none of them tells any more what the source holds."""

TOTALS = """
MATCH (b:Batch {run: $run})
RETURN sum(b.read) AS read, sum(b.written) AS written, sum(b.unchanged) AS unchanged, sum(b.accepted) AS accepted,
       sum(b.waiting) AS waiting, sum(b.rejected) AS rejected
"""
"""Not what was joined: those are links of others as well, who wait for what this source may not know of."""

STILL_WAITING = "MATCH (w:WaitingLink {run: $run}) WHERE NOT w.foreign RETURN count(w) AS n"

FINISH = """
MATCH (r:Run {id: $id})
SET r += $totals, r.state = $state, r.ended_at = datetime(), r.seconds = $seconds, r.notes = $notes
WITH r MATCH (s:Source {name: r.source}) WHERE s.last <> r.id SET s.last = null
"""


class Account(msgspec.Struct):
    """The closing account: ``read = written + unchanged + waiting + accepted + rejected``."""

    run: str
    read: int
    written: int
    unchanged: int
    waiting: int
    accepted: int
    rejected: int
    seconds: float


class Run:
    """A run in progress. ``write`` any number of batches, then ``finish``."""

    def __init__(
        self,
        database: Database,
        id_: str,
        source: str,
        owner: str,
        own: frozenset[str],
        complete: int | None = None,
    ) -> None:
        self.database = database
        self.id = id_
        self.source = source
        self.owner = owner
        self.own_sources = own
        self.complete = complete
        self.counts = Counts()
        self._seen = Seen()
        self._number = 0
        self._began = time.monotonic()

    @classmethod
    def begin(
        cls,
        database: Database,
        *,
        source: str,
        owner: str,
        loader: str,
        files: Sequence[str],
        fingerprint: str,
        content: str = "",
        sequence: int | None = None,
    ) -> Self:
        """Begin a run, or go on with the one that was cut off over the same input.

        ``fingerprint`` stands for the input: hashes of the files, the loader, its options and terms; ``content`` for
        the same without the terms. ``sequence`` is the number of the whole batch.
        Raises AccessError when the source belongs to another owner.
        """
        id_ = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        given = {
            "source": source,
            "owner": owner,
            "loader": loader,
            "fingerprint": fingerprint,
            "content": content,
            "sequence": sequence,
            "files": list(files),
        }
        id_, own, complete = again(lambda: _begin(database, id_, given), passing=LOST)
        return cls(database, id_, source, owner, own, complete)

    def write(
        self,
        records: Iterable[Record],
        links: Iterable[Link],
        rejects: Iterable[Reject] = (),
        *,
        file: str = "",
    ) -> Counts:
        """Write one batch; what it did. The same batches in the same order are numbered the same on a resume."""
        return self.commit(self.prepare(records, links, rejects, file=file))

    def prepare(
        self,
        records: Iterable[Record],
        links: Iterable[Link],
        rejects: Iterable[Reject] = (),
        *,
        tables: Iterable[Table] = (),
        file: str = "",
    ) -> Batch:
        """Everything of a batch that needs no database; another thread may do it while one is committed."""
        terms = {"source": self.source, "owner": self.owner}
        nodes, ties = elements(records, links, tables, **terms)
        refused = list(rejects)
        # The content is part of the id: a resume with batches of another size must not take them for done.
        content = derive.digest([row["digest"] for row, _, _ in (*nodes, *ties)], refused)
        id_ = f"{self.id}/{self._number:06d}-{content[:16]}"
        self._number += 1
        return Batch(
            id_, self.id, self.source, self.own_sources, file, nodes, ties, refused, self.complete, self._seen
        )

    def commit(self, batch: Batch) -> Counts:
        """Write a prepared batch; what it did. Batches are committed in the order in which they were prepared."""
        counts = self._apply(batch)
        self.counts.add(counts)
        return counts

    def commit_all(self, batches: Iterable[Batch]) -> Iterator[Counts]:
        """The same for many, each written while the one before is being committed."""
        with Pipeline(self.database, self._apply) as pipeline:
            for counts in pipeline.write(batches):
                self.counts.add(counts)
                yield counts

    def _apply(self, batch: Batch) -> Counts:
        try:
            return self._commit(batch)
        except StoreMemory:
            if len(batch) < 2:
                raise
            total = Counts()
            for half in batch.halves():
                total.add(self._apply(half))
            return total

    def _commit(self, batch: Batch) -> Counts:
        """One transaction, tried again after what passes. The ledger tells whether a lost commit took place."""
        end = time.monotonic() + PATIENCE
        pause = 0.1
        while True:
            try:
                with self.database.driver.session(database=self.database.name) as session:
                    with session.begin_transaction() as tx:
                        writing = Writing(tx, batch, self.database.hash)
                        counts = writing.apply()
                        if not writing.done:
                            tx.commit()
                    writing.committed()
                    return counts
            except (neo.Neo4jError, neo.DriverError) as error:
                ours = translate(error)
                if not _passes(error, ours) or time.monotonic() > end:
                    raise ours from error
            time.sleep(pause)
            pause = min(pause * 2, 5.0)

    def finish(self, state: str = "complete", notes: Sequence[str] = ()) -> Account:
        """Close the run and give its account, counted from the ledger. ``notes`` are kept with it."""
        totals = self.database.rows(TOTALS, run=self.id)[0]
        still = self.database.rows(STILL_WAITING, run=self.id)[0]["n"]
        joined = max(0, totals["waiting"] - still)
        totals["waiting"] -= joined
        totals["written"] += joined
        seconds = time.monotonic() - self._began

        def close(tx: ManagedTransaction) -> None:
            tx.run(
                FINISH, id=self.id, totals=totals, state=state, seconds=seconds, notes=list(notes)
            ).consume()
            check_revocations(tx, self.id, self.owner)

        again(lambda: self.database.write(close), passing=LOST)
        return Account(run=self.id, seconds=seconds, **totals)


def _begin(database: Database, id_: str, given: dict[str, Any]) -> tuple[str, frozenset[str], int | None]:
    """The id of the run, the owner's sources, and the number of the source's last complete batch."""
    source, owner = given["source"], given["owner"]
    with database.session() as session, session.begin_transaction() as tx:
        claimed = tx.run(CLAIM_SOURCE, run=id_, source=source, owner=owner).single(strict=True)
        refuse_others(source, claimed["owner"], owner)
        unfinished = tx.run(SAME_UNFINISHED, source=source, fingerprint=given["fingerprint"]).single()
        if unfinished is None:
            tx.run(BEGIN, given, id=id_).consume()
        else:
            id_ = unfinished["id"]
            tx.run(RESUME, source=source, id=id_).consume()
        own = tx.run("MATCH (s:Source {owner: $owner}) RETURN collect(s.name) AS names", owner=owner)
        names = frozenset(own.single(strict=True)["names"])
        tx.commit()
    return id_, names, claimed["complete"]


def refuse_others(source: str, whose: str, owner: str) -> None:
    """Raises AccessError unless the source is the owner's."""
    if whose != owner:
        raise AccessError(f"The source {source} belongs to {whose}; load under a source of your own.")


def _passes(error: Exception, ours: Error) -> bool:
    if isinstance(ours, StoreMemory):
        return False
    return isinstance(ours, LOST) or bool(getattr(error, "is_retryable", bool)())


def runs(database: Database, limit: int = 20) -> list[dict[str, Any]]:
    """The last runs, newest first."""
    return [
        row["run"]
        for row in database.rows(
            "MATCH (r:Run) RETURN properties(r) AS run ORDER BY r.id DESC LIMIT $limit", limit=limit
        )
    ]
