"""Links of the synthetic world that stand in a file of their own: who knows whom, and the ends of cases."""

from collections.abc import Iterator

from graphsvc.sample import rules
from graphsvc.sample.draw import Draw
from graphsvc.sample.lands import Circle, Land, World
from graphsvc.sample.rules import Row

OUTSIDE = 25
"""Percent of a person's acquaintances outside the circle: moderate mixing, so that circles can be found."""
BASES = ("telephone", "surveillance", "travel", "money", "statement")


def _stranger(world: World, land: Land, draw: Draw) -> str:
    """Someone outside: popular people, those with low numbers, are known to many more."""
    if draw.percent(15):
        other = draw.pick(world.lands)
        prefix = "" if other is land else f"{other.source}:"
        return f"{prefix}p-{draw.low(other.own('persons'))}"
    return f"p-{draw.low(land.counts['persons'])}"


def _targets(world: World, land: Land, number: int, circle: Circle, draw: Draw) -> list[str]:
    width = circle.end - circle.start
    found = []
    for _ in range(1 + draw.below(3) + draw.low(6)):
        inside = width > 1 and not draw.percent(OUTSIDE)
        found.append(f"p-{circle.start + draw.below(width)}" if inside else _stranger(world, land, draw))
    return [target for target in dict.fromkeys(found) if target != f"p-{number}"]


def associates(world: World, land: Land) -> Iterator[Row]:
    """Who knows whom, with first and last day and the weight that the source gives."""
    codes = tuple(other.code for other in world.others(land))
    stream = land.stream("ties")
    for number in range(land.counts["persons"]):
        draw = stream.at(number)
        for place, target in enumerate(_targets(world, land, number, land.circle_of(number), draw)):
            year = 2019 + draw.below(5)
            yield {
                "id": f"a-{number}-{place}",
                "kind": "ASSOCIATE_OF",
                "from": f"p-{number}",
                "to": target,
                "first_seen": f"{year}-{1 + draw.below(12):02}",
                "last_seen": f"{year + 1}-{1 + draw.below(12):02}",
                "weight": str(1 + draw.low(40)),
                "basis": draw.pick(BASES),
                "grade": draw.pick(("A1", "B2", "B2", "C3", "D4")),
                **rules.handling(land, draw, codes),
            }


def outcomes(world: World, land: Land) -> Iterator[Row]:
    """Further suspects of cases whose part ended: convicted, acquitted, or never proven."""
    stream = land.stream("outcomes")
    for case in range(0, land.counts["cases"], 3):
        draw = stream.at(case)
        circle = land.circle(case % max(1, land.circles))
        person = circle.start + draw.low(max(1, circle.end - circle.start))
        yield {
            "id": f"o-{case}",
            "kind": "INVOLVED_IN",
            "from": f"p-{person}",
            "to": f"c-{case}",
            "role": "accused",
            "status": "tried",
            "outcome": draw.pick(("convicted", "acquitted", "discontinued", "pending")),
            **rules.OPEN,
        }
