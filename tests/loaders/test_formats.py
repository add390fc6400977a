# ruff: noqa: E501  (objects in one line read better)
"""Formats that others use: what each becomes here, and what is kept of it."""

import gzip
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from graphsvc.errors import UsageError
from loaders.catalogue import Request, loader
from loaders.frame import Loader
from loaders.parcel import Parcel
from tests.loaders.conftest import Read

Find = Callable[..., Path]
Given = Callable[..., Loader]

ACTOR = "intrusion-set--00000000-0000-4000-8000-000000000001"
OLD = "intrusion-set--00000000-0000-4000-8000-000000000002"
TOOL = "malware--00000000-0000-4000-8000-000000000003"
AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
STRICT = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def stix(kind: str, id_: str, **values: Any) -> dict[str, Any]:
    moments = {"created": "2024-01-01T00:00:00.000Z", "modified": "2024-02-01T00:00:00.000Z"}
    return {"type": kind, "id": id_, **moments, **values}


def relationship(number: int, kind: str, one: str, other: str, **values: Any) -> dict[str, Any]:
    id_ = f"relationship--00000000-0000-4000-8000-00000000000{number}"
    return stix("relationship", id_, relationship_type=kind, source_ref=one, target_ref=other, **values)


def bundle(*objects: dict[str, Any]) -> str:
    return json.dumps(
        {"type": "bundle", "id": "bundle--1", "spec_version": "2.0", "objects": objects}, indent=1
    )


def ends(parcel: Parcel) -> list[tuple[str, str, str]]:
    return [(link.kind, link.from_.partition(":")[2], link.to.partition(":")[2]) for link in parcel.links]


def test_stix_keeps_confidence_markings_and_dates(read: Read) -> None:
    parcel = read(
        "stix",
        bundle(
            stix(
                "intrusion-set", ACTOR, name="Invented Bear", aliases=["Invented Bear", "IB"], confidence=70
            ),
            stix("malware", TOOL, name="Inventware", object_marking_refs=[AMBER]),
            relationship(1, "uses", ACTOR, TOOL, confidence=60, start_time="2024-01-05T10:00:00Z"),
        ),
        name="bundle.json",
    )
    actor, tool = parcel.records
    assert (actor.kind, actor.properties["names"], actor.properties["grade"]) == (
        "Organization",
        ["IB"],
        "STIX confidence 70",
    )
    assert (actor.sequence, actor.properties["recorded_at"]) == (1706745600000, "2024-01-01")
    assert (tool.handling.level, tool.handling.conditions) == (2, ("TLP:AMBER, those who need to know only",))
    assert ends(parcel) == [("USES", ACTOR, TOOL)]
    assert (parcel.links[0].properties["confidence"], parcel.links[0].properties["first_seen"]) == (
        0.6,
        "2024-01-05",
    )


@pytest.mark.parametrize(("marking", "level"), [(STRICT, 2), (RED, 3)])
def test_what_is_the_owners_alone_is_so_in_records_and_relationships(
    read: Read, marking: str, level: int
) -> None:
    marked = {"object_marking_refs": [marking]}
    parcel = read(
        "stix",
        bundle(
            stix("intrusion-set", ACTOR, name="Invented Bear", **marked),
            stix("malware", TOOL, name="Inventware"),
            relationship(1, "uses", ACTOR, TOOL, **marked),
        ),
        name="bundle.json",
    )
    for element in (parcel.records[0], parcel.links[0]):
        assert (element.handling.allow, element.handling.level) == ((), level)


def test_what_speaks_of_a_revoked_object_is_turned_to_its_replacement(read: Read) -> None:
    parcel = read(
        "stix",
        bundle(
            stix("intrusion-set", OLD, name="Old Bear", revoked=True),
            stix("intrusion-set", ACTOR, name="Invented Bear"),
            stix("malware", TOOL, name="Inventware"),
            relationship(1, "uses", OLD, TOOL),
            relationship(2, "revoked-by", OLD, ACTOR),
        ),
        name="bundle.json",
    )
    assert ends(parcel) == [("USES", ACTOR, TOOL), ("ALIAS_OF", OLD, ACTOR)]
    assert [record.properties.get("revoked") for record in parcel.records] == [True, None, None]


def test_replacements_are_followed_to_the_last(read: Read) -> None:
    older = OLD[:-1] + "9"
    objects = [stix("intrusion-set", id_, name=id_[-1]) for id_ in (older, OLD, ACTOR)]
    objects += [stix("malware", TOOL, name="I"), relationship(1, "uses", older, TOOL)]
    objects += [relationship(2, "revoked-by", older, OLD), relationship(3, "revoked-by", OLD, ACTOR)]
    assert ends(read("stix", bundle(*objects), name="bundle.json"))[0] == ("USES", ACTOR, TOOL)


