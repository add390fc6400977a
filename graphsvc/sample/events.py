"""Events of the synthetic world; some are reported by a second country too."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from itertools import accumulate

import msgspec

from graphsvc.sample import rules, seasons
from graphsvc.sample.draw import Draw
from graphsvc.sample.lands import CENTRE, Land, World
from graphsvc.sample.names import family_name
from graphsvc.sample.people import PASSPORT_EVERY
from graphsvc.sample.rules import Row
from graphsvc.sample.tally import Tally, count

_WEIGHTS = list(accumulate(series.weight for series in seasons.SERIES))
PLACES = 12
"""Named places a country has."""


class Facts(msgspec.Struct, frozen=True):
    """What happened, whoever reports it."""

    series: int
    on: date
    precision: str  # time, day, month or year
    row: Row

    @property
    def time(self) -> str:
        """As precisely as is known."""
        day = self.on.isoformat()
        return {"year": day[:4], "month": day[:7], "day": day}.get(self.precision, "") or self.row["time"]


def place_name(land: Land, number: int) -> str:
    """An invented town of a land."""
    return family_name(land.place * 1000 + number) + "ville"


def _route(series: seasons.Series, on: date, draw: Draw) -> Row:
    lanes = seasons.lanes(series, on)
    if not lanes or draw.percent(20):
        return {}
    origin, transit, destination = draw.pick(lanes)
    return {"origin": origin, "transit": ";".join(transit), "destination": destination}


def _seizure(series: seasons.Series, draw: Draw) -> Row:
    if not series.commodity:
        return {}
    quantity = series.scale * (1 << draw.below(8)) + draw.below(100) / 10 * (series.unit == "kg")
    return {"commodity": series.commodity, "quantity": f"{quantity:g}", "unit": series.unit}


def facts(land: Land, number: int) -> Facts:
    """The event of that number as the land that saw it first knows it."""
    draw = land.stream("event-facts").at(number)
    which = bisect_right(_WEIGHTS, draw.below(_WEIGHTS[-1]))
    series = seasons.SERIES[which]
    on = seasons.day(which, draw.bits(), late=land.code == seasons.LATE_LAND)
    precision = "time" if (n := draw.below(100)) < 50 else "day" if n < 90 else "month" if n < 97 else "year"
    latitude, longitude = CENTRE[land.code]
    town = draw.low(PLACES)
    row: Row = {
        "type": series.type,
        "areas": series.area,
        "modus": draw.pick(series.modus),
        "country": land.code,
        "time": f"{on.isoformat()}T{draw.below(24):02}:{draw.below(60):02}",
        "place": place_name(land, town),
        "latitude": f"{latitude + (town * 7 % 12 - 6) / 5:.2f}",
        "longitude": f"{longitude + (town * 5 % 12 - 6) / 5:.2f}",
    }
    row |= _seizure(series, draw) | _route(series, on, draw)
    if series.type == "call":
        row["duration"] = str(draw.low(3600) + 3)
    if draw.percent(25):
        row["reference"] = f"JOP-{on.year}-{land.code}{number}"
    return Facts(which, on, precision, row)


def reported(world: World, land: Land, number: int) -> tuple[Land, int]:
    """Who saw the event first: the land itself, or another whose event it reports as well."""
    own = land.own("events")
    if number < own or land.code == seasons.LATE_LAND:
        return land, number
    return world.origin(land, number - own, "events")


def _parties(land: Land, number: int, series: seasons.Series, draw: Draw) -> Row:
    circle = land.circle(draw.low(land.circles))
    width = max(1, circle.end - circle.start)
    people = [circle.start + draw.low(width) for _ in range(1 + draw.low(4))]
    if draw.percent(20):
        people.append(draw.low(land.counts["persons"]))
    ids = ";".join(f"p-{person}" for person in dict.fromkeys(people))
    row: Row = {"travellers" if series.type in ("trip", "crossing") else "participants": ids}
    vehicle = people[0] // PASSPORT_EVERY
    if (
        series.type in ("trip", "crossing", "seizure")
        and vehicle < land.counts["vehicles"]
        and draw.percent(50)
    ):
        row["involves"] = f"v-{vehicle}"
    if circle.number < land.counts["cases"] and draw.percent(40):
        row["cases"] = f"c-{circle.number}"
    return row


def rows(world: World, land: Land, tally: Tally) -> Iterator[Row]:
    """All events of a land's file. ``tally`` counts what really happened, however many report it."""
    codes = tuple(other.code for other in world.others(land))
    stream = land.stream("events")
    for number in range(land.counts["events"]):
        home, known = reported(world, land, number)
        seen = facts(home, known)
        draw = stream.at(number)
        row = seen.row | {"id": f"e-{number}", "time": seen.time, "recorded_at": _recorded(seen.on, draw)}
        if home is land:
            count(tally, row)
        yield (
            row
            | _parties(land, number, seasons.SERIES[seen.series], draw)
            | rules.handling(land, draw, codes)
        )


def _recorded(on: date, draw: Draw) -> str:
    return date.fromordinal(on.toordinal() + draw.low(90)).isoformat()


def judgements(world: World, land: Land) -> Iterator[Row]:
    """SAME_AS links for second-hand events that have no common reference."""
    for number in range(land.own("events"), land.counts["events"]):
        home, known = reported(world, land, number)
        if home is land or "reference" in facts(home, known).row:
            continue
        yield {
            "id": f"same-{number}",
            "kind": "SAME_AS",
            "from": f"e-{number}",
            "to": f"{home.source}:e-{known}",
            "score": "0.95",
            "reasons": "same place;same day;same goods",
            "judge": f"{land.code} analyst",
            "decision": "same",
            "recorded_at": "2025-01-15",
            "confidence": "0.95",
            **rules.OPEN,
        }
