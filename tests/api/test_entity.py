"""One record and what stands together with it."""

import pytest

from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.world import File

ENTITY = """
query($id: ID!) {
  entity(id: $id) {
    __typename id kind caption owner source level class conditions grade keys
    ... on Person { name birthDate nationalities height: heightCm }
    ... on Document { number status }
    cluster { truncated members { id keys judgements } }
  }
}
"""


@pytest.fixture
def passports(database: Database) -> Database:
    """One passport in three files, one of them hidden from France; two women whom an analyst took for one."""
    france = File("FR", level=2, conditions=frozenset({"no use in court"}))
    morocco, spain = File("MA"), File("ES", allow=frozenset())
    france.person("p1", name="Mara Invented", birth_date="1988-04", nationalities=["FR", "MA"], height_cm=171)
    france.passport("d1", "12 AB 34567", "FR", status="stolen", grade="B2")
    morocco.person("p1", name="Mara I")
    morocco.passport("d2", "12AB34567", "FR")
    spain.passport("d3", "12AB34567", "FR")
    france.link("p1", "SAME_AS", "ma-file:p1", id_="j1", decision="same", score=0.9)
    france.link("p1", "SAME_AS", "d1", id_="j2", decision="different")
    morocco.load(database)
    spain.load(database)
    france.load(database)
    return database


@pytest.mark.neo4j
def test_a_record_comes_with_its_terms(passports: Database, ask: Ask) -> None:
    found = ask(ENTITY, {"id": "fr-file:p1"})["data"]["entity"]

    assert found["__typename"] == "Person"
    assert (found["name"], found["birthDate"], found["height"]) == ("Mara Invented", "1988-04", 171)
    assert (found["level"], found["class"], found["conditions"]) == (
        "RESTRICTED",
        "ordinary",
        ["no use in court"],
    )


@pytest.mark.neo4j
def test_records_stand_together_by_key(passports: Database, ask: Ask) -> None:
    found = ask(ENTITY, {"id": "fr-file:d1"})["data"]["entity"]

    key = "doc:FR:passport:12AB34567"
    assert found["cluster"] == {
        "truncated": False,
        "members": [
            {"id": "fr-file:d1", "keys": [key], "judgements": []},
            {"id": "ma-file:d2", "keys": [key], "judgements": []},
        ],
    }


@pytest.mark.neo4j
def test_records_stand_together_by_judgement(passports: Database, ask: Ask) -> None:
    found = ask(ENTITY, {"id": "ma-file:p1"})["data"]["entity"]

    assert [member["id"] for member in found["cluster"]["members"]] == ["fr-file:p1", "ma-file:p1"]
    assert found["cluster"]["members"][0]["judgements"] == ["fr-file:j1"]


@pytest.mark.neo4j
def test_absent_and_hidden_look_the_same(passports: Database, ask: Ask) -> None:
    hidden = ask(ENTITY, {"id": "es-file:d3"})
    absent = ask(ENTITY, {"id": "es-file:d4"})

    assert hidden == absent
    assert ask(ENTITY, {"id": "es-file:d3"}, ncb="ES")["data"]["entity"]["number"] == "12AB34567"


@pytest.mark.neo4j
def test_a_level_above_the_callers_is_hidden(passports: Database, ask: Ask) -> None:
    assert ask(ENTITY, {"id": "fr-file:p1"}, level="OFFICIAL")["data"] is None