def test_replacements_that_go_in_a_circle_replace_nothing(read: Read) -> None:
    objects = [stix("intrusion-set", id_, name=id_[-1]) for id_ in (OLD, ACTOR)]
    objects += [stix("malware", TOOL, name="I"), relationship(1, "uses", OLD, TOOL)]
    objects += [relationship(2, "revoked-by", OLD, ACTOR), relationship(3, "revoked-by", ACTOR, OLD)]
    assert ends(read("stix", bundle(*objects), name="bundle.json"))[0] == ("USES", OLD, TOOL)


def test_a_revoked_relationship_is_left_out_in_all_its_versions_and_told(given: Given) -> None:
    objects = [stix("intrusion-set", ACTOR, name="Invented Bear"), stix("malware", TOOL, name="I")]
    objects += [relationship(1, "uses", ACTOR, TOOL), relationship(1, "uses", ACTOR, TOOL, revoked=True)]
    loader = given("stix", bundle(*objects), name="bundle.json")
    (parcel,) = loader.parcels(100)
    assert parcel.links == []
    assert loader.notes() == [
        "bundle.json: relationships that are revoked are left out: retract them where they were loaded (2 times)"
    ]


def test_a_revoked_object_whose_kind_cannot_say_so_is_told(given: Given) -> None:
    person = stix("identity", "identity--1", name="Mara", identity_class="individual", revoked=True)
    loader = given("stix", bundle(person), name="bundle.json")
    assert len(next(loader.parcels(100)).records) == 1
    assert "nothing can say here of a Person that it is revoked" in loader.notes()[0]


def test_stix_objects_without_a_kind_are_told_and_leave_no_loose_links(read: Read) -> None:
    course = "course-of-action--00000000-0000-4000-8000-000000000009"
    parcel = read(
        "stix",
        bundle(
            stix("course-of-action", course, name="Patch"),
            stix("malware", TOOL, name="I"),
            relationship(1, "mitigates", course, TOOL),
        ),
        name="bundle.json",
    )
    assert ([record.kind for record in parcel.records], parcel.links) == (["Malware"], [])


def test_a_cut_bundle_keeps_what_stands_before_the_cut(read: Read) -> None:
    text = bundle(stix("malware", TOOL, name="I"), stix("malware", TOOL[:-1] + "4", name="J"))
    parcel = read("stix", text[:-80], name="bundle.json")
    assert [record.properties["name"] for record in parcel.records] == ["I"]
    (reject,) = parcel.rejects
    assert "bundle.json, line" in reject.reason


def test_a_key_that_stands_twice_costs_what_follows_it_only(read: Read) -> None:
    text = bundle(stix("malware", TOOL, name="I"), stix("malware", TOOL[:-1] + "4", name="J"))
    parcel = read("stix", text.replace('"name": "J"', '"name": "J", "name": "K"'), name="bundle.json")
    assert [record.properties["name"] for record in parcel.records] == ["I"]
    (reject,) = parcel.rejects
    assert "the key 'name' stands there twice" in reject.reason


def test_what_a_marking_behind_the_cut_protects_is_refused(read: Read) -> None:
    marking = stix("marking-definition", "marking-definition--1", definition={"tlp": "red"})
    text = bundle(
        stix("malware", TOOL, name="I", object_marking_refs=["marking-definition--1"]),
        stix("malware", TOOL[:-1] + "4", name="J"),
        marking,
    )
    assert [record.handling.level for record in read("stix", text, name="bundle.json").records] == [3, 1]
    parcel = read("stix", text[: text.index('"marking-definition",')], name="bundle.json")
    assert [record.properties["name"] for record in parcel.records] == ["J"]
    assert "stands in a part of the file that cannot be read" in parcel.rejects[0].reason


def test_a_packed_bundle_that_is_cut_is_told(read: Read) -> None:
    packed = gzip.compress(bundle(stix("malware", TOOL, name="I")).encode())
    (reject,) = read("stix", packed[:-20], name="bundle.json.gz").rejects
    assert "the packed file is cut or damaged from here on" in reject.reason


NOTICE = {
    "entity_id": "2024/1", "forename": "MARA", "name": "INVENTED", "date_of_birth": "1988/04/12", "sex_id": "F",
    "nationalities": ["FR", "ZZZ"], "country_of_birth_id": "914", "height": 1.7, "weight": 0, "languages_spoken_ids": ["FRA"],
    "eyes_colors_id": ["BRO"], "hairs_id": None, "distinguishing_marks": None, "place_of_birth": None,
    "arrest_warrants": [{"charge": "fraud;\r\nforgery", "issuing_country_id": "DE", "charge_translation": None}],
    "_links": {"self": {"href": "https://notices.example/v1/red/2024-1"}},
}  # fmt: skip


