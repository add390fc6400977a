"""The books around a database that Neo4j's importer builds aside: what is carried over, and what makes it whole."""

import pickle
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from neo4j import ManagedTransaction, Transaction

from graphsvc.errors import ConflictError
from graphsvc.model.handling import Handling
from graphsvc.store import runs, schema
from graphsvc.store import statements as cypher
from graphsvc.store.batch import Batch
from graphsvc.store.database import Database
from graphsvc.store.plan import Row
from graphsvc.store.reviews import raise_triggers
from graphsvc.store.runs import Account, Run

AT_ONCE = 5_000

RECORDS = """
RETURN EXISTS { MATCH (:Entity) } OR EXISTS { MATCH (:WaitingLink) } OR EXISTS { MATCH ()-[]->() } AS some
"""
LOCK = "MATCH (m:Meta {name: 'graph'}) SET m.writer = 'bulk' RETURN properties(m) AS meta"
BOOKS = """
MATCH (n) WHERE NOT n:Meta AND NOT n:Migration RETURN labels(n) AS labels, properties(n) AS properties
"""
CARRY = "UNWIND $rows AS row CREATE (n:$(row.labels)) SET n = row.properties"
EMPTY_LISTS = """
MATCH (n:Entity) WHERE n.keys IS NULL OR n.countries IS NULL OR n.search IS NULL
CALL (n) {
  SET n.keys = coalesce(n.keys, []), n.countries = coalesce(n.countries, []), n.search = coalesce(n.search, [])
} IN TRANSACTIONS OF 50000 ROWS
"""
EMPTY_FEED = {
    "nodes": "UNWIND $seqs AS seq MATCH (c:Change {seq: seq}) SET c.nodes = [], c.kinds = []",
    "links": "UNWIND $seqs AS seq MATCH (c:Change {seq: seq}) SET c.links = [], c.link_kinds = []",
}
STARTED = "MATCH (r:Run {id: $id}) SET r.started_at = $at, r.bulk = true"
SECONDS = "MATCH (r:Run {id: $id}) SET r.seconds = $seconds"
COMPLIANCE = "UNWIND $rows AS row MATCH (n:Entity {id: row.id}) SET n.compliance = row.compliance"

NOT_EMPTY = (
    "The database is not empty, and --bulk builds a new one: load without --bulk, or name an empty folder in "
    "GRAPHSVC_DATA_DIR."
)


class Books(msgspec.Struct):
    """What an empty database knows all the same: numbers, rules, sources, and what may not come back."""

    seq: int = 0
    next_no: int = 0
    handlings: dict[str, int] = {}
    next_handling: int = 0
    owners: dict[str, str] = {}
    complete: dict[str, int] = {}
    buried: set[str] = set()


def take(tx: Transaction, spool: Path) -> Books:
    """Lock and read the books, and keep all of them in ``spool``. Raises ConflictError when there are records."""
    meta = tx.run(LOCK).single(strict=True)["meta"]
    refuse_filled(tx)
    books = Books(meta["seq"], meta["next_no"], next_handling=meta["handlings"])
    with spool.open("wb") as file:
        for found in tx.run(BOOKS):
            _note(books, found["labels"], found["properties"])
            pickle.dump({"labels": found["labels"], "properties": found["properties"]}, file)
    return books


def refuse_filled(tx: Transaction | ManagedTransaction) -> None:
    """Raises ConflictError when there are records."""
    if tx.run(RECORDS).single(strict=True)["some"]:
        raise ConflictError(NOT_EMPTY)


def _note(books: Books, labels: list[str], row: Row) -> None:
    match labels:
        case ["Handling"]:
            books.handlings[row["digest"]] = row["number"]
        case ["Source"]:
            books.owners[row["name"]] = row["owner"]
            if row.get("complete") is not None:
                books.complete[row["name"]] = row["complete"]
        case ["Tombstone"]:
            books.buried.add(row["hash"])


