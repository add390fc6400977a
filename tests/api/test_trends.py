"""Trends through GraphQL."""

import pytest

from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.world import File

pytestmark = pytest.mark.neo4j

TREND = """
query($where: EventFilter, $interval: String = "month") {
  trend(where: $where, interval: $interval) { n points { interval count } asOf }
}
"""


@pytest.fixture
def seizures(database: Database) -> Database:
    """Four seizures, one of them Spain's own."""
    france, spain = File("FR"), File("ES", allow=frozenset())
    for at, day in enumerate(("2024-01-03", "2024-01-20", "2024-03-05")):
        france.record("Event", f"e{at}", type="seizure", time=day, commodity="cocaine", country="FR")
    spain.record("Event", "e9", type="seizure", time="2024-02-02", commodity="cocaine", country="ES")
    france.load(database)
    spain.load(database)
    return database


def test_events_are_counted_by_month(seizures: Database, ask: Ask) -> None:
    answer = ask(TREND, {"where": {"commodity": "cocaine"}})

    assert answer["data"]["trend"]["points"] == [
        {"interval": "2024-01", "count": 2},
        {"interval": "2024-02", "count": 0},
        {"interval": "2024-03", "count": 1},
    ]
    assert ask(TREND, {"where": {"commodity": "cocaine"}}, ncb="ES")["data"]["trend"]["n"] == 4


def test_warnings_are_the_same_however_they_are_asked_for(seizures: Database, ask: Ask) -> None:
    said = ask("{ trend { n warnings } }")["data"]["trend"]["warnings"]
    deep = ask("{ trend { ...a } } fragment a on Trend { ... on Trend { warnings } }")["data"]["trend"][
        "warnings"
    ]
    assert said == deep
    assert any("too short" in sentence for sentence in said)


def test_an_interval_that_is_none_is_named(seizures: Database, ask: Ask) -> None:
    assert ask(TREND, {"interval": "moon"})["errors"][0]["extensions"]["code"] == "BAD_INPUT"


def test_plain_values_are_those_of_the_usual_way(
    seizures: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = """{ a: trend(interval: "day", measure: "quantity") {
      __typename n unit asOf undated again: n points { interval count quantity low high unusual } } }"""
    quick = ask(question)["data"]["a"]
    monkeypatch.setattr("graphsvc.api.execution.plain", lambda parent, name: None)
    slow = ask(question)["data"]["a"]
    assert list(quick) == list(slow)
    assert {**quick, "asOf": ""} == {**slow, "asOf": ""}
    assert quick["points"][0] == {
        "interval": "2024-01-03", "count": 1, "quantity": 0, "low": None, "high": None, "unusual": False,
    }  # fmt: skip
