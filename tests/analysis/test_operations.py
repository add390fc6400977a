"""Connecting networks, co-offenders, co-travel, money, trafficking, cyber and borders on small worlds."""

import pytest

from graphsvc.analysis.connect import connecting_network
from graphsvc.analysis.crossborder import cross_border
from graphsvc.analysis.cyber import cyber_pivot
from graphsvc.analysis.money import money_flows
from graphsvc.analysis.offenders import co_offenders
from graphsvc.analysis.trafficking import trafficking_indicators
from graphsvc.analysis.travel import co_travel
from graphsvc.model.handling import make
from graphsvc.store.database import Database
from tests.analysis.asking import Service
from tests.world import File

pytestmark = pytest.mark.neo4j


def test_a_network_joins_three_through_the_one_between(database: Database, service: Service) -> None:
    file = File("FR")
    for name in ("a", "b", "c", "middle", "aside"):
        file.person(name)
        file.link("middle", "ASSOCIATE_OF", name, confidence=0.5) if name != "middle" else None
    file.person("alone")
    file.load(database)
    found = service.ask(connecting_network, ["fr-file:a", "fr-file:b", "fr-file:c"])
    assert found.records == ("fr-file:a", "fr-file:b", "fr-file:c", "fr-file:middle")
    assert len(found.steps) == 3
    assert len(found.parts) == 1
    apart = service.ask(connecting_network, ["fr-file:a", "fr-file:b", "fr-file:alone"])
    assert [part.ids for part in apart.parts] == [("fr-file:a", "fr-file:b"), ("fr-file:alone",)]


def cases(database: Database) -> None:
    """One case known to two countries by its number, another closed to Brazil, and a victim."""
    spain = File("ES")
    for name in ("boss", "driver", "victim", "cleared"):
        spain.person(name)
    spain.record("Case", "c1", number="2024/1", country="ES")
    spain.link("boss", "INVOLVED_IN", "c1", role="suspect")
    spain.link("driver", "INVOLVED_IN", "c1", role="suspect")
    spain.link("victim", "INVOLVED_IN", "c1", role="victim")
    spain.link("cleared", "INVOLVED_IN", "c1", role="suspect", outcome="acquitted")
    closed = make("ES", allow=frozenset({"FR"}))
    spain.record("Case", "c2", number="2024/2", country="ES", handling=closed)
    spain.link("boss", "INVOLVED_IN", "c2", role="suspect", handling=closed)
    spain.link("driver", "INVOLVED_IN", "c2", role="suspect", handling=closed)
    spain.load(database)
    france = File("FR")
    france.person("payer")
    france.record("Case", "same", number="2024-1", country="ES")
    france.link("payer", "INVOLVED_IN", "same", role="suspect")
    france.load(database)


def test_co_offenders_share_cases_and_victims_and_the_acquitted_are_none(
    database: Database, service: Service
) -> None:
    cases(database)
    found = service.ask(co_offenders, "es-file:boss").found
    assert [(one.id, len(one.cases), one.weight) for one in found] == [
        ("es-file:driver", 2, 1.5),
        ("fr-file:payer", 1, 0.5),
    ]


def test_a_hidden_case_counts_for_nobody_who_may_not_see_it(database: Database, service: Service) -> None:
    cases(database)
    found = service.of("BR").ask(co_offenders, "es-file:boss").found
    assert [(one.id, len(one.cases), one.weight) for one in found] == [
        ("es-file:driver", 1, 0.5),
        ("fr-file:payer", 1, 0.5),
    ]


def test_co_travel_is_measured_against_the_route(database: Database, service: Service) -> None:
    file = File("FR")
    for name in ("a", "b", "tourist"):
        file.person(name)
    for number in range(8):
        file.record(
            "Event", f"t{number}", type="trip", time=f"2024-0{number + 1}-03", origin="MA", destination="ES"
        )
        if number < 2:
            file.link("a", "PARTICIPATED_IN", f"t{number}", role="traveller")
            file.link("b", "PARTICIPATED_IN", f"t{number}", role="traveller")
        file.link("tourist", "PARTICIPATED_IN", f"t{number}", role="traveller")
    file.load(database)
    found = service.ask(co_travel, id="fr-file:a")
    assert found.trips == 8
    assert [(pair.one, pair.other, pair.expected, pair.lift) for pair in found.pairs] == [
        ("fr-file:a", "fr-file:b", 0.5, 4.0),
        ("fr-file:a", "fr-file:tourist", 2.0, 1.0),
    ]


def payment(file: File, id_: str, day: int, amount: float, giver: str, taker: str) -> None:
    file.record("Transaction", id_, time=f"2024-03-{day:02}", amount=amount, currency="EUR", method="cash")
    file.link(giver, "SENT", id_)
    file.link(taker, "RECEIVED", id_)