def spooled(path: Path) -> Iterator[Any]:
    """What was written into a spool, one by one."""
    if not path.exists():
        return
    with path.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)  # noqa: S301  our own file, made a moment ago
            except EOFError:
                return


def some(rows: Iterable[Any], count: int = AT_ONCE) -> Iterator[list[Any]]:
    """Lists of up to ``count`` of them."""
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == count:
            yield part
            part = []
    if part:
        yield part


def write(database: Database, text: str, rows: Iterable[Any]) -> None:
    """Rows through one statement, some at a time."""
    for part in some(rows):
        database.write(lambda tx, part=part: tx.run(text, rows=part).consume())  # type: ignore[misc]


def furnish(
    database: Database,
    spool: Path,
    handlings: dict[Handling, int],
    numbered_before: int,
    *,
    hollow: bool,
    bare: dict[str, list[int]],
) -> None:
    """Make an imported graph what a loaded one is: lists, constraints and indexes, and the books it had before.

    The importer can't write empty lists: ``hollow`` says that some record has one, and ``bare`` gives the changes that
    name no nodes, or no links.
    """
    with database.session() as session:
        if hollow:
            session.run(EMPTY_LISTS).consume()
        schema.begin(session)
    database.migrate()
    with database.session() as session:
        for name, seqs in bare.items():
            session.run(EMPTY_FEED[name], seqs=seqs).consume()
    write(database, CARRY, spooled(spool))
    rows = (
        msgspec.to_builtins(handling) | {"number": number, "digest": handling.digest}
        for handling, number in handlings.items()
        if number >= numbered_before
    )
    write(database, cypher.CREATE_HANDLINGS, rows)


def claim(database: Database, id: str, given: dict[str, Any], began: datetime) -> Run:
    """The run of imported batches, as ``Run.begin`` makes it; ``given`` is its source, owner, loader, files …"""

    def work(tx: ManagedTransaction) -> None:
        tx.run(runs.CLAIM_SOURCE, run=id, source=given["source"], owner=given["owner"]).consume()
        tx.run(runs.BEGIN, given, id=id).consume()
        tx.run(STARTED, id=id, at=began).consume()

    database.write(work)
    (source,) = database.rows(
        "MATCH (s:Source {name: $name}) RETURN s.complete AS complete", name=given["source"]
    )
    own = database.rows("MATCH (s:Source {owner: $owner}) RETURN s.name AS name", owner=given["owner"])
    names = frozenset(row["name"] for row in own)
    return Run(database, id, given["source"], given["owner"], names, source["complete"])


def flag(database: Database, flagged: Path) -> None:
    """Raise what imported records raise. Their state of review is as if nobody had decided, which some may have."""
    for part in some(spooled(flagged)):
        database.write(lambda tx, part=part: _flag(tx, part))  # type: ignore[misc]


def _flag(tx: ManagedTransaction, part: list[tuple[Row, str | None]]) -> None:
    rows = [dict(row) for row, _ in part]  # anew for each attempt
    raise_triggers(tx, rows)
    pairs = zip(rows, part, strict=True)
    other = [
        {"id": row["id"], "compliance": row["compliance"]}
        for row, (_, imported) in pairs
        if row.get("compliance") != imported
    ]
    if other:
        tx.run(COMPLIANCE, rows=other).consume()


def close(
    run: Run, began: datetime, rejects: Path, odd: Iterable[Batch], state: str, notes: list[str]
) -> Account:
    """Write what the importer could not take, and give the account of the run."""
    write(run.database, cypher.REJECTS, ({"run": run.id, **row} for row in spooled(rejects)))
    for batch in odd:
        run.commit(msgspec.structs.replace(batch, own_sources=run.own_sources, complete=run.complete))
    account = run.finish(state, notes)
    account.seconds = (datetime.now(UTC) - began).total_seconds()
    run.database.write(lambda tx: tx.run(SECONDS, id=run.id, seconds=account.seconds).consume())
    return account
