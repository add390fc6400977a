# ruff: noqa: E501  (objects in one line read better)
"""FollowTheMoney, in and out: what each entity becomes here, what is told of the rest, and that a way out and in again
changes nothing.
"""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphsvc.model.kinds import BY_NAME
from graphsvc.store.database import Database
from loaders.catalogue import Request, loader
from loaders.forms import example
from loaders.frame import Loader
from loaders.ftm_out import OUT, entities
from loaders.parcel import Parcel
from tests.loaders.conftest import Load, Read
from tests.loaders.test_formats import ends

Given = Callable[..., Loader]

FTM = [
    {"id": "p1", "schema": "Person", "properties": {"name": ["Mara Invented"], "alias": ["M."], "birthDate": ["1988-04"], "nationality": ["fr"]}},
    {"id": "c1", "schema": "Company", "properties": {"name": ["Invented Trading"], "jurisdiction": ["fr"]}},
    {"id": "o1", "schema": "Ownership", "properties": {"owner": ["p1"], "asset": ["c1"], "startDate": ["2020-05-01"]}},
    {"id": "x1", "schema": "Pages", "properties": {}},
]  # fmt: skip


def entity(id_: str, schema: str, **properties: list[str]) -> dict[str, Any]:
    return {"id": id_, "schema": schema, "properties": properties}


def text(*entities: dict[str, Any]) -> str:
    return "\n".join(map(json.dumps, entities))


def content(parcel: Parcel) -> list[tuple[str, str, dict[str, Any], int | None]]:
    return sorted(
        (element.id, element.kind, dict(element.properties), element.sequence)
        for element in parcel.elements()
    )


def there_and_back(read: Read, parcel: Parcel, left: Counter[str] | None = None) -> Parcel:
    out = entities([*parcel.links, *parcel.records], left)
    return read("ftm", text(*out), name="again.ftm.json")


def test_entities_become_records_and_links(read: Read) -> None:
    parcel = read("ftm", text(*FTM), name="entities.ftm.json")
    mara, company = parcel.records
    assert mara.properties == {
        "name": "Mara Invented", "names": ["M."], "birth_date": "1988-04", "nationalities": ["FR"],
    }  # fmt: skip
    assert company.properties["type"] == "company"
    assert ends(parcel) == [("OWNS", "p1", "c1")]
    assert parcel.links[0].properties["first_seen"] == "2020-05-01"


def test_out_and_in_again_is_the_same(read: Read) -> None:
    first = read("ftm", text(*FTM), name="entities.ftm.json")
    assert content(there_and_back(read, first)) == content(first)


@pytest.mark.parametrize("kind", OUT)
def test_every_field_of_every_kind_goes_out_and_in_again(read: Read, kind: str) -> None:
    row = {**example(BY_NAME[kind]), "sequence": 3}
    first = read(BY_NAME[kind].command, json.dumps(row), name="rows.jsonl")
    assert first.records
    assert content(there_and_back(read, first)) == content(first)


def test_every_field_of_every_link_goes_out_and_in_again(read: Read) -> None:
    rows = "id,kind,from,to,role,status,outcome,grade,confidence,recorded_at,first_seen,sequence\n"
    rows += "l-1,INVOLVED_IN,p-1,c-1,victim,heard,pending,B2,.7,2024-03-01,2024-02,4\n"
    rows += "l-2,PARTICIPATED_IN,p-1,e-1,smuggled_migrant,,,,,,,\nl-3,HOLDS,p-1,d-1,,,,C3,,,,\n"
    rows += "l-4,INVOLVED_IN,p-2,c-1,witness,,,,,,,\nl-5,DROVE,p-2,v-1,,,,,,,,\n"
    first = read("links", rows)
    assert len(first.links) == 5
    assert content(there_and_back(read, first)) == content(first)


def test_links_are_properties_where_those_say_all_of_them(read: Read) -> None:
    paid = {"id": "t-1", "time": "2024-03-05", "senders": ["p-1"], "receivers": ["p-2"]}
    parcel = read("transactions", json.dumps(paid), name="rows.jsonl")
    (made,) = entities([*parcel.links, *parcel.records])
    assert (made["properties"]["payer"], made["properties"]["beneficiary"]) == (["p-1"], ["p-2"])


def test_what_has_no_schema_is_counted(read: Read) -> None:
    left: Counter[str] = Counter()
    parcel = read("weapons", "id,serial\nw-1,1\nw-2,2\n")
    assert list(entities(parcel.elements(), left)) == []
    assert left == {"Weapon": 2}


def test_another_sources_record_stays_another_sources(read: Read) -> None:
    first = read("links", "kind,from,to\nASSOCIATE_OF,1,oth-b:1\n", source="own-a")
    (made,) = entities(first.links)
    assert (made["properties"]["subject"], made["properties"]["object"]) == (["1"], ["graphsvc:oth-b:1"])
    again = read("ftm", text(made), name="again.ftm.json", source="own-a")
    assert (again.links[0].from_, again.links[0].to) == ("own-a:1", "oth-b:1")


def test_colons_of_others_name_no_source(read: Read) -> None:
    parcel = read("ftm", text(entity("a:1", "Person", name=["Mara"])), name="e.ftm.json")
    assert parcel.records[0].id == "fr-file:a~1"


