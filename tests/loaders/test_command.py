"""What ``graphsvc load`` says and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from graphsvc.commands.load import app

pytestmark = pytest.mark.usefixtures("no_database")


def dry(path: Path, *more: str) -> Result:
    return CliRunner().invoke(
        app, ["persons", str(path), "--source", "fr-file", "--owner", "FR", "--dry-run", *more]
    )


def test_a_dry_run_tells_what_a_load_would_bring(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name\np-1,Mara\np-1,Marlene\n,Ivo\n", encoding="utf-8")
    told = dry(path)
    assert told.exit_code == 0
    assert "read 3: would be written 1 (new 1), unchanged 0, waiting 0, accepted 0, rejected 2" in told.output
    assert "there is no database yet, so all of it is new" in told.output
    assert "persons.csv, line 3: The id fr-file:p-1 was already read in this run" in told.output
    assert "persons.csv, line 4: id is empty: fill it in" in told.output


def test_a_file_that_cannot_be_read_ends_with_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("name\nMara\n", encoding="utf-8")
    told = dry(path)
    assert told.exit_code == 1
    assert "persons need the column 'id', which is missing" in told.output


def test_an_option_of_handling_that_is_empty_does_not_open_to_all(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name\np-1,Mara\n", encoding="utf-8")
    assert "allow is empty: give it a value" in str(dry(path, "--allow", "").exception)
    assert dry(path, "--allow", ";").exit_code == 0


def test_a_dry_run_tells_notes_and_writes_rejects(tmp_path: Path) -> None:
    path, mend = tmp_path / "persons.csv", tmp_path / "mend.jsonl"
    path.write_text("id,name,hobby\np-1,Mara,chess\n,Ivo,\n", encoding="utf-8")
    mend.write_text("of an earlier load\n", encoding="utf-8")
    told = dry(path, "--rejects", str(mend))
    assert "note: persons.csv: the column 'hobby' is not one of persons and is left out" in told.output
    (reject,) = map(json.loads, mend.read_text(encoding="utf-8").splitlines())
    assert (reject["_line"], reject["name"]) == (3, "Ivo")


def test_a_dry_run_of_which_nothing_could_be_taken_ends_as_the_load_would(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name\n,Mara\n,Ivo\n", encoding="utf-8")
    assert dry(path).exit_code == 1


@pytest.mark.parametrize("name", ["persons.csv", "no/such.jsonl", "."])
def test_rejects_never_overwrite_what_is_loaded(tmp_path: Path, name: str) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name\np-1,Mara\n", encoding="utf-8")
    told = dry(path, "--rejects", str(tmp_path / name))
    assert "give --rejects a" in str(told.exception)
    assert "Mara" in path.read_text(encoding="utf-8")


def test_the_rejects_of_a_world_are_those_of_all_its_sources(tmp_path: Path) -> None:
    sources = [
        {"name": f"{code}-file", "owner": code.upper(), "files": {"persons": f"{code}.csv"}}
        for code in ("fr", "de")
    ]
    (tmp_path / "world.yml").write_text(json.dumps({"sources": sources}), encoding="utf-8")
    for code in ("fr", "de"):
        (tmp_path / f"{code}.csv").write_text(f"id,name\np-1,Mara\n,{code}\n", encoding="utf-8")
    mend = tmp_path / "mend.jsonl"
    told = CliRunner().invoke(app, ["world", str(tmp_path), "--dry-run", "--rejects", str(mend)])
    assert told.exit_code == 0, told.output
    assert [json.loads(line)["name"] for line in mend.read_text().splitlines()] == ["fr", "de"]


def test_help_has_an_example_and_every_format() -> None:
    told = CliRunner().invoke(app, ["--help"]).output
    assert "Example: graphsvc load persons" in told
    for name in ("documents", "stix", "mapping", "links"):
        assert name in told
