"""Stories ask through the API, as an investigator does, or run the commands of a page of the documentation."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graphsvc.api.schema import make_schema
from graphsvc.cli import root
from graphsvc.localdb import server as localdb
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.api.conftest import api_settings, ask, send
from tests.stories.pages import ROOT, Run

__all__ = ["api_settings", "ask", "command", "own_command", "send"]


@pytest.fixture
def command(database: Database, open_server: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``command(["load", …], text)`` runs the program from the root of the repository; what it printed."""
    return runner(open_server, monkeypatch)


@pytest.fixture
def own_command(tmp_path: Path, open_server: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The same on a data folder in which nothing was ever started, for loads in bulk."""
    given = open_server.model_copy(update={"data_dir": tmp_path / "own", "jars_dir": open_server.jars_home})
    yield runner(given, monkeypatch)
    localdb.stop(given)


def runner(given: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands with these settings; the schema, which is the same for all of them, is made once."""
    for name in ("load", "query"):
        monkeypatch.setattr(f"graphsvc.commands.{name}.settings", lambda: given)
    monkeypatch.setattr("graphsvc.api.schema.make_schema", cache(make_schema))
    monkeypatch.chdir(ROOT)

    def run(words: list[str], text: str) -> str:
        told = CliRunner().invoke(root, words, input=text)
        assert told.exit_code == 0, (words, told.output, told.exception)
        return told.stdout

    return run
