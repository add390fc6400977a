"""What questions about a world are made of: ids, keys, words and dates, of what is hidden as of what is not."""

import random
from typing import Any

import msgspec

from graphsvc.model.derive import words
from graphsvc.model.keys import identity_keys
from graphsvc.model.links import LINKS
from graphsvc.model.vocabulary import AREAS
from tests.noninterference.worlds import COMMODITIES, COUNTRIES, KINDS, World

ABSENT = "fr-file:no-such-record"


class Pools(msgspec.Struct, frozen=True):
    """Values to draw arguments from. ``ids`` are mostly of visible records."""

    shown: list[str]
    hidden: list[str]
    links: list[tuple[str, str, str, str]]
    """Id, type, from and to of links, visible and hidden."""
    hidden_links: list[tuple[str, str, str, str]]
    keys: list[str]
    words: list[str]
    texts: list[str]
    values: dict[str, list[Any]]
    """Values that records have, by the name of their field."""
    records: list[tuple[str, dict[str, Any]]]
    """Kind and properties of every record, visible and hidden."""

    @classmethod
    def of(cls, world: World) -> "Pools":
        """Those of a world."""
        records = [*world.records, *world.hidden_records]
        values: dict[str, list[Any]] = {}
        for record in records:
            for name, value in record.properties.items():
                values.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        names = [str(name) for name in values.get("name", [])]
        texts = [
            *names,
            *(str(v) for name in ("number", "vin", "iban", "value", "plate") for v in values.get(name, ())),
        ]
        return cls(
            world.shown_ids,
            [*world.hidden_ids, ABSENT],
            [(k.id, k.kind, k.from_, k.to) for k in world.links],
            [(k.id, k.kind, k.from_, k.to) for k in world.hidden_links],
            sorted({key for record in records for key in identity_keys(record.kind, record.properties)}),
            sorted({word for name in texts for word in words(name)}),
            texts,
            values,
            [(record.kind, dict(record.properties)) for record in records],
        )

    def id_(self, rng: random.Random) -> str:
        """One id; now and then of what is hidden or absent."""
        return rng.choice(self.shown if rng.random() < 0.85 else self.hidden)

    def ids(self, rng: random.Random, most: int = 5) -> list[str]:
        """Some ids, all of visible records more often than not."""
        if rng.random() < 0.7:
            return rng.sample(self.shown, min(len(self.shown), rng.randint(1, most)))
        return list(dict.fromkeys(self.id_(rng) for _ in range(rng.randint(1, most))))


CHOICES: dict[str, tuple[Any, ...]] = {
    "kinds": tuple(dict.fromkeys(KINDS)),
    "kind": tuple(dict.fromkeys(KINDS)),
    "countries": COUNTRIES,
    "country": COUNTRIES,
    "owners": ("FR", "DE", "BR", "KE"),
    "owner": ("FR", "DE", "BR", "KE"),
    "issuer": ("FR", "DE"),
    "areas": AREAS[:8],
    "area": AREAS[:8],
    "type": ("seizure", "trip", "crossing", "call", "passport"),
    "types": tuple(link.name for link in LINKS),
    "link_types": tuple(link.name for link in LINKS),
    "commodity": COMMODITIES,
    "commodities": COMMODITIES,
    "outcomes": ("acquitted", "discontinued", "convicted"),
    "roles": ("victim", "witness", "suspect", "smuggled_migrant"),
    "topic": ("trends", "country", "maritime", "case", "cyber"),
    "interval": ("day", "week", "month", "quarter", "year"),
    "measure": ("count", "quantity"),
    "unit": ("kg", "g"),
    "colour": ("red", "blue"),
    "colours": ("red", "blue"),
    "format": ("graphml", "gexf", "csv", "cytoscape", "stix"),
    "recipients": ("DE", "FR", "BR", "KE"),
    "level": ("OFFICIAL", "RESTRICTED", "CONFIDENTIAL"),
    "compliance": ("not_reviewed", "compliant"),
    "publications": ("published", "draft"),
    "issuers": ("FR", "DE"),
    "charge": ("traffick",),
}
DATES = ("2024", "2024-03", "2024-06-01", "2025-02", "2023")
