"""What stops a file or a command ends in one sentence that says what to do."""

import gzip
import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graphsvc.commands import load, retract
from graphsvc.errors import UsageError
from graphsvc.model.identifiers import zone
from loaders.frame import Loader, unfinished
from loaders.parcel import Parcel
from loaders.retractions import ids_of
from loaders.rows import Reading
from tests.loaders.conftest import Read

pytestmark = pytest.mark.usefixtures("no_database")

TABLE = "id,name\np-1,Mara\np-2,Ivo\n"


def said(command: str, path: Path, *more: str) -> str:
    app = load.app if command == "load" else retract.app
    given = ["persons", str(path), "--dry-run"] if command == "load" else [str(path)]
    told = CliRunner().invoke(app, [*given, "--source", "fr-file", "--owner", "FR", *more])
    assert isinstance(told.exception, UsageError)
    return str(told.exception)


def why(parcel: Parcel) -> str:
    """The reason of the one reject."""
    (reject,) = parcel.rejects
    return reject.reason


def packed(name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_need_no_byte_order_mark(read: Read, code: str) -> None:
    for name in (code[:6], code[:6].upper().replace("-", "_")):
        parcel = read("persons", TABLE.encode(code), reading=Reading(name))
        assert [record.properties["name"] for record in parcel.records] == ["Mara", "Ivo"]


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "undefined", "hex", "never"])
def test_what_is_no_encoding_of_files_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(TABLE, encoding="utf-8")
    for command in ("load", "retract"):
        assert "is not an encoding: give one such as" in said(command, path, "--encoding", name)


@pytest.mark.parametrize("name", ["cp424", "utf-7", "hz", "iso2022_jp"])
def test_bytes_that_an_encoding_cannot_read_end_in_a_sentence(read: Read, name: str) -> None:
    parcel = read("persons", TABLE.encode() + b"p-3,\x7e\x70+\xed\x98\xff\n" * 99, reading=Reading(name))
    assert all("encoding" in reject.reason or len(reject.reason) > 20 for reject in parcel.rejects)


