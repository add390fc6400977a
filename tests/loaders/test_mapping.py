"""Mappings: what they can say, and how a wrong one is refused before a row is read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from graphsvc.errors import UsageError
from graphsvc.model.record import Link, Record
from loaders.catalogue import MAPPINGS, Request, loader, mappings
from loaders.mapping_yaml import parse, read
from loaders.parcel import Parcel

PEOPLE = """no;first;last;born;country;car;kin;secret
1;Mara;Invented;24/08/1988;Utopia;AB-123-CD|XY-9;2;yes
2;Ivo;Invented;-0-;France;;;no
"""

PERSON = {
    "schema": "Person",
    "keys": ["no"],
    "properties": {"name": {"columns": ["first", "last"], "join": " "}},
}


def body(**queries: Any) -> dict[str, Any]:
    return {"people": {"source": "xx-people", "owner": "FR", "queries": [{"csv": "people.csv", **queries}]}}


@pytest.fixture
def mapped(tmp_path: Path) -> Callable[[dict[str, Any]], Parcel]:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "people.csv").write_text(PEOPLE, encoding="utf-8")

    def run(mapping: dict[str, Any]) -> Parcel:
        path = tmp_path / "people.yml"
        path.write_text(yaml.safe_dump(mapping, sort_keys=False), encoding="utf-8")
        whole = Parcel()
        for parcel in loader(Request("mapping", [path], [tmp_path / "data"])).parcels(1000):
            whole.records += parcel.records
            whole.links += parcel.links
            whole.rejects += parcel.rejects
        return whole

    return run


Mapped = Callable[[dict[str, Any]], Parcel]


def person(**properties: Any) -> dict[str, Any]:
    return {**PERSON, "properties": {**PERSON["properties"], **properties}}  # type: ignore[dict-item]


def first(parcel: Parcel) -> Record:
    return parcel.records[0]


def test_columns_are_joined_and_ids_built(mapped: Mapped) -> None:
    record = first(mapped(body(entities={"p": {**PERSON, "key_literal": "person"}})))
    assert (record.id, record.properties) == ("xx-people:person-1", {"name": "Mara Invented"})


def test_dates_take_a_form_and_a_precision_and_nulls_are_nothing(mapped: Mapped) -> None:
    born = {"column": "born", "format": "%d/%m/%Y", "precision": "month", "nulls": "-0-"}
    records = mapped(body(entities={"p": person(birth_date=born)})).records
    assert [record.properties.get("birth_date") for record in records] == ["1988-08", None]


def test_values_are_translated_and_unknown_ones_refused(mapped: Mapped) -> None:
    country = {"column": "country", "values": {"France": "FR"}}
    parcel = mapped(body(entities={"p": person(nationalities=country)}))
    assert [record.properties["nationalities"] for record in parcel.records] == [["FR"]]
    assert "the mapping does not say what 'Utopia' means" in parcel.rejects[0].reason
    kept = mapped(body(entities={"p": person(nationalities={**country, "unmapped": "drop"})}))
    assert len(kept.records) == 2


def test_lists_are_split(mapped: Mapped) -> None:
    record = first(mapped(body(entities={"p": person(marks={"column": "car", "split": "|"})})))
    assert record.properties["marks"] == ["AB-123-CD", "XY-9"]


def test_filters_leave_rows_out(mapped: Mapped) -> None:
    assert len(mapped(body(filters={"secret": "yes"}, entities={"p": PERSON})).records) == 1
    assert (
        len(mapped(body(filters_not={"country": ["Utopia", "France"]}, entities={"p": PERSON})).records) == 0
    )


def test_handling_and_grade_come_from_the_row(mapped: Mapped) -> None:
    entity = {
        **person(grade={"literal": "B2"}),
        "handling": {"level": {"column": "secret", "values": {"yes": "restricted", "no": "official"}}},
    }
    records = mapped(body(entities={"p": entity})).records
    assert [record.handling.level for record in records] == [2, 1]
    assert records[0].properties["grade"] == "B2"


def test_links_between_entities_of_a_row_and_to_other_rows(mapped: Mapped) -> None:
    car = {
        "schema": "Vehicle",
        "keys": ["car"],
        "key_literal": "v",
        "properties": {"plate": {"column": "car"}},
        "optional": True,
    }
    links = {
        "owns": {"kind": "OWNS", "from": {"entity": "p"}, "to": {"entity": "c"}, "optional": True},
        "kin": {"kind": "FAMILY_OF", "from": {"key": "no"}, "to": {"key": "kin"}, "optional": True},
    }
    parcel = mapped(body(entities={"p": PERSON, "c": car}, links=links))
    assert [(link.kind, link.from_, link.to) for link in parcel.links][1] == (
        "FAMILY_OF",
        "xx-people:1",
        "xx-people:2",
    )
    assert isinstance(parcel.links[0], Link)
    assert parcel.links[0].to == parcel.records[1].id


def test_a_reference_can_name_an_entity_of_the_row(mapped: Mapped) -> None:
    car = {
        "schema": "Vehicle",
        "keys": ["car"],
        "optional": True,
        "properties": {"plate": {"column": "car"}, "owners": {"entity": "p"}},
    }
    (link,) = mapped(body(entities={"c": car, "p": PERSON})).links
    assert (link.kind, link.from_) == ("OWNS", "xx-people:1")


def test_files_are_joined_by_equal_values(mapped: Mapped, tmp_path: Path) -> None:
    (tmp_path / "data" / "jobs.csv").write_text("who,job\n1,driver\n", encoding="utf-8")
    join = {"csv": "jobs.csv", "by": {"no": "who"}, "columns": {"work": "job"}}
    records = mapped(body(joins=[join], entities={"p": person(occupation={"column": "work"})})).records
    assert [record.properties.get("occupation") for record in records] == ["driver", None]
    inner = mapped(body(joins=[{**join, "required": True}], entities={"p": PERSON})).records
    assert len(inner) == 1


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ([], "must hold one name"),
        ({"x": {"querys": []}}, "'querys' is not known here: did you mean queries?"),
        (body(), "gives nothing: add entities or links"),
        (
            body(entities={"p": {**PERSON, "schema": "Persn"}}),
            "entities.p.schema: 'Persn' is not known: did you mean Person?",
        ),
        (
            body(entities={"p": person(nmae={"column": "first"})}),
            "a Person has no 'nmae': did you mean name?",
        ),
        (body(entities={"p": {"schema": "Person", "keys": []}}), "has no keys"),
        (
            body(entities={"d": {"schema": "Document", "keys": ["no"]}}),
            "a Document needs type, number, country",
        ),
        (body(entities={"p": person(birth_date={"format": "%Y"})}), "has no value: give column"),
        (body(entities={"p": person(note={"column": "a", "pattern": "("})}), "is not a pattern"),
        (
            body(links={"l": {"kind": "OWNED", "from": {"key": "a"}, "to": {"key": "b"}}}),
            "did you mean OWNS?",
        ),
        (
            body(links={"l": {"kind": "OWNS", "from": {"entity": "p"}, "to": {"key": "b"}}}),
            "from.entity: 'p' is not known",
        ),
        (
            body(entities={"p": {**PERSON, "handling": {"levle": {"literal": "restricted"}}}}),
            "did you mean level?",
        ),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_place(mapping: Any, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(mapping, "people.yml")
    assert says in str(caught.value)


def test_a_column_that_the_file_lacks_is_named(tmp_path: Path, mapped: Mapped) -> None:
    (reject,) = mapped(body(entities={"p": person(note={"column": "remark"})})).rejects
    assert "the mapping needs the column 'remark', which is missing: it has no, first" in reject.reason


@pytest.mark.parametrize("name", mappings())
def test_every_mapping_that_comes_with_the_program_is_valid(name: str) -> None:
    assert read(MAPPINGS / f"{name}.yml").queries


TO = {"kind": "ASSOCIATE_OF", "from": {"entity": "one"}, "to": {"keys": ["kin"]}}


@pytest.mark.parametrize(
    "allow",
    [[], ";", {"column": "secret", "values": {"yes": [], "no": "FR"}}, {"column": "secret", "as": ";"}],
)
def test_an_empty_list_in_a_handling_allows_nobody(mapped: Mapped, allow: Any) -> None:
    rule = {"handling": {"allow": allow}}
    parcel = mapped(
        body(entities={"one": {**PERSON, **rule}}, links={"kin": {**TO, **rule, "optional": True}})
    )
    assert parcel.records[0].handling.allow == parcel.links[0].handling.allow == ()


def test_an_empty_list_in_the_handling_of_a_whole_mapping_allows_nobody(mapped: Mapped) -> None:
    whole = body(entities={"one": PERSON})
    whole["people"]["handling"] = {"allow": []}
    assert first(mapped(whole)).handling.allow == ()
