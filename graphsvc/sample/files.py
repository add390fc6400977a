"""Cases, organisations, places, payments and infrastructure of the synthetic world."""

from collections.abc import Iterator

from graphsvc.model.vocabulary import AREAS
from graphsvc.sample import rules
from graphsvc.sample.draw import Draw
from graphsvc.sample.events import PLACES, place_name
from graphsvc.sample.lands import CENTRE, Land, World
from graphsvc.sample.names import family_name
from graphsvc.sample.people import PASSPORT_EVERY
from graphsvc.sample.rules import Row

MODI = (
    "false job offers",
    "invoice fraud",
    "hidden in a vehicle",
    "phishing",
    "by small boat",
    "debt bondage",
)


def _people(land: Land, circle_number: int, count: int, draw: Draw) -> list[int]:
    circle = land.circle(circle_number)
    return list(
        dict.fromkeys(circle.start + draw.low(max(1, circle.end - circle.start)) for _ in range(count))
    )


def _ids(people: list[int]) -> str:
    return ";".join(f"p-{person}" for person in people)


def _case(land: Land, number: int, draw: Draw) -> Row:
    circle = number % max(1, land.circles)
    suspects = _people(land, circle, 1 + draw.low(6), draw)
    year, month = 2019 + draw.below(6), 1 + draw.below(12)
    row: Row = {
        "number": f"{year}/{number:06}",
        "country": land.code,
        "title": f"Operation {family_name(number * 31 + land.place)}",
        "areas": draw.pick(AREAS),
        "modus": draw.pick(MODI),
        "opened_at": f"{year}-{month:02}-{1 + draw.below(28):02}",
        "status": draw.pick(("open", "open", "open", "suspended", "closed", "discontinued", "tried")),
        "place": place_name(land, draw.low(PLACES)),
        "suspects": _ids(suspects),
    }
    if draw.percent(30):
        row["victims"] = _ids([p for p in (draw.below(land.counts["persons"]),) if p not in suspects])
    vehicle = suspects[0] // PASSPORT_EVERY
    if vehicle < land.counts["vehicles"] and draw.percent(30):
        row["involves"] = f"v-{vehicle}"
    if row["status"] in ("closed", "discontinued", "tried"):
        row["closed_at"] = f"{year + 1}-{month:02}"
    return row


def _organization(land: Land, number: int, draw: Draw) -> Row:
    network = number < land.circles and draw.percent(40)
    name = family_name(number * 17 + land.place * 1000 + 3)
    row: Row = {
        "name": f"{name} network" if network else f"{name} Trading",
        "country": land.code,
        "type": "criminal_network" if network else "company",
    }
    if network:
        return row | {"areas": draw.pick(AREAS)}
    members = _people(land, number % max(1, land.circles), 2, draw)
    return row | {"registration": f"{land.code}-9{number:07}", "directors": _ids(members)}


def _location(land: Land, number: int, draw: Draw) -> Row:
    latitude, longitude = CENTRE[land.code]
    return {
        "address": f"{1 + draw.below(200)} {family_name(number * 13 + land.place)} Street",
        "city": place_name(land, draw.low(PLACES)),
        "country": land.code,
        "latitude": f"{latitude + draw.below(200) / 100 - 1:.4f}",
        "longitude": f"{longitude + draw.below(200) / 100 - 1:.4f}",
    }


def _payer(land: Land, draw: Draw) -> str:
    if land.counts["accounts"] and draw.percent(70):
        return f"acc-{draw.low(land.counts['accounts'])}"
    return f"p-{draw.low(land.counts['persons'])}"


def _transaction(land: Land, number: int, draw: Draw) -> Row:
    when = f"{2019 + draw.below(6)}-{1 + draw.below(12):02}-{1 + draw.below(28):02}"
    amount = (1 << draw.below(8)) * 25 + draw.below(1000) / 100
    return {
        "time": f"{when}T{draw.below(24):02}:{draw.below(60):02}",
        "amount": f"{amount:.2f}",
        "currency": "EUR",
        "method": draw.pick(("transfer", "transfer", "cash", "remittance")),
        "reference": f"{land.code}-T{number}",
        "senders": _payer(land, draw),
        "receivers": _payer(land, draw),
    }


def _infrastructure(land: Land, number: int, draw: Draw) -> Row:
    if number % 4 == 0:
        return {
            "type": "ip",
            "value": f"2001:db8:{land.place:x}:{number >> 16:x}::{number & 65535:x}",
            "country": land.code,
            "control": draw.pick(("leased", "unknown", "compromised")),
        }
    target = draw.low(max(1, land.counts["infrastructure"] // 4)) * 4
    name = family_name(number * 11 + land.place).lower()
    return {
        "type": "domain",
        "value": f"{name}-{number}.{land.code.lower()}.example",
        "resolves_to": f"inf-{target}",
        "control": draw.pick(("actor", "leased", "unknown", "compromised")),
        "takedown": draw.pick(("none", "requested", "done")),
    }


_MAKERS = {
    "cases": ("c", _case),
    "organizations": ("org", _organization),
    "locations": ("loc", _location),
    "transactions": ("t", _transaction),
    "infrastructure": ("inf", _infrastructure),
}
KINDS = tuple(_MAKERS)


def rows(world: World, land: Land, kind: str) -> Iterator[Row]:
    """All records of one of these kinds in a land's file."""
    prefix, make = _MAKERS[kind]
    codes = tuple(other.code for other in world.others(land))
    stream = land.stream(kind)
    for number in range(land.counts[kind]):
        draw = stream.at(number)
        row = make(land, number, draw) | {"id": f"{prefix}-{number}"}
        yield row | rules.handling(land, draw, codes)
