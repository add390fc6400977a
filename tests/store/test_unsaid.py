"""Records in a statement reach Neo4j, and no log."""

import logging

import pytest

from graphsvc.store.database import Database

pytestmark = pytest.mark.neo4j


def test_rows_are_sent_and_not_told(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "neo4j"):
        found = database.rows("UNWIND $rows AS row RETURN row.name AS name", rows=[{"name": "Mara Lind"}])

    sent = [record.getMessage() for record in caplog.records if "C: RUN" in record.getMessage()]
    assert found == [{"name": "Mara Lind"}]
    assert any("1 values" in message for message in sent)
    assert not any("Mara" in message for message in sent)
