"""A cyber gang with its infrastructure, seen by two countries."""

from graphsvc.sample.planted.plants import Plants, Plot

WALLET = "0x" + "9a" * 20
DOMAIN = "login-portal.gang.example"


def plant(plants: Plants) -> None:
    """Bulgaria knows the members, Spain the victims; both hold the control domain and the wallet."""
    plot = plants.plot(
        "gang",
        "Threat actor SABLE HERON: five members, a loader, leased and compromised hosts, one wallet. BG and ES share a "
        "domain and a wallet; one of its domains sits on the server of the innocent hosting company in FR.",
    )
    actor = _members(plot)
    _hosts(plot, actor)
    _attacks(plot)
    plot.share(f"domain:{DOMAIN}", "bg-cases:inf-gang-control", "es-cases:inf-gang-control")
    plot.share(f"wallet:ethereum:{WALLET}", "bg-cases:wal-gang-ransom", "es-cases:wal-gang-ransom")
    plot.share("ip:203.0.113.80", "bg-cases:inf-gang-shared", "fr-cases:inf-hosting-ip1")
    plot.group.expected = {
        "actor": "bg-cases:org-gang-actor",
        "compromised": ["bg-cases:inf-gang-relay2", "bg-cases:inf-gang-shared"],
        "path": {"from": "bg-cases:p-gang-member1", "to": "es-cases:e-gang-attack1"},
    }


def _members(plot: Plot) -> str:
    actor = plot.add(
        "BG",
        "organizations",
        "actor",
        "threat actor",
        name="SABLE HERON",
        names="GREY HERON;UAC-9001",
        type="threat_actor",
        areas="CYBER",
        country="BG",
    )
    roles = ("leader", "developer", "operator", "money mule", "access broker")
    people = [plot.person("BG", f"member{n}", role, member_of=actor) for n, role in enumerate(roles, 1)]
    for number, person in enumerate(people[1:], 2):
        plot.link(
            "BG",
            "ASSOCIATE_OF",
            person,
            people[0],
            first_seen="2022-11",
            weight=str(number),
            basis="messages",
        )
        account = plot.add(
            "BG",
            "online-accounts",
            f"handle{number}",
            "handle",
            platform="examplegram",
            handle=f"heron_{number}",
            users=person,
        )
        plot.link("BG", "ATTRIBUTED_TO", account, actor)
    plot.add("BG", "wallets", "ransom", "wallet", chain="ethereum", address=WALLET, owners=people[3])
    plot.add(
        "BG",
        "cases",
        "file",
        "case",
        number="2023/900004",
        country="BG",
        title="Operation Reed",
        areas="CYBER",
        modus="ransomware",
        status="open",
        opened_at="2023-03-01",
        suspects=";".join(people),
    )
    return actor


def _hosts(plot: Plot, actor: str) -> None:
    malware = plot.add("BG", "malware", "loader", "malware", name="HERONLOAD", reference="S9001")
    sample = plot.add("BG", "files", "sample", "file", name="invoice.exe", sha256="9a" * 32)
    campaign = plot.add("BG", "campaigns", "reed", "campaign", name="Reed 2023", reference="C9001")
    technique = plot.add("BG", "techniques", "phish", "technique", name="Phishing", reference="T9566")
    for target in (malware, technique):
        plot.link("BG", "USES", actor, target, first_seen="2023-02")
    plot.link("BG", "ATTRIBUTED_TO", campaign, actor)
    plot.link("BG", "USES", campaign, malware)
    relays = [
        plot.add(
            "BG",
            "infrastructure",
            f"relay{n}",
            "relay",
            type="ip",
            value=f"198.51.100.{n}",
            asn="64500",
            control="compromised" if n == 2 else "leased",
            takedown="none",
        )
        for n in (1, 2)
    ]
    control = plot.add(
        "BG",
        "infrastructure",
        "control",
        "control domain",
        type="domain",
        value=DOMAIN,
        control="actor",
        takedown="requested",
        resolves_to=";".join(relays),
    )
    lure = plot.add(
        "BG",
        "infrastructure",
        "lure",
        "lure",
        type="domain",
        value="parcel-notice.gang.example",
        control="actor",
        takedown="none",
    )
    shared = plot.add(
        "BG",
        "infrastructure",
        "shared",
        "shared host",
        type="ip",
        value="203.0.113.80",
        control="compromised",
    )
    plot.link("BG", "RESOLVES_TO", lure, shared, first_seen="2023-04", last_seen="2023-06")
    plot.add(
        "BG",
        "certificates",
        "cert",
        "certificate",
        fingerprint="9b" * 32,
        subject=f"CN={DOMAIN}",
        issuer="CN=Example CA",
        used_by=f"{control};{lure}",
    )
    plot.link("BG", "CONTROLS", actor, control, first_seen="2023-02")
    plot.link("BG", "HOSTS", lure, sample)
    plot.link("BG", "COMMUNICATES_WITH", sample, control)
    plot.link("BG", "ATTRIBUTED_TO", sample, malware)


def _attacks(plot: Plot) -> None:
    domain = plot.add(
        "ES",
        "infrastructure",
        "control",
        "control domain",
        type="domain",
        value=DOMAIN.upper(),
        control="unknown",
    )
    wallet = plot.add(
        "ES", "wallets", "ransom", "wallet", chain="Ethereum", address=WALLET.upper().replace("X", "x", 1)
    )
    targets = [
        plot.add("ES", "organizations", f"target{n}", "target", name=name, type="public_body", country="ES")
        for n, name in enumerate(("Ejemplo General Hospital", "Port of Ejemplo"), 1)
    ]
    for number, target in enumerate(targets, 1):
        event = plot.add(
            "ES",
            "events",
            f"attack{number}",
            "attack",
            type="attack",
            time=f"2023-0{3 + number}-11T06:00",
            areas="CYBER",
            modus="ransomware",
            country="ES",
            involves=f"{domain};{wallet}",
        )
        plot.link("ES", "TARGETS", event, target, first_seen=f"2023-0{3 + number}-11")
