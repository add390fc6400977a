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


@pytest.fixture
def victims(database: Database) -> Database:
    """Trips of victims: three in January, twelve in February, nine in March; two in June of the year before."""
    file = File("FR")
    for month, number in (("2024-01", 3), ("2024-02", 12), ("2024-03", 9), ("2023-06", 2)):
        for at in range(number):
            file.record(
                "Event", f"{month}-{at}", type="trip", time=f"{month}-{at + 1:02}", country="FR",
                areas=["HUMAN_TRAFFICKING"], commodity="persons",
                origin="MA", destination="ES" if at % 4 else "PT",
            )  # fmt: skip
    file.record("Event", "o1", type="seizure", time="2024-01-05", country="FR", commodity="cocaine")
    file.load(database)
    return database


def test_few_victims_are_not_counted_nor_is_what_would_tell_them(victims: Database, ask: Ask) -> None:
    asked = """query($where: EventFilter) { trend(where: $where, interval: "month") {
      n least remark changes { at } ahead { interval } reporters { reports } points { interval count steady } } }"""
    found = ask(asked, {"where": {"type": "trip", "since": "2024"}})["data"]["trend"]
    assert [point["count"] for point in found["points"]] == [None, 12, None]
    assert {point["steady"] for point in found["points"]} == {None}
    assert (found["n"], found["least"], found["ahead"], found["reporters"]) == (24, 5, [], [{"reports": 24}])
    assert found["remark"].startswith("Counts of events about victims or minors from 1 to 4 are left out")


def test_an_answer_says_why_numbers_are_left_out_whatever_was_asked_for(victims: Database, ask: Ask) -> None:
    few = ask("""{ a: trend(where: {type: "trip"}) { n } b: flows(where: {type: "trip"}) { n } }""")
    all_ = ask("""{ trend(where: {type: "seizure"}) { n } }""")
    assert [said[:38] for said in few["extensions"]["remarks"]] == ["Counts of events about victims or mino"]
    assert "extensions" not in all_


def test_a_total_of_few_victims_is_not_told(victims: Database, ask: Ask) -> None:
    asked = """{ trend(where: {type: "trip", until: "2023"}) {
      n reports points { count } reporters { source } } }"""
    found = ask(asked)["data"]["trend"]
    assert {point["count"] for point in found["points"]} == {None}
    assert (found["n"], found["reports"], found["reporters"]) == (None, None, [])


def test_small_counts_of_all_else_are_told(victims: Database, ask: Ask) -> None:
    found = ask("""{ trend(where: {type: "seizure"}) { n least remark points { count } } }""")["data"][
        "trend"
    ]
    assert found == {"n": 1, "least": None, "remark": None, "points": [{"count": 1}]}


def test_few_victims_are_left_out_of_comparisons(victims: Database, ask: Ask) -> None:
    asked = """{ compareWindows(before: {since: "2023", until: "2023"}, after: {since: "2024", until: "2024"},
      likeForLike: false) { least remark series { name before after ratio p q significant } } }"""
    found = ask(asked)["data"]["compareWindows"]
    told = {one["name"]: (one["before"], one["after"], one["q"]) for one in found["series"]}
    assert told["persons"] == (None, 24, None)
    assert found["least"] == 5


def test_few_victims_are_left_out_of_flows(victims: Database, ask: Ask) -> None:
    asked = """{ flows(where: {since: "2024", until: "2024", type: "trip"},
      baseline: {since: "2023", until: "2023"}) { n routed concentration least remark
      flows { origin destination events baseline share state q } balance { country out into } } }"""
    found = ask(asked)["data"]["flows"]
    assert [(one["destination"], one["events"], one["baseline"]) for one in found["flows"]] == [
        ("ES", 17, None), ("PT", 7, None),
    ]  # fmt: skip
    assert {one["state"] for one in found["flows"]} == {None}
    assert (found["n"], found["routed"]) == (24, 24)
