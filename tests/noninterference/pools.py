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
    near: dict[str, list[str]]
    """Neighbours over visible links."""
    keys: list[str]
    words: list[str]
    texts: list[str]
    values: dict[str, list[Any]]
    """Values that records have, by the name of their field."""
    kinds: dict[str, str]
    """Kinds of records by id, visible and hidden."""
    records: list[tuple[str, dict[str, Any]]]
    """Kind and properties of every record, visible and hidden."""
    shapes: list[list[str]]
    """Records that stand together in a copy of a motif."""
    standing: list[str]
    """Names of those of whom a match tells that their owner wants to be contacted."""
    standing_keys: list[str]

    @classmethod
    def of(cls, world: World) -> "Pools":
        """Those of a world."""
        records = [*world.records, *world.hidden_records]
        values: dict[str, list[Any]] = {}
        for record in records:
            for name, value in record.properties.items():
                values.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        near: dict[str, list[str]] = {}
        for link in world.links:
            near.setdefault(link.from_, []).append(link.to)
            near.setdefault(link.to, []).append(link.from_)
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
            near,
            sorted({key for record in records for key in identity_keys(record.kind, record.properties)}),
            sorted({word for name in texts for word in words(name)}),
            texts,
            values,
            {record.id: record.kind for record in records},
            [(record.kind, dict(record.properties)) for record in records],
            world.shapes,
            [str(record.properties["name"]) for record in world.standing],
            [key for record in world.standing for key in identity_keys(record.kind, record.properties)],
        )

    def id_(self, rng: random.Random, *kinds: str) -> str:
        """One id, of one of the kinds where there is any; now and then of what is hidden or absent."""
        ids = self.shown if rng.random() < 0.85 else self.hidden
        return rng.choice([id_ for id_ in ids if self.kinds.get(id_) in kinds] or ids)

    def ends(self, rng: random.Random) -> tuple[str, str]:
        """The ends of a link, now and then of a hidden one."""
        _, _, from_, to = rng.choice(self.links if rng.random() < 0.85 else self.hidden_links or self.links)
        return from_, to

    def apart(self, rng: random.Random) -> tuple[str, str]:
        """Two ids, more often than not at the ends of a walk of a few visible links, or in one copy of a motif."""
        if rng.random() < 0.25:
            one, other = rng.sample(rng.choice(self.shapes), 2)
            return one, other
        start = at = self.id_(rng)
        if rng.random() < 0.4 or start not in self.near:
            return start, self.id_(rng)
        for _ in range(rng.randint(1, 4)):
            at = rng.choice(self.near[at])
        return start, at

    def ids(self, rng: random.Random, most: int = 5) -> list[str]:
        """Some ids, all of visible records more often than not, or those of one copy of a motif."""
        if rng.random() < 0.2:
            return rng.choice(self.shapes)[:most]
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
    "report.format": ("html", "html", "pdf"),
    "report.places": ("countries", "routes"),
    "ranking.measure": ("betweenness", "degree", "page_rank", "harmonic", "constraint", "core"),
    "compare_windows.by": (
        "type",
        "area",
        "commodity",
        "modus",
        "country",
        "place",
        "route",
        "origin",
        "destination",
        "source",
    ),
    "hits.state": ("unverified", "confirmed", "false"),
    "decisions.state": ("in force", "released"),
    "algorithm": ("leiden", "louvain", "label_propagation", "components", "strong_components"),
    "method": ("cliques", "propagation"),
    "goal": ("fragment", "distance", "reach"),
    "rule": ("degree", "betweenness", "key_players", "random"),
    "parallel": ("counted", "collapsed", "weighted"),
    "patterns": (
        "chain",
        "fan_in",
        "fan_out",
        "cycle",
        "scatter_gather",
        "gather_scatter",
        "stack",
        "bipartite",
    ),
    "rules": ("one_payer", "one_phone", "one_escort", "held_documents", "changing_adults", "shared_document"),
    "region": ("EUROPE", "AFRICA", "AMERICAS", "ASIA_PACIFIC"),
    "bases": ("kinship", "telephone", "meetings"),
    "sources": ("fr-file", "de-file", "br-file", "ke-file"),
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
