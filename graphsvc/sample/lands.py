"""Countries of the synthetic world, and how many records each one's source holds."""

from collections.abc import Iterator
from functools import cached_property

import msgspec

from graphsvc.sample.draw import Stream

CODES = (
    "FR",
    "ES",
    "RO",
    "MA",
    "GR",
    "TR",
    "CN",
    "BG",
    "DE",
    "NG",
    "IT",
    "CO",
    "TH",
    "EG",
    "BR",
    "UA",
    "IN",
    "GB",
    "US",
    "SN",
    "AE",
    "IL",
    "RS",
    "KE",
)
"""The first eight take part in every world, because the planted groups live there."""
LEAST_LANDS = 8

SCRIPT = {
    "BG": "cyrillic",
    "UA": "cyrillic",
    "RS": "cyrillic",
    "GR": "greek",
    "MA": "arabic",
    "EG": "arabic",
    "AE": "arabic",
    "IL": "hebrew",
    "IN": "devanagari",
    "CN": "chinese",
}
CALLING = {
    "FR": 33,
    "ES": 34,
    "RO": 40,
    "MA": 212,
    "GR": 30,
    "TR": 90,
    "CN": 86,
    "BG": 359,
    "DE": 49,
    "NG": 234,
    "IT": 39,
    "CO": 57,
    "TH": 66,
    "EG": 20,
    "BR": 55,
    "UA": 380,
    "IN": 91,
    "GB": 44,
    "US": 1,
    "SN": 221,
    "AE": 971,
    "IL": 972,
    "RS": 381,
    "KE": 254,
}
CENTRE = {
    "FR": (47, 2),
    "ES": (40, -4),
    "RO": (46, 25),
    "MA": (32, -6),
    "GR": (39, 22),
    "TR": (39, 35),
    "CN": (35, 105),
    "BG": (43, 25),
    "DE": (51, 10),
    "NG": (9, 8),
    "IT": (43, 12),
    "CO": (4, -73),
    "TH": (15, 101),
    "EG": (27, 30),
    "BR": (-11, -52),
    "UA": (49, 31),
    "IN": (22, 79),
    "GB": (53, -2),
    "US": (39, -98),
    "SN": (14, -14),
    "AE": (24, 54),
    "IL": (31, 35),
    "RS": (44, 21),
    "KE": (0, 38),
}
SHARES = {
    "persons": 300,
    "events": 220,
    "phones": 120,
    "documents": 80,
    "vehicles": 70,
    "cases": 50,
    "locations": 50,
    "organizations": 30,
    "transactions": 30,
    "accounts": 20,
    "wallets": 10,
    "weapons": 10,
    "infrastructure": 10,
}
"""Records of each kind in a thousand."""

COPIED = 16
"""One record in so many is about something that another country also holds."""

_PATTERN = 97


class Circle(msgspec.Struct, frozen=True):
    """One planted community: people number ``start`` up to, not including, ``end`` of a land."""

    number: int
    start: int
    end: int


class Land:
    """One country, its one source, and the numbers of its records."""

    def __init__(self, seed: int, code: str, place: int, size: int) -> None:
        self.seed, self.code, self.place = seed, code, place
        self.source = f"{code.lower()}-cases"
        self.script = SCRIPT.get(code, "latin")
        counts = {kind: size * share // 1000 for kind, share in SHARES.items()}
        counts["persons"] += size - sum(counts.values())
        self.counts = counts
        self._sizes = [self.stream("circle-sizes").at(i) for i in range(_PATTERN)]

    def stream(self, name: str) -> Stream:
        """A source of draws of this land."""
        return Stream(self.seed, f"{self.code}/{name}")

    def own(self, kind: str) -> int:
        """How many of the records are first-hand; the rest are about things that others hold as well."""
        count = self.counts[kind]
        return (
            count - count // COPIED
            if kind in ("persons", "documents", "phones", "vehicles", "events")
            else count
        )

    @cached_property
    def _ends(self) -> list[int]:
        ends, total = [], 0
        for draw in self._sizes:
            total += 6 + draw.below(10) + draw.low(64)
            ends.append(total)
        return ends

    def circle_of(self, person: int) -> Circle:
        """The circle in which a person moves. Sizes have a heavy tail (6 to about 80) and repeat in a pattern."""
        from bisect import bisect_right

        block, offset = divmod(person, self._ends[-1])
        place = bisect_right(self._ends, offset)
        return self.circle(block * _PATTERN + place)

    def circle(self, number: int) -> Circle:
        """Circle of that number."""
        block, place = divmod(number, _PATTERN)
        base = block * self._ends[-1]
        start = base + (self._ends[place - 1] if place else 0)
        return Circle(number, start, min(base + self._ends[place], self.counts["persons"]))

    @cached_property
    def circles(self) -> int:
        """How many circles there are."""
        return self.circle_of(self.counts["persons"] - 1).number + 1 if self.counts["persons"] else 0


class World:
    """What is made: the lands and the seed. Holds no record."""

    def __init__(self, size: int, seed: int) -> None:
        self.size, self.seed = size, seed
        number = min(len(CODES), max(LEAST_LANDS, size // 4000))
        weights = [1_000 // (i + 4) for i in range(number)]
        shares = [size * weight // sum(weights) for weight in weights]
        shares[0] += size - sum(shares)
        self.lands = [Land(seed, CODES[i], i, share) for i, share in enumerate(shares)]

    def land(self, code: str) -> Land:
        """The land of that country code."""
        return self.lands[CODES.index(code)]

    def others(self, land: Land) -> Iterator[Land]:
        """All lands but one."""
        return (other for other in self.lands if other is not land)

    def origin(self, land: Land, copy: int, kind: str, step: int = 1) -> tuple[Land, int]:
        """Whose record the ``copy``-th second-hand record of a land repeats, and its number there.

        Those repeated are every ``step``-th of the other's first-hand records.
        """
        number = len(self.lands)
        other = self.lands[(land.place + 1 + copy % (number - 1)) % number]
        known = max(1, other.own(kind) // step)
        if copy % 10 == 0:  # a few are known in many countries
            return other, copy // (10 * number) % known * step
        return other, (copy * number + land.place) % known * step