def money(database: Database) -> File:
    """A pays B pays C pays A; four pay the mule within days."""
    file = File("FR")
    for name in ("a", "b", "c", "mule", "s1", "s2", "s3", "s4"):
        file.person(name)
    file.record("Account", "account", number="1", bank="Example")
    file.link("b", "OWNS", "account")
    payment(file, "p1", 1, 1000, "a", "account")
    payment(file, "p2", 2, 900, "b", "c")
    payment(file, "p3", 4, 850, "c", "a")
    for number in range(1, 5):
        payment(file, f"in{number}", 10 + number, 100, f"s{number}", "mule")
    file.load(database)
    return file


def test_money_that_comes_back_is_a_cycle(database: Database, service: Service) -> None:
    money(database)
    flows = service.ask(money_flows, "fr-file:account", patterns=["cycle"]).flows
    assert [[payment.id for payment in flow.payments] for flow in flows] == [
        ["fr-file:p1", "fr-file:p2", "fr-file:p3"]
    ]
    assert service.ask(money_flows, "fr-file:a", patterns=["cycle"], tolerance=0.01).flows == ()


def test_several_who_pay_one_are_a_fan(database: Database, service: Service) -> None:
    money(database)
    flows = service.ask(money_flows, "fr-file:mule", patterns=["fan_in", "fan_out"]).flows
    assert [(flow.pattern, flow.amount, len(flow.payments)) for flow in flows] == [("fan_in", 400.0, 4)]


def trips(database: Database) -> None:
    """A recruiter pays for three strangers with an escort; an agency pays for strangers without one."""
    file = File("RO")
    for name in ("organiser", "courier", "agent", *(f"{who}{n}" for who in ("v", "t") for n in range(3))):
        file.person(name)
    file.record(
        "Organization", "agency", name="Nubes Travel", type="company", registration="RO-1", country="RO"
    )
    file.link("agent", "DIRECTS", "agency")
    for trip, payer, who in (("e1", "organiser", "v"), ("e2", "agent", "t")):
        file.record("Event", trip, type="trip", time="2024-02-02", origin="RO", destination="FR")
        file.link(payer, "PARTICIPATED_IN", trip, role="payer")
        for number in range(3):
            file.link(f"{who}{number}", "PARTICIPATED_IN", trip, role="traveller")
    file.link("courier", "PARTICIPATED_IN", "e1", role="escort")
    file.load(database)


def test_a_payer_for_strangers_is_an_indicator_and_an_agency_is_explained(
    database: Database, service: Service
) -> None:
    trips(database)
    found = service.ask(trafficking_indicators).indicators
    assert [(one.rule, one.about, one.explanation is None) for one in found] == [
        ("one_payer", "ro-file:organiser", True),
        ("one_payer", "ro-file:agent", False),
    ]


def test_one_passport_with_several_persons_is_found_over_borders(
    database: Database, service: Service
) -> None:
    for code, kind in (("RO", "HOLDS"), ("ES", "USED")):
        file = File(code)
        file.person("p")
        file.passport("d", "12AB34567", "RO")
        file.link("p", kind, "d")
        file.load(database)
    found = service.ask(trafficking_indicators, ids=["ro-file:p"]).indicators
    assert [(one.rule, one.about) for one in found] == [
        ("held_documents", "ro-file:p"),
        ("shared_document", "es-file:d"),
    ]


def test_a_pivot_stops_at_shared_hosting_and_says_whom_to_warn(database: Database, service: Service) -> None:
    file = File("BG")
    actor = file.record("Organization", "actor", name="SABLE HERON", type="threat_actor")
    file.record("Infrastructure", "evil", type="domain", value="evil.example", control="actor")
    file.record("Infrastructure", "ip", type="ip", value="203.0.113.80", control="compromised", country="FR")
    file.link("actor", "CONTROLS", "evil")
    file.link("evil", "RESOLVES_TO", "ip")
    for number in range(12):
        file.record("Infrastructure", f"shop{number}", type="domain", value=f"shop{number}.example")
        file.link(f"shop{number}", "RESOLVES_TO", "ip")
    file.load(database)
    found = service.ask(cyber_pivot, "bg-file:evil")
    assert [one.id for one in found.infrastructure] == ["bg-file:evil", "bg-file:ip"]
    assert [one.id for one in found.actors] == [actor]
    assert [one.id for one in found.shared] == ["bg-file:ip"]
    assert [(one.country, one.desk) for one in found.warn] == [("FR", "EUROPE")]


def test_transfers_name_the_countries_on_the_way(database: Database, service: Service) -> None:
    file = File("TR")
    file.person("p", nationalities=["TR"])
    file.record(
        "Event", "e", type="crossing", time="2024-05-01", origin="TR", transit=["GR"], destination="BG"
    )
    file.link("p", "PARTICIPATED_IN", "e", role="driver")
    file.load(database)
    found = service.ask(cross_border, ["tr-file:p"])
    assert [(one.from_country, one.to_country) for one in found.transfers] == [("TR", "GR"), ("GR", "BG")]
    assert [one.country for one in found.jurisdictions] == ["BG", "GR", "TR"]
