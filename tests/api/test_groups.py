"""Communities through GraphQL: two gangs that share one messenger."""

from itertools import combinations

import pytest

from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.world import File

pytestmark = pytest.mark.neo4j

COMMUNITIES = """
query($first: Int = 20, $after: String, $algorithm: String = "leiden") {
  communities(first: $first, after: $after, algorithm: $algorithm) {
    next
    found { total identities groups { name rank size members { id record { caption } } } }
  }
}
"""


@pytest.fixture
def gangs(database: Database) -> Database:
    """Four in the north, three in the south, a messenger between; Spain hides a second messenger."""
    france, spain = File("FR"), File("ES", allow=frozenset())
    north, south = ["n1", "n2", "n3", "n4"], ["s1", "s2", "s3"]
    for name in (*north, *south):
        france.person(name)
    for a, b in (*combinations(north, 2), *combinations(south, 2), ("n1", "s1")):
        france.link(a, "ASSOCIATE_OF", b)
    spain.person("hidden")
    for name in (*north, *south):
        spain.link(f"fr-file:{name}", "ASSOCIATE_OF", "hidden")
    france.load(database)
    spain.load(database)
    return database


def test_two_gangs_are_two_groups(gangs: Database, ask: Ask) -> None:
    found = ask(COMMUNITIES)["data"]["communities"]["found"]

    assert (found["total"], found["identities"]) == (2, 7)
    assert [group["size"] for group in found["groups"]] == [4, 3]
    assert {member["id"] for member in found["groups"][0]["members"]} == {
        f"fr-file:n{n}" for n in range(1, 5)
    }
    assert found["groups"][0]["members"][0]["record"]["caption"].startswith("n")


def test_groups_come_in_pages(gangs: Database, ask: Ask) -> None:
    one = ask(COMMUNITIES, {"first": 1})["data"]["communities"]
    two = ask(COMMUNITIES, {"first": 1, "after": one["next"]})["data"]["communities"]

    assert [page["found"]["groups"][0]["rank"] for page in (one, two)] == [1, 2]
    assert two["next"] is None


def test_the_group_of_a_record(gangs: Database, ask: Ask) -> None:
    answer = ask('{ community(id: "fr-file:s2") { size truncated owners { value count } } }')

    assert answer["data"]["community"] == {
        "size": 3,
        "truncated": False,
        "owners": [{"value": "FR", "count": 3}],
    }


@pytest.mark.parametrize("id", ["es-file:hidden", "es-file:absent"])
def test_a_hidden_record_is_in_no_group(gangs: Database, ask: Ask, id: str) -> None:
    answer = ask(f'{{ community(id: "{id}") {{ size }} }}')

    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_an_algorithm_that_is_none_is_named(gangs: Database, ask: Ask) -> None:
    assert ask(COMMUNITIES, {"algorithm": "guess"})["errors"][0]["extensions"]["code"] == "BAD_INPUT"
