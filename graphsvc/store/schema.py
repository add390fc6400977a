"""Constraints and indexes: migrations that people read, and what follows from the declared types."""

import hashlib
import re
from pathlib import Path

import msgspec
from neo4j import Session

from graphsvc.errors import StoreError
from graphsvc.model.kinds import KINDS
from graphsvc.model.links import LINKS
from graphsvc.store.queries import root

NUMBERED = re.compile(r"^\d{4}_[a-z0-9_]+$")


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
    done = []
    for migration in written():
        if migration.name in applied:
            if applied[migration.name] != migration.checksum:
                raise StoreError(
                    f"Migration {migration.name} was changed after it was applied; put it back and add a new one."
                )
            continue
        _apply(session, migration)
        done.append(migration.name)
    types = declared()
    if applied.get(types.name) != types.checksum:
        _apply(session, types)
        done.append(types.name)
    session.run("CALL db.awaitIndexes(300)").consume()
    return done


def _apply(session: Session, migration: Migration) -> None:
    for statement in migration.statements:
        session.run(statement).consume()
    session.run(
        "MERGE (m:Migration {name: $name}) SET m.checksum = $checksum, m.at = datetime()",
        name=migration.name,
        checksum=migration.checksum,
    ).consume()
