"""Where planted records are collected before they are written with the rest: a few hundred, whatever the size."""

from collections import defaultdict
from typing import Any

import msgspec

from graphsvc.sample import names, rules
from graphsvc.sample.draw import Draw, Stream
from graphsvc.sample.lands import SCRIPT
from graphsvc.sample.rules import Row

PREFIX = {
    "persons": "p",
    "documents": "d",
    "vehicles": "v",
    "cases": "c",
    "organizations": "org",
    "events": "e",
    "locations": "loc",
    "accounts": "acc",
    "wallets": "wal",
    "transactions": "t",
    "phones": "ph",
    "malware": "mal",
    "infrastructure": "inf",
    "certificates": "cert",
    "campaigns": "camp",
    "techniques": "tech",
    "files": "f",
    "online-accounts": "oa",
    "emails": "em",
    "notices": "n",
}


class Group(msgspec.Struct):
    """The truth about one planted group. ``members`` gives the role of each whole id; ``shared`` the identity keys
    through which files of different countries are about one thing, with the ids that carry each."""

    name: str
    criminal: bool
    story: str
    members: dict[str, str] = msgspec.field(default_factory=dict)
    shared: dict[str, list[str]] = msgspec.field(default_factory=dict)
    expected: dict[str, Any] = msgspec.field(default_factory=dict)


class Plot:
    """The records of one group, being written."""

    def __init__(self, plants: "Plants", group: Group) -> None:
        self.plants, self.group = plants, group

    def add(self, land: str, kind: str, name: str, role: str, /, **fields: str) -> str:
        """A record in a land's file; answers its local id. Its handling is open unless fields say otherwise."""
        local = f"{PREFIX[kind]}-{self.group.name}-{name}"
        self.plants.rows[land, kind].append(
            {"id": local, "recorded_at": "2024-11-04", **rules.OPEN, **fields}
        )
        self.group.members[f"{land.lower()}-cases:{local}"] = role
        return local

    def person(self, land: str, name: str, role: str, /, **fields: str) -> str:
        """An invented person in a land's file, named in the script of that land too."""
        draw = self.plants.stream.at(
            len(self.plants.rows[land, "persons"]) * 100 + ord(land[0]) + ord(land[1]) * 31
        )
        given, family = draw.below(names.GIVEN_NAMES), draw.below(names.FAMILY_NAMES)
        row = {
            "name": names.full_name(given, family),
            "given_name": names.given_name(given),
            "sex": draw.pick("FM"),
            "family_name": names.family_name(family),
            "nationalities": land,
            "grade": "B2",
            "birth_date": f"{1970 + draw.below(30)}-{1 + draw.below(12):02}-{1 + draw.below(28):02}",
        }
        if SCRIPT.get(land):
            row["names"] = names.full_name(given, family, SCRIPT[land])
        return self.add(land, "persons", name, role, **(row | fields))

    def link(self, land: str, kind: str, start: str, end: str, /, **fields: str) -> None:
        """A link in a land's file; ends in other files are whole ids."""
        number = len(self.plants.rows[land, "links"])
        row = {"id": f"l-{self.group.name}-{number}", "kind": kind, "from": start, "to": end, "grade": "B2"}
        self.plants.rows[land, "links"].append(row | rules.OPEN | fields)

    def share(self, key: str, *ids: str) -> None:
        """Notes that these whole ids carry the same identity key."""
        self.group.shared[key] = list(ids)


class Plants:
    """All that is planted: rows by land and kind, and the groups."""

    def __init__(self, seed: int) -> None:
        self.stream = Stream(seed, "planted")
        self.rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.groups: list[Group] = []

    def plot(self, name: str, story: str, *, criminal: bool = True) -> Plot:
        """Begins a group."""
        self.groups.append(Group(name, criminal, story))
        return Plot(self, self.groups[-1])

    @property
    def records(self) -> int:
        """How many records are planted, links not counted."""
        return sum(len(rows) for (_, kind), rows in self.rows.items() if kind != "links")

    def draw(self, number: int) -> Draw:
        """Draws for details."""
        return self.stream.at(1_000_000 + number)
