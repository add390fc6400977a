# ruff: noqa: E501  (files in one line read better)
"""Three hundred damaged files, each from its own seed: every one ends in clear sentences, and no row is taken by half."""

import gzip
import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from graphsvc.model.kinds import BY_NAME
from loaders.forms import example
from tests.loaders.conftest import Read
from tests.loaders.test_formats import GEXF, GRAPHML, NOTICE, TOOL, bundle, relationship, stix
from tests.loaders.test_ftm import FTM

ROWS = 40
Damage = Callable[[random.Random, bytes], bytes]


def table(draw: random.Random) -> bytes:
    lines = ["id,name,birth_date,height_cm,note"]
    lines += [
        f'p-{n},"Mara, {n}",19{draw.randrange(50, 99)}-0{draw.randrange(1, 10)},17{n % 10},é ü 漢'
        for n in range(ROWS)
    ]
    return ("\n".join(lines) + "\n").encode()


def objects(draw: random.Random) -> bytes:
    rows = (
        {"id": f"p-{n}", "name": f"Mara {n}", "nationalities": ["FR"], "height_cm": 170} for n in range(ROWS)
    )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def cut(draw: random.Random, data: bytes) -> bytes:
    return data[: draw.randrange(len(data))]


def flip(draw: random.Random, data: bytes) -> bytes:
    spoiled = bytearray(data)
    for _ in range(draw.randint(1, 30)):
        spoiled[draw.randrange(len(spoiled))] ^= 1 << draw.randrange(8)
    return bytes(spoiled)


def insert(draw: random.Random, data: bytes) -> bytes:
    what = draw.choice(
        [b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", "\u202e".encode(), b'"', b"\x1a", b"\xed\xa0\x80", b"{" * 5000, b"9" * 6000,
         b"NaN", b"\r\r\n", b"," * 50, b'{"a":1,"a":2}\n', "\u2066".encode(), b"\x85", b"[[[["]
    )  # fmt: skip
    place = draw.randrange(len(data))
    return data[:place] + what + data[place:]


def encode(draw: random.Random, data: bytes) -> bytes:
    name = draw.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252", "shift_jis", "utf-7"])
    return data.decode().encode(name, errors="replace")


def repeat(draw: random.Random, data: bytes) -> bytes:
    return data + data[draw.randrange(len(data)) :]


DAMAGES: tuple[Damage, ...] = (cut, flip, insert, encode, repeat)
FILES: tuple[tuple[str, str, Callable[[random.Random], bytes]], ...] = (
    ("persons", "persons.csv", table),
    ("persons", "persons.jsonl", objects),
    ("persons", "persons.csv.gz", lambda draw: gzip.compress(table(draw))),
    (
        "documents",
        "documents.jsonl",
        lambda _: (json.dumps(example(BY_NAME["Document"])) + "\n").encode() * 5,
    ),
    (
        "stix",
        "bundle.json",
        lambda _: bundle(stix("malware", TOOL, name="I"), stix("malware", TOOL[:-1] + "4")).encode(),
    ),
    ("ftm", "entities.jsonl", lambda _: "\n".join(map(json.dumps, FTM)).encode()),
    ("interpol-notices", "notices.jsonl", lambda _: (json.dumps(NOTICE) + "\n").encode() * 3),
    ("graph", "graph.graphml", lambda _: GRAPHML.encode()),
    ("graph", "graph.gexf", lambda _: GEXF.encode()),
)
SENTENCE = re.compile(r"\S.{8,}", re.DOTALL)
PYTHON = re.compile(
    r"NoneType|attribute '|object is not|unhashable|not subscriptable|must be str|has no len|expected str|"
    r"could not convert|invalid literal for|argument of type|KeyError|TypeError|unsupported operand"
)
"""What Python says of values of wrong types, and people can't read."""


