"""Exports, likeness and missing links through GraphQL."""

from itertools import combinations

import networkx as nx
import pytest

from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.world import File

pytestmark = pytest.mark.neo4j

EXPORT = """
query($recipients: [String!]!) {
  exportGroups(format: "graphml", recipients: $recipients, level: "CONFIDENTIAL") { id recipients files { name text } }
}
"""


@pytest.fixture
def circle(database: Database) -> Database:
    """Five of whom all but two know each other, and one that only France may see."""
    france = File("FR")
    names = [f"p{at}" for at in range(5)]
    for name in names:
        france.person(name)
    for one, other in combinations(names, 2):
        if (one, other) != ("p1", "p3"):
            france.link(one, "ASSOCIATE_OF", other)
    own = File("FR", "fr-own", allow=frozenset({"FR"}))
    own.person("secret")
    for name in names:
        own.link("secret", "ASSOCIATE_OF", f"fr-file:{name}")
    france.load(database)
    own.load(database)
    return database


def test_an_export_holds_what_all_recipients_may_see(circle: Database, ask: Ask) -> None:
    answer = ask(EXPORT, {"recipients": ["DE"]})["data"]["exportGroups"]
    found = nx.parse_graphml(answer["files"][0]["text"])
    assert set(found.nodes) == {f"fr-file:p{at}" for at in range(5)}
    assert answer["recipients"] == ["DE"]
    own = ask(EXPORT, {"recipients": ["FR"]})["data"]["exportGroups"]
    assert "fr-own:secret" in nx.parse_graphml(own["files"][0]["text"]).nodes


def test_what_is_handed_out_is_registered_and_no_more(circle: Database, ask: Ask) -> None:
    answer = ask(EXPORT, {"recipients": ["DE"]})["data"]["exportGroups"]
    rows = circle.rows("MATCH (r:Released {export: $id}) RETURN r.record AS record", id=answer["id"])
    released = {row["record"] for row in rows}
    assert {f"fr-file:p{at}" for at in range(5)} <= released
    assert not any(id_.startswith("fr-own") for id_ in released)


def test_the_missing_link_is_named(circle: Database, ask: Ask) -> None:
    answer = ask("{ missingLinks(first: 1) { likely { one { id } other { id } common } } }", ncb="DE")
    (likely,) = answer["data"]["missingLinks"]["likely"]
    assert (likely["one"]["id"], likely["other"]["id"]) == ("fr-file:p1", "fr-file:p3")
    assert likely["common"] == 3


def test_who_has_the_same_contacts(circle: Database, ask: Ask) -> None:
    answer = ask('{ similar(id: "fr-file:p1") { found { who { id } likeness } } }', ncb="DE")
    first = answer["data"]["similar"]["found"][0]
    assert (first["who"]["id"], first["likeness"]) == ("fr-file:p3", 1.0)
