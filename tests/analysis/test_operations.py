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
    """One case known to two countries by its number, another closed to Brazil, a victim, and who looked into it."""
    spain = File("ES")
    for name in ("boss", "driver", "victim", "cleared", "inspector", "neighbour"):
        spain.person(name)
    spain.record("Case", "c1", number="2024/1", country="ES")
    spain.link("boss", "INVOLVED_IN", "c1", role="suspect")
    spain.link("driver", "INVOLVED_IN", "c1", role="suspect")
    spain.link("victim", "INVOLVED_IN", "c1", role="victim")
    spain.link("cleared", "INVOLVED_IN", "c1", role="suspect", outcome="acquitted")
    spain.link("inspector", "INVOLVED_IN", "c1", role="other", status="investigating officer")
    spain.link("neighbour", "INVOLVED_IN", "c1", role="complainant")
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


def test_co_offenders_share_cases_and_victims_the_acquitted_and_investigators_are_none(
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
    file.record("Organization", "host", name="Hosting", type="company", country="FR")
    file.link("host", "CONTROLS", "ip")
    file.load(database)
    found = service.ask(cyber_pivot, "bg-file:evil")
    assert [one.id for one in found.bodies] == ["bg-file:host"]
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


def test_one_registrant_leads_to_other_domains_and_a_privacy_service_does_not(
    database: Database, service: Service
) -> None:
    """As text in one file, and as a mail address that is a record in another."""
    bulgaria = File("BG")
    bulgaria.record(
        "Infrastructure", "evil", type="domain", value="evil.example", registrant="Heron@Mail.example"
    )
    bulgaria.record(
        "Infrastructure", "lure", type="domain", value="lure.example", registrant="heron@mail.example"
    )
    for number in range(12):
        bulgaria.record(
            "Infrastructure",
            f"shop{number}",
            type="domain",
            value=f"shop{number}.example",
            registrant="private",
        )
    bulgaria.load(database)
    spain = File("ES")
    spain.record("Email", "mail", address="heron@mail.example")
    spain.record("Infrastructure", "drop", type="domain", value="drop.example", registrant="private")
    spain.link("drop", "REGISTERED_TO", "mail")
    spain.load(database)
    found = service.ask(cyber_pivot, "bg-file:evil")
    assert [(one.id, one.hops) for one in found.infrastructure] == [
        ("bg-file:evil", 0),
        ("bg-file:lure", 1),
        ("es-file:mail", 1),
        ("es-file:drop", 2),
    ]
    assert [(one.name, len(one.ids), one.followed) for one in found.registrants] == [
        ("heron@mail.example", 3, True),
        ("private", 13, False),
    ]


def test_one_wallet_in_two_countries_files_leads_from_malware_to_whom_it_belongs(
    database: Database, service: Service
) -> None:
    """Bulgaria knows what the malware asks to be paid to, Spain whose it is; hidden, Spain's record leads nowhere."""
    address = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
    bulgaria = File("BG")
    bulgaria.record("Malware", "locker", name="Invented Locker")
    bulgaria.record("Wallet", "asked", chain="bitcoin", address=address)
    bulgaria.link("locker", "USES", "asked")
    bulgaria.load(database)
    spain = File("ES", allow=frozenset({"FR"}))
    spain.record("Wallet", "seized", chain="bitcoin", address=address)
    spain.record("Organization", "gang", name="SABLE HERON", type="threat_actor")
    spain.link("gang", "OWNS", "seized")
    spain.load(database)
    found = service.ask(cyber_pivot, "bg-file:locker")
    assert [one.id for one in found.actors] == ["es-file:gang"]
    hidden = service.of("BR").ask(cyber_pivot, "bg-file:locker")
    assert hidden.actors == ()
    assert [one.records for one in hidden.infrastructure if one.kind == "Wallet"] == [("bg-file:asked",)]


def test_a_hidden_domain_is_in_nobodys_name(database: Database, service: Service) -> None:
    file = File("BG")
    file.record("Infrastructure", "evil", type="domain", value="evil.example", registrant="heron")
    closed = make("BG", allow=frozenset({"FR"}))
    file.record(
        "Infrastructure", "lure", type="domain", value="lure.example", registrant="heron", handling=closed
    )
    file.load(database)
    assert len(service.ask(cyber_pivot, "bg-file:evil").infrastructure) == 2
    hidden = service.of("BR").ask(cyber_pivot, "bg-file:evil")
    assert [one.id for one in hidden.infrastructure] == ["bg-file:evil"]
    assert hidden.registrants == ()


def test_those_who_are_targeted_and_those_who_run_hosts_are_no_actors(
    database: Database, service: Service
) -> None:
    file = File("BG")
    file.record("Organization", "actor", name="SABLE HERON", type="threat_actor")
    file.record("Organization", "hospital", name="Hospital", type="public_body", country="ES")
    file.record("Organization", "host", name="Hosting", type="company", country="FR")
    file.record("Organization", "other", name="GREY OWL", type="threat_actor")
    file.record("Infrastructure", "evil", type="domain", value="evil.example", control="compromised")
    file.link("actor", "TARGETS", "hospital")
    file.link("other", "TARGETS", "hospital")
    file.link("actor", "CONTROLS", "evil")
    file.link("host", "CONTROLS", "evil")
    file.load(database)
    found = service.ask(cyber_pivot, "bg-file:evil", hops=4)
    assert [one.id for one in found.actors] == ["bg-file:actor"]
    assert [one.id for one in found.bodies] == ["bg-file:host"]
    assert [one.id for one in found.targets] == ["bg-file:hospital"]
    assert [(one.country, one.ids) for one in found.warn] == [
        ("BG", ("bg-file:evil",)),
        ("ES", ("bg-file:hospital",)),
        ("FR", ("bg-file:host",)),
    ]


def test_a_payment_and_a_call_over_a_border_are_transfers(database: Database, service: Service) -> None:
    file = File("FR")
    file.person("p")
    for name, country in (("mine", "FR"), ("theirs", "ES")):
        file.record("Account", name, number=name, bank="Example", country=country)
        file.record(
            "Phone", f"tel-{name}", number=f"+{33 if country == 'FR' else 34}199000001", country=country
        )
    file.link("p", "OWNS", "mine")
    file.link("p", "USES", "tel-mine")
    file.link("tel-mine", "CALLED", "tel-theirs", first_seen="2024-03-05")
    payment(file, "paid", 1, 500, "mine", "theirs")
    file.load(database)
    found = service.ask(cross_border, ["fr-file:p"]).transfers
    assert [(one.how, one.from_country, one.to_country, one.time) for one in found] == [
        ("payment", "FR", "ES", "2024-03-01"),
        ("link", "FR", "ES", "2024-03-05"),
    ]


def shapes(database: Database, *, passed_on: float) -> File:
    """Two pay the same three, who each pay a part on to two."""
    file = File("FR")
    for name in ("a", "b", "m1", "m2", "m3", "x", "y"):
        file.person(name)
    for giver in ("a", "b"):
        for middle in ("m1", "m2", "m3"):
            payment(file, f"{giver}-{middle}", 2, 500, giver, middle)
    for middle in ("m1", "m2", "m3"):
        for taker in ("x", "y"):
            payment(file, f"{middle}-{taker}", 5, passed_on / 2, middle, taker)
    file.load(database)
    return file


def test_a_stack_passes_on_about_as_much_as_it_was_paid(database: Database, service: Service) -> None:
    shapes(database, passed_on=950)
    found = service.ask(money_flows, "fr-file:a", patterns=["stack"]).flows
    assert [(flow.amount, len(flow.payments)) for flow in found] == [(5850.0, 12)]
    assert service.ask(money_flows, "fr-file:a", patterns=["stack"], tolerance=0.01).flows == ()


def test_money_paid_on_before_it_came_is_no_stack(database: Database, service: Service) -> None:
    file = File("FR")
    for name in ("a", "b", "m1", "m2", "m3", "x"):
        file.person(name)
    for middle in ("m1", "m2", "m3"):
        payment(file, f"{middle}-x", 1, 1000, middle, "x")
        for giver in ("a", "b"):
            payment(file, f"{giver}-{middle}", 3, 500, giver, middle)
    file.load(database)
    assert service.ask(money_flows, "fr-file:a", patterns=["stack"]).flows == ()
    assert len(service.ask(money_flows, "fr-file:a", patterns=["bipartite"]).flows) == 1


def test_an_employer_who_pays_many_is_explained(database: Database, service: Service) -> None:
    file = File("GR")
    file.record("Organization", "firm", name="Works", type="company", registration="GR-1", country="GR")
    for number in range(4):
        file.person(f"p{number}")
        payment(file, f"pay{number}", 1, 1000, "firm", f"p{number}")
    file.load(database)
    (flow,) = service.ask(money_flows, "gr-file:firm").flows
    assert (flow.pattern, flow.explanation is None) == ("fan_out", False)


def test_somebody_who_keeps_the_passports_of_travellers_is_an_indicator(
    database: Database, service: Service
) -> None:
    """The travellers hold their passports too; their mother, who holds one as well, is a relative."""
    file = File("RO")
    for name in ("t1", "t2", "keeper", "mother"):
        file.person(name)
    file.record("Event", "trip", type="trip", time="2024-02-02", origin="RO", destination="FR")
    file.link("mother", "FAMILY_OF", "t1")
    for number in (1, 2):
        file.passport(f"d{number}", f"90ZZ9000{number}", "RO")
        file.link(f"t{number}", "PARTICIPATED_IN", "trip", role="traveller")
        file.link(f"t{number}", "HOLDS", f"d{number}")
        file.link("keeper", "HOLDS", f"d{number}")
    file.link("mother", "HOLDS", "d1")
    file.load(database)
    found = service.ask(trafficking_indicators, rules=["held_documents"]).indicators
    assert [(one.about, one.with_) for one in found] == [
        ("ro-file:keeper", ("ro-file:d1", "ro-file:d2")),
    ]


def test_one_person_in_two_files_is_an_explanation_of_one_passport(
    database: Database, service: Service
) -> None:
    for code, name, born in (("RO", "Mara Invented", "1988-04-12"), ("ES", "Invented, Mara", "1988-04")):
        file = File(code)
        file.person("p", name=name, birth_date=born)
        file.passport("d", "12AB34567", "RO")
        file.link("p", "HOLDS", "d")
        file.load(database)
    (found,) = service.ask(trafficking_indicators, ids=["ro-file:p"], rules=["shared_document"]).indicators
    assert found.explanation is not None


def test_a_payer_did_not_travel(database: Database, service: Service) -> None:
    file = File("FR")
    for name in ("a", "b", "payer"):
        file.person(name)
    for number in range(2):
        file.record(
            "Event", f"t{number}", type="trip", time=f"2024-0{number + 1}-03", origin="MA", destination="ES"
        )
        for name, role in (("a", "traveller"), ("b", "escort"), ("payer", "payer")):
            file.link(name, "PARTICIPATED_IN", f"t{number}", role=role)
    file.load(database)
    found = service.ask(co_travel, origin="MA", destination="ES")
    assert [(pair.one, pair.other) for pair in found.pairs] == [("fr-file:a", "fr-file:b")]
    assert service.ask(co_travel, origin="MA", destination="ES", least_lift=1.1).pairs == ()
