"""Bad input costs the row that holds it: one sentence with file and line, and the rest of the file is loaded."""

import gzip
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from graphsvc.store.database import Database
from loaders.frame import Outcome
from loaders.parcel import Parcel
from loaders.rows import Reading
from tests.loaders.conftest import Load, Read, names

pytestmark = pytest.mark.neo4j

GOOD = "id,name,birth_date,height_cm,nationalities\np-1,Mara,1988-04,171,FR\n"
AFTER = "p-3,Zoe,1990,160,MA\n"


def told(outcome: Outcome | Parcel) -> tuple[int, str]:
    """Line and reason of the one reject."""
    (reject,) = outcome.rejects
    return reject.line, reject.reason


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("p-2,Ivo,1990-13-01,160,FR", "birth_date: '1990-13-01' is no day of the calendar"),
        ("p-2,Ivo,24/08/1990,160,FR", "write it as 2017-08-24"),
        ("p-2,Ivo,1990,9223372036854775808,FR", "height_cm: 9223372036854775808 is past 64 bits"),
        ("p-2,Ivo,1990,99999999999999999999999,FR", "is past 64 bits"),
        ("p-2,Ivo,1990,tall,FR", "height_cm: 'tall' is not a whole number"),
        ("p-2,Ivo,1990,160,QQ", "nationalities: 'QQ' is not a known country"),
        ("p-2,Ivo,1990", "has 3 cells and the header 5"),
        ("p-2,Ivo,1990,160,FR,DE", "put quotes around cells"),
        (",Ivo,1990,160,FR", "id is empty"),
        ("a:b:c,Ivo,1990,160,FR", "id: 'a:b:c' cannot be an id"),
        ("p-2,I\x00vo,1990,160,FR", "holds a NUL character"),
        ("p-2,I\x07vo,1990,160,FR", "control character (U+0007)"),
        ("p-2,I\u202evo,1990,160,FR", "turns the reading direction (U+202E)"),
        ('p-2,"Ivo"x,1990,160,FR', "text stands after a closing quote"),
        (f"p-2,{'I' * 3000},1990,160,FR", "name: holds 3,000 characters"),
    ],
)
def test_a_broken_row_is_told_and_the_rest_is_taken(read: Read, row: str, says: str) -> None:
    parcel = read("persons", f"{GOOD}{row}\n{AFTER}")
    line, reason = told(parcel)
    assert line == 3
    assert says in reason
    assert [record.properties["name"] for record in parcel.records] == ["Mara", "Zoe"]


def test_the_account_adds_up_over_a_broken_row(load: Load, database: Database) -> None:
    account = load("persons", f"{GOOD}p-2,Ivo,1990-13-01,160,FR\n{AFTER}").account
    assert account is not None
    assert (account.read, account.written, account.rejected) == (3, 2, 1)
    assert names(database) == ["Mara", "Zoe"]


def test_everything_that_is_wrong_with_a_row_is_told_at_once(read: Read) -> None:
    _, reason = told(read("persons", f"{GOOD}p-2,Ivo,never,tall,QQ\n"))
    assert [part.split(":")[0] for part in reason.split("; ")][:3] == [
        "birth_date",
        "height_cm",
        "nationalities",
    ]


def test_rejects_are_kept_with_the_row(load: Load, database: Database) -> None:
    load("persons", f"{GOOD}p-2,Ivo,never,160,FR\n")
    (row,) = database.rows("MATCH (r:Reject) RETURN r.file AS file, r.line AS line, r.row AS row")
    assert (row["file"], row["line"]) == ("persons.csv", 3)
    assert '"birth_date": "never"' in row["row"]


def test_a_missing_column_that_is_needed_names_it_and_what_is_there(load: Load, database: Database) -> None:
    outcome = load("persons", "ident,name\np-1,Mara\n")
    assert "persons need the column 'id', which is missing: it has ident, name" in outcome.failed[0].reason
    assert names(database) == []


def test_an_unknown_column_is_left_out_and_told_once(load: Load, database: Database) -> None:
    outcome = load("persons", "id,name,hight_cm\np-1,Mara,171\np-2,Ivo,180\n")
    told = "persons.csv: the column 'hight_cm' is not one of persons and is left out; did you mean height_cm?"
    assert outcome.notes == [told]
    assert database.rows("MATCH (r:Run) RETURN r.notes AS notes") == [{"notes": [told]}]
    assert names(database) == ["Ivo", "Mara"]


def test_one_id_with_two_contents_keeps_the_first(load: Load, database: Database) -> None:
    outcome = load("persons", f"{GOOD}p-1,Marlene,1988,171,FR\n{AFTER}")
    assert outcome.account is not None
    assert (outcome.account.written, outcome.account.rejected) == (2, 1)
    assert names(database) == ["Mara", "Zoe"]
    (reject,) = database.rows("MATCH (r:Reject) RETURN r.line AS line, r.reason AS reason")
    assert reject["line"] == 3
    assert "already read in this run with other content" in reject["reason"]


