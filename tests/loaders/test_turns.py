"""Several processes share a table in turns: together they read what one alone reads, each row once."""

import csv
import gzip
import random
from pathlib import Path

import msgspec
import pytest

from loaders import blocks
from loaders.catalogue import Request, loader
from loaders.declared import TableLoader
from loaders.rows import Rejected, Row, Sheet

OF = 3
NOTES = ("", "plain", "two\nlines", "three\r\nlines, and\nmore", 'with "quotes"', "a;b", "  ")


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "SIZE", 4)


def made(path: Path, *, reading: dict[str, object] | None = None) -> TableLoader:
    found = loader(Request("persons", [path], [], "fr-file", "FR"))
    assert isinstance(found, TableLoader)
    found.reading = msgspec.structs.replace(found.reading, **(reading or {}))
    return found


def alone(path: Path, **given: dict[str, object]) -> list[Row | Rejected]:
    one = made(path, **given)
    return list(one.read(one.inputs[0]))


def together(path: Path, **given: dict[str, object]) -> list[Row | Rejected]:
    """What each process reads in its turns, put in the order of the groups."""
    found: dict[int, list[Row | Rejected]] = {}
    for turn in range(OF):
        one = made(path, **given)
        for number, (rows, _) in enumerate(blocks.parts(one, one.inputs[0], turn, OF)):
            if number % OF == turn:
                found[number] = [*(rows.rows() if isinstance(rows, Sheet) else rows or [])]
    return [row for _, rows in sorted(found.items()) for row in rows]


@pytest.mark.parametrize("seed", range(40))
def test_rows_of_any_shape_are_read_once_each(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    path = tmp_path / "persons.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator=draw.choice(("\n", "\r\n")))
        table.writerow(("id", "name", "note"))
        for number in range(draw.randrange(60)):
            note = draw.choice(NOTES) if draw.random() < 0.4 else "plain"
            table.writerow((f"p-{number}", "Mara Invented", note))
            if draw.random() < 0.1:
                stream.write(
                    draw.choice(
                        ("\n", "# a comment\n", "p-x,too,many,cells\n", 'p-y,"open\n', "p-z,a\x01b,\n")
                    )
                )
    assert together(path, reading={"comment": "#"}) == alone(path, reading={"comment": "#"})


def test_a_block_without_quotes_is_passed_over_by_the_others(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name\n" + "".join(f"p-{n},Mara\n" for n in range(20)), encoding="utf-8")
    one = made(path)
    read = [rows is not None for rows, _ in blocks.parts(one, one.inputs[0], 1, OF)]
    assert read == [True, True, False, False, True, False]


def test_a_packed_file_that_is_cut_ends_alike_for_all(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv.gz"
    draw = random.Random(1)
    rows = "".join(f"p-{n},{draw.randbytes(40).hex()}\n" for n in range(200))
    path.write_bytes(gzip.compress(b"id,name\n" + rows.encode())[:4_000])
    seen = together(path)
    assert seen == alone(path)
    assert isinstance(seen[-1], Rejected)
    assert "cut or damaged" in seen[-1].reason


def test_a_line_without_end_ends_all_of_them_after_the_rows_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.text.LONGEST", 100)
    path = tmp_path / "persons.csv"
    path.write_text("id,name\n" + "".join(f"p-{n},Mara\n" for n in range(6)) + "x" * 300, encoding="utf-8")
    said = []
    for turn in range(OF):
        one = made(path)
        parts = list(blocks.parts(one, one.inputs[0], turn, OF))
        said.append((len(parts), parts[-1][1]))
    assert len(together(path)) == 6
    assert len(set(said)) == 1
    assert said[0][1] is not None
    assert "is longer than" in said[0][1].reason


def test_columns_are_told_by_the_first_process_even_where_its_own_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name,hobby\n" + "p-1,a\n" * 5 + "p-2,Mara,chess\n" * 9, encoding="utf-8")
    one = made(path)
    parcels = list(blocks.turns(one, 0, OF))
    assert sum(len(parcel) for _, _, parcel in parcels)
    assert any("'hobby'" in note for note in one.notes())


@pytest.mark.parametrize("rows", [2, 6, 10, 14])
def test_a_file_that_breaks_off_is_told_once_by_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("loaders.text.LONGEST", 100)
    path = tmp_path / "persons.csv"
    path.write_text("id,name\n" + "".join(f"p-{n},Mara\n" for n in range(rows)) + "x" * 300, encoding="utf-8")
    failed: list[Rejected] = []
    rejected: list[Rejected] = []
    for turn in range(OF):
        one = made(path)
        for _, _, parcel in blocks.turns(one, turn, OF):
            rejected += parcel.rejects
        failed += one.failed
    assert len(failed) == 1
    assert rejected == failed
    assert "is longer than" in failed[0].reason
