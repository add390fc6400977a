"""A trafficking ring over three countries, whose files share only a passport, a phone and a plate.

FR  anna ─HOLDS─ passport FR 12AB            (seen again by ES, under the holder's name there)
ES  bruno ─USED─ passport FR 12AB,  bruno ─USES─ phone +34 600
MA  carim ─USES─ phone +34 600,  carim ─DROVE─ plate ES 77,  plate ES 77 ─REGISTERED_TO─ a cover company
"""

from collections.abc import Callable
from typing import Any

import pytest

from graphsvc.model.handling import make
from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.world import File

pytestmark = pytest.mark.neo4j

PATHS = """query ($a: ID!, $b: ID!) {
  paths(a: $a, b: $b) { paths { hops steps { fromId toId link { type owner } joins { fromId toId key } }
                                ending { fromId toId key } } truncated }
}"""
EXPAND = """query ($ids: [ID!]!) {
  expand(ids: $ids) { found { total types { type count } kinds { kind count } records { id } links { id } } next }
}"""
SEARCH = """query ($text: String!) { searchEntities(text: $text) { total hits { id score } } }"""
CLUSTER = """query ($id: ID!) { entity(id: $id) { id cluster { members { id keys } } } }"""
COMMUNITIES = """query { communities { found { total modularity groups { size members { id } } } next } }"""


def france() -> File:
    file = File("FR")
    file.person("anna")
    file.passport("pass", "12 ab-34", "FR", status="stolen")
    file.link("anna", "HOLDS", "pass")
    return file


def spain(**handling: Any) -> File:
    file = File("ES", **handling)
    file.person("bruno")
    file.passport("pass", "12AB34", "FR")
    file.record("Phone", "phone", number="+34 600 000 001")
    file.link("bruno", "USED", "pass")
    file.link("bruno", "USES", "phone")
    return file


def morocco() -> File:
    file = File("MA")
    file.person("carim")
    file.record("Phone", "phone", number="0034600000001")
    file.record("Vehicle", "van", plate="es-77-xx", country="ES")
    file.record("Organization", "cover", name="Atlas Invented Tours")
    file.link("carim", "USES", "phone")
    file.link("carim", "DROVE", "van")
    file.link("van", "REGISTERED_TO", "cover")
    return file


@pytest.fixture
def connected(ask: Ask) -> Callable[..., dict[str, Any] | None]:
    """How two records are connected for a caller: the shortest path, or none."""

    def question(a: str, b: str, ncb: str = "FR") -> dict[str, Any] | None:
        answer = ask(PATHS, {"a": a, "b": b}, ncb=ncb)
        assert "errors" not in answer, answer["errors"]
        found = answer["data"]["paths"]["paths"]
        return found[0] if found else None

    return question


def test_three_files_join_through_what_they_share(
    database: Database, connected: Callable[..., dict[str, Any] | None]
) -> None:
    for file in (morocco(), spain(), france()):
        file.load(database)
    path = connected("fr-file:anna", "ma-file:cover")
    assert path is not None
    assert [step["link"]["type"] for step in path["steps"]] == [
        "HOLDS",
        "USED",
        "USES",
        "USES",
        "DROVE",
        "REGISTERED_TO",
    ]
    assert {step["link"]["owner"] for step in path["steps"]} == {"FR", "ES", "MA"}
    keys = [join["key"] for step in path["steps"] for join in step["joins"]]
    assert keys == ["doc:FR:passport:12AB34", "tel:+34600000001"]


def test_without_spain_france_and_morocco_stay_apart(
    database: Database, connected: Callable[..., dict[str, Any] | None]
) -> None:
    for file in (france(), spain(allow=frozenset({"FR"})), morocco()):
        file.load(database)
    assert connected("fr-file:anna", "ma-file:cover", ncb="FR") is not None
    assert connected("ma-file:cover", "fr-file:anna", ncb="MA") is None


def test_hiding_one_carrier_of_a_key_does_not_split_the_others(
    database: Database, connected: Callable[..., dict[str, Any] | None]
) -> None:
    """The passport stands in three files; hiding the one in the middle leaves the outer two joined."""
    france().load(database)
    spain(allow=frozenset({"FR"})).load(database)
    third = File("PT")
    third.person("duarte")
    third.passport("pass", "12AB34", "FR")
    third.link("duarte", "USED", "pass")
    third.load(database)
    seen_by_all = connected("fr-file:anna", "pt-file:duarte", ncb="FR")
    without_spain = connected("fr-file:anna", "pt-file:duarte", ncb="BR")
    assert seen_by_all is not None
    assert without_spain == seen_by_all


def test_hiding_one_record_gives_the_graph_without_it(database: Database, ask: Ask) -> None:
    """Counts, search, cluster, expansion, paths and communities for one who may not see Spain's passport are
    those of a graph in which it never was."""

    def answers() -> list[Any]:
        asked = [
            (PATHS, {"a": "fr-file:anna", "b": "ma-file:cover"}),
            (PATHS, {"a": "fr-file:anna", "b": "es-file:pass"}),
            (EXPAND, {"ids": ["fr-file:pass"]}),
            (EXPAND, {"ids": ["es-file:bruno"]}),
            (SEARCH, {"text": "12AB34"}),
            (CLUSTER, {"id": "fr-file:pass"}),
            (CLUSTER, {"id": "es-file:pass"}),
            (COMMUNITIES, None),
        ]
        return [ask(text, variables, ncb="BR", purposes=["INVESTIGATE"]) for text, variables in asked]

    hidden = make("ES", allow=frozenset())
    world = spain()
    for record in world.records:
        if record.id == "es-file:pass":
            record.handling = hidden
    for file in (france(), world, morocco()):
        file.load(database)
    with_hidden = answers()
    assert with_hidden[1]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert with_hidden[4]["data"]["searchEntities"]["total"] == 1
    near = with_hidden[2]["data"]["expand"]["found"]["records"]
    assert {record["id"] for record in near} <= {"fr-file:anna", "fr-file:pass"}
    assert with_hidden[7]["data"]["communities"]["found"]["total"] > 1

    from tests.conftest import empty

    empty(database)
    without = spain()
    without.records = [record for record in without.records if record.id != "es-file:pass"]
    without.links = [link for link in without.links if "es-file:pass" not in (link.from_, link.to)]
    for file in (morocco(), without, france()):
        file.load(database)
    assert answers() == with_hidden
