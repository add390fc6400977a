"""Routes: where things come from and go to, what is new among them, and what two windows of time differ in."""

import pytest

from graphsvc.analysis.compare import Comparison, Window, compare
from graphsvc.analysis.flows import Flows, flows
from graphsvc.analysis.selection import Filter
from graphsvc.errors import UsageError
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.trends.asking import ask, ask_trend
from tests.world import File

pytestmark = pytest.mark.neo4j

BEFORE, AFTER = Window("2022", "2022"), Window("2023", "2023")


def route(
    file: File, year: int, number: int, origin: str, destination: str, *transit: str, start: int = 0
) -> None:
    """``number`` seizures on one route, spread over a year."""
    for at in range(start, start + number):
        file.record(
            "Event", f"{origin}{destination}{''.join(transit)}-{year}-{at}", type="seizure",
            time=f"{year}-{1 + at % 12:02}-{1 + at % 28:02}", country=file.owner, origin=origin,
            destination=destination, transit=list(transit), commodity="cocaine", quantity=1.5, unit="kg",
        )  # fmt: skip


@pytest.fixture
def coast(database: Database) -> Database:
    """CO to ES falls, CO to PT rises, BR to ES over MA is new and seen by two, PE to FR by one alone."""
    spain, portugal = File("ES"), File("PT")
    route(spain, 2022, 60, "CO", "ES")
    route(spain, 2023, 20, "CO", "ES")
    route(portugal, 2022, 10, "CO", "PT")
    route(portugal, 2023, 55, "CO", "PT")
    route(spain, 2023, 4, "BR", "ES", "MA")
    route(portugal, 2023, 4, "BR", "ES", "MA", start=4)
    route(spain, 2023, 6, "PE", "FR")
    spain.load(database)
    portugal.load(database)
    return database


def ask_flows(settings: Settings, ncb: str = "FR", baseline: Window | None = BEFORE, **asked: str) -> Flows:
    given = Filter(**{"since": "2023", "until": "2023", **asked})  # type: ignore[arg-type]
    return ask(settings, lambda view: flows(view, given, baseline=baseline), ncb)


def states(found: Flows) -> dict[tuple[str, str], str | None]:
    return {(flow.origin, flow.destination): flow.state for flow in found.flows}


def test_the_matrix_of_routes_adds_up(coast: Database, open_server: Settings) -> None:
    found = ask_flows(open_server)
    assert [(flow.origin, flow.transit, flow.destination, flow.events) for flow in found.flows] == [
        ("CO", (), "PT", 55), ("CO", (), "ES", 20), ("BR", ("MA",), "ES", 8), ("PE", (), "FR", 6),
    ]  # fmt: skip
    assert (found.n, found.routed, found.unit) == (89, 89, "kg")
    assert found.flows[0].quantity == 82.5


def test_a_route_is_new_when_two_reporters_saw_it(coast: Database, open_server: Settings) -> None:
    assert states(ask_flows(open_server)) == {
        ("CO", "PT"): "grown", ("CO", "ES"): "fallen", ("BR", "ES"): "new", ("PE", "FR"): "grown",
    }  # fmt: skip


def test_a_route_that_vanished_is_told(coast: Database, open_server: Settings) -> None:
    given = Filter(since="2022", until="2022")
    found = ask(open_server, lambda view: flows(view, given, baseline=AFTER))
    assert states(found)["BR", "ES"] == "gone"


def test_concentration_is_the_sum_of_squared_shares(coast: Database, open_server: Settings) -> None:
    expected = (55**2 + 20**2 + 8**2 + 6**2) / 89**2
    assert ask_flows(open_server).concentration == pytest.approx(expected, abs=1e-6)


def test_the_balance_of_a_country(coast: Database, open_server: Settings) -> None:
    balance = {
        one.country: (one.region, one.out, one.through, one.into) for one in ask_flows(open_server).balance
    }
    assert balance["ES"] == ("EUROPE", 0, 0, 28)
    assert balance["MA"] == ("AFRICA", 0, 8, 0)
    assert balance["CO"] == ("AMERICAS", 75, 0, 0)


def test_one_route_falls_as_its_neighbour_rises(coast: Database, open_server: Settings) -> None:
    found = ask_flows(open_server).displaced
    first = found[0]
    assert (first.fallen, first.risen, first.lost, first.gained) == ("CO > ES", "CO > PT", 40, 45)


def test_without_a_baseline_nothing_is_new(coast: Database, open_server: Settings) -> None:
    assert set(states(ask_flows(open_server, baseline=None)).values()) == {""}


def test_hidden_events_leave_no_trace_in_the_routes(coast: Database, open_server: Settings) -> None:
    seen = ask_flows(open_server)
    secret = File("DE", level=3, allow=frozenset({"DE"}))
    route(secret, 2023, 30, "PE", "FR")
    secret.load(coast)
    again = ask_flows(open_server)
    assert (again.flows, again.balance, again.n) == (seen.flows, seen.balance, seen.n)
    assert ask_flows(open_server, "DE").n == (seen.n or 0) + 30


def test_two_windows_are_compared_over_all_values(coast: Database, open_server: Settings) -> None:
    found: Comparison = ask(
        open_server,
        lambda view: compare(view, by="destination", before=BEFORE, after=AFTER, like_for_like=False),
    )
    told = {one.name: (one.before, one.after, one.significant) for one in found.series}
    assert told == {"ES": (60, 28, True), "PT": (10, 55, True), "FR": (0, 6, True)}


def test_a_source_that_joined_is_left_out_unless_asked_for(database: Database, open_server: Settings) -> None:
    steady, late = File("ES"), File("RO")
    for year in range(2018, 2024):
        route(steady, year, 48, "CO", "ES")
    for year in (2022, 2023):
        route(late, year, 48, "CO", "RO")
    steady.load(database)
    late.load(database)
    found = ask_trend(open_server, since="2018", until="2023")
    assert found.changes == ()
    assert [(one.source, one.change) for one in found.reporters] == [("es-file", ""), ("ro-file", "joined")]
    assert any("ro-file RO (joined)" in warning for warning in found.warnings)
    assert any("2022-01" in warning and "who reports" in warning for warning in found.warnings)
    assert {point.steady for point in found.points} == {4}
    compared = ask(
        open_server,
        lambda view: compare(view, by="source", before=Window("2018", "2021"), after=Window("2022", "2023")),
    )
    assert [one.name for one in compared.series] == ["es-file"]
    assert compared.left_out == ("ro-file RO: joined",)


@pytest.mark.parametrize("by", ["name", "nationality", ""])
def test_what_cannot_be_compared_is_said(database: Database, open_server: Settings, by: str) -> None:
    with pytest.raises(UsageError):
        ask(open_server, lambda view: compare(view, by=by, before=BEFORE, after=AFTER))


def test_areas_are_compared_though_an_event_may_have_several(
    database: Database, open_server: Settings
) -> None:
    file = File("ES")
    for at in range(9):
        areas = ["CYBER", "FINANCIAL"]
        file.record("Event", f"e{at}", type="attack", time=f"2023-01-{at + 1:02}", areas=areas)
    file.load(database)
    found = ask(
        open_server, lambda view: compare(view, by="area", before=BEFORE, after=AFTER, like_for_like=False)
    )
    assert {one.name: one.after for one in found.series} == {"CYBER": 9, "FINANCIAL": 9}
