"""What ``graphsvc load`` says and how it ends."""

from pathlib import Path

from typer.testing import CliRunner, Result

from graphsvc.commands.load import app


def dry(path: Path, *more: str) -> Result:
    return CliRunner().invoke(
        app, ["persons", str(path), "--source", "fr-file", "--owner", "FR", "--dry-run", *more]
    )


def test_a_dry_run_tells_what_a_load_would_bring(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name\np-1,Mara\np-1,Marlene\n,Ivo\n", encoding="utf-8")
    told = dry(path)
    assert told.exit_code == 0
    assert "2 records, 0 links, 1 rejected, 1 ids with differing content" in told.output
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


def test_help_has_an_example_and_every_format() -> None:
    told = CliRunner().invoke(app, ["--help"]).output
    assert "Example: graphsvc load persons" in told
    for name in ("documents", "stix", "mapping", "links"):
        assert name in told