@pytest.mark.parametrize("sign", [",,", '"', "ab"])
def test_a_delimiter_is_one_sign(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(TABLE, encoding="utf-8")
    for command in ("load", "retract"):
        assert "cannot stand between cells: give one sign" in said(command, path, "--delimiter", sign)


def test_a_sequence_past_64_bits_is_refused_in_a_dry_run_too(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(TABLE, encoding="utf-8")
    assert "is past 64 bits: give a smaller number" in said("load", path, "--sequence", "9" * 20)


@pytest.mark.parametrize("time", ["0001-01-01T00:30+05:00", "9999-12-31T23:30-05:00"])
def test_a_time_beyond_the_calendar_costs_its_row(read: Read, time: str) -> None:
    parcel = read("events", f"id,type,time\ne-1,trip,{time}\ne-2,trip,2024-03-01T10:00+05:00\n")
    assert "is no time of the calendar: mend it" in why(parcel)
    assert len(parcel.records) == 1


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", ["persons.csv", "persons.jsonl", "bundle.json", "persons.xlsx"])
def test_a_member_that_is_damaged_says_send_it_again(read: Read, method: int, name: str) -> None:
    rows = "".join(f"p-{number},{number * 7919 % 99991}\n" for number in range(20_000))
    data = bytearray(packed(name, f"id,name\n{rows}".encode(), method))
    for place in range(len(name) + 60, len(data) - 200, 50):
        data[place] ^= 0xFF
    parcel = read("stix" if name == "bundle.json" else "persons", bytes(data), name="all.zip")
    assert "damaged" in parcel.rejects[-1].reason or "no list named" in parcel.rejects[-1].reason
    assert not {"Invalid", "Corrupt", "Error"} & set(parcel.rejects[-1].reason.split())


def test_a_cut_spreadsheet_or_bundle_that_is_packed_says_send_it_again(read: Read) -> None:
    data = gzip.compress(b'{"objects": [{"type": "' + bytes(range(256)).hex().encode() * 400)
    for format, name in (("persons", "persons.xlsx.gz"), ("stix", "bundle.json.gz")):
        said = why(read(format, data[:300], name=name))
        assert said.startswith(name)
        assert "cut or damaged" in said
        assert said.endswith("send it again")


def test_what_ends_a_load_says_what_becomes_of_its_run() -> None:
    with (
        pytest.raises(UsageError, match=r"^Not so; the run r-1 is not finished: the same command"),
        unfinished("r-1"),
    ):
        raise UsageError("Not so.")
    with pytest.raises(ValueError, match="other") as told, unfinished("r-1"):
        raise ValueError("other")
    assert "the run r-1 is not finished" in told.value.__notes__[0]


@pytest.mark.parametrize("name", ["empty", "all.zip"])
def test_a_folder_or_archive_without_tables_says_what_is_looked_for(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "empty":
        path.mkdir()
        (path / "persons.xls").write_bytes(b"old")
    else:
        path.write_bytes(packed("persons.xls", b"old"))
    for command in ("load", "retract"):
        told = said(command, path)
        assert f"{name} holds nothing to load: it is searched for files that end in .csv" in told
        assert "save others, such as .xls" in told


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        (
            "all.zip",
            packed("more.zip", packed("persons.csv", b"id\n1\n")),
            "is packed twice, a zip file within another",
        ),
        (
            "p.csv",
            packed("persons.csv", b"id\n1\n"),
            "is a zip file or a spreadsheet: let its name end in .zip",
        ),
        ("p.csv.gz", gzip.compress(gzip.compress(b"id\n1\n")), "unpack it if it is packed twice"),
        ("p.csv", gzip.compress(b"id\n1\n"), "is packed with gzip: let its name end in .gz"),
        ("p.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old spreadsheet: save it as XLSX or CSV"),
        ("p.csv.gz", TABLE.encode(), "is not packed with gzip, as its name says: rename it"),
        ("p.jsonl", b'{\n "id": "p-1",\n "name": "Mara"\n}\n', "line 1: an object stands on several lines"),
        ("p.json", b'["p-1"]\n["p-2"]\n', "line 2: something stands after the list"),
        ("p.json", b'[{"id": "p-1"},\n{"id": "p', "line 2: is not JSON from here on"),
    ],
    ids=lambda value: value if isinstance(value, str) else "data",  # archives hold the time
)
def test_what_is_not_what_its_name_says_is_told_once(read: Read, name: str, data: bytes, says: str) -> None:
    assert says in read("persons", data, name=name).rejects[-1].reason


def test_one_list_of_objects_is_a_table_in_any_layout(read: Read) -> None:
    rows = [{"id": "p-1", "name": "Mara"}, {"id": "p-2", "name": "Zoé"}]
    texts = [json.dumps(rows), json.dumps(rows, indent=2), "\ufeff\n " + json.dumps(rows, ensure_ascii=False)]
    for text in texts:
        parcel = read("persons", text, name="p.json")
        assert [record.properties["name"] for record in parcel.records] == ["Mara", "Zoé"]
        assert not parcel.rejects
    latin = json.dumps(rows, ensure_ascii=False).encode("latin-1")
    assert len(read("persons", latin, name="p.json", reading=Reading("latin-1")).records) == 2


def test_an_object_of_a_list_that_cannot_be_taken_costs_itself(read: Read) -> None:
    digits = '{"id": ' + "9" * 5000 + "}"
    wrong = ('{"id": "p-1", "id": "p-2"}', digits, '{"id": "p-3", "height_cm": NaN}', '"x"')
    text = "[" + ",\n".join((*wrong, '{"id": "p-4"}')) + "]"
    parcel = read("persons", text, name="p.json")
    assert [record.id for record in parcel.records] == ["fr-file:p-4"]
    assert [reject.line for reject in parcel.rejects] == [1, 2, 3, 4]
    reasons = [reject.reason for reject in parcel.rejects]
    assert "stands there twice" in reasons[0]
    assert "a number with thousands of digits" in reasons[1]
    assert not [reason for reason in reasons if "sys." in reason]


def test_a_number_of_thousands_of_digits_in_a_spreadsheet_is_told_plainly(read: Read) -> None:
    from openpyxl import Workbook

    book, stream, changed = Workbook(), BytesIO(), BytesIO()
    assert book.active is not None
    book.active.append(("id", "name"))
    book.active.append((424242, "Mara"))
    book.save(stream)
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"424242", b"4" * 5000))
    reason = why(read("persons", changed.getvalue(), name="p.xlsx"))
    assert "thousands of digits" in reason
    assert "sys." not in reason


def test_withdrawals_without_ids_say_that_the_column_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "gone.csv"
    path.write_text("ident,why\np-1,x\n", encoding="utf-8")
    told = CliRunner().invoke(retract.app, [str(path), "--source", "fr-file", "--owner", "FR"])
    assert "withdrawals need the column 'id', which is missing" in str(told.exception)


def test_withdrawals_name_their_ids_as_other_tables_do(tmp_path: Path) -> None:
    for name, text in {"a.csv": "ID,why\np-1,x\n,y\n", "b.jsonl": '{"id": ["p-2"]}\n{"id": 7}\n'}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    ids, rejects = ids_of([tmp_path], "fr-file", Reading())
    assert ids == ["fr-file:p-1", "fr-file:7"]
    assert [reject.reason.split(":")[0] for reject in rejects] == ["id is empty", "id"]


def test_only_a_column_that_is_nearly_declared_is_taken_for_a_slip(given: Callable[..., Loader]) -> None:
    table = given("persons", "id,parti_favori,actualites,hight_cm\np-1,,,\n")
    list(table.parcels(10))
    hints = sorted(note.partition("did you mean ")[2] for note in table.notes())
    assert hints == ["", "", "height_cm?"]


def test_a_finding_on_a_machine_readable_zone_reads_as_a_sentence() -> None:
    assert zone("P<UTO") == "mrz is not a machine-readable zone: write its 2 or 3 lines of 30, 36 or 44 signs"
