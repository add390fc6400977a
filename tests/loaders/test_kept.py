"""A refused row is kept to be mended, and nothing that must not come in is kept with it."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from loaders.parcel import Parcel, as_reject
from loaders.rejects import mendable
from tests.loaders.conftest import Read

HEAD = "id,name,religion,note\n"


@pytest.mark.parametrize(
    ("row", "left"),
    [
        ("p-1,Mara,secretum,x,extra", {"id": "p-1", "name": "Mara"}),
        ("p-1,Mara,Ann,secretum,x", {"id": "p-1", "name": "Mara"}),
        ("p-1,Mara,secretum", {"id": "p-1"}),
        ("p-1,secretum", {}),
        ("p-1,M\u202eara,secretum,x", {"id": "p-1", "name": "M\u202eara", "note": "x"}),
        ("p-1,Mara,secretum\x07,x", {"id": "p-1", "name": "Mara", "note": "x"}),
        ('p-1,"Mara"x,secretum,x', {}),
        ('p-1,"Mara,secretum,x', {}),
    ],
)
def test_cells_that_may_be_of_a_sensitive_column_are_not_kept(
    read: Read, row: str, left: dict[str, str]
) -> None:
    (reject,) = read("persons", f"{HEAD}{row}\n").rejects
    assert json.loads(reject.row) == {"_triggers": ["dropped:religion"], **left}
    assert "secretum" not in repr(reject)


def test_a_table_without_sensitive_columns_keeps_its_rows_as_they_stand(read: Read) -> None:
    (reject,) = read("persons", "id,name\np-1,Mara,extra\n").rejects
    assert reject.row == "p-1,Mara,extra"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ('{"id": "p-1", "id": "p-2", "religion": "secretum"}', {"id": "p-2"}),
        ('{"id": "p-1", "name": "M\u202ea", "religion": "secretum"}', {"id": "p-1", "name": "Ma"}),
        ('{"id": "p-1", "name": "M\\u202ea", "religion": "secretum"}', {"id": "p-1", "name": "M\u202ea"}),
        ('{"id": "p-1", "name": {"a": 1, "religion": "secretum"}}', {"id": "p-1", "name": {"a": 1}}),
        ('{"id": "p-1", "name": [{"religion": "secretum"}]}', {"id": "p-1", "name": [{}]}),
        ('{"id": "p-1", "relig\x07ion": "secretum"}', {"id": "p-1"}),
        ('{"id": "p-1", "religion": "secretum"', {}),
        ('"religion: secretum"', {}),
        ('{"id": "p-1", "id": "p-2", "r\\u0065ligion": "secretum"}', {"id": "p-2"}),
    ],
)
def test_an_object_is_kept_without_what_its_keys_say_is_sensitive(
    read: Read, line: str, left: dict[str, object]
) -> None:
    (reject,) = read("persons", f"{line}\n", name="p.jsonl").rejects
    assert json.loads(reject.row) == {"_triggers": ["dropped:religion"], **left}
    assert "secretum" not in repr(reject)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ('{"id": "p-2", "name": "Ivo"ligion": "secretum"}', {"_triggers": ["dropped:religion"]}),
        ('{"id": "p-2", "reli\u202eg-ion": "secretum"}', {"id": "p-2"}),
        ('igion": "secretum"}', {"_triggers": ["dropped:religion"]}),
    ],
)
def test_a_damaged_key_is_told_by_those_of_the_objects_before(read: Read, line: str, left: object) -> None:
    (reject,) = read("persons", f'{{"id": "p-1", "religion": "x"}}\n{line}\n', name="p.jsonl").rejects
    assert json.loads(reject.row) == left


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ('{"id": "p-1", "reli\\gion": "secretum"}', ""),
        ('{"id": "p-1", "reli"gion": "secretum"}', ""),
        ('{"id": "p-1", "name": "M\u202ea"}', '{"id": "p-1", "name": "M\u202ea"}'),
    ],
)
def test_a_damaged_key_of_the_first_object_hides_what_stands_under_it(
    read: Read, line: str, left: str
) -> None:
    (reject,) = read("persons", line, name="p.jsonl").rejects
    assert reject.row == left


def test_a_spreadsheet_keeps_a_row_without_its_sensitive_cells(read: Read) -> None:
    import pyarrow
    from pyarrow import parquet

    stream = BytesIO()
    rows = {
        "id": ["p-1"],
        "name": ["M\u202ea"],
        "religion": ["secretum"],
        "more": [{"hiv": "secretum", "a": 1}],
    }
    parquet.write_table(pyarrow.table(rows), stream)
    (reject,) = read("persons", stream.getvalue(), name="persons.parquet").rejects
    assert json.loads(reject.row) == {
        "_triggers": ["dropped:health", "dropped:religion"],
        "id": "p-1",
        "name": "M\u202ea",
        "more": {"a": 1},
    }


def test_a_bundle_keeps_an_object_without_its_sensitive_parts(read: Read) -> None:
    text = '{"objects": [{"id": "x--1", "name": "a\u202e", "religion": "secretum"}]}'
    (reject,) = read("stix", text, name="bundle.json").rejects
    assert json.loads(reject.row) == {"_triggers": ["dropped:religion"], "id": "x--1", "name": "a"}


def test_a_row_refused_for_its_template_keeps_its_other_cells(read: Read) -> None:
    head = "id,type,database,reference,template,religion"
    (reject,) = read("biometrics", f"{head}\nb-1,face,FR-F,F-1,AAAA,secretum\n").rejects
    assert json.loads(reject.row) == {
        "_triggers": ["dropped:religion"],
        "id": "b-1",
        "type": "face",
        "database": "FR-F",
        "reference": "F-1",
    }


Round = Callable[..., Parcel]


@pytest.fixture
def rounds(read: Read) -> Round:
    """Refused rows as the file that comes back, with changes."""

    def again(parcel: Parcel, **changes: object) -> Parcel:
        lines = [
            json.loads(mendable(msgspec.to_builtins(as_reject(one)))) | changes for one in parcel.rejects
        ]
        return read("persons", "\n".join(map(json.dumps, lines)), name="mend.jsonl")

    return again


def test_a_mended_row_brings_its_triggers_back(read: Read, rounds: Round) -> None:
    parcel = read("persons", f"{HEAD}p-1,Mara,secretum,x,extra\n")
    parcel = rounds(parcel, birth_date="never")
    (reject,) = parcel.rejects
    assert json.loads(reject.row)["_triggers"] == ["dropped:religion"]
    (record,) = rounds(parcel, birth_date="1980").records
    assert record.properties["triggers"] == ["dropped:religion"]


def test_the_reason_of_the_last_round_is_told(read: Read, rounds: Round) -> None:
    first = read("persons", "id,name,birth_date\np-0,Zoe,1990\np-1,Mara,never\n")
    second = rounds(first, birth_date="1980", height_cm="tall")
    told = json.loads(mendable(msgspec.to_builtins(as_reject(second.rejects[0]))))
    assert (told["_file"], told["_line"]) == ("mend.jsonl", 1)
    assert "height_cm" in told["_reason"]


@pytest.mark.parametrize("triggers", ["dropped:religion", ["dropped:nothing", 7], {"a": 1}, 7])
def test_triggers_are_taken_back_from_rejects_alone_and_only_known_ones(read: Read, triggers: object) -> None:
    row = {"id": "p-1", "name": "Mara", "_triggers": triggers}
    (record,) = read("persons", json.dumps(row), name="p.jsonl").records
    assert "triggers" not in record.properties
    (record,) = read("persons", json.dumps(row | {"_reason": "x"}), name="p.jsonl").records
    assert record.properties.get("triggers") == (["dropped:religion"] if isinstance(triggers, str) else None)


def test_a_file_of_rejects_in_another_form_goes_row_by_row(read: Read, tmp_path: Path) -> None:
    from loaders import blocks
    from loaders.catalogue import Request, loader
    from loaders.declared import TableLoader

    path = tmp_path / "mend.csv"
    path.write_text("id,name,_reason,_triggers\np-1,Mara,x,dropped:religion\n", encoding="utf-8")
    table = loader(Request("persons", [path], [], "fr-file", "FR"))
    assert isinstance(table, TableLoader)
    (record,) = [record for _, _, parcel in blocks.turns(table, 0, 1) for record in parcel.records]
    assert record.properties["triggers"] == ["dropped:religion"]
