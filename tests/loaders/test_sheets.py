"""A sheet shaped by columns is, value for value, what its rows come to one by one."""

import csv
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest

from graphsvc.model import kinds, links
from graphsvc.model.fields import Field, Type
from graphsvc.model.kinds import KINDS, Kind
from graphsvc.store.batch import Shaped
from graphsvc.store.database import Database
from graphsvc.store.lines import link_form, record_form
from graphsvc.store.runs import Run
from graphsvc.store.table import Table
from loaders import blocks
from loaders.blocks import tables_of
from loaders.catalogue import Request, loader
from loaders.declared import TableLoader
from loaders.parcel import Parcel
from loaders.terms import COLUMNS

GOOD: dict[Type, tuple[str, ...]] = {
    Type.TEXT: ("Mara Invented", " Ivo ", "Zoé-Anne 7", "12 AB-34", "a diabetic trade unionist"),
    Type.INTEGER: ("1", " 42", "-7", "0"),
    Type.NUMBER: ("1.5", "-0.0", "0", "1e3"),
    Type.BOOLEAN: ("yes", "no", "TRUE"),
    Type.DATE: ("1980", "2011-02", "2024-03-01", "2016-12-31"),
    Type.TIME: ("2024-03-01T10:00:00", "2024-03"),
    Type.COUNTRY: ("FR", "de", "Spain"),
}
BAD = ("past all reading", "999999999999999999999999", "1980-02-30", "M\x85ra")
ON_TERMS = {
    "level": ("restricted", "1"),
    "allow": ("FR;DE", ";"),
    "class": ("victim",),
    "on_hit": ("silent",),
    "purposes": ("analyse",),
}
ENDS = ("p-1", "p-2", "fr-other:p-3", "de-file:x-1")


def values(field: Field, draw: random.Random) -> list[str]:
    """What stands in one column, mostly good."""
    good = field.choices or ((field.example,) if field.example else ()) + GOOD.get(field.type, ())
    several = [*good, "", "  ", *([f"{good[0]};{good[-1]}"] if field.many else [])]
    return several + ([draw.choice(BAD)] if draw.random() < 0.03 else [])


def table(path: Path, columns: dict[str, list[str]], count: int, draw: random.Random) -> None:
    """A file with columns in any order, some under names that are as good."""
    names = draw.sample(list(columns), len(columns))
    told = [name.replace("_", " ").title() if draw.random() < 0.2 else name for name in names]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_MINIMAL, lineterminator=draw.choice(("\n", "\r\n")))
        writer.writerow(told)
        for _ in range(count):
            writer.writerow([draw.choice(columns[name]) for name in names])


def of_kind(kind: Kind, draw: random.Random) -> dict[str, list[str]]:
    fields = [field for field in (*kind.fields, *kinds.COMMON) if field.name != "id"]
    chosen = [field for field in fields if field.required or draw.random() < 0.4]
    columns = {field.name: values(field, draw) for field in chosen}
    for field in chosen:
        if field.required:
            columns[field.name] = [text for text in columns[field.name] if text.strip()]
    for reference in kind.references:
        if draw.random() < 0.3:
            columns[reference.name] = [*ENDS, "p-1; p-2;p-1", "", " "]
    return columns | {"id": [f"r-{draw.randrange(10**6)}", "fr-file:r-1", " r-2 "]} | on_terms(draw)


def of_links(draw: random.Random) -> dict[str, list[str]]:
    known = [kind.name for kind in links.LINKS]
    fields = {field.name: field for kind in links.LINKS for field in (*links.COMMON, *kind.fields)}
    chosen = [
        f for name, f in fields.items() if name not in ("id", "kind", "from", "to") and draw.random() < 0.3
    ]
    columns = {field.name: values(field, draw) for field in chosen}
    if "confidence" in columns:
        columns["confidence"] = ["0.5", "1", "", *(["1.5"] if draw.random() < 0.1 else [])]
    columns |= {"kind": draw.sample(known, draw.randrange(1, 4)), "from": [*ENDS], "to": [*ENDS]}
    if draw.random() < 0.5:
        columns["id"] = ["l-1", "l-2", *([""] if draw.random() < 0.2 else [])]
    return columns | on_terms(draw)


def on_terms(draw: random.Random) -> dict[str, list[str]]:
    return {name: ["", *ON_TERMS[name]] for name in COLUMNS if name in ON_TERMS and draw.random() < 0.2}


def told(shaped: Shaped) -> str:
    row, handling, line = shaped
    kept = {name: value for name, value in row.items() if value is not None}
    return json.dumps([kept, str(handling), line], sort_keys=True)


def rows_of(tables: list[Table]) -> Counter[str]:
    return Counter(
        told((one.row(number), one.handlings[number], one.lines[number]))
        for one in tables
        for number in range(len(one))
    )


def prepared(parcel: Parcel, by: TableLoader) -> list[Shaped]:
    """What would be written."""
    run = Run(cast(Database, None), "run", by.terms.source, by.terms.owner, frozenset())
    batch = run.prepare(parcel.records, parcel.links, tables=parcel.tables)
    return [*batch.nodes, *batch.links]