@pytest.mark.parametrize("seed", range(300))
def test_a_damaged_file_ends_in_clear_sentences(read: Read, seed: int) -> None:
    draw = random.Random(seed)
    format, name, make = FILES[seed % len(FILES)]
    damage = DAMAGES[seed // len(FILES) % len(DAMAGES)]
    data = make(draw)
    if damage is encode and name.endswith((".gz", "ml", "xf")):
        damage = flip
    parcel = read(format, damage(draw, data), name=name)
    for reject in parcel.rejects:
        assert SENTENCE.match(reject.reason)
        assert not PYTHON.search(reject.reason)
        assert "Traceback" not in reject.reason
        assert reject.file == name
    known = {record.id for record in parcel.records}
    assert len(known) <= len(parcel.records)
    for element in parcel.elements():
        json.dumps(element.properties, allow_nan=False).encode()
        element.id.encode()


WRONG: tuple[object, ...] = (
    None,
    7,
    -1.5,
    True,
    "",
    "x" * 3000,
    [],
    {},
    [None],
    [[1]],
    {"a": 1},
    ["a", 2],
    2**70,
    "\u0000",
)


def mutated(draw: random.Random, value: object) -> object:
    """The value with one part of it replaced by something of another type."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key = draw.choice(sorted(value))
        return {**value, key: mutated(draw, value[key])}
    if isinstance(value, list) and value and draw.random() < 0.8:
        place = draw.randrange(len(value))
        return [*value[:place], mutated(draw, value[place]), *value[place + 1 :]]
    return draw.choice(WRONG)


GALAXY = {
    "type": "threat-actor",
    "values": [
        {
            "uuid": "u-1",
            "value": "Invented Panda",
            "meta": {"country": "CN", "synonyms": ["IP"]},
            "related": [{"dest-uuid": "u-2", "type": "similar", "tags": ["likely"]}],
        }
    ],
}


@pytest.mark.parametrize("seed", range(400))
def test_values_of_wrong_types_end_in_clear_sentences(read: Read, seed: int) -> None:
    draw = random.Random(seed)
    whole = stix(
        "malware", TOOL, name="I", aliases=["J"], object_marking_refs=[TOOL], granular_markings=[{"marking_ref": TOOL}],
        external_references=[{"source_name": "mitre", "external_id": "S1"}], confidence=50,
    )  # fmt: skip
    documents: tuple[tuple[str, str, Any], ...] = (
        ("stix", "bundle.json", json.loads(bundle(whole))),
        ("stix", "bundle.json", json.loads(bundle(relationship(1, "uses", TOOL, TOOL, confidence=50)))),
        ("stix", "bundle.json", json.loads(bundle(stix("file", "file--1", hashes={"MD5": "0"}, name="f")))),
        ("misp-galaxy", "galaxy.json", GALAXY),
        ("ftm", "entities.jsonl", FTM[0]),
        ("ftm", "entities.jsonl", FTM[2]),
        ("interpol-notices", "notices.jsonl", NOTICE),
        ("persons", "persons.jsonl", example(BY_NAME["Person"])),
    )
    format, name, document = documents[seed % len(documents)]
    within = {"stix": "objects", "misp-galaxy": "values"}.get(format)
    spoiled = (
        {**document, within: [mutated(draw, document[within][0])]} if within else mutated(draw, document)
    )
    for reject in read(format, json.dumps(spoiled), name=name).rejects:
        assert SENTENCE.match(reject.reason)
        assert not PYTHON.search(reject.reason)
        assert "check the fields of the object" not in reject.reason  # says which, wherever it can
        assert reject.file == name


@pytest.mark.parametrize(
    ("format", "document", "says"),
    [
        ("interpol-notices", {**NOTICE, "languages_spoken_ids": [None]}, "languages_spoken_ids: holds null"),
        ("interpol-notices", {**NOTICE, "height": "tall"}, "height: is text where a number is wanted"),
        ("stix", {"objects": [stix("malware", TOOL, name="I", aliases={})]}, "aliases: is an object where a list"),
        ("misp-galaxy", {**GALAXY, "values": [{"uuid": "u", "value": "x", "meta": 1}]}, "meta: is a number"),
    ],
)  # fmt: skip
def test_the_field_of_a_wrong_type_is_named(read: Read, format: str, document: Any, says: str) -> None:
    (reject,) = read(format, json.dumps(document), name="file.json").rejects
    assert says in reject.reason
