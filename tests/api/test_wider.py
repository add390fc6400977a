"""The wider questions through GraphQL, on one gang: each answers in its own shape, on what the caller may see."""

from itertools import combinations
from typing import Any

import pytest

from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.world import File

pytestmark = pytest.mark.neo4j


@pytest.fixture
def gang(database: Database) -> Database:
    """Two circles of four that only ana joins; ana and ben in one case, on three trips. Spain hides a second tie."""
    france, spain = File("FR"), File("ES", allow=frozenset())
    one, two = ["ana", "ben", "cid", "dee"], ["ana", "eva", "fay", "gil"]
    for name in dict.fromkeys((*one, *two)):
        france.person(name)
    for a, b in (*combinations(one, 2), *combinations(two, 2)):
        france.link(a, "ASSOCIATE_OF", b)
    france.record("Case", "c1", number="1", country="FR")
    for name in ("ana", "ben"):
        france.link(name, "INVOLVED_IN", "c1", role="suspect")
    for at in range(3):
        time = f"2024-0{at + 1}-05"
        france.record("Event", f"t{at}", type="trip", time=time, origin="MA", destination="FR")
        for name in ("ana", "ben"):
            france.link(name, "PARTICIPATED_IN", f"t{at}", role="traveller")
    spain.person("hidden")
    for name in ("cid", "eva"):
        spain.link(f"fr-file:{name}", "ASSOCIATE_OF", "hidden")
    france.load(database)
    spain.load(database)
    return database


KINDS = 'scope: { kinds: ["Person"] }'
ANA = {"id": "fr-file:ana"}
TRIPS = [f"fr-file:t{n}" for n in range(3)]
QUESTIONS: dict[str, tuple[str, Any]] = {
    "holdings": (
        "{ kinds { kind records } }",
        [{"kind": "Person", "records": 7}, {"kind": "Event", "records": 3}, {"kind": "Case", "records": 1}],
    ),
    "connectingNetwork": (
        '(ids: ["fr-file:ben", "fr-file:eva", "fr-file:gil"]) { records joins { key } }',
        None,
    ),
    "coOffenders": ('(id: "fr-file:ana") { found { id weight } }', [{"id": "fr-file:ben", "weight": 1.0}]),
    "coTravel": ('(id: "fr-file:ana") { pairs { other trips } }', [{"other": "fr-file:ben", "trips": TRIPS}]),
    "keyPlayers": (f"({KINDS}, k: 1) {{ players {{ id }} }}", [ANA]),
    "removal": (f"({KINDS}, steps: 1) {{ steps {{ removed {{ id }} share }} }}", None),
    "brokers": (f"({KINDS}, first: 1) {{ ranked {{ who {{ id }} }} }}", [{"who": ANA}]),
    "ranking": (f'({KINDS}, measure: "degree", first: 1) {{ ranked {{ who {{ id }} }} }}', [{"who": ANA}]),
    "coreStructure": (f"({KINDS}) {{ cutPoints {{ who {{ id }} }} }}", [{"who": ANA}]),
    "overlappingGroups": (f"({KINDS}, k: 4) {{ groups {{ size }} }}", [{"size": 4}, {"size": 4}]),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_question_is_answered(gang: Database, ask: Ask, name: str) -> None:
    text, expected = QUESTIONS[name]
    answer = ask(f"{{ {name}{text} }}")

    assert "errors" not in answer
    (found,) = answer["data"][name].values() if expected is not None else (answer["data"][name],)
    assert found
    if expected is not None:
        assert found == expected
    assert "hidden" not in str(answer)