def made(command: str, path: Path, draw: random.Random) -> TableLoader:
    grade, sequence = draw.choice((None, None, "B2")), draw.choice((None, None, 7))
    found = loader(Request(command, [path], [], "fr-file", "FR", grade=grade, sequence=sequence))
    assert isinstance(found, TableLoader)
    return found


def compare(command: str, path: Path, seed: int) -> Counter[str]:
    """Both ways give the same; which way the sheets went."""
    one, other, third = (made(command, path, random.Random(seed)) for _ in range(3))
    whole, by_columns = Parcel(), Parcel()
    for parcel in one.parcels(10_000):
        whole.records += parcel.records
        whole.links += parcel.links
        whole.rejects += parcel.rejects
    went: Counter[str] = Counter()
    for _, _, parcel in blocks.turns(other, 0, 1):
        went["by columns" if parcel.tables else "by rows"] += 1
        by_columns.tables += [*parcel.tables, *tables_of(parcel, other.terms)]
        by_columns.rejects += parcel.rejects
    assert rows_of(by_columns.tables) == rows_of(tables_of(whole, one.terms))
    assert by_columns.rejects == whole.rejects
    assert other.remarks == one.remarks
    in_batches = list(third.batches(50))
    assert Counter(told(shaped) for parcel in in_batches for shaped in prepared(parcel, third)) == Counter(
        told(shaped) for shaped in prepared(whole, one)
    )
    assert [reject for parcel in in_batches for reject in parcel.rejects] == whole.rejects
    assert third.remarks == one.remarks
    return went


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.command)
def test_records_by_columns_are_those_by_rows(kind: Kind, tmp_path: Path) -> None:
    went: Counter[str] = Counter()
    for seed in range(25):
        draw = random.Random(f"{kind.name} {seed}")
        path = tmp_path / f"{seed}.csv"
        table(path, of_kind(kind, draw), draw.randrange(1, 30), draw)
        went += compare(kind.command, path, seed)
    assert went["by columns"] > 3


def test_links_by_columns_are_those_by_rows(tmp_path: Path) -> None:
    went: Counter[str] = Counter()
    for seed in range(300):
        draw = random.Random(seed)
        path = tmp_path / f"{seed}.csv"
        table(path, of_links(draw), draw.randrange(1, 30), draw)
        went += compare("links", path, seed)
    assert went["by columns"] > 100
    assert went["by rows"] > 10


ODD: tuple[Any, ...] = (
    "", 3, 2.5, True, [""], ["a", ""], ["", "b"], "x\x1fy", "q\x1dz", "a\nb", "c\rd", ["p\x1eq"], ["a\x1fb"], "z\x1e",
    [],
)  # fmt: skip
PLAIN: dict[str, tuple[Any, ...]] = {
    "string": ("abc", "é ü", "x", None),
    "string[]": ([], ["a"], ["a", "b"], None),
    "double": (1.5, 0.0, -0.0, 1e300, None),
    "long": (1, -5, 2**60, None),
    "boolean": (True, False, None),
}


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("oddness", [0, 0.05])
def test_lines_of_a_table_are_those_of_its_rows(link: bool, oddness: float) -> None:
    form = link_form("ASSOCIATE_OF") if link else record_form("Person")
    ends = {"from": ["s:a"], "to": ["s:b"]} if link else {}
    for seed in range(500):
        draw = random.Random(seed)
        count = draw.randrange(1, 9)
        columns: dict[str, list[Any]] = {
            name: [draw.choice(ODD if draw.random() < oddness else PLAIN[type]) for _ in range(count)]
            for name, type in draw.sample(form.columns, draw.randrange(1, len(form.columns)))
        }
        columns |= {
            "id": [f"s:{n}" for n in range(count)],
            **{name: end * count for name, end in ends.items()},
        }
        if draw.random() < oddness:
            columns["undeclared"] = [draw.choice((None, 1)) for _ in range(count)]
        given = Table("", link, columns, [], range(count))
        rows = [given.row(number) for number in range(count)]
        given.handlings = [None] * count  # type: ignore[list-item]  # how many rows there are
        assert form.lines(given) == [form.line(row) or "" for row in rows]


def test_batches_count_what_their_rows_refer_to(tmp_path: Path) -> None:
    path = tmp_path / "documents.csv"
    rows = "".join(f"d{number},passport,FR,{number:09},p{number}\n" for number in range(1_000))
    path.write_text(f"id,type,country,number,holders\n{rows}")
    found = list(made("documents", path, random.Random(1)).batches(200))
    assert [(len(parcel.links), sum(map(len, parcel.tables))) for parcel in found] == [
        (20, 20),
        *[(100, 100)] * 9,
        (80, 80),
    ]


def test_batches_learn_how_much_their_rows_refer_to(tmp_path: Path) -> None:
    path, holders = tmp_path / "documents.csv", ";".join(f"p{number}" for number in range(9))
    rows = "".join(f"d{number},passport,FR,{number:09},{holders}\n" for number in range(100))
    path.write_text(f"id,type,country,number,holders\n{rows}")
    found = list(made("documents", path, random.Random(1)).batches(200))
    assert [sum(map(len, parcel.tables)) for parcel in found] == [20, 20, 20, 20, 20]
    assert {len(parcel.links) for parcel in found} == {180}
