"""A smuggling chain over five countries, with the money that pays for it."""

from graphsvc.sample import rules
from graphsvc.sample.planted.plants import Plants, Plot

STAGES = (("TR", "GR"), ("GR", "BG"), ("BG", "RO"), ("RO", "FR"))
MIGRANTS = 4


def plant(plants: Plants) -> None:
    """Each stage hands over to the next, days apart; every handler is paid by the one before and keeps a part."""
    plot = plants.plot(
        "chain",
        "Migrants pay an organiser in TR and are handed on TR-GR-BG-RO-FR; each country saw its own stage.",
    )
    organiser = plot.person("TR", "organiser", "organiser")
    plot.add("TR", "phones", "organiser", "phone", number="+90199999001", country="TR", users=organiser)
    handler, home, payments = organiser, "TR", []
    for stage, (start, end) in enumerate(STAGES):
        driver = plot.person(start, f"driver{stage}", "driver")
        receiver = plot.person(end, f"handler{stage + 1}", "handler")
        _crossing(plot, stage, start, end, driver, handler)
        plot.link(
            end,
            "ASSOCIATE_OF",
            receiver,
            f"{home.lower()}-cases:{handler}",
            first_seen=f"2023-05-{3 + 7 * stage:02}",
            weight="3",
            basis="telephone",
            confidence="0.8",
        )
        payment = plot.add(
            start,
            "transactions",
            f"pay{stage}",
            "payment",
            time=f"2023-05-{2 + 7 * stage:02}T18:00",
            amount=str(8000 - 1500 * stage),
            currency="EUR",
            method="remittance",
            senders=handler,
        )
        plot.link(
            end,
            "RECEIVED",
            receiver,
            f"{start.lower()}-cases:{payment}",
            first_seen=f"2023-05-{2 + 7 * stage:02}",
        )
        payments.append(f"{start.lower()}-cases:{payment}")
        handler, home = receiver, end
    plot.group.expected = {
        "countries": ["TR", "GR", "BG", "RO", "FR"],
        "money": payments,
        "path": {"from": "tr-cases:p-chain-organiser", "to": "fr-cases:p-chain-handler4"},
    }


def _crossing(plot: Plot, stage: int, start: str, end: str, driver: str, handler: str) -> None:
    event = plot.add(
        start,
        "events",
        f"crossing{stage}",
        "crossing",
        type="crossing",
        time=f"2023-05-{1 + 7 * stage:02}T02:30",
        areas="MIGRANT_SMUGGLING",
        modus="hidden in a lorry",
        country=start,
        origin=start,
        destination=end,
        participants=handler,
    )
    plot.link(
        start, "PARTICIPATED_IN", driver, event, role="driver", first_seen=f"2023-05-{1 + 7 * stage:02}"
    )
    for number in range(1, MIGRANTS + 1):
        migrant = plot.person(start, f"migrant{stage}-{number}", "smuggled_migrant", **rules.VICTIM)
        plot.link(
            start,
            "PARTICIPATED_IN",
            migrant,
            event,
            role="smuggled_migrant",
            first_seen=f"2023-05-{1 + 7 * stage:02}",
        )
