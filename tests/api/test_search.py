"""Finding records: three countries write about one woman, and about others with names like hers."""

import pytest

from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.world import File

SEARCH = """
query($text: String!, $kinds: [String!], $countries: [String!], $birthDate: String, $birthDays: Int = 0,
      $fuzzy: Boolean = true, $first: Int = 20, $after: String) {
  searchEntities(text: $text, kinds: $kinds, countries: $countries, birthDate: $birthDate, birthDays: $birthDays,
                 fuzzy: $fuzzy, first: $first, after: $after) {
    total truncated next
    hits { id score reasons record { caption owner ... on Person { birthDate } } }
    kinds { value count } owners { value count }
  }
}
"""


@pytest.fixture
def border(database: Database) -> Database:
    """France, Morocco and Spain; Spain shares one of its records with nobody."""
    france, morocco = File("FR"), File("MA")
    spain, quiet = File("ES"), File("ES", "es-quiet", allow=frozenset())
    france.person("p1", name="Mara Invented", birth_date="1988-04", nationalities=["FR"])
    france.person("p2", name="Marta Inventado", birth_date="1990-01-31", nationalities=["ES"])
    france.record("Vehicle", "v1", plate="AB-123-CD", country="FR")
    morocco.person("p1", name="Мара Инвентед", birth_date="1988-04-12", phones=["+212600000001"])
    spain.person("p1", name="Luz Otra", birth_date="1970")
    quiet.person("q1", name="Mara Invented", birth_date="1988-04-12")
    quiet.person("q2", name="Mara Inventedd", birth_date="1988-04-12")
    for file in (france, morocco, spain, quiet):
        file.load(database)
    return database


def ids(answer: dict[str, object]) -> list[str]:
    page = answer["data"]["searchEntities"]  # type: ignore[index]
    return [hit["id"] for hit in page["hits"]]


@pytest.mark.neo4j
def test_a_name_is_found_in_every_script(border: Database, ask: Ask) -> None:
    answer = ask(SEARCH, {"text": "Mara Invented"})

    assert ids(answer)[:2] == ["fr-file:p1", "ma-file:p1"]
    first = answer["data"]["searchEntities"]["hits"][0]
    assert first["score"] == 1.0
    assert first["record"] == {"caption": "Mara Invented", "owner": "FR", "birthDate": "1988-04"}


@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AB 123 CD", ["fr-file:v1"]),
        ("ab123cd", ["fr-file:v1"]),
        ("+212 600 000 001", ["ma-file:p1"]),
        ("inventado", ["fr-file:p2", "fr-file:p1", "ma-file:p1"]),
        ("Luz", ["es-file:p1"]),
        ("Lus Otra", ["es-file:p1"]),
        ("ot*", ["es-file:p1"]),
        ("nobody at all", []),
        ('"otra" OR "luz', ["es-file:p1"]),
    ],
)
def test_what_is_typed_finds_what_is_held(border: Database, ask: Ask, text: str, found: list[str]) -> None:
    assert ids(ask(SEARCH, {"text": text})) == found


@pytest.mark.neo4j
def test_a_spelling_that_is_off_is_found_only_when_wanted(border: Database, ask: Ask) -> None:
    assert ids(ask(SEARCH, {"text": "Otrra", "fuzzy": True})) == ["es-file:p1"]
    assert ids(ask(SEARCH, {"text": "Otrra", "fuzzy": False})) == []


@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"kinds": ["Vehicle"]}, []),
        ({"countries": ["ES"]}, ["fr-file:p2"]),
        ({"birthDate": "1988"}, ["fr-file:p1", "ma-file:p1"]),
        ({"birthDate": "1988-04-20"}, ["fr-file:p1"]),
        ({"birthDate": "1988-04-20", "birthDays": 8}, ["fr-file:p1", "ma-file:p1"]),
        ({"birthDate": "1988-05-02", "birthDays": 2}, ["fr-file:p1"]),
    ],
)
def test_filters_narrow(border: Database, ask: Ask, where: dict[str, object], found: list[str]) -> None:
    answer = ask(SEARCH, {"text": "Mara Invented", **where})

    assert [id for id in ids(answer) if id != "fr-file:p2" or "countries" in where] == found


@pytest.mark.neo4j
def test_hidden_records_change_nothing(border: Database, ask: Ask) -> None:
    before = ask(SEARCH, {"text": "Mara Invented"})
    with border.session() as session:
        session.run("MATCH (n:Entity {source: 'es-quiet'}) DETACH DELETE n").consume()

    assert ask(SEARCH, {"text": "Mara Invented"}) == before
    assert before["data"]["searchEntities"]["owners"] == [
        {"value": "FR", "count": 2},
        {"value": "MA", "count": 1},
    ]


@pytest.mark.neo4j
def test_the_owner_sees_its_own(border: Database, ask: Ask) -> None:
    assert "es-quiet:q1" in ids(ask(SEARCH, {"text": "Mara Invented"}, ncb="ES"))


@pytest.mark.neo4j
def test_pages_follow_one_another_without_gap_or_double(border: Database, ask: Ask) -> None:
    whole = ids(ask(SEARCH, {"text": "Mara Invented"}))
    seen, after = [], None
    for _ in whole:
        page = ask(SEARCH, {"text": "Mara Invented", "first": 1, "after": after})
        seen += ids(page)
        after = page["data"]["searchEntities"]["next"]

    assert seen == whole
    assert after is None


@pytest.mark.neo4j
def test_a_cursor_belongs_to_its_question(border: Database, ask: Ask) -> None:
    page = ask(SEARCH, {"text": "Mara Invented", "first": 1})
    cursor = page["data"]["searchEntities"]["next"]
    for text, after in (("Marta", cursor), ("Mara Invented", "made up"), ("Mara Invented", cursor[:-4])):
        answer = ask(SEARCH, {"text": text, "first": 1, "after": after})
        assert answer["errors"][0]["extensions"]["code"] == "BAD_INPUT"


@pytest.mark.neo4j
@pytest.mark.parametrize(
    "variables",
    [
        {"text": ""},
        {"text": "***"},
        {"text": "a*"},
        {"text": "x" * 201},
        {"text": "a b c d e f g h i"},
        {"text": "Mara", "first": 0},
        {"text": "Mara", "first": 101},
        {"text": "Mara", "kinds": ["Ghost"]},
        {"text": "Mara", "birthDate": "1988-13"},
        {"text": "Mara", "birthDate": "soon"},
        {"text": "Mara", "birthDate": "0001-01-01", "birthDays": 400},
        {"text": "Mara", "birthDate": "1988", "birthDays": -1},
    ],
)
def test_what_cannot_be_searched_is_named(database: Database, ask: Ask, variables: dict[str, object]) -> None:
    assert ask(SEARCH, variables)["errors"][0]["extensions"]["code"] == "BAD_INPUT"
