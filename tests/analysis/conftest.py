"""``service`` asks questions of the database as one caller after another."""

from collections.abc import Iterator

import pytest

from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.analysis.asking import Service


@pytest.fixture
def service(database: Database, open_server: Settings) -> Iterator[Service]:
    made = Service(open_server)
    yield made
    made.close()
