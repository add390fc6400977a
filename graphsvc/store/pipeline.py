"""Batches in order, each written while the one before it is being committed.

The commit takes about half of a batch's time, and the writer's lock with it. What follows is written meanwhile, on the
books as they will be, and confirmed under the lock; whatever goes otherwise than foreseen is done in turn, as if
nothing had been written ahead.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Self

from neo4j import Session, Transaction
from neo4j import exceptions as neo

from graphsvc.store.batch import Batch, Counts
from graphsvc.store.database import Database
from graphsvc.store.writing import Head, Overtaken, Writing

FAILURES = (neo.Neo4jError, neo.DriverError)

PATIENCE = 2.0
"""Seconds for which a batch that is written waits for the one before; then it gives way. Two batches with links at the
same records can stand in each other's way, so after that no links are written ahead in this run."""


class Attempt:
    """One transaction of one batch, open until it is committed or dropped."""

    def __init__(self, database: Database, batch: Batch) -> None:
        self.session: Session = database.driver.session(database=database.name)
        try:
            self.tx: Transaction = self.session.begin_transaction()
        except BaseException:
            self._leave()
            raise
        self.writing = Writing(self.tx, batch, database.hash)
        self.batch = batch
        self.counts = Counts()

    def apply(self) -> None:
        """Do it all under the lock."""
        self.counts = self.writing.apply()

    def foresee(self, head: Head) -> None:
        """Write the rows before the lock is free. Raises Overtaken."""
        self.writing.foresee(head)

    def confirm(self) -> None:
        """Take the lock, and see that all is as foreseen. Raises Overtaken."""
        self.counts = self.writing.confirm()

    def commit(self) -> None:
        """To be called by the thread that commits."""
        try:
            self.tx.commit()
            self.writing.committed()
        finally:
            self.session.close()

    def drop(self) -> None:
        """Take it all back; a connection that is lost has done so already."""
        with suppress(*FAILURES):
            self.tx.close()
        self._leave()

    def _leave(self) -> None:
        with suppress(*FAILURES):
            self.session.close()


class Pipeline:
    """Writes batches ahead where it can, and else through ``in_turn``, the way that takes its time and tries again."""

    def __init__(self, database: Database, in_turn: Callable[[Batch], Counts]) -> None:
        self._database = database
        self._in_turn = in_turn
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="committing")
        self._flying: tuple[Attempt, Future[None]] | None = None
        self._links_ahead = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True)

    def write(self, batches: Iterable[Batch]) -> Iterator[Counts]:
        """What each batch did, as soon as it is committed."""
        for batch in batches:
            ahead = self._ahead(batch)
            try:
                landed, ahead = self._land(ahead)
                yield from landed
            except BaseException:
                _drop(ahead)
                raise
            attempt = _confirmed(ahead) or self._applied(batch)
            if attempt is None:
                yield self._in_turn(batch)
            else:
                self._flying = attempt, self._pool.submit(attempt.commit)
        landed, _ = self._land(None)
        yield from landed

    def _ahead(self, batch: Batch) -> Attempt | None:
        """The batch written on the books as the flying one leaves them, if that is possible.

        After one that met what was stored it is not even tried: so will this one, and would be read for twice.
        """
        if self._flying is None or self._flying[0].writing.met:
            return None
        before = self._flying[0]
        head = before.writing.after
        if head is None or (batch.links and not self._links_ahead) or not _apart(before.batch, batch):
            return None
        return _tried(self._database, batch, lambda attempt: attempt.foresee(head))

    def _land(self, ahead: Attempt | None) -> tuple[list[Counts], Attempt | None]:
        """Wait for the flying batch: what it did, and what was written ahead, unless that had to give way."""
        if self._flying is None:
            return [], ahead
        (flying, commit), self._flying = self._flying, None
        try:
            commit.result(PATIENCE if ahead is not None else None)
        except TimeoutError:
            _drop(ahead)
            ahead, self._links_ahead = None, False
        except FAILURES:
            pass
        try:
            commit.result()
        except FAILURES:
            _drop(ahead)
            return [self._in_turn(flying.batch)], None
        return [flying.counts], ahead

    def _applied(self, batch: Batch) -> Attempt | None:
        return _tried(self._database, batch, Attempt.apply)


def _tried(database: Database, batch: Batch, step: Callable[[Attempt], None]) -> Attempt | None:
    """An attempt after one step, or nothing when the step failed."""
    attempt = None
    try:
        attempt = Attempt(database, batch)
        step(attempt)
    except (Overtaken, *FAILURES):
        _drop(attempt)
        return None
    except BaseException:
        _drop(attempt)
        raise
    return attempt


def _confirmed(ahead: Attempt | None) -> Attempt | None:
    if ahead is None:
        return None
    try:
        ahead.confirm()
    except (Overtaken, *FAILURES):
        ahead.drop()
        return None
    return ahead


def _drop(attempt: Attempt | None) -> None:
    if attempt is not None:
        attempt.drop()


def _apart(before: Batch, batch: Batch) -> bool:
    """Whether nothing in a batch can be, or hang on, what the batch before it brings."""
    nodes = {row["id"] for row, _, _ in before.nodes}
    links = {row["id"] for row, _, _ in before.links}
    return (
        nodes.isdisjoint(row["id"] for row, _, _ in batch.nodes)
        and links.isdisjoint(row["id"] for row, _, _ in batch.links)
        and nodes.isdisjoint(row["from"] for row, _, _ in batch.links)
        and nodes.isdisjoint(row["to"] for row, _, _ in batch.links)
    )