def test_a_public_notice_is_a_person_and_a_notice(read: Read) -> None:
    parcel = read("interpol-notices", json.dumps(NOTICE), name="notices.jsonl")
    person, notice = parcel.records
    assert (person.properties["birth_date"], person.properties["height_cm"]) == ("1988-04-12", 170)
    assert (person.properties["nationalities"], person.properties["birth_country"]) == (["FR"], "XXX")
    assert (notice.properties["colour"], notice.properties["issuer"]) == ("red", "DE")
    assert notice.properties["charges"] == ["fraud, forgery"]
    assert ends(parcel) == [("SUBJECT_OF", "person-2024/1", "notice-2024/1")]


def test_a_galaxy_gives_actors_with_their_synonyms(read: Read) -> None:
    cluster = {
        "type": "threat-actor",
        "values": [
            {
                "uuid": "u-1", "value": "Invented Panda", "meta": {"country": "CN", "synonyms": ["IP"]},
                "related": [{"dest-uuid": "u-2", "type": "similar", "tags": ['estimative-language:likelihood-probability="likely"']}],
            }
        ],
    }  # fmt: skip
    parcel = read("misp-galaxy", json.dumps(cluster), name="renamed.json")
    (actor,) = parcel.records
    assert (actor.properties["names"], actor.properties["country"]) == (["IP"], "CN")
    assert ends(parcel) == [("ALIAS_OF", "u-1", "u-2")]
    assert parcel.links[0].properties["confidence"] == 0.7


@pytest.mark.parametrize(
    ("galaxy", "says"),
    [
        ({"type": "country", "values": []}, "there is no kind for galaxies of the type 'country'"),
        ({"values": [], "type": "threat-actor"}, "names no type of galaxy before its values"),
    ],
)
def test_a_galaxy_of_no_known_type_is_told(read: Read, galaxy: dict[str, Any], says: str) -> None:
    parcel = read("misp-galaxy", json.dumps(galaxy), name="threat-actor.json")
    (reject,) = parcel.rejects
    assert says in reject.reason
    assert parcel.records == []


GRAPHML = """<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="name" attr.type="string"/><key id="d1" for="node" attr.name="kind" attr.type="string"/>
<graph edgedefault="directed"><node id="a"><data key="d0">Mara</data></node>
<node id="b"><data key="d0">Example Trading</data><data key="d1">Organization</data></node>
<edge id="e" source="a" target="b" label="MEMBER_OF"/></graph></graphml>"""

GEXF = """<?xml version="1.0"?><gexf xmlns="http://gexf.net/1.3"><graph>
<attributes class="node"><attribute id="0" title="birth_date" type="string"/></attributes>
<nodes><node id="a" label="Mara"><attvalues><attvalue for="0" value="1988"/></attvalues></node><node id="b" label="Ivo"/></nodes>
<edges><edge id="0" source="a" target="b" weight="2.5" start="2024-01-01"/></edges></graph></gexf>"""


def test_graphml(read: Read) -> None:
    parcel = read("graph", GRAPHML, name="graph.graphml")
    assert [(record.kind, record.properties["name"]) for record in parcel.records] == [
        ("Person", "Mara"),
        ("Organization", "Example Trading"),
    ]
    assert ends(parcel) == [("MEMBER_OF", "a", "b")]


def test_gexf(read: Read) -> None:
    parcel = read("graph", GEXF, name="graph.gexf")
    assert parcel.records[0].properties == {"name": "Mara", "birth_date": "1988"}
    assert parcel.links[0].properties == {"weight": 2.5, "first_seen": "2024-01-01"}


def test_ids_of_attributes_in_gexf_are_those_of_nodes_or_of_edges(read: Read) -> None:
    attributes = (
        '<attributes class="edge"><attribute id="0" title="basis" type="string"/></attributes><nodes>'
    )
    told = '<edge id="0" source="a" target="b"><attvalues><attvalue for="0" value="calls"/></attvalues></edge></edges>'
    text = GEXF.replace("<nodes>", attributes).replace("</edges>", told.replace('id="0" s', 'id="1" s'))
    parcel = read("graph", text, name="graph.gexf")
    assert parcel.records[0].properties["birth_date"] == "1988"
    assert parcel.links[1].properties["basis"] == "calls"


def test_defaults_hold_where_a_node_says_nothing(read: Read) -> None:
    declared = (
        '<key id="d2" for="node" attr.name="note" attr.type="string"><default>seen</default></key><graph'
    )
    text = GRAPHML.replace("<graph ", f"{declared} ").replace(
        "Mara</data>", 'Mara</data><data key="d2">not seen</data>'
    )
    parcel = read("graph", text, name="graph.graphml")
    assert [record.properties["note"] for record in parcel.records] == ["not seen", "seen"]
    assert "note" not in parcel.links[0].properties


