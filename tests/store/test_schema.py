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


def test_an_index_that_is_dropped_again_is_never_made() -> None:
    made = schema.Migration(
        "1", ("CREATE INDEX a FOR …", "CREATE FULLTEXT INDEX b IF NOT EXISTS FOR …", "MERGE (m)")
    )
    later = schema.Migration("2", ("DROP INDEX b IF EXISTS", "CREATE INDEX c FOR …"))
    assert schema.lasting([made, later]) == [made.statements[0], "MERGE (m)", *later.statements]
    assert schema.lasting([made]) == list(made.statements)


@pytest.mark.neo4j
def test_a_store_of_before_gets_one_index_of_terms_for_two(database: Database) -> None:
    first, forget = schema.written()[0], "MATCH (m:Migration {name: '0060_terms'}) DELETE m"
    with database.session() as session:
        for statement in ("DROP INDEX entity_terms", *first.statements, forget):
            session.run(statement).consume()
    assert database.migrate() == ["0060_terms"]
    rows = database.rows("SHOW FULLTEXT INDEXES YIELD name, properties, state")
    assert rows == [{"name": "entity_terms", "properties": ["search", "keys"], "state": "ONLINE"}]


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
