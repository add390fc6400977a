"""MISP galaxy clusters: threat actors, malware families and tools with their synonyms and what they relate to."""

from collections.abc import Iterator
from pathlib import Path

from graphsvc.errors import UsageError
from graphsvc.model.countries import codes
from loaders.files import Input
from loaders.jsonstream import head, objects
from loaders.parcel import Element
from loaders.rows import Rejected, Row
from loaders.shaped import ObjectLoader, Values, part, parts, text, texts
from loaders.terms import Terms

KINDS = {
    "threat-actor": "Organization", "microsoft-activity-group": "Organization", "mitre-intrusion-set": "Organization",
    "ransomware": "Malware", "malpedia": "Malware", "rat": "Malware", "botnet": "Malware", "banker": "Malware",
    "stealer": "Malware", "backdoor": "Malware", "android": "Malware", "cryptominers": "Malware",
    "exploit-kit": "Tool", "tool": "Tool", "tds": "Tool", "mitre-tool": "Tool", "mitre-malware": "Malware",
    "mitre-attack-pattern": "Technique", "branded-vulnerability": "Vulnerability",
}  # fmt: skip
"""Kind by the type that the galaxy says of itself."""

LINKS = {
    "similar": "ALIAS_OF", "variant-of": "ALIAS_OF", "derived-from": "ALIAS_OF", "overlaps": "ALIAS_OF",
    "uses": "USES", "deploys": "USES", "delivers": "USES", "targets": "TARGETS", "part-of": "PART_OF",
    "attributed-to": "ATTRIBUTED_TO", "used-by": "USES",
}  # fmt: skip
BACKWARD = frozenset({"used-by", "dropped-by"})


class Misp(ObjectLoader):
    """The loader of galaxy clusters."""

    suffixes = (".json",)

    def __init__(self, terms: Terms, paths: list[Path]) -> None:
        super().__init__("misp-galaxy", terms, paths)
        self._kind = ""

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        with self.open(source) as stream:
            self._kind = _kind(source, head(source, stream, "values"))
        with self.open(source) as stream:
            for item in objects(source, stream, "values"):
                if isinstance(item, Row | Rejected):
                    yield item

    def turn(self, row: Row) -> list[Element]:
        given = row.values
        meta = part(given, "meta")
        values: Values = {
            "id": given.get("uuid"),
            "name": given.get("value"),
            "names": [name for name in dict.fromkeys(texts(meta, "synonyms")) if name != given.get("value")],
        }
        actor = self._kind == "Organization"
        values |= _actor(given, meta) if actor else {"description": given.get("description")}
        found = self.elements.record(self._kind, values, row.line)
        return [
            *found,
            *(link for other in parts(given, "related") for link in self._link(given, other, row.line)),
        ]

    def _link(self, given: Values, other: Values, line: int) -> list[Element]:
        if other.get("dest-uuid") == given.get("uuid"):
            return []
        type_ = text(other, "type") or "related-to"
        kind = LINKS.get(type_, "ASSOCIATE_OF")
        ends = [str(given["uuid"]), str(other.get("dest-uuid") or "")]
        if type_ in BACKWARD:
            ends.reverse()
        tags = " ".join(texts(other, "tags"))
        return [
            self.elements.link(kind, ends[0], ends[1], {"role": type_, "confidence": _likelihood(tags)}, line)
        ]


def _kind(source: Input, galaxy: Values) -> str:
    """The kind of all clusters of a galaxy. Raises UsageError for one of which there is none."""
    type_ = galaxy.get("type")
    if type_ is None:
        raise UsageError(
            f"{source.name} names no type of galaxy before its values: send the file as MISP gives it"
        )
    kind = KINDS.get(str(type_))
    if kind is None:
        raise UsageError(
            f"{source.name}: there is no kind for galaxies of the type {type_!r}: leave the file out, or load one of "
            f"{', '.join(KINDS)}"
        )
    return kind


LIKELIHOODS = {
    "almost-certain": 0.95,
    "very-likely": 0.85,
    "likely": 0.7,
    "roughly-even-chance": 0.5,
    "unlikely": 0.3,
}


def _likelihood(tags: str) -> float | None:
    """Confidence out of a tag such as ``estimative-language:likelihood-probability="likely"``."""
    return next((value for name, value in LIKELIHOODS.items() if f'"{name}"' in tags), None)


def _actor(given: Values, meta: Values) -> Values:
    country = str(meta.get("country") or "").upper()
    return {
        "type": "threat_actor",
        "areas": ["CYBER"],
        "country": country if country in codes() else None,
        "note": given.get("description"),
    }
