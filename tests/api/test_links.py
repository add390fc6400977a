"""Links through GraphQL: a courier, two cars and a border, with one record that only Spain may see."""

import pytest

from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.world import File

pytestmark = pytest.mark.neo4j


@pytest.fixture
def couriers(database: Database) -> Database:
    """ana - car - ben in France; ana - boss - ben is Spain's own."""
    france, spain = File("FR"), File("ES", allow=frozenset())
    for name in ("ana", "ben", "cid"):
        france.person(name, name=f"{name.title()} Invented")
    france.record("Vehicle", "car", plate="AB-123-CD", country="FR")
    france.link("ana", "DROVE", "car", id_="l1", confidence=0.9, first_seen="2024-02-01")
    france.link("ben", "DROVE", "car", id_="l2", confidence=0.5, first_seen="2024-03-01")
    france.link("ben", "ASSOCIATE_OF", "cid", id_="l3")
    spain.person("boss", name="Boss Invented")
    spain.link("fr-file:ana", "ASSOCIATE_OF", "boss", id_="s1")
    france.load(database)
    spain.load(database)
    return database


PATHS = """
query($a: ID!, $b: ID!, $k: Int = 3) {
  paths(a: $a, b: $b, k: $k) {
    truncated
    paths {
      hops confidence
      weakest { id type owner }
      steps { outward link { id firstSeen } fromRecord { caption } toRecord { caption ... on Vehicle { plate } } }
    }
  }
}
"""

EXPAND = """
query($ids: [ID!]!, $hops: Int = 1, $first: Int = 100, $after: String) {
  expand(ids: $ids, hops: $hops, first: $first, after: $after) {
    next
    found {
      total truncated
      types { type outward count }
      records { id hops record { kind caption } }
      links { id type fromId toId }
    }
  }
}
"""


def test_a_path_names_its_links_and_the_weakest(couriers: Database, ask: Ask) -> None:
    answer = ask(PATHS, {"a": "fr-file:ana", "b": "fr-file:ben"})

    (path,) = answer["data"]["paths"]["paths"]
    assert [step["link"]["id"] for step in path["steps"]] == ["fr-file:l1", "fr-file:l2"]
    assert [step["outward"] for step in path["steps"]] == [True, False]
    assert path["steps"][0]["toRecord"] == {"caption": "AB-123-CD", "plate": "AB-123-CD"}
    assert path["weakest"] == {"id": "fr-file:l2", "type": "DROVE", "owner": "FR"}
    assert path["confidence"] == 0.45


def test_what_stands_around_comes_counted_and_in_pages(couriers: Database, ask: Ask) -> None:
    seen, links, after = [], [], None
    while True:
        answer = ask(EXPAND, {"ids": ["fr-file:ana"], "hops": 3, "first": 2, "after": after})
        page = answer["data"]["expand"]
        seen += [(record["id"], record["hops"]) for record in page["found"]["records"]]
        links += [link["id"] for link in page["found"]["links"]]
        after = page["next"]
        if after is None:
            break

    assert seen == [("fr-file:ana", 0), ("fr-file:car", 1), ("fr-file:ben", 2), ("fr-file:cid", 3)]
    assert sorted(links) == ["fr-file:l1", "fr-file:l2", "fr-file:l3"]
    assert page["found"]["types"] == [{"type": "DROVE", "outward": True, "count": 1}]


def test_spain_sees_its_own_link_too(couriers: Database, ask: Ask) -> None:
    answer = ask(EXPAND, {"ids": ["fr-file:ana"]}, ncb="ES")

    found = answer["data"]["expand"]["found"]
    assert {link["id"] for link in found["links"]} == {"fr-file:l1", "es-file:s1"}


@pytest.mark.parametrize("other", ["es-file:boss", "es-file:absent"])
def test_a_hidden_end_is_an_absent_one(couriers: Database, ask: Ask, other: str) -> None:
    for text, variables in ((PATHS, {"a": "fr-file:ana", "b": other}), (EXPAND, {"ids": [other]})):
        (error,) = ask(text, variables)["errors"]
        assert error["extensions"]["code"] == "NOT_FOUND"
        assert "boss" not in error["message"]


def test_the_evidence_between_two(couriers: Database, ask: Ask) -> None:
    answer = ask('{ evidence(fromId: "fr-file:ana", toId: "fr-file:car") { id type owner firstSeen } }')

    assert answer["data"]["evidence"] == [
        {"id": "fr-file:l1", "type": "DROVE", "owner": "FR", "firstSeen": "2024-02-01"}
    ]


@pytest.mark.parametrize(
    "variables",
    [{"ids": []}, {"ids": ["fr-file:ana"], "hops": 9}, {"ids": ["fr-file:ana"], "first": 0},
     {"ids": ["fr-file:ana"], "after": "made up"}],
)  # fmt: skip
def test_what_cannot_be_expanded_is_named(couriers: Database, ask: Ask, variables: dict[str, object]) -> None:
    assert ask(EXPAND, variables)["errors"][0]["extensions"]["code"] == "BAD_INPUT"
