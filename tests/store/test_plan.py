"""What a batch does to what is stored: of versions of one id the same stays, in any order of arrival."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graphsvc.store.plan import Change, Row, decide

DAYS = ("2024", "2024-03", "2024-03-01", "2024-03-02")


def version(content: str, sequence: int | None = None, day: str | None = None, run: str = "1") -> Row:
    return {
        "id": "fr-file:p-1",
        "kind": "Person",
        "digest": f"{content} {sequence} {day}",
        "sequence": sequence,
        "recorded_at": day,
        "run": run,
        "handling": 0,
    }


def left(rows: list[Row]) -> str:
    """The content that is there after all of them have come, one by one."""
    stored: Row | None = None
    for row in rows:
        if decide(row, stored, run=row["run"]) in (Change.NEW, Change.CHANGED):
            stored = row
    assert stored is not None
    return str(stored["digest"])


VERSIONS = st.builds(
    version,
    st.sampled_from("abc"),
    st.none() | st.integers(-1, 2),
    st.none() | st.sampled_from(DAYS),
    st.sampled_from("12"),
)


@given(data=st.data(), rows=st.lists(VERSIONS, min_size=1, max_size=7))
def test_the_same_version_stays_in_any_order_of_arrival(data: Any, rows: list[Row]) -> None:
    rows = [row for row in rows if (row["sequence"], row["recorded_at"]) != (None, None)] or [version("a", 1)]
    loose = [version("x", run="3")]  # one that says nothing of its place
    assert left(rows + loose) == left(data.draw(st.permutations(rows + loose)))


def test_a_sequence_stands_above_any_date_and_a_date_above_nothing() -> None:
    numbered, dated, loose = version("a", 1, "2020"), version("b", None, "2024"), version("c")
    for rows in ([numbered, dated, loose], [loose, dated, numbered], [dated, numbered, loose]):
        assert left(rows) == numbered["digest"]
    assert left([loose, dated]) == left([dated, loose]) == dated["digest"]


def test_of_one_sequence_the_later_date_wins() -> None:
    early, late = version("z", 1, "2024-03-01"), version("a", 1, "2024-03-02")
    assert left([early, late]) == left([late, early]) == late["digest"]


def test_of_one_date_arrival_does_not_decide() -> None:
    one, other = version("a", day="2024-03-01", run="1"), version("b", day="2024-03-01", run="2")
    assert left([one, other]) == left([other, one])


def test_without_sequence_and_date_the_last_run_wins_and_one_run_says_it_once() -> None:
    assert left([version("b", run="1"), version("a", run="2")]) == "a None None"
    assert decide(version("b", run="1"), version("a", run="1"), run="1") is Change.DUPLICATE
