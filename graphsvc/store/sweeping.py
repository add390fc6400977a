"""Taking out what a source's complete batch no longer holds. Nothing is buried: what comes again is taken again.

Links of others to a swept record are not lost: they wait for it, as if it had never arrived.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import msgspec

from graphsvc.errors import AccessError, ConflictError, UsageError
from graphsvc.store import statements as cypher
from graphsvc.store.database import Database
from graphsvc.store.decisions import Books, change, new_id
from graphsvc.store.plan import key, sources

AT_ONCE = 1_000
RANGE = 50_000

SOURCE = "MATCH (s:Source {name: $source}) RETURN s.owner AS owner, s.complete AS complete"
HEAD = "MATCH (m:Meta {name: 'graph'}) RETURN m.next_no AS next"
RUNNING = "MATCH (r:Run {source: $source, state: 'running'}) RETURN count(r) AS n"
NODES = """
MATCH (n:Entity) WHERE n.no >= $from AND n.no < $to AND n.source = $source
RETURN n.id AS id, n.kind AS kind, n.sequence AS sequence
"""
LINKS = """
MATCH (n:Entity)-[r]->(:Entity) WHERE n.no >= $from AND n.no < $to AND r.source = $source
RETURN r.id AS id, r.kind AS kind, r.sequence AS sequence
"""
WAITING = """
MATCH (w:WaitingLink) WHERE w.link STARTS WITH $prefix RETURN w.link AS id, w.kind AS kind, w.sequence AS sequence
"""
AROUND = """
MATCH (n:Entity)-[r]-(:Entity) WHERE n.id IN $ids WITH DISTINCT r RETURN properties(r) AS row
"""
OWNERS = "MATCH (s:Source) RETURN s.name AS source, s.owner AS owner"
DELETE_NODES = "MATCH (n:Entity) WHERE n.id IN $ids DETACH DELETE n"
DROP_LINKS = "MATCH ()-[r:{kind}]->() WHERE r.id IN $ids DELETE r"
COMPLETE = "MATCH (s:Source {name: $source}) SET s.complete = $sequence"

Held = Callable[[Iterable[str]], set[str]]


class Swept(msgspec.Struct):
    """What a sweep found and took out. ``told`` says that it only looked.

    Links that wait are counted with those that found their ends: which are which tells of records of others.
    """

    there: int = 0
    nodes: int = 0
    links: int = 0
    told: bool = False

    @property
    def gone(self) -> int:
        """Everything that the batch no longer holds."""
        return self.nodes + self.links


def sweep(
    database: Database,
    *,
    source: str,
    owner: str,
    held: Held,
    share: float,
    sequence: int | None = None,
    look: bool = False,
) -> Swept:
    """Take out what the source has in the graph and its complete batch does not hold.

    ``held`` gives those of the ids that the batch holds. Elements of a later version than ``sequence`` stay. Raises
    AccessError for another owner's source, ConflictError while it is being loaded, UsageError when more than
    ``share`` of the source would go.
    """
    _check(database, source, owner, sequence)
    swept = Swept(told=look)
    gone: dict[str, list[tuple[str, str]]] = {"nodes": [], "links": [], "waiting": []}
    for what, rows in _elements(database, source):
        swept.there += len(rows)
        there = held(row["id"] for row in rows)
        for row in rows:
            later = sequence is not None and (row["sequence"] or 0) > sequence
            if row["id"] not in there and not later:
                gone[what].append((row["id"], row["kind"]))
    swept.nodes, swept.links = len(gone["nodes"]), len(gone["links"]) + len(gone["waiting"])
    if swept.there and swept.gone > share * swept.there:
        raise UsageError(
            f"{swept.gone:,} of {swept.there:,} elements of {source} are not in this batch, more than {share:.0%}: "
            f"check that it is complete, and say --share {min(1.0, swept.gone / swept.there + 0.01):.2f} if it is"
        )
    if not look:
        _take_out(database, source, gone, sequence)
    return swept


def _check(database: Database, source: str, owner: str, sequence: int | None) -> None:
    found = database.rows(SOURCE, source=source)
    if not found or found[0]["owner"] != owner:
        raise AccessError(f"There is no source {source} of {owner}: sweep sources of your own only.")
    if database.rows(RUNNING, source=source)[0]["n"]:
        raise ConflictError(f"{source} is being loaded, or a load of it was cut off: finish that load first.")
    newest = found[0]["complete"]
    if sequence is not None and newest is not None and sequence < newest:
        raise ConflictError(
            f"A later complete batch of {source}, number {newest}, was swept already: nothing is taken out."
        )


def _elements(database: Database, source: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    end = database.rows(HEAD)[0]["next"]
    for start in range(0, end, RANGE):
        for what, text in (("nodes", NODES), ("links", LINKS)):
            bounds = {"from": start, "to": start + RANGE}
            yield what, database.rows(text, source=source, **bounds)
    yield "waiting", database.rows(WAITING, prefix=f"{source}:")


def _take_out(
    database: Database, source: str, gone: dict[str, list[tuple[str, str]]], sequence: int | None
) -> None:
    name = new_id("sweep")
    for what, work in (("waiting", _waiting), ("links", take_links), ("nodes", take_nodes)):
        for start in range(0, len(gone[what]), AT_ONCE):
            some = gone[what][start : start + AT_ONCE]
            change(database, name, partial(work, gone=some))
    if sequence is not None:
        change(
            database, name, lambda books: books.tx.run(COMPLETE, source=source, sequence=sequence).consume()
        )


def _waiting(books: Books, gone: list[tuple[str, str]]) -> None:
    books.tx.run(cypher.DROP_WAITING, ids=[f"{kind} {id}" for id, kind in gone]).consume()


def take_links(books: Books, gone: list[tuple[str, str]]) -> None:
    """Links, by id and type."""
    for kind in sorted({kind for _, kind in gone}):
        ids = [id for id, of in gone if of == kind]
        books.tx.run(DROP_LINKS.format(kind=kind), ids=ids).consume()
    books.feed("delete", [], gone)


def take_nodes(books: Books, gone: list[tuple[str, str]]) -> None:
    """Records, by id and kind; links to them that stay in their sources wait from now on."""
    ids = [id for id, _ in gone]
    late = wait(books, ids)
    books.tx.run(DELETE_NODES, ids=ids).consume()
    books.feed("delete", gone, late)


def wait(books: Books, ids: list[str]) -> list[tuple[str, str]]:
    """Let all links at these records wait for them, as if they had never arrived; the links by id and type."""
    rows = [found["row"] for found in books.tx.run(AROUND, ids=ids).data()]
    if rows:
        owners = source_owners(books)
        waiting = [_kept(row, owners) for row in rows]
        books.tx.run(cypher.KEEP_WAITING, rows=waiting).consume()
        books.touch(row["link"] for row in waiting if not row["foreign"])
    return [(row["id"], row["kind"]) for row in rows]


def source_owners(books: Books) -> dict[str, str]:
    """The owner of each source."""
    return {found["source"]: found["owner"] for found in books.tx.run(OWNERS).data()}


def _kept(row: dict[str, Any], owners: dict[str, str]) -> dict[str, Any]:
    return {
        "id": key(row),
        "link": row["id"],
        "kind": row["kind"],
        "foreign": any(owners.get(end) != row["owner"] for end in sources(row)),
        "payload": msgspec.json.encode(row).decode(),
        **{name: row.get(name) for name in cypher.WAITING_FACTS},
    }
