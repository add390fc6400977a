"""Worlds from a seed: what some callers see, and beside it what none of them does.

A pair is one world twice: the visible part alone, and the visible part with a hidden set. Elements are hidden by
their terms, by their day of expiry, or, as links, by an end. The hidden set is wired into the visible part in every
way that could show: it joins what is apart, crowds what is close, and carries the same names and keys.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from graphsvc.model.handling import Handling
from graphsvc.model.keys import identity_keys
from graphsvc.model.links import LINKS
from graphsvc.model.record import Link, Record
from tests.noninterference.callers import OWNERS, Group, behind
from tests.noninterference.motifs import MOTIFS, Motif

GIVEN = ("Mara", "Marta", "Ivo", "Ivan", "Lena", "Tomas")
FAMILY = ("Invented", "Inventet", "Example", "Exampel", "Probe")
COMMODITIES = ("cocaine", "cannabis", "heroin")
COUNTRIES = ("FR", "DE", "BR", "KE", "ES", "MA")
AREAS = ("HUMAN_TRAFFICKING", "CYBER", "DRUGS_ORGANIZED")
KINDS = ("Person", "Person", "Person", "Document", "Vehicle", "Phone", "Organization", "Event", "Event", "Case",
         "Account", "Transaction", "Location", "Weapon", "Notice", "Infrastructure")  # fmt: skip
USUAL: dict[tuple[str, str], tuple[str, ...]] = {
    ("Person", "Person"): ("ASSOCIATE_OF", "FAMILY_OF", "SAME_AS", "ASSOCIATE_OF"),
    ("Person", "Document"): ("HOLDS", "USED"),
    ("Person", "Vehicle"): ("DROVE", "OWNS"),
    ("Person", "Phone"): ("USES", "OWNS"),
    ("Person", "Organization"): ("MEMBER_OF", "DIRECTS"),
    ("Person", "Event"): ("PARTICIPATED_IN",),
    ("Person", "Case"): ("INVOLVED_IN",),
    ("Person", "Account"): ("OWNS",),
    ("Account", "Transaction"): ("SENT", "RECEIVED"),
    ("Person", "Transaction"): ("SENT", "RECEIVED"),
    ("Person", "Location"): ("LIVES_AT",),
    ("Person", "Weapon"): ("POSSESSED",),
    ("Person", "Notice"): ("SUBJECT_OF",),
    ("Organization", "Infrastructure"): ("CONTROLS",),
    ("Infrastructure", "Infrastructure"): ("RESOLVES_TO", "HOSTS"),
    ("Phone", "Phone"): ("CALLED",),
    ("Event", "Event"): ("SAME_AS",),
    ("Event", "Location"): ("OCCURRED_AT",),
    ("Event", "Case"): ("PART_OF",),
}
ROLES = {
    "INVOLVED_IN": ("suspect", "suspect", "victim", "witness", "accused"),
    "PARTICIPATED_IN": ("traveller", "traveller", "payer", "escort", "victim", "caller", "called"),
    "ASSOCIATE_OF": ("associate", "driver"),
}


class World(msgspec.Struct):
    """One pair. ``records`` and ``links`` are visible to some; the others are hidden from all who ask."""

    number: int
    records: list[Record]
    links: list[Link]
    hidden_records: list[Record]
    hidden_links: list[Link]
    before: list[Record]
    """Hidden records as they were when they could be seen."""
    standing: list[Record]
    """Records in both, whose owner shows others that there is something and nothing more."""
    shapes: list[list[str]]
    """Ids of the records of each copy of the motif."""

    @property
    def shown_ids(self) -> list[str]:
        return [record.id for record in self.records]

    @property
    def hidden_ids(self) -> list[str]:
        return [record.id for record in self.hidden_records]


def source(owner: str) -> str:
    """The one source of an owner."""
    return f"{owner.lower()}-file"


def owner_of(id_: str) -> str:
    """Whose element it is."""
    return id_.partition("-")[0].upper()


def make(seed: int, number: int, group: Group, *, both_ways: bool = False) -> World:
    """The world of that number among those of a seed; ``both_ways`` hides each part of its motif by its terms and,
    in another copy, by its day."""
    return _Maker(random.Random(f"{seed}/{number}"), number, group).world(both_ways=both_ways)


class _Maker:
    def __init__(self, rng: random.Random, number: int, group: Group) -> None:
        self.rng = rng
        self.number = number
        self.group = group
        self.open = {owner: group.open_(owner) for owner in OWNERS}
        self.shown = {owner: group.shown(owner) for owner in OWNERS}
        self.hidden = {owner: group.hidden(owner) for owner in OWNERS}
        self.count = 0
        self.plainly = False
        """Whether what is shown is shown to all who ask."""
        self.made = World(number, [], [], [], [], [], [], [])
        self.kinds: dict[str, str] = {}
        self.today = datetime.now(UTC).date()

    def world(self, *, both_ways: bool) -> World:
        for _ in range(self.rng.randint(10, 18)):
            self.show()
        self.wire()
        features: tuple[Callable[[], None], ...] = (
            self.node, self.lone_link, self.attribute, self.bridge, self.hub, self.twin, self.twin,
            self.judgement, self.judgement, self.cell, self.expired, self.expired_link, self.restricted,
            self.parallel, self.spoiler, self.chimera, self.case_files, self.case_files, self.notices,
        )  # fmt: skip
        for feature in self.rng.sample(features, self.rng.randint(2, 7)):
            feature()
        self.motif(MOTIFS[self.number % len(MOTIFS)], both_ways=both_ways)
        self.stand()
        return self.made

    # elements

    def id_(self, owner: str, letter: str) -> str:
        self.count += 1
        # ids of hidden elements stand among the others in any order
        return f"{source(owner)}:w{self.number}-{self.rng.choice('abcxyz')}{letter}{self.count}"

    def properties(self, kind: str) -> dict[str, Any]:
        rng, n = self.rng, self.rng.randint(1, 4)
        key = f"{self.number}{n}"
        day = self.day()
        table: dict[str, dict[str, Any]] = {
            "Person": {
                "name": f"{rng.choice(GIVEN)} {rng.choice(FAMILY)} w{self.number}",
                "birth_date": rng.choice(("1988-04-12", "1988-04", "1990", "1975-01-02")),
                "nationalities": rng.sample(COUNTRIES, rng.randint(0, 2)),
                "birth_country": rng.choice(COUNTRIES[:2]),
                **({"national_id": f"ID{key}"} if rng.random() < 0.4 else {}),
            },
            "Document": {"type": "passport", "number": f"AB{key}", "country": rng.choice(COUNTRIES[:2]),
                         "status": rng.choice(("stolen", "lost"))},
            "Vehicle": {"vin": f"WVWZZZ1JZXW{key.zfill(6)[:6]}", "plate": f"AB-{key}-CD", "country": "FR",
                        "make": "Peugeot", "status": "stolen"},
            "Weapon": {"make": "Invented Arms", "calibre": "9x19", "serial": f"IA{key}"},
            "Phone": {"number": f"+33199{key.zfill(6)}"},
            "Organization": {"name": f"Network w{self.number}",
                             "type": rng.choice(("criminal_network", "criminal_network", "threat_actor")),
                             "areas": rng.sample(AREAS, 1)},
            "Event": {"type": rng.choice(("seizure", "trip", "crossing", "call")), "time": day,
                      "country": rng.choice(COUNTRIES), "areas": rng.sample(AREAS, rng.randint(1, 2)),
                      "commodity": rng.choice(COMMODITIES), "quantity": rng.randint(1, 9), "unit": "kg",
                      "origin": rng.choice(COUNTRIES), "destination": rng.choice(COUNTRIES),
                      "route": f"route {n}", "modus": rng.choice(("hidden in a vehicle", "on foot")),
                      **({"reference": f"JOP-{key}"} if rng.random() < 0.5 else {})},
            "Case": {"number": f"2024/{key}", "country": rng.choice(COUNTRIES[:2]), "areas": rng.sample(AREAS, 1),
                     "opened_at": day[:10]},
            "Account": {"iban": f"FR76{key.zfill(12)}", "country": "FR", "currency": "EUR"},
            "Transaction": {"time": day, "amount": rng.randint(1, 5) * 100, "currency": "EUR",
                            "method": "transfer"},
            "Location": {"name": f"Place {n}", "country": rng.choice(COUNTRIES)},
            "Notice": {"colour": rng.choice(("red", "blue")), "reference": f"N-{key}", "issuer": "FR",
                       "charges": ["trafficking"], "published_at": day[:10]},
            "Infrastructure": {"type": "domain", "value": f"host{n}-w{self.number}.example",
                               "registrant": f"owner{n}@w{self.number}.example",
                               "takedown": rng.choice(("planned", "done", None))},
            **{kind: {"name": f"{kind} {n} w{self.number}", "reference": f"S{key}"}
               for kind in ("Malware", "Tool", "Technique")},
        }  # fmt: skip
        return table[kind]

    def day(self) -> str:
        moment = date(2024, 1, 1) + timedelta(self.rng.randint(0, 500))
        return f"{moment}T{self.rng.randint(0, 23):02}:{self.rng.randint(0, 59):02}"

    def later(self) -> dict[str, Any]:
        """A day of expiry that has not passed, or none."""
        days = self.rng.choice((None, None, None, 0, 1, 400))
        return {} if days is None else {"retain_until": str(self.today + timedelta(days))}

    def past(self) -> dict[str, Any]:
        return {"retain_until": str(self.today - timedelta(self.rng.choice((1, 1, 30))))}

    def record(self, handling: Handling, kind: str, properties: dict[str, Any]) -> Record:
        made = Record(
            self.id_(handling.contributor, kind[0].lower()),
            kind,
            handling,
            {k: v for k, v in properties.items() if v},
        )
        self.kinds[made.id] = kind
        return made

    def link(self, from_: str, to: str, handling: Handling, kind: str = "", **given: Any) -> Link:
        kind = kind or self.fitting(from_, to)
        properties: dict[str, Any] = {}
        if kind in ROLES:
            properties["role"] = self.rng.choice(ROLES[kind])
        if kind == "INVOLVED_IN" and self.rng.random() < 0.3:
            properties["outcome"] = self.rng.choice(("acquitted", "discontinued", "convicted"))
        if kind in ("ASSOCIATE_OF", "CALLED") and self.rng.random() < 0.6:
            properties["weight"] = float(self.rng.randint(1, 5))
        if kind == "ASSOCIATE_OF":
            properties["basis"] = ("kinship", "telephone", "meetings")[len(from_ + to) % 3]
        if kind == "SAME_AS":
            properties |= {
                "score": 0.9,
                "decision": self.rng.choice(("same", "same", "same", "different", "unsure")),
            }
        if self.rng.random() < 0.5:
            properties["confidence"] = self.rng.choice((0.3, 0.6, 0.9))
        if self.rng.random() < 0.5:
            properties["first_seen"] = properties["last_seen"] = self.day()[:10]
        properties |= given
        return Link(self.id_(handling.contributor, "l"), kind, from_, to, handling, properties)

    def fitting(self, from_: str, to: str) -> str:
        usual = USUAL.get((self.kinds[from_], self.kinds[to]))
        return self.rng.choice(usual) if usual else self.rng.choice([kind.name for kind in LINKS])

    def shown_terms(self) -> Handling:
        if self.plainly:
            return self.rng.choice([terms for owner in OWNERS for terms in self.open[owner]])
        owner = self.rng.choice(OWNERS)
        choices = self.open[owner] if self.rng.random() < 0.7 else []
        return self.rng.choice(choices or self.shown[owner])

    def hidden_terms(self) -> Handling:
        return self.rng.choice(self.rng.choice([terms for terms in self.hidden.values() if terms]))

    # the visible part

    def show(self, kind: str = "", **given: Any) -> str:
        kind = kind or self.rng.choice(KINDS)
        properties = self.properties(kind) | given | self.later()
        self.made.records.append(self.record(self.shown_terms(), kind, properties))
        return self.made.records[-1].id

    def wire(self) -> None:
        """Visible links: most in two parts that nothing joins, and between records that fit."""
        ids = self.made.shown_ids
        half = ids[::2], ids[1::2]
        for _ in range(self.rng.randint(len(ids), 2 * len(ids))):
            pool = self.rng.choice(half) if self.rng.random() < 0.9 else ids
            from_, to = self.pair(pool)
            self.made.links.append(self.link(from_, to, self.shown_terms(), **self.later()))

    def pair(self, pool: list[str]) -> tuple[str, str]:
        for _ in range(20):
            from_, to = self.rng.sample(pool, 2)
            if (self.kinds[from_], self.kinds[to]) in USUAL:
                break
        return from_, to

    # what is hidden

    def hide(self, kind: str = "", properties: dict[str, Any] | None = None, *, expired: bool = False) -> str:
        kind = kind or self.rng.choice(KINDS)
        given = dict(properties or self.properties(kind))
        given.pop("retain_until", None)
        terms = self.shown_terms() if expired else self.hidden_terms()
        if expired and self.rng.random() < 0.2:
            terms = behind(terms.contributor)
        record = self.record(terms, kind, given | (self.past() if expired else self.later()))
        self.made.hidden_records.append(record)
        return record.id

    def hide_link(self, from_: str, to: str, kind: str = "", *, way: str = "", **given: Any) -> None:
        """A link that nobody sees: by an end, or else by its own terms or day."""
        hidden = set(self.made.hidden_ids)
        if way:
            pass
        elif from_ in hidden or to in hidden:
            way = self.rng.choice(("open", "open", "open", "closed"))
        else:
            way = self.rng.choice(("closed", "past"))
        terms = self.hidden_terms() if way == "closed" else self.shown_terms()
        days = self.past() if way == "past" else self.later()
        self.made.hidden_links.append(self.link(from_, to, terms, kind, **(days | given)))

    def some(self) -> str:
        return self.rng.choice(self.made.shown_ids)

    def node(self) -> None:
        hidden = self.hide(expired=self.rng.random() < 0.3)
        for other in self.rng.sample(self.made.shown_ids, 3):
            self.hide_link(*self.rng.choice(((hidden, other), (other, hidden))))

    def lone_link(self) -> None:
        for _ in range(3):
            self.hide_link(*self.pair(self.made.shown_ids))

    def attribute(self) -> None:
        """A hidden copy that says more, beside a visible record."""
        original = self.rng.choice(self.made.records)
        self.hide(original.kind, original.properties | {"note": "hidden remark", "grade": "A1"})

    def bridge(self) -> None:
        """What would join the two parts of the world."""
        hidden = self.hide(expired=self.rng.random() < 0.3)
        ids = self.made.shown_ids
        for side in (ids[::2], ids[1::2]):
            for other in self.rng.sample(side, 2):
                self.hide_link(*self.rng.choice(((hidden, other), (other, hidden))))
        self.hide_link(self.rng.choice(ids[::2]), self.rng.choice(ids[1::2]))

    def hub(self) -> None:
        """Many hidden links at one visible record, and a hidden record that knows everyone."""
        centre = self.some()
        for _ in range(6):
            other = self.hide(self.rng.choice(("Person", "Phone")), expired=self.rng.random() < 0.2)
            self.hide_link(centre, other)
        everyone = self.hide()
        for other in self.made.shown_ids:
            self.hide_link(everyone, other)

    def twin(self) -> None:
        """Hidden records that carry the identity keys and names of visible ones, and so would join them."""
        keyed = [
            record for record in self.made.records if identity_keys(record.kind, record.properties)
        ] or self.made.records
        for original in self.rng.sample(keyed, min(2, len(keyed))):
            twin = self.hide(original.kind, original.properties, expired=self.rng.random() < 0.3)
            self.hide_link(twin, self.some())

    def judgement(self) -> None:
        """Judgements that nobody may know of, between visible records or through a hidden one."""
        kind = self.rng.choice(("Person", "Event"))
        alike = [id_ for id_ in self.made.shown_ids if self.kinds[id_] == kind]
        while len(alike) < 2:
            alike.append(self.show(kind))
        one, other = self.rng.sample(alike, 2)
        days = self.past()
        self.made.hidden_links.append(
            self.link(other, one, self.shown_terms(), "SAME_AS", **(days | {"decision": "same"}))
        )
        self.hide_link(one, other, "SAME_AS", decision="same")
        between = self.hide(self.kinds[one], expired=self.rng.random() < 0.3)
        self.hide_link(one, between, "SAME_AS", decision="same")
        self.hide_link(between, other, "SAME_AS", decision="same")

    def cell(self) -> None:
        """Events that would fill a cell of a table, or make a period the first or the last."""
        events = [record for record in self.made.records if record.kind == "Event"]
        for _ in range(3):
            like = dict(self.rng.choice(events).properties) if events else self.properties("Event")
            if self.rng.random() < 0.5:
                like["time"] = self.rng.choice(("2019-05-05T10:00", "2026-02-02T10:00", self.day()))
            self.hide("Event", like, expired=self.rng.random() < 0.3)

    def expired(self) -> None:
        one, other = self.hide(expired=True), self.hide(expired=True)
        self.hide_link(one, other)
        for hidden in (one, other):
            self.hide_link(hidden, self.some())
            self.hide_link(self.some(), hidden)

    def expired_link(self) -> None:
        for _ in range(3):
            from_, to = self.pair(self.made.shown_ids)
            self.made.hidden_links.append(self.link(from_, to, self.shown_terms(), **self.past()))

    def restricted(self) -> None:
        """A record that could be seen once, with its links, and was then closed."""
        hidden = self.hide("Person")
        record = self.made.hidden_records[-1]
        self.made.hidden_records[-1] = msgspec.structs.replace(record, sequence=2)
        terms = self.shown[record.handling.contributor][0]
        self.made.before.append(msgspec.structs.replace(record, handling=terms, sequence=1))
        for other in self.rng.sample(self.made.shown_ids, 3):
            self.hide_link(hidden, other)

    def parallel(self) -> None:
        """Hidden links beside a visible one."""
        for link in self.rng.sample(self.made.links, 3):
            for _ in range(2):
                self.hide_link(link.from_, link.to, link.kind)

    def spoiler(self) -> None:
        """Links in roles and with outcomes that keep a person out, and weights, all hidden."""
        persons = [id_ for id_ in self.made.shown_ids if self.kinds[id_] == "Person"]
        for person in persons[:3]:
            self.hide_link(person, self.some(), "INVOLVED_IN", role="victim")
            self.hide_link(person, self.some(), "INVOLVED_IN", role="suspect", outcome="acquitted")
            self.hide_link(person, self.some(), "PARTICIPATED_IN", role="victim")
            self.hide_link(person, self.some(), "ASSOCIATE_OF", weight=40.0)
            self.hide_link(self.some(), person, "CALLED", weight=40.0)

    def chimera(self) -> None:
        """A hidden record with keys of two visible ones, which would make them one; and more holders of a key."""
        one, other = (
            self.show("Vehicle", vin=f"VIN{self.number}A"),
            self.show("Vehicle", vin=f"VIN{self.number}B"),
        )
        for vehicle in (one, other):
            for _ in range(2):
                self.made.links.append(self.link(self.person(), vehicle, self.shown_terms()))
        plates = [record.properties for record in self.made.records if record.id in (one, other)]
        mixed = {**plates[0], "plate": plates[1]["plate"]}
        self.hide("Vehicle", mixed, expired=self.rng.random() < 0.5)
        for same in plates:
            another = self.show("Vehicle", **same)
            self.made.links.append(self.link(self.person(), another, self.shown_terms()))

    def person(self) -> str:
        persons = [id_ for id_ in self.made.shown_ids if self.kinds[id_] == "Person"]
        return self.rng.choice(persons) if persons else self.show("Person")

    def case_files(self) -> None:
        """Cases and events that nobody sees, in which visible persons stand, and the other way round."""
        for kind, link in (("Case", "INVOLVED_IN"), ("Event", "PARTICIPATED_IN"), ("Case", "INVOLVED_IN")):
            for expired in (True, False):
                hidden, person = self.hide(kind, expired=expired), self.hide("Person", expired=expired)
                shown, lonely = self.show(kind), self.show(kind)
                self.hide_link(person, lonely, link, role="suspect")
                self.hide_link(self.person(), self.show(kind), link, role="suspect")
                for outcome in ({}, {"outcome": "acquitted"}):
                    self.hide_link(
                        self.person(), hidden, link, role=self.rng.choice(("victim", "suspect")), **outcome
                    )
                    self.hide_link(
                        person, shown, link, role=self.rng.choice(("victim", "suspect")), **outcome
                    )
                    self.made.links.append(self.link(self.person(), shown, self.shown_terms(), link))
                for weighed in ("ASSOCIATE_OF", "CALLED"):
                    self.hide_link(self.person(), person, weighed, weight=9.0)
                    self.hide_link(person, self.person(), weighed, weight=9.0)

    def notices(self) -> None:
        """Notices on visible persons, and visible notices on hidden ones."""
        for expired in (True, False):
            hidden, person = self.hide("Notice", expired=expired), self.hide("Person", expired=expired)
            shown = self.show("Notice")
            self.made.links.append(self.link(self.person(), shown, self.shown_terms(), "SUBJECT_OF"))
            self.hide_link(self.person(), hidden, "SUBJECT_OF")
            self.hide_link(person, shown, "SUBJECT_OF")

    def stand(self) -> None:
        """A person of an unmistakable name, of whom a match tells that somebody wants to be contacted."""
        known = {
            "name": f"Standing Alone w{self.number}x",
            "birth_country": "FR",
            "national_id": f"STANDING{self.number}",
        }
        owners = [caller.ncb for caller in self.group.callers if caller.ncb in OWNERS] or OWNERS
        self.made.standing.append(self.record(behind(self.rng.choice(owners)), "Person", known))

    def motif(self, motif: Motif, *, both_ways: bool) -> None:
        """A motif whole, and once for each of its parts with that part alone hidden."""
        self.plainly = both_ways
        self.copy(motif, None, "")
        for hidden in range(len(motif.records) + len(motif.links)):
            for way in ("closed", "past") if both_ways else (self.rng.choice(("closed", "past")),):
                self.copy(motif, hidden, way)

    def copy(self, motif: Motif, hidden: int | None, way: str) -> None:
        ids = [
            self.hide(kind, self.properties(kind) | given, expired=way == "past")
            if at == hidden
            else self.show(kind, **given)
            for at, (kind, given) in enumerate(motif.records)
        ]
        for at, (from_, kind, to, given) in enumerate(motif.links, len(ids)):
            if at == hidden:
                self.hide_link(ids[from_], ids[to], kind, way=way, **given)
                continue
            link = self.link(ids[from_], ids[to], self.shown_terms(), kind, **given)
            of_hidden = hidden is not None and hidden < len(ids) and hidden in (from_, to)
            (self.made.hidden_links if of_hidden else self.made.links).append(link)
        self.made.shapes.append(ids)
