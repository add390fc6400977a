"""Look-alikes that have done nothing: a travel agency, a big family, a shared hosting company."""

from graphsvc.sample.planted.plants import Plants


def plant(plants: Plants) -> None:
    """The three of them."""
    _agency(plants)
    _family(plants)
    _hosting(plants)


def _agency(plants: Plants) -> None:
    plot = plants.plot(
        "agency",
        "A travel agency in ES pays the fares of many who never meet: it looks like a recruiter.",
        criminal=False,
    )
    manager = plot.person("ES", "manager", "manager", occupation="travel agent")
    firm = plot.add(
        "ES",
        "organizations",
        "firm",
        "travel agency",
        name="Nubes Altas Travel",
        type="company",
        country="ES",
        registration="ES-990000002",
        directors=manager,
    )
    plot.add("ES", "phones", "desk", "phone", number="+34199999002", country="ES", users=f"{manager};{firm}")
    for trip in range(12):
        travellers = [plot.person("ES", f"client{trip}-{seat}", "client") for seat in range(3)]
        plot.add(
            "ES",
            "events",
            f"trip{trip}",
            "trip",
            type="trip",
            time=f"2024-{trip + 1:02}-15T08:00",
            country="ES",
            origin="RO" if trip % 2 else "MA",
            destination="FR",
            travellers=";".join(travellers),
            payers=manager,
            route="low-cost flight",
        )


def _family(plants: Plants) -> None:
    plot = plants.plot(
        "family", "A family of 24 in GR with one name, one house, three cars and two phones.", criminal=False
    )
    house = plot.add(
        "GR", "locations", "house", "home", address="24 Family Street", city="Paradeigma", country="GR"
    )
    people: list[str] = []
    for number in range(24):
        parents = people[(number - 3) // 3] if number >= 3 else ""
        people.append(
            plot.person(
                "GR", f"member{number}", "relative", family_name="Lomasaker", lives_at=house, family=parents
            )
        )
    for number in range(3):
        plot.add(
            "GR",
            "vehicles",
            f"car{number}",
            "car",
            plate=f"ΖΖΖ-90{number}",
            country="GR",
            owners=people[number],
            drivers=";".join(people[number * 6 : number * 6 + 6]),
        )
    for number in range(2):
        plot.add(
            "GR",
            "phones",
            f"phone{number}",
            "phone",
            number=f"+3019999900{number}",
            country="GR",
            users=";".join(people[number * 12 : number * 12 + 12]),
        )
    plot.add(
        "GR",
        "events",
        "wedding",
        "meeting",
        type="meeting",
        name="A wedding",
        time="2024-08-24",
        country="GR",
        participants=";".join(people),
        locations=house,
    )


def _hosting(plants: Plants) -> None:
    plot = plants.plot(
        "hosting",
        "A hosting company in FR with 40 customers on two addresses, one of them broken into by SABLE HERON.",
        criminal=False,
    )
    manager = plot.person("FR", "manager", "manager")
    firm = plot.add(
        "FR",
        "organizations",
        "firm",
        "hosting company",
        name="Nuage Partage Hosting",
        type="company",
        country="FR",
        registration="FR-990000003",
        directors=manager,
    )
    hosts = [
        plot.add(
            "FR",
            "infrastructure",
            f"ip{n}",
            "address",
            type="ip",
            value=f"203.0.113.{79 + n}",
            control="leased",
            country="FR",
            asn="64501",
            controllers=firm,
        )
        for n in (1, 2)
    ]
    for number in range(40):
        plot.add(
            "FR",
            "infrastructure",
            f"site{number}",
            "customer",
            type="domain",
            value=f"shop{number}.customers.example",
            control="leased",
            resolves_to=hosts[number % 2],
        )
