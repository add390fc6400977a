"""Migrations: applied once, in order, and held to what they were."""

from pathlib import Path

import pytest

from graphsvc.errors import StoreError
from graphsvc.model.links import LINKS
from graphsvc.store import schema
from graphsvc.store.database import Database


def test_statements_end_with_or_without_a_semicolon() -> None:
    text = "// comment; with a semicolon\nCREATE (a);\n\nCREATE (b)"
    assert schema.statements(text) == ("CREATE (a)", "CREATE (b)")


def test_a_migration_needs_a_number(tmp_path: Path) -> None:
    (tmp_path / "books.cypher").write_text("RETURN 1")
    with pytest.raises(StoreError, match="0001_books"):
        schema.written(tmp_path)


@pytest.mark.neo4j
def test_a_second_start_applies_nothing(database: Database) -> None:
    assert database.migrate() == []


@pytest.mark.neo4j
def test_a_changed_migration_is_refused(database: Database) -> None:
    first = schema.written()[0]
    set_checksum = "MATCH (m:Migration {name: $name}) SET m.checksum = $checksum"
    with database.session() as session:
        session.run(set_checksum, name=first.name, checksum="other").consume()
    try:
        with pytest.raises(StoreError, match="was changed after it was applied"):
            database.migrate()
    finally:
        with database.session() as session:
            session.run(set_checksum, name=first.name, checksum=first.checksum).consume()


@pytest.mark.neo4j
def test_ids_are_unique_for_nodes_and_every_type_of_link(database: Database) -> None:
    rows = database.rows("SHOW CONSTRAINTS YIELD labelsOrTypes AS on, properties AS by, type AS type")
    unique = {(row["on"][0], row["by"][0]) for row in rows if "UNIQUENESS" in row["type"]}
    assert {("Entity", "id"), *((link.name, "id") for link in LINKS)} <= unique
