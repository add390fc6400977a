"""Seizures on one border: each counted once, in the intervals that are known, as far as the caller may see them."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from graphsvc.errors import UsageError
from graphsvc.model.handling import make
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.reader import Reader
from graphsvc.topology.events_check import differences
from graphsvc.topology.events_live import LiveEvents, folder
from tests.trends.asking import ask_trend, asking, caller, counts
from tests.world import File

pytestmark = pytest.mark.neo4j


def seizure(file: File, id_: str, time: str, **more: Any) -> str:
    return file.record("Event", id_, **{"type": "seizure", "time": time, "commodity": "cocaine", **more})


def spain(database: Database) -> File:
    """Three in May, one in July, all cocaine but one."""
    file = File("ES")
    seizure(file, "a", "2024-05-03", quantity=2.0, unit="kg", country="ES", areas=["DRUGS_ORGANIZED"])
    seizure(
        file,
        "b",
        "2024-05-20T10:15",
        quantity=500.0,
        unit="g",
        country="ES",
        origin="MA",
        transit=["ES", "FR"],
    )
    seizure(file, "c", "2024-05-31", commodity="heroin", quantity=10.0, unit="tablet", country="ES")
    seizure(file, "d", "2024-07-01", quantity=1.0, unit="kilogram", country="FR")
    file.load(database)
    return file


def test_events_are_counted_by_month(database: Database, open_server: Settings) -> None:
    spain(database)
    found = ask_trend(open_server)
    assert [(point.interval, point.count) for point in found.points] == [
        ("2024-05", 3),
        ("2024-06", 0),
        ("2024-07", 1),
    ]


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("day", {"2024-05-03": 1, "2024-05-20": 1, "2024-05-31": 1, "2024-07-01": 1}),
        ("week", {"2024-W18": 1, "2024-W21": 1, "2024-W22": 1, "2024-W27": 1}),
        ("quarter", {"2024-Q2": 3, "2024-Q3": 1}),
        ("year", {"2024": 4}),
    ],
)
def test_any_interval_from_day_to_year(
    database: Database, open_server: Settings, interval: str, expected: dict[str, int]
) -> None:
    spain(database)
    assert counts(ask_trend(open_server, interval=interval)) == expected


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"commodity": "Cocaine"}, 3), ({"area": "DRUGS_ORGANIZED"}, 1), ({"country": "FR"}, 1), ({"origin": "MA"}, 1),
        ({"via": "FR"}, 1), ({"region": "EUROPE"}, 4), ({"region": "AFRICA"}, 0), ({"type": "trip"}, 0),
        ({"commodity": "opium"}, 0), ({"since": "2024-05-20", "until": "2024-06"}, 2), ({"sources": ("es-file",)}, 4),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_what_is_counted(
    database: Database, open_server: Settings, asked: dict[str, Any], ids: int
) -> None:
    spain(database)
    assert ask_trend(open_server, **asked).n == ids


def test_the_time_asked_for_is_covered_whole_even_where_nothing_happened(
    database: Database, open_server: Settings
) -> None:
    spain(database)
    found = ask_trend(open_server, since="2024-03", until="2024-09", commodity="heroin")
    assert [point.count for point in found.points] == [0, 0, 1, 0, 0, 0, 0]


def test_quantities_are_added_in_a_common_unit(database: Database, open_server: Settings) -> None:
    spain(database)
    found = ask_trend(open_server, measure="quantity")
    assert found.unit == "kg"
    assert [point.quantity for point in found.points] == [2.5, 0.0, 1.0]
    assert [(q.unit, q.events, q.total) for q in found.quantities] == [("kg", 3, 3.5), ("tablet", 1, 10.0)]


def test_a_unit_of_ones_own_choice(database: Database, open_server: Settings) -> None:
    spain(database)
    assert ask_trend(open_server, measure="quantity", unit="Tablet").points[0].quantity == 10.0


def test_dates_too_rough_for_the_interval_are_told_apart(database: Database, open_server: Settings) -> None:
    file = spain(database)
    file.record("Event", "year", type="seizure", time="2024")
    file.record("Event", "month", type="seizure", time="2024-05")
    file.record("Event", "never", type="seizure")
    file.load(database)
    by_day, by_month, by_year = (
        ask_trend(open_server, interval=interval) for interval in ("day", "month", "year")
    )
    assert [(found.n, found.undated) for found in (by_day, by_month, by_year)] == [(4, 3), (5, 2), (6, 1)]


def test_a_rough_date_that_may_lie_outside_the_time_asked_for_is_undated(
    database: Database, open_server: Settings
) -> None:
    file = File("ES")
    seizure(file, "a", "2024-05")
    file.load(database)
    assert ask_trend(open_server, since="2024-05-10").undated == 1
    assert ask_trend(open_server, since="2024-05-01").n == 1
    assert ask_trend(open_server, since="2024-06-01").undated == 0


def test_an_event_that_two_countries_report_is_one(database: Database, open_server: Settings) -> None:
    for owner in ("ES", "FR"):
        file = File(owner)
        seizure(file, "a", "2024-05-03", reference="JOP-2024-118")
        file.load(database)
    found = ask_trend(open_server)
    assert (found.n, found.reports, found.sources) == (1, 2, 2)


def test_an_event_that_someone_judged_the_same_is_one(database: Database, open_server: Settings) -> None:
    one, other = File("ES"), File("FR")
    there, here = seizure(one, "a", "2024-05-03"), seizure(other, "b", "2024-05-04")
    other.link(here, "SAME_AS", there, decision="same", score=0.9)
    one.load(database)
    other.load(database)
    assert ask_trend(open_server).n == 1


def test_chains_of_reports_are_one_event(database: Database, open_server: Settings) -> None:
    files = [File(owner) for owner in ("ES", "FR", "DE")]
    first = seizure(files[0], "a", "2024-05-03", reference="X1")
    seizure(files[1], "b", "2024-05-03", reference="X1")
    third = seizure(files[2], "c", "2024-05-03")
    files[2].link(third, "SAME_AS", first, decision="same")
    for file in files:
        file.load(database)
    found = ask_trend(open_server)
    assert (found.n, found.reports) == (1, 3)


def test_judged_different_stays_two(database: Database, open_server: Settings) -> None:
    file = File("ES")
    file.link(
        seizure(file, "a", "2024-05-03"), "SAME_AS", seizure(file, "b", "2024-05-03"), decision="different"
    )
    file.load(database)
    assert ask_trend(open_server).n == 2


def test_the_most_precise_report_says_when(database: Database, open_server: Settings) -> None:
    one, other = File("ES"), File("FR")
    seizure(one, "a", "2024", reference="X1", recorded_at="2024-01-01")
    seizure(other, "b", "2024-05-03", reference="X1", recorded_at="2024-06-01")
    one.load(database)
    other.load(database)
    assert counts(ask_trend(open_server)) == {"2024-05": 1}


def steady_and_joined(database: Database, **first: Any) -> None:
    """France reports one a month for four years, and more in one of the last. Spain joins in the last months, and tells
    of its own day what France had seen before all others, with what else is said of that."""
    steady, joined = File("FR"), File("ES")
    seizure(steady, "first", "2019-12-05", country="FR", reference="X1", recorded_at="2024-02-01", **first)
    for number in range(48):
        month = f"{2020 + number // 12}-{number % 12 + 1:02}-10"
        seizure(steady, f"f{number}", month, country="FR", recorded_at="2024-02-01")
    for day in range(11, 16):
        seizure(steady, f"more{day}", f"2023-11-{day}", country="FR", recorded_at="2024-02-01")
    for day in range(1, 31):
        more = {"reference": "X1"} if day == 1 else {}
        seizure(joined, f"e{day}", f"2023-11-{day:02}", country="ES", recorded_at="2023-12-01", **more)
    for file in (steady, joined):
        file.load(database)


def test_a_steady_reporter_may_tell_of_an_earlier_day(database: Database, open_server: Settings) -> None:
    steady_and_joined(database)

    found = ask_trend(open_server)

    assert [one.change for one in found.reporters] == ["", "joined"]
    assert [(point.interval, point.count, point.steady) for point in found.points[:2]] == [
        ("2019-12", 0, 1),
        ("2020-01", 1, 1),
    ]
    assert (found.n, sum(point.steady or 0 for point in found.points)) == (83, 54)


def test_a_small_steady_count_is_left_out_where_all_reporters_have_none(
    database: Database, open_server: Settings
) -> None:
    steady_and_joined(database, areas=["HUMAN_TRAFFICKING"])

    found = ask_trend(open_server)

    assert (found.points[0].interval, found.points[0].count, found.points[0].steady) == ("2019-12", 0, None)


def test_a_hidden_report_neither_joins_nor_counts(database: Database, open_server: Settings) -> None:
    spain_file, secret, france = File("ES"), File("DE", level=3, allow=frozenset({"DE"})), File("FR")
    one = seizure(spain_file, "a", "2024-05-03")
    hidden = seizure(secret, "x", "2024-05-03", reference="X1")
    seizure(france, "b", "2024-05-03", reference="X1")
    secret.link(hidden, "SAME_AS", one, decision="same")
    for file in (spain_file, secret, france):
        file.load(database)
    seen, all_of_it = ask_trend(open_server, "FR"), ask_trend(open_server, "DE")
    assert (seen.n, seen.reports, seen.sources) == (2, 2, 2)
    assert (all_of_it.n, all_of_it.reports, all_of_it.sources) == (1, 3, 3)


def test_a_hidden_judgement_joins_nothing(database: Database, open_server: Settings) -> None:
    file = File("ES")
    one, other = seizure(file, "a", "2024-05-03"), seizure(file, "b", "2024-05-03")
    file.link(one, "SAME_AS", other, decision="same", handling=make("ES", allow=frozenset({"DE"})))
    file.load(database)
    assert [ask_trend(open_server, ncb).n for ncb in ("FR", "DE")] == [2, 1]


def test_an_expired_record_is_gone(database: Database, open_server: Settings) -> None:
    file = File("ES")
    seizure(file, "a", "2014-05-03", retain_until="2019-01-01")
    file.load(database)
    assert ask_trend(open_server).n == 0


def test_what_is_added_changed_or_restricted_counts_from_the_next_question_on(
    database: Database, open_server: Settings
) -> None:
    file = spain(database)
    from graphsvc.access.view import Door
    from graphsvc.analysis.trends import trend

    async def question(door: Door) -> list[int | None]:
        async def now() -> int | None:
            return (await trend(await door.view(caller()))).n

        found = [await now()]
        seizure(file, "e", "2024-08-01")
        file.load(database)
        found.append(await now())
        later = File("ES")
        seizure(later, "a", "2024-05-03", handling=make("ES", level=3, allow=frozenset({"ES"})), sequence=2)
        later.load(database)
        found.append(await now())
        return found

    assert asking(open_server, question) == [4, 5, 4]


@pytest.mark.parametrize(
    "asked",
    [
        {"interval": "decade"}, {"area": "ARSON"}, {"region": "MOON"}, {"since": "2024-13"}, {"measure": "fear"},
        {"since": "2025", "until": "2024"},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(
    database: Database, open_server: Settings, asked: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        ask_trend(open_server, **asked)


def test_nothing_at_all_is_an_empty_series(database: Database, open_server: Settings) -> None:
    found = ask_trend(open_server)
    assert (found.points, found.n, found.undated) == ((), 0, 0)


def test_columns_on_the_disk_are_those_of_the_store_and_follow_it(
    database: Database, open_server: Settings, tmp_path: Path
) -> None:
    given = open_server.model_copy(update={"data_dir": tmp_path})
    file = spain(database)

    async def warmed(live: LiveEvents) -> int:
        await live.open(given)
        columns = live._columns
        return -1 if columns is None else len(columns)

    async def question() -> list[int]:
        reader = await Reader.open(open_server)
        try:
            found = [await warmed(LiveEvents(reader))]
            seizure(file, "e", "2024-08-01")
            file.load(database)
            return [*found, await warmed(LiveEvents(reader))]
        finally:
            await reader.close()

    assert asyncio.run(question()) == [4, 5]
    with database.session() as session:
        run = lambda text: session.run(text).data()  # noqa: E731
        assert differences(run, folder(given)) == [
            f"The event columns stand at change {database_seq(database) - 1}, Neo4j at {database_seq(database)}: "
            "start the server to follow."
        ]
        shutil.rmtree(folder(given))
        asyncio.run(rebuilt(open_server, given))
        assert differences(run, folder(given)) == []
        session.run("MATCH (n:Event {id: 'es-file:a'}) SET n.quantity = 3.0").consume()
        assert len(differences(run, folder(given))) == 1


async def rebuilt(server: Settings, given: Settings) -> None:
    reader = await Reader.open(server)
    try:
        await LiveEvents(reader).open(given)
    finally:
        await reader.close()


def database_seq(database: Database) -> int:
    with database.session() as session:
        return int(
            session.run("MATCH (m:Meta {name: 'graph'}) RETURN m.seq AS seq").single(strict=True)["seq"]
        )
