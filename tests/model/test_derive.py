"""What is worked out from a record when it is written."""

from datetime import date

import pytest

from graphsvc.model import days, derive, grades
from graphsvc.model.handling import make
from graphsvc.model.kinds import BY_NAME
from graphsvc.model.record import Record


def node(kind: str, **properties: object) -> dict[str, object]:
    record = Record("s:1", kind, make("FR"), properties)  # type: ignore[arg-type]
    return derive.node(record, source="s", owner="FR")


@pytest.mark.parametrize(
    ("prefix", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-02-10T12:00", date(2024, 2, 10), date(2024, 2, 10)),
        ("1962-03", date(1962, 3, 1), date(1962, 3, 31)),
    ],
)
def test_partial_dates_round_outwards(prefix: str, first: date, last: date) -> None:
    assert days.iso(days.first_day(prefix)) == first.isoformat()
    assert days.iso(days.last_day(prefix)) == last.isoformat()


def test_events_are_when_their_time_says() -> None:
    row = node("Event", type="trip", time="2024-03", until="2024-04-02", first_seen="2024-03-05")
    assert (row["first_seen"], row["last_seen"]) == ("2024-03-05", "2024-04-02")


def test_countries_come_from_every_country_field() -> None:
    row = node("Event", type="trip", origin="MA", transit=["ES", "FR"], country="ES")
    assert row["countries"] == ["ES", "FR", "MA"]


def test_names_are_found_by_script_and_sound() -> None:
    tokens = derive.search_tokens({"name": "Мара Инвентед", "number": "12ab-3"})
    assert {"mara", "~MR", "12ab3"} <= set(tokens)


def test_the_caption_is_the_first_that_is_filled() -> None:
    assert derive.caption(BY_NAME["Person"], {"names": ["Bela"], "family_name": "X"}) == "Bela"
    assert derive.caption(BY_NAME["Weapon"], {}) == "Weapon"


def test_the_digest_knows_content_and_not_order() -> None:
    one = node("Person", name="A", sex="F")["digest"]
    assert one == node("Person", sex="F", name="A")["digest"]
    assert one != node("Person", sex="F", name="B")["digest"]


@pytest.mark.parametrize(
    ("grade", "confidence"),
    [("A1", 0.902), ("B2", 0.64), ("3-2-1", 0.24), ("2B", 0.48), ("", None), ("??", None)],
)
def test_grades_have_a_confidence(grade: str, confidence: float | None) -> None:
    assert grades.confidence(grade) == confidence
