"""A trafficking ring over three countries whose files share only a passport, a phone and a plate."""

from graphsvc.sample import rules
from graphsvc.sample.planted.plants import Plants, Plot
from graphsvc.sample.things import iban

PASSPORT, PHONE, PLATE = "90ZZ90001", "+40199999901", "ZZ-900-ZZ"


def plant(plants: Plants) -> None:
    """Romania's file knows the recruiters, Spain's the transport, France's those who profit."""
    plot = plants.plot(
        "ring",
        "False job offers in RO, transport through ES, exploitation in FR. No person is in two files; RO and ES share "
        "a passport, ES and FR a phone, FR and RO a plate.",
    )
    _recruiting(plot)
    _transport(plot)
    _profit(plot)
    key = "doc:RO:passport:90ZZ90001"
    plot.share(key, "ro-cases:d-ring-passport", "es-cases:d-ring-passport")
    plot.share(f"tel:{PHONE}", "es-cases:ph-ring-phone", "fr-cases:ph-ring-phone")
    plot.share("plate:RO:ZZ900ZZ", "fr-cases:v-ring-van", "ro-cases:v-ring-van")
    plot.group.expected = {
        "joined": "one group while at least two of the three keys are visible on both sides",
        "path": {"from": "ro-cases:p-ring-organiser", "to": "fr-cases:p-ring-landlord"},
    }


def _victims(plot: Plot, land: str, count: int) -> str:
    return ";".join(plot.person(land, f"victim{n}", "victim", **rules.VICTIM) for n in range(1, count + 1))


def _recruiting(plot: Plot) -> None:
    organiser = plot.person("RO", "organiser", "organiser")
    recruiter = plot.person("RO", "recruiter", "recruiter", associates=organiser)
    courier = plot.person("RO", "courier", "escort", associates=f"{organiser};{recruiter}")
    victims = _victims(plot, "RO", 3)
    passport = plot.add(
        "RO",
        "documents",
        "passport",
        "shared passport",
        type="passport",
        number=PASSPORT,
        country="RO",
        holders=courier,
        issued_at="2019-05-01",
        expires_at="2029-05-01",
    )
    van = plot.add(
        "RO",
        "vehicles",
        "van",
        "shared plate",
        plate=PLATE,
        country="RO",
        make="Velora",
        model="Boxer 3",
        colour="white",
        owners=organiser,
    )
    case = plot.add(
        "RO",
        "cases",
        "file",
        "case",
        number="2024/900001",
        country="RO",
        title="Operation Lantern",
        areas="HUMAN_TRAFFICKING",
        modus="false job offers",
        status="open",
        opened_at="2024-02-10",
        suspects=f"{organiser};{recruiter};{courier}",
        victims=victims,
        involves=f"{passport};{van}",
    )
    trip = plot.add(
        "RO",
        "events",
        "trip",
        "trip",
        type="trip",
        time="2024-02-02",
        areas="HUMAN_TRAFFICKING",
        modus="false job offers",
        country="RO",
        origin="RO",
        transit="ES",
        destination="FR",
        travellers=victims,
        payers=organiser,
        escorts=courier,
        cases=case,
    )
    plot.link("RO", "PARTICIPATED_IN", recruiter, trip, role="recruiter", first_seen="2024-02-02")


def _transport(plot: Plot) -> None:
    driver = plot.person("ES", "driver", "driver")
    keeper = plot.person("ES", "keeper", "keeper of the flat", associates=driver)
    passport = plot.add(
        "ES",
        "documents",
        "passport",
        "shared passport",
        type="passport",
        number="90 zz 90001",
        country="RO",
        users=driver,
    )
    phone = plot.add("ES", "phones", "phone", "shared phone", number=PHONE, country="RO", users=keeper)
    flat = plot.add(
        "ES", "locations", "flat", "flat", address="900 Invented Street", city="Ejemplo", country="ES"
    )
    case = plot.add(
        "ES",
        "cases",
        "file",
        "case",
        number="2024/900002",
        country="ES",
        title="Operation Bridge",
        areas="HUMAN_TRAFFICKING",
        modus="transport and lodging",
        status="open",
        opened_at="2024-04-02",
        suspects=f"{driver};{keeper}",
        involves=f"{passport};{phone}",
    )
    plot.add(
        "ES",
        "events",
        "stop",
        "stop",
        type="crossing",
        time="2024-02-04T03:10",
        areas="HUMAN_TRAFFICKING",
        country="ES",
        origin="RO",
        destination="FR",
        participants=f"{driver};{keeper}",
        locations=flat,
        cases=case,
    )


def _profit(plot: Plot) -> None:
    boss = plot.person("FR", "boss", "exploiter")
    landlord = plot.person("FR", "landlord", "landlord", associates=boss)
    lookout = plot.person("FR", "lookout", "lookout", associates=boss)
    victims = _victims(plot, "FR", 2)
    phone = plot.add(
        "FR", "phones", "phone", "shared phone", number="00" + PHONE[1:], country="RO", users=boss
    )
    van = plot.add(
        "FR",
        "vehicles",
        "van",
        "shared plate",
        plate="ZZ 900 ZZ",
        country="RO",
        colour="white",
        drivers=lookout,
    )
    firm = plot.add(
        "FR",
        "organizations",
        "cover",
        "cover company",
        name="Fenetre Bleue Cleaning",
        type="company",
        country="FR",
        registration="FR-990000001",
        directors=landlord,
    )
    case = plot.add(
        "FR",
        "cases",
        "file",
        "case",
        number="2024/900003",
        country="FR",
        title="Operation Harbour",
        areas="HUMAN_TRAFFICKING;FINANCIAL",
        modus="debt bondage",
        status="open",
        opened_at="2024-06-20",
        suspects=f"{boss};{landlord};{lookout}",
        victims=victims,
        involves=f"{phone};{van}",
    )
    plot.link("FR", "INVOLVES", case, firm, first_seen="2024-06-20")
    account = plot.add(
        "FR",
        "accounts",
        "rent",
        "account",
        iban=iban("DE", 9_000_000_001),
        bank="Bank of Examples",
        country="DE",
        currency="EUR",
        owners=landlord,
    )
    for month in range(3, 9):
        plot.add(
            "FR",
            "transactions",
            f"rent{month}",
            "payment",
            time=f"2024-{month:02}-03",
            amount="950",
            currency="EUR",
            method="cash",
            senders=boss,
            receivers=account,
        )
