"""Persons of the synthetic world: each is worked out from its number, whenever it is asked for."""

from collections.abc import Iterator
from datetime import date

import msgspec

from graphsvc.sample import names, rules
from graphsvc.sample.draw import Draw, scatter
from graphsvc.sample.lands import CALLING, Circle, Land, World
from graphsvc.sample.rules import Row

OCCUPATIONS = (
    "driver",
    "trader",
    "cook",
    "clerk",
    "builder",
    "nurse",
    "mechanic",
    "teacher",
    "courier",
    "farmer",
)
PASSPORT_EVERY = 4
"""Every so-manieth person's passport is on record as a document of its own."""
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_YOUNGEST = date(2010, 1, 1).toordinal()
_MINOR = date(2006, 1, 1).toordinal()


class Facts(msgspec.Struct, frozen=True):
    """What is true of a person, whoever writes it down."""

    given: int
    family: int
    sex: str
    born: date
    circle: Circle
    place: int  # within the circle

    @property
    def minor(self) -> bool:
        """Under 18 during the years that the world covers."""
        return self.born.toordinal() >= _MINOR


def household(land: Land, circle: Circle) -> int:
    """How many of a circle are one family: its first members."""
    return 2 + land.stream("households").at(circle.number).low(8)


def facts(land: Land, number: int) -> Facts:
    """The person of that number, first-hand."""
    circle = land.circle_of(number)
    draw = land.stream("persons").at(number)
    place = number - circle.start
    if place < household(land, circle):
        family = land.stream("families").at(circle.number).low(names.FAMILY_NAMES)
    else:
        family = draw.low(names.FAMILY_NAMES)
    age = 16 * 365 + draw.below(22_000) if not draw.percent(2) else draw.below(16 * 365)
    return Facts(
        draw.below(names.GIVEN_NAMES),
        family,
        draw.pick("FM"),
        date.fromordinal(_YOUNGEST - age + 900),
        circle,
        place,
    )


def passport(land: Land, person: int) -> str:
    """Number of a person's passport; no two persons of a land share one."""
    number = scatter(person, 100_000 * len(LETTERS) ** 2 * 100)
    rest, figures = divmod(number, 100_000)
    rest, second = divmod(rest, len(LETTERS))
    head, first = divmod(rest, len(LETTERS))
    return f"{head:02}{LETTERS[first]}{LETTERS[second]}{figures:05}"


def phone(land: Land, number: int) -> str:
    """Telephone number ``number`` of a land, in a range that no operator has."""
    return f"+{CALLING[land.code]}199{scatter(number, 10_000_000):07}"


def plate(land: Land, number: int) -> str:
    """Registration plate of vehicle ``number`` of a land."""
    rest, figures = divmod(scatter(number, 1000 * len(LETTERS) ** 4), 1000)
    signs = []
    for _ in range(4):
        rest, sign = divmod(rest, len(LETTERS))
        signs.append(LETTERS[sign])
    return f"{signs[0]}{signs[1]}-{figures:03}-{signs[2]}{signs[3]}"


def original(world: World, land: Land, number: int) -> tuple[Land, int]:
    """Who a person really is: itself, or the one in another land's file whom a second-hand record describes.

    Those described are among every fourth person, whose passport is on record as well.
    """
    own = land.own("persons")
    if number < own:
        return land, number
    return world.origin(land, number - own, "persons", PASSPORT_EVERY)


def _identity(home: Land, person: int, about: Facts, draw: Draw, *, second_hand: bool) -> Row:
    given, family = names.given_name(about.given), names.family_name(about.family)
    born = about.born.isoformat()
    if second_hand:
        family = names.respelled(family, draw)
        born = born[:7] if draw.percent(15) else born
    elif draw.percent(4):
        born = born[:4]
    row = {
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "birth_date": born,
        "sex": about.sex,
        "nationalities": home.code,
        "birth_country": home.code,
    }
    if home.script != "latin":
        row["names"] = names.full_name(about.given, about.family, home.script)
    if draw.percent(30) or (second_hand and draw.percent(40)):
        row["national_id"] = f"{scatter(person, 10**9, 777_767_777):09}"
    return row


def _description(land: Land, home: Land, person: int, draw: Draw) -> Row:
    row: Row = {"occupation": draw.pick(OCCUPATIONS)} if draw.percent(40) else {}
    if draw.percent(30):
        row["height_cm"] = str(150 + draw.below(45))
    if draw.percent(8):
        row["marks"] = draw.pick(("scar left hand", "tattoo right arm", "scar chin", "tattoo neck"))
    if person % 2 == 0 and person // 2 < home.own("phones"):
        row["phones"] = phone(home, person // 2)
    return row


def _ties(world: World, land: Land, number: int, about: Facts, circle: Circle, draw: Draw) -> Row:
    row: Row = {}
    homes = land.counts["locations"]
    if homes:
        shared = number - circle.start < household(land, circle)
        row["lives_at"] = f"loc-{circle.number % homes if shared else draw.low(homes)}"
    place = number - circle.start
    if 0 < place < household(land, circle):
        row["family"] = f"p-{circle.start + draw.below(place)}"
    if circle.number < land.counts["organizations"] and place < 9 and draw.percent(60):
        row["member_of"] = f"org-{circle.number}"
    return row


def person(world: World, land: Land, number: int, codes: tuple[str, ...]) -> Row:
    """The row of one person in one land's file."""
    home, known = original(world, land, number)
    about = facts(home, known)
    draw = land.stream("person-rows").at(number)
    second_hand = home is not land
    row: Row = {"id": f"p-{number}", "recorded_at": f"{2019 + draw.below(6)}-{1 + draw.below(12):02}"}
    row |= _identity(home, known, about, draw, second_hand=second_hand)
    row |= _description(land, home, known, draw)
    row |= _ties(world, land, number, about, land.circle_of(number), draw)
    row["grade"] = draw.pick(("A1", "B1", "B2", "B2", "C3", "D4"))
    return row | (rules.MINOR if about.minor else rules.handling(land, draw, codes))


def rows(world: World, land: Land) -> Iterator[Row]:
    """All persons of a land's file."""
    codes = tuple(other.code for other in world.others(land))
    return (person(world, land, number, codes) for number in range(land.counts["persons"]))
