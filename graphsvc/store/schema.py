"""Constraints and indexes: migrations that people read, and what follows from the declared types."""

import hashlib
import re
import time
from pathlib import Path

import msgspec
from neo4j import Session

from graphsvc.errors import StoreError
from graphsvc.model.kinds import KINDS
from graphsvc.model.links import LINKS
from graphsvc.store.queries import root

NOT_READY = "SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN name, state"
PAUSE = 0.05
"""Seconds between two looks at indexes that are being built."""
NUMBERED = re.compile(r"^\d{4}_[a-z0-9_]+$")
MADE = re.compile(r"CREATE (?:FULLTEXT )?INDEX (\w+)")
DROPPED = re.compile(r"DROP INDEX (\w+)")


class Migration(msgspec.Struct, frozen=True):
    """One step of the schema. The checksum holds it to what was applied."""

    name: str
    statements: tuple[str, ...]

    @property
    def checksum(self) -> str:
        return hashlib.sha256("\n".join(self.statements).encode()).hexdigest()


def statements(text: str) -> tuple[str, ...]:
    """The statements of a migration file: comments dropped, parted by semicolons, the last one with or without."""
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return tuple(part.strip() for part in bare.split(";") if part.strip())


def written(folder: Path | None = None) -> list[Migration]:
    """Migrations from ``cypher/migrations``, in order of their numbers."""
    found = []
    for path in sorted((folder or root() / "migrations").glob("*.cypher")):
        if not NUMBERED.match(path.stem):
            raise StoreError(f"Migration {path.name} needs a name such as 0001_books.cypher.")
        found.append(Migration(path.stem, statements(path.read_text(encoding="utf-8"))))
    return found


def lasting(migrations: list[Migration]) -> list[str]:
    """Their statements without the indexes that one of them drops again, which would be built for nothing."""
    several = [statement for migration in migrations for statement in migration.statements]
    dropped = {found[1] for statement in several if (found := DROPPED.match(statement))}
    return [text for text in several if not (found := MADE.match(text)) or found[1] not in dropped]


def declared() -> Migration:
    """What follows from the declared kinds and links. It grows with them, so it is applied whenever it differs."""
    links = tuple(
        f"CREATE CONSTRAINT {link.name.lower()}_id IF NOT EXISTS FOR ()-[r:{link.name}]-() REQUIRE r.id IS UNIQUE"
        for link in LINKS
    )
    kinds = tuple(
        f"CREATE INDEX {kind.name.lower()}_first_day IF NOT EXISTS FOR (n:{kind.name}) ON (n.first_day)"
        for kind in KINDS
        if kind.name in ("Event", "Transaction")
    )
    return Migration("declared_types", links + kinds)


def migrate(session: Session) -> list[str]:
    """Bring the schema up to date; safe to repeat. Returns the names of what was applied.

    Raises StoreError when an applied migration was changed afterwards.
    """
    session.run(
        "CREATE CONSTRAINT migration_name IF NOT EXISTS FOR (m:Migration) REQUIRE m.name IS UNIQUE"
    ).consume()
    applied = {
        row["name"]: row["checksum"]
        for row in session.run("MATCH (m:Migration) RETURN m.name AS name, m.checksum AS checksum")
    }
    several = written()
    for migration in several:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            raise StoreError(
                f"Migration {migration.name} was changed after it was applied; put it back and add a new one."
            )
    ahead = [
        migration for migration in [*several, declared()] if applied.get(migration.name) != migration.checksum
    ]
    kept, done = set(lasting(ahead)), []
    for migration in ahead:
        _apply(session, migration, kept)
        done.append(migration.name)
    _await(session)
    return done


def _await(session: Session) -> None:
    """Wait for indexes that are being built, however long that takes. Raises StoreError when one can't be."""
    while states := {row["name"]: row["state"] for row in session.run(NOT_READY)}:
        for name, state in states.items():
            if state == "FAILED":
                raise StoreError(f"The index {name} can't be built; the log of Neo4j says why.")
        time.sleep(PAUSE)


def begin(session: Session) -> None:
    """Begin the full-text indexes of a filled store, which take longest: they are built beside each other and beside
    the constraints that ``migrate`` makes next, which finds these there."""
    with session.begin_transaction() as tx:
        for statement in lasting(written()):
            if statement.startswith("CREATE FULLTEXT INDEX"):
                tx.run(statement).consume()
        tx.commit()


def _apply(session: Session, migration: Migration, kept: set[str]) -> None:
    for statement in migration.statements:
        if statement in kept:
            session.run(statement).consume()
    session.run(
        "MERGE (m:Migration {name: $name}) SET m.checksum = $checksum, m.at = datetime()",
        name=migration.name,
        checksum=migration.checksum,
    ).consume()
