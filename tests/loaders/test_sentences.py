"""What stops a file or a command ends in one sentence that says what to do."""

import gzip
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graphsvc.commands import load, retract
from graphsvc.errors import UsageError
from loaders.frame import Parcel, unfinished
from loaders.rows import Reading
from tests.loaders.conftest import Read

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
    data = gzip.compress(b'{"objects": [' + bytes(range(256)).hex().encode() * 400)
    for format, name in (("persons", "persons.xlsx.gz"), ("stix", "bundle.json.gz")):
        assert why(read(format, data[:300], name=name)) == f"{name} is cut or damaged: send it again"


def test_what_ends_a_load_says_what_becomes_of_its_run() -> None:
    with (
        pytest.raises(UsageError, match=r"^Not so; the run r-1 is not finished: the same command"),
        unfinished("r-1"),
    ):
        raise UsageError("Not so.")
    with pytest.raises(ValueError, match="other") as told, unfinished("r-1"):
        raise ValueError("other")
    assert "the run r-1 is not finished" in told.value.__notes__[0]
