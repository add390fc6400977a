"""``graphsvc audit``, ``restrict``, ``agreement`` and ``purge`` as a person types them."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graphsvc.cli import root
from graphsvc.errors import Error, NotFound
from graphsvc.model import days
from graphsvc.settings import Settings, settings
from graphsvc.store.database import Database
from tests.world import File

pytestmark = pytest.mark.neo4j

Run = Callable[..., str]


@pytest.fixture
def run(open_server: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """``run("purge", "--due", "9")`` gives what it prints; an error of ours goes through."""
    monkeypatch.setenv("GRAPHSVC_DATA_DIR", str(open_server.data_dir))
    monkeypatch.setenv("GRAPHSVC_JARS_DIR", str(open_server.jars_dir))
    settings.cache_clear()
    shutil.rmtree(open_server.home / "audit", ignore_errors=True)

    def command(*arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(root, arguments)
        if isinstance(result.exception, Error):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.output

    yield command
    settings.cache_clear()


@pytest.fixture(autouse=True)
def world(database: Database) -> None:
    """Anna expired yesterday; Bela stays."""
    file = File("FR")
    file.person("anna", retain_until=days.iso(days.today() - 1))
    file.person("bela")
    file.load(database)


def test_a_restriction_and_back(run: Run) -> None:
    made = run("restrict", "deny", "fr-file:bela", "--owner", "FR", "--to", "DE", "--reason", "sealed")
    id = made.partition(":")[0]

    assert "1 records, 0 links; in force from the next request on" in made
    assert id in run("restrict", "list", "--about", "fr-file:bela")
    assert "is released" in run("restrict", "release", id, "--owner", "FR", "--reason", "over")
    assert run("restrict", "list") == ""


def test_what_is_withdrawn_is_purged_with_what_expired(run: Run, open_server: Settings) -> None:
    (open_server.home / "analyses").mkdir(exist_ok=True)
    run("restrict", "withdraw", "fr-file:bela", "--owner", "FR", "--reason", "wrong person")

    assert "FR  Person  1  from" in run("purge", "--due", "0")
    assert "purged 2 records" in run("purge")
    assert "purged 0 records" in run("purge")
    assert not (open_server.home / "analyses").exists()


def test_agreements(run: Run) -> None:
    run("agreement", "set", "PRUM", "--member", "de", "--member", "FR", "--reason", "signed")
    run("agreement", "end", "PRUM", "--reason", "denounced")

    assert run("agreement", "list") == "PRUM: no members\n"
    assert [
        line.partition("  ")[2] for line in run("agreement", "list", "--history", "PRUM").splitlines()
    ] == [
        "no members  (operator: denounced)",
        "DE, FR  (operator: signed)",
    ]
    with pytest.raises(Error, match="no country"):
        run("agreement", "set", "PRUM", "--member", "QQ", "--reason", "x")


def test_what_the_operator_does_is_audited_and_proven(
    run: Run, open_server: Settings, tmp_path: Path
) -> None:
    run("agreement", "set", "PRUM", "--member", "DE", "--reason", "signed")
    kept = tmp_path / "kept"
    kept.write_text(run("audit", "checkpoint"))
    run("purge")

    assert "2 entries" in run("audit", "verify", "--witness", str(kept))
    log = open_server.home / "audit" / f"{0:012}.log"
    lines = log.read_text().splitlines()
    assert [json.loads(line)["open"]["operation"] for line in lines] == ["agreement", "purge"]
    log.write_text(lines[0] + "\n")
    assert "missing at the end" in run("audit", "verify", "--witness", str(kept), status=1)
    shutil.rmtree(open_server.home / "audit")


def test_a_link_to_what_its_owner_cannot_see_is_not_decided_on(run: Run, database: Database) -> None:
    hidden, open_ = File("DE", allow={"DE"}), File("ES")
    hidden.person("dora")
    open_.person("elsa")
    hidden.load(database)
    open_.load(database)
    file = File("FR")
    links = [file.link("bela", "ASSOCIATE_OF", other) for other in ("de-file:dora", "es-file:elsa")]
    file.load(database)
    terms = ("--owner", "FR", "--reason", "wrong")

    with pytest.raises(NotFound):
        run("restrict", "withdraw", links[0], *terms)
    assert "0 records, 1 links" in run("restrict", "withdraw", links[1], *terms)