def test_what_must_not_come_in_is_dropped_after_its_trigger(read: Read) -> None:
    sent = entity(
        "p1", "Person", name=["Mara"], religion=["secretum"], political=["secretum"], ethnicity=["none"]
    )
    (mara,) = read("ftm", text(sent), name="e.ftm.json").records
    assert mara.properties == {"name": "Mara", "triggers": ["dropped:politics", "dropped:religion"]}


def test_what_must_not_come_in_is_not_kept_with_a_refused_entity(read: Read) -> None:
    within: list[Any] = [entity("p2", "Person", religion=["secretum"])]
    sent = entity("p1", "Person", name=["Mara"], religion=["secretum"], birthDate=["never"], proof=within)
    (reject,) = read("ftm", text(sent), name="e.ftm.json").rejects
    assert "never" in reject.row
    assert "secretum" not in reject.row


def test_what_has_no_place_is_told_with_its_count(given: Given) -> None:
    people = [
        entity(f"p{n}", "Person", name=["Mara"], birthDate=["1988-04", "1989"], idNumber=["1", "2"],
               passportNumber=["12AB"], topics=["role.pep"], website=["https://example.org"])
        for n in range(2)
    ]  # fmt: skip
    owns = entity("o1", "Ownership", owner=["p0"], asset=["c1"], percentage=["50"])
    made = given("ftm", text(*people, owns), name="e.ftm.json")
    (parcel,) = made.parcels(100)
    assert parcel.records[0].properties == {"name": "Mara", "birth_date": "1988-04", "national_id": "1"}
    assert sorted(made.notes()) == [
        "e.ftm.json: one birthDate of Person can be kept: others are left out (2 times)",
        "e.ftm.json: one idNumber of Person can be kept: others are left out (2 times)",
        "e.ftm.json: the property passportNumber of Person has no place here and is left out (2 times)",
        "e.ftm.json: the property percentage of Ownership has no place here and is left out",
        "e.ftm.json: the property topics of Person has no place here and is left out (2 times)",
        "e.ftm.json: the property website of Person has no place here and is left out (2 times)",
    ]


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ({"status": ["Victim"]}, "victim"),
        ({"role": ["party"], "status": ["injured party"]}, "victim"),
        ({"role": ["defendant", "victime"]}, "victim"),
        ({"role": ["witness for the defence"]}, "witness"),
        ({"role": ["Defendant"]}, "accused"),
        ({"role": ["judge"]}, "other"),
        ({}, "other"),
    ],
)
def test_a_party_keeps_the_role_that_protects(read: Read, said: dict[str, list[str]], role: str) -> None:
    party = entity("x1", "CourtCaseParty", party=["p1"], case=["c1"], **said)
    (link,) = read("ftm", text(party), name="e.ftm.json").links
    assert link.properties["role"] == role


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (entity("p1", "Person", height=["tall"]), "height_cm: 'tall' is not a whole number"),
        ({"id": "p1", "schema": "Person", "properties": {"name": [True]}}, "name: holds true or false"),
        ({"schema": "Person", "properties": {"name": ["Mara"]}}, "id: is null where text is wanted"),
    ],
)
def test_a_wrong_value_is_told_with_its_field(read: Read, sent: dict[str, Any], says: str) -> None:
    (reject,) = read("ftm", text(sent), name="e.ftm.json").rejects
    assert says in reject.reason


@pytest.mark.neo4j
def test_a_source_loaded_again_from_what_it_gave_out_is_unchanged(
    load: Load, database: Database, tmp_path: Path
) -> None:
    from graphsvc.store.dump import elements

    load("persons", "id,name,grade,lives_at,sequence\np-1,Mara,B2,loc-1,2\np-2,Ivo,,,\n")
    load("locations", "id,city\nloc-1,Exampleville\n")
    load("accounts", "id,number,owners\na-1,1,p-1\n")
    load("vehicles", "id,vin,status,note\nv-1,WVWZZZ1JZXW000001,stolen,seen\n")
    load("documents", "id,type,number,country,status,holders\nd-1,visa,1,FR,stolen,p-1\n")
    load("cases", "id,number,country,victims,witnesses,status,opened_at\nc-1,1,FR,p-1,p-2,open,2024-01-10\n")
    load("events", "id,type,time,participants,travellers\ne-1,crossing,2024-03-05T14:30,p-1,p-2\n")
    load("transactions", "id,time,senders,receivers\nt-1,2024-03-05,a-1,p-2\n")
    load("weapons", "id,serial,possessors\nw-1,1,p-1\n")
    left: Counter[str] = Counter()
    path = tmp_path / "out.ftm.json"
    found = list(entities(elements(database, "fr-file", "FR"), left))
    path.write_text(text(*found), encoding="utf-8")
    assert left == {"Weapon": 1, "POSSESSED": 1}
    assert next(one for one in found if one["schema"] == "Payment")["properties"]["payerAccount"] == ["a-1"]
    account = loader(Request("ftm", [path], [], "fr-file", "FR")).load(database).account
    assert account is not None
    assert (account.read, account.written, account.rejected) == (account.unchanged, 0, 0)
    assert account.unchanged == 18