@pytest.mark.parametrize("encoding", ["foo", "shift_jis"])
def test_an_encoding_that_xml_is_not_read_in_is_told(read: Read, encoding: str) -> None:
    text = GRAPHML.replace('version="1.0"', f'version="1.0" encoding="{encoding}"')
    (reject,) = read("graph", text, name="graph.graphml").rejects
    assert "declares an encoding in which XML is not read here" in reject.reason


@pytest.mark.parametrize("text", ["<node/>", "<attribute/>"])
def test_a_root_that_is_no_graph_holds_no_node(read: Read, text: str) -> None:
    assert "holds no node" in read("graph", text, name="graph.gexf").rejects[0].reason


def test_xml_entities_are_refused(read: Read) -> None:
    bomb = '<!DOCTYPE g [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><graphml><graph><node id="&b;"/></graph></graphml>'
    (reject,) = read("graph", bomb, name="graph.graphml").rejects
    assert "declares entities or a document type" in reject.reason


def test_a_cut_graph_keeps_the_nodes_before_the_cut(read: Read) -> None:
    parcel = read("graph", GRAPHML[: GRAPHML.index("<edge")], name="graph.graphml")
    assert len(parcel.records) == 2
    assert "is not XML from here on" in parcel.rejects[0].reason


def test_a_spreadsheet_is_a_table(read: Read) -> None:
    from datetime import datetime

    from openpyxl import Workbook

    book, stream = Workbook(), BytesIO()
    assert book.active is not None
    for row in (
        ("id", "name", "birth_date", "height_cm"),
        ("p-1", "Mara", datetime(1988, 4, 12), 171),
        ("p-2", None, None, "tall"),
    ):
        book.active.append(row)
    book.save(stream)
    parcel = read("persons", stream.getvalue(), name="persons.xlsx")
    assert parcel.records[0].properties == {"name": "Mara", "birth_date": "1988-04-12", "height_cm": 171}
    assert parcel.rejects[0].line == 3


def test_parquet_is_a_table(read: Read) -> None:
    import pyarrow
    from pyarrow import parquet

    stream = BytesIO()
    parquet.write_table(
        pyarrow.table({"id": ["p-1"], "name": ["Mara"], "nationalities": [["FR", "MA"]]}), stream
    )
    (record,) = read("persons", stream.getvalue(), name="persons.parquet").records
    assert record.properties == {"name": "Mara", "nationalities": ["FR", "MA"]}


@pytest.mark.parametrize("name", ["persons.xlsx", "persons.parquet", "bundle.json"])
def test_what_is_not_what_its_name_says_is_told(read: Read, name: str) -> None:
    (reject,) = read("stix" if name.endswith("json") else "persons", b"neither", name=name).rejects
    assert name in reject.reason


def test_what_is_no_zip_file_is_told(read: Read) -> None:
    with pytest.raises(UsageError, match=r"persons\.zip is not a whole zip file"):
        read("persons", b"neither", name="persons.zip")


@pytest.mark.data
@pytest.mark.parametrize(
    ("format", "place", "records", "links"),
    [
        ("stix", ("attack-stix", "ics-attack-18.1.json"), 180, 959),
        ("interpol-notices", ("interpol-notices", "red_notices_sample200.jsonl"), 400, 200),
        ("misp-galaxy", ("misp-galaxy",), 3176, 1917),
    ],
)
def test_public_files_of_objects(
    public_data: Find, format: str, place: tuple[str, ...], records: int, links: int
) -> None:
    found = Parcel()
    for parcel in loader(Request(format, [public_data(*place)], [], "public", "IPSG")).parcels(10_000):
        found.records += parcel.records
        found.links += parcel.links
        found.rejects += parcel.rejects
    assert (len(found.records), len(found.links), found.rejects) == (records, links, [])


@pytest.mark.data
@pytest.mark.parametrize(
    ("mapping", "place", "count", "rejected"),
    [
        ("ofac", ("ofac",), 45_359, 1),
        ("us-crime", ("us-crime",), 37_668, 0),
        ("modularity-benchmarks", ("modularity-benchmarks",), 3_877, 0),
        ("graphalytics", ("graphalytics-examples",), 48, 0),
    ],
)
def test_public_tables_through_their_mappings(
    public_data: Find, mapping: str, place: tuple[str, ...], count: int, rejected: int
) -> None:
    elements = rejects = 0
    for parcel in loader(Request("mapping", [Path(mapping)], [public_data(*place)])).parcels(10_000):
        elements += len(parcel.records) + len(parcel.links)
        rejects += len(parcel.rejects)
    assert (elements, rejects) == (count, rejected)
