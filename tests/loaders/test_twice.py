"""Columns that stand there twice, numbers that lost digits, ids that are none: any choice would be a guess."""

import json
from io import BytesIO
from typing import Any

import pytest

from loaders.parcel import Parcel
from loaders.rows import Reading
from tests.loaders.conftest import Read


def workbook(*rows: tuple[Any, ...]) -> bytes:
    from openpyxl import Workbook

    book, stream = Workbook(), BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def parquet(**columns: list[Any]) -> bytes:
    import pyarrow
    from pyarrow import parquet as written

    stream = BytesIO()
    written.write_table(
        pyarrow.table(list(columns.values()), names=[name.rstrip("_") for name in columns]), stream
    )
    return stream.getvalue()


def why(parcel: Parcel) -> str:
    """The reason of the one reject."""
    (reject,) = parcel.rejects
    return reject.reason


def test_a_column_that_stands_there_twice_is_refused_in_every_form(read: Read) -> None:
    files = {
        "p.csv": b"id,name,name\np-1,Mara,Zoe\n",
        "p.xlsx": workbook(("id", "name", "name "), ("p-1", "Mara", "Zoe")),
        "p.parquet": parquet(id=["p-1"], name=["Mara"], name_=["Zoe"]),
    }
    for name, data in files.items():
        parcel = read("persons", data, name=name)
        assert why(parcel) == f"{name}, line 1: the column 'name' stands there twice: rename or remove one"
        assert not parcel.records


def test_a_column_under_two_of_its_names_is_refused(read: Read) -> None:
    files = {
        "p.csv": b"id,birth_date,Birth Date\np-1,1980,1990\n",
        "p.xlsx": workbook(("id", "birth_date", "Birth Date"), ("p-1", "1980", "1990")),
    }
    for name, data in files.items():
        assert "the columns 'birth_date' and 'Birth Date' are one and the same" in why(
            read("persons", data, name=name)
        )
    assert len(read("persons", "id,Hobby,hobby\np-1,a,b\n").records) == 1


@pytest.mark.parametrize(
    "names", [("birth_date", "Birth Date"), ("Birth Date", "birth_date"), ("Birth-Date", "BIRTH DATE")]
)
def test_an_object_with_a_key_under_two_of_its_names_is_refused(read: Read, names: tuple[str, str]) -> None:
    row = {"id": "p-1", names[0]: "1980", names[1]: "1990"}
    assert "birth_date: stands there twice" in why(read("persons", json.dumps(row), name="p.jsonl"))
    (record,) = read("persons", json.dumps(row | {names[1]: None}), name="p.jsonl").records
    assert record.properties["birth_date"] == "1980"


def test_a_link_with_an_end_under_two_of_its_names_is_refused(read: Read) -> None:
    row = {"kind": "ASSOCIATE_OF", "From": "p-1", "from": "p-2", "to": "p-3"}
    assert "from: stands there twice" in why(read("links", json.dumps(row), name="l.jsonl"))


@pytest.mark.parametrize("number", [12345678901234567890, 4111111111111111])
def test_a_number_of_which_a_spreadsheet_loses_digits_is_refused(read: Read, number: int) -> None:
    data = workbook(("id", "name"), (number, "Mara"), (490154203237518, "Ivo"))
    parcel = read("persons", data, name="p.xlsx")
    assert "'id' holds a number of more than 15 digits" in why(parcel)
    assert [record.id for record in parcel.records] == ["fr-file:490154203237518"]


def test_a_floating_point_number_that_lost_digits_is_no_text(read: Read) -> None:
    assert "id: is a number that has lost digits" in why(read("persons", '{"id": 1e20}', name="p.jsonl"))
    data = parquet(id=["p-1"], national_id=[1.2345678901234567e19])
    assert "national_id: is a number that has lost digits" in why(read("persons", data, name="p.parquet"))


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
def test_an_error_of_a_spreadsheet_costs_its_row(read: Read, error: str) -> None:
    data = workbook(("id", "name", "religion"), ("p-1", error, "secretum"), ("p-2", "Ivo", ""))
    parcel = read("persons", data, name="p.xlsx")
    assert f"the column 'name' holds the error {error}" in why(parcel)
    assert "secretum" not in parcel.rejects[0].row
    assert len(parcel.records) == 1


@pytest.mark.parametrize("wrong", [["1"], True, {}, {"a": 1}, []])
def test_an_id_is_text(read: Read, wrong: object) -> None:
    assert why(read("persons", json.dumps({"id": wrong}), name="p.jsonl")).startswith("id: is ")
    link = {"kind": "ASSOCIATE_OF", "from": "p-1", "to": "p-2"}
    for name in ("id", "from", "to"):
        assert why(read("links", json.dumps(link | {name: wrong}), name="l.jsonl")).startswith(f"{name}: is ")


@pytest.mark.parametrize("wrong", [[["p-1"]], [True], {"a": 1}, True])
def test_a_reference_and_a_term_are_text(read: Read, wrong: object) -> None:
    row = {"id": "d-1", "type": "passport", "number": "1", "country": "FR"}
    for name in ("holders", "units", "allow"):
        assert why(read("documents", json.dumps(row | {name: wrong}), name="d.jsonl")).startswith(
            f"{name}: is "
        )


@pytest.mark.parametrize("sign", ["\x80", "\x85", "\x9f"])
def test_control_characters_of_the_second_kind_are_refused(read: Read, sign: str) -> None:
    says = f"holds a control character (U+{ord(sign):04X}), as cp1252 text does that is read as latin-1"
    assert says in why(read("persons", f"id,name\np-1,M{sign}ra\n"))
    assert says in why(
        read("persons", f"id,name\np-1,M{sign}ra\n".encode("latin-1"), reading=Reading("latin-1"))
    )
    assert says in why(read("persons", json.dumps({"id": "p-1", "name": sign}), name="p.jsonl"))
    assert says in why(read("persons", parquet(id=["p-1"], name=[sign]), name="p.parquet"))
    assert says in why(read("stix", json.dumps({"objects": [{"id": sign}]}), name="bundle.json"))


def test_text_of_cp1252_is_read_as_such(read: Read) -> None:
    (record,) = read("persons", "id,name\np-1,M…ra\n".encode("cp1252"), reading=Reading("cp1252")).records
    assert record.properties["name"] == "M…ra"
