"""The file of refused rows has what it takes to mend them, also of those that were refused for what is stored."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from graphsvc.commands.load import app
from graphsvc.store.database import Database
from graphsvc.store.retractions import retract
from tests.loaders.conftest import names

pytestmark = [pytest.mark.neo4j, pytest.mark.usefixtures("own_server")]

TABLE = "id,name,religion\np-1,Mara,secretum\n,Nobody,\np-2,Ivo,\np-1,Zoe,secretum\n"
PACKED = gzip.compress(TABLE.encode())
OBJECTS = "\n".join(
    (
        '{"id": "p-1", "name": "Mara"}',
        '{"name": "Nobody"}',
        '{"id": "p-2", "name": "Ivo"}',
        '{"id": "p-1", "name": "Zoe", "religion": "secretum"}',
    )
)


def load(path: Path, *more: str) -> str:
    told = CliRunner().invoke(app, ["persons", str(path), "--source", "fr-file", "--owner", "FR", *more])
    assert told.exit_code == 0, told.output
    return told.output


def kept(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("dry", [True, False])
@pytest.mark.parametrize(
    ("name", "content"),
    [("persons.csv", TABLE.encode()), ("persons.csv.gz", PACKED), ("persons.jsonl", OBJECTS.encode())],
)
def test_rows_refused_for_what_is_stored_are_kept_whole(
    tmp_path: Path, database: Database, name: str, content: bytes, dry: bool
) -> None:
    path, mend = tmp_path / name, tmp_path / "mend.jsonl"
    path.write_bytes(content)
    retract(database, source="fr-file", owner="FR", ids=["fr-file:p-2"])
    load(path, "--rejects", str(mend), *(["--dry-run"] if dry else []))
    found = {row["_line"]: row for row in kept(mend)}
    assert len(found) == 3
    nobody, gone, twice = (found[line] for line in sorted(found))
    assert nobody["name"] == "Nobody"
    assert "was purged for good" in gone["_reason"]
    assert (gone["id"], gone["name"]) == ("p-2", "Ivo")
    assert "was already read in this run" in twice["_reason"]
    assert (twice["id"], twice["name"], twice["_triggers"]) == ("p-1", "Zoe", ["dropped:religion"])
    assert "secretum" not in mend.read_text(encoding="utf-8")


def test_they_can_be_mended_and_loaded_again(tmp_path: Path, database: Database) -> None:
    path, mend, mended = (tmp_path / name for name in ("persons.csv", "mend.jsonl", "mended.jsonl"))
    path.write_text(TABLE, encoding="utf-8")
    load(path, "--rejects", str(mend))
    rows = [row | {"id": f"p-{number}"} for number, row in enumerate(kept(mend), 7)]
    mended.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert "read 2: written 2" in load(mended)
    assert names(database) == ["Ivo", "Mara", "Nobody", "Zoe"]