def test_a_row_that_stands_there_twice_counts_once(load: Load) -> None:
    account = load("persons", f"{GOOD}p-1,Mara,1988-04,171,FR\n").account
    assert account is not None
    assert (account.written, account.unchanged, account.rejected) == (1, 1, 0)


def test_an_empty_file_is_named(load: Load) -> None:
    assert "persons.csv is empty" in load("persons", "").failed[0].reason
    assert "persons.jsonl is empty" in load("persons", "", name="persons.jsonl").failed[0].reason


def test_another_encoding_costs_only_the_rows_that_it_spoils(load: Load, database: Database) -> None:
    outcome = load("persons", "id,name\np-1,Mara\np-2,René\np-3,Zoe\n".encode("latin-1"))
    line, reason = told(outcome)
    assert line == 3
    assert "byte 0xE9 is not UTF-8 text: give the file's own encoding, such as --encoding latin-1" in reason
    assert names(database) == ["Mara", "Zoe"]


def test_the_right_encoding_reads_them_all(load: Load, database: Database) -> None:
    load("persons", "id;name\np-2;René\n".encode("latin-1"), reading=Reading("latin-1"))
    assert names(database) == ["René"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(load: Load, database: Database, encoding: str) -> None:
    load("persons", "id,name\np-1,Мара\n".encode(encoding))
    assert names(database) == ["Мара"]


def test_utf_16_without_a_mark_is_recognised_by_its_header(load: Load) -> None:
    assert "--encoding utf-16" in load("persons", "id,name\np-1,Mara\n".encode("utf-16-le")).failed[0].reason


def test_a_file_cut_within_quotes_loses_its_last_row(load: Load, database: Database) -> None:
    outcome = load("persons", 'id,name\np-1,Mara\np-2,"Iv')
    line, reason = told(outcome)
    assert line == 3
    assert "a quote is opened and not closed, or the file was cut here" in reason
    assert names(database) == ["Mara"]


def test_an_open_quote_does_not_swallow_the_rows_after_it(load: Load, database: Database) -> None:
    rows = "".join(f"p-{number},Zoe {number}\n" for number in range(3, 6000))
    outcome = load("persons", f'id,name\np-1,Mara\np-2,"Ivo\n{rows}')
    assert told(outcome)[0] == 3
    assert len(names(database)) == 5998


def test_a_cut_gzip_file_keeps_the_rows_before_the_cut(load: Load, database: Database) -> None:
    text = "id,name\n" + "".join(f"p-{number},{hash(number) * 7919 % 99991}\n" for number in range(2000))
    packed = gzip.compress(text.encode())
    outcome = load("persons", packed[: len(packed) * 2 // 3], name="persons.csv.gz")
    assert "the packed file is cut or damaged from here on" in outcome.rejects[-1].reason
    assert 500 < len(names(database)) < 2000


def test_a_zip_bomb_is_stopped(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.files.FREE", 2**16)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("persons.csv", "id,name\n" + "\n" * 2**20)
    assert "as a zip bomb does" in told(read("persons", packed.getvalue(), name="persons.zip"))[1]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "p-2", "name": "Ivo"', "is not JSON at sign"),
        ('{"id": "p-2", "name": "Ivo", "name": "Iva"}', "the key 'name' stands there twice"),
        ('{"id": "p-2", "height_cm": NaN}', "NaN is not a number that can be kept"),
        ('{"id": "p-2", "height_cm": 1e999}', "is not a whole number"),
        ('{"id": "p-2", "height_cm": 9223372036854775808}', "is past 64 bits"),
        ('{"id": "p-2", "height_cm": ' + "9" * 5000 + "}", "a number with thousands of digits"),
        ('{"id": "p-2", "name": "\\ud800"}', "lone surrogate U+D800"),
        ('{"id": "p-2", "name": "a\\u0000b"}', "holds a NUL character"),
        ('{"id": "p-2", "name": {"first": "Ivo"}}', "name: is an object where text is wanted"),
        ('{"id": "p-2", "name": true}', "name: is true or false where text is wanted"),
        ("[" * 100_000 + "]" * 100_000, "is nested deeper than any record"),
        ('["p-2"]', "is not a JSON object"),
    ],
)
def test_a_broken_json_line_is_told_and_the_rest_is_taken(read: Read, line: str, says: str) -> None:
    parcel = read(
        "persons",
        f'{{"id": "p-1", "name": "Mara"}}\n{line}\n{{"id": "p-3", "name": "Zoe"}}\n',
        name="p.jsonl",
    )
    number, reason = told(parcel)
    assert number == 2
    assert says in reason
    assert [record.id for record in parcel.records] == ["fr-file:p-1", "fr-file:p-3"]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    load: Load, database: Database, tmp_path: Path
) -> None:
    from loaders.catalogue import Request, loader

    (tmp_path / "a.csv").write_text("ident\n1\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,name\np-1,Mara\n", encoding="utf-8")
    outcome = loader(Request("persons", [tmp_path], [], "fr-file", "FR")).load(database)
    assert [failure.file for failure in outcome.failed] == ["a.csv"]
    assert names(database) == ["Mara"]
    assert database.rows("MATCH (r:Run) RETURN r.state AS state") == [{"state": "partial"}]
