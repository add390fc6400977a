"""STIX 2.0 and 2.1 bundles. Confidence, markings and dates are kept; of several versions of an object the last wins.

A revoked object stays, says so, and is an alias of the one that replaced it; relationships that speak of it are turned
to its replacement. Objects for which there is no kind (mitigations, detections, reports) are left out and counted.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from graphsvc.errors import RowError
from loaders import tlp
from loaders.files import Input
from loaders.frame import Element
from loaders.jsonstream import objects
from loaders.rows import Rejected, Row
from loaders.shaped import ObjectLoader, Values
from loaders.terms import Terms

Object = dict[str, Any]

LINKS: dict[str, tuple[str, bool]] = {
    "uses": ("USES", True),
    "targets": ("TARGETS", True),
    "exploits": ("TARGETS", True),
    "attributed-to": ("ATTRIBUTED_TO", True),
    "authored-by": ("ATTRIBUTED_TO", True),
    "controls": ("CONTROLS", True),
    "compromises": ("CONTROLS", True),
    "owns": ("OWNS", True),
    "hosts": ("HOSTS", True),
    "resolves-to": ("RESOLVES_TO", True),
    "communicates-with": ("COMMUNICATES_WITH", True),
    "beacons-to": ("COMMUNICATES_WITH", True),
    "exfiltrates-to": ("COMMUNICATES_WITH", True),
    "delivers": ("USES", True),
    "drops": ("USES", True),
    "downloads": ("USES", True),
    "consists-of": ("PART_OF", False),
    "subtechnique-of": ("PART_OF", True),
    "variant-of": ("ALIAS_OF", True),
    "derived-from": ("ALIAS_OF", True),
    "located-at": ("LIVES_AT", True),
    "originates-from": ("LIVES_AT", True),
}
"""Relationship types as links, and whether they go from source to target. Others become associates."""

OWN_ROLE = frozenset({"uses", "targets", "attributed-to", "controls", "owns", "hosts", "resolves-to"})
COUNTRIES = re.compile(r"[A-Za-z]{2}")


class Stix(ObjectLoader):
    """The loader of STIX bundles."""

    suffixes = (".json",)

    def __init__(self, terms: Terms, paths: list[Path]) -> None:
        super().__init__("stix", terms, paths)
        self._markings: dict[str, Object] = {}
        self._replaced: dict[str, str] = {}

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        with self.open(source) as stream:
            for item in objects(source, stream, "objects"):
                if isinstance(item, Row):
                    self._learn(item.values)
        with self.open(source) as stream:
            for item in objects(source, stream, "objects"):
                if isinstance(item, Row | Rejected):
                    yield item

    def total_bytes(self) -> int:
        return 2 * super().total_bytes()

    def _learn(self, given: Object) -> None:
        if given.get("type") == "marking-definition":
            self._markings[str(given.get("id"))] = given
        elif given.get("type") == "relationship" and given.get("relationship_type") == "revoked-by":
            self._replaced[str(given.get("source_ref"))] = str(given.get("target_ref"))

    def turn(self, row: Row) -> list[Element]:
        given = row.values
        kind = str(given.get("type"))
        if kind == "relationship":
            return self._relationship(given, row.line)
        if kind == "sighting":
            return self._sighting(given, row.line)
        if kind in ("marking-definition", "x-mitre-collection", "extension-definition", "language-content"):
            return []
        make = KINDS.get(kind)
        if make is None:
            self.remark(f"there is no kind for {kind}: such objects and links to them are left out", row.file)
            return []
        name, values = make(given)
        return self.elements.record(name, {**self._common(given), **values}, row.line)

    def _common(self, given: Object) -> Values:
        values: Values = {"id": _id(given.get("id")), "recorded_at": _day(given.get("created"))}
        values["sequence"] = _sequence(given.get("modified") or given.get("created"))
        if given.get("confidence") is not None:
            values["grade"] = f"STIX confidence {given['confidence']}"
        return {**values, **self._handling(given)}

    def _handling(self, given: Object) -> Values:
        """Markings of the whole object as handling; those of its parts hold for the whole too."""
        refs = [*given.get("object_marking_refs", ())]
        refs += [
            part.get("marking_ref") for part in given.get("granular_markings", ()) if part.get("marking_ref")
        ]
        levels, conditions = [], []
        for ref in refs:
            level, condition = self._marking(str(ref))
            levels += [level] if level else []
            conditions += [condition] if condition else []
        values: Values = dict(tlp.LEVELS[tlp.strictest(levels)]) if levels else {}
        if conditions:
            values["conditions"] = sorted({*values.get("conditions", ()), *conditions})
        return values

    def _marking(self, ref: str) -> tuple[str | None, str | None]:
        known = tlp.WELL_KNOWN.get(ref.partition("--")[2])
        definition = self._markings.get(ref, {})
        level = known or tlp.level(
            str(definition.get("definition", {}).get("tlp") or definition.get("name") or "")
        )
        if level:
            return level, None
        return None, str(definition.get("definition", {}).get("statement") or f"marking {ref}")

    def _relationship(self, given: Object, line: int) -> list[Element]:
        kind = str(given.get("relationship_type"))
        ends = [str(given.get(name)) for name in ("source_ref", "target_ref")]
        for end in ends:
            if end.partition("--")[0] not in KINDS:
                self.remark(f"{kind} relationships with {end.partition('--')[0]} are left out")
                return []
        if kind == "revoked-by":
            return [self._tie("ALIAS_OF", ends, given, line, role="revoked-by")]
        ends = [self._replaced.get(end, end) for end in ends]
        if kind == "duplicate-of":
            return [
                self._tie(
                    "SAME_AS", ends, given, line, decision="same", judge=str(given.get("created_by_ref", ""))
                )
            ]
        link, forward = LINKS.get(kind, ("ASSOCIATE_OF", True))
        return [
            self._tie(
                link, ends if forward else ends[::-1], given, line, role="" if kind in OWN_ROLE else kind
            )
        ]

    def _tie(self, kind: str, ends: list[str], given: Object, line: int, **values: str) -> Element:
        confidence = given.get("confidence")
        common = self._common(given)
        common.update(
            first_seen=_day(given.get("start_time")),
            last_seen=_day(given.get("stop_time")),
            confidence=None if confidence is None else confidence / 100,
        )
        return self.elements.link(kind, _id(ends[0]), _id(ends[1]), {**common, **values}, line)

    def _sighting(self, given: Object, line: int) -> list[Element]:
        seen = str(given.get("sighting_of_ref"))
        values: Values = {
            "type": "incident",
            "name": f"Sighting, {given.get('count', 1)} times",
            "time": _moment(given.get("first_seen") or given.get("created")),
            "until": _moment(given.get("last_seen")),
            "note": given.get("description"),
        }
        if seen.partition("--")[0] in KINDS:
            values["involves"] = [_id(self._replaced.get(seen, seen))]
        return self.elements.record("Event", {**self._common(given), **values}, line)


def _id(raw: Any) -> str:
    if not isinstance(raw, str) or not raw:
        raise RowError("id is empty: give every object its id", field="id")
    return raw


def _moment(raw: Any) -> str | None:
    return str(raw)[:19] if raw else None


def _day(raw: Any) -> str | None:
    return str(raw)[:10] if raw else None


def _sequence(raw: Any) -> int | None:
    """The time of the version in milliseconds, so that the last one wins whatever the order of arrival."""
    if not raw:
        return None
    try:
        return int(datetime.fromisoformat(str(raw)).timestamp() * 1000)
    except ValueError:
        raise RowError(
            f"modified: {raw!r} is not a time: write it as 2024-03-05T14:30:00.000Z", field="modified"
        ) from None


def _aliases(given: Object) -> list[str]:
    names = [
        *given.get("aliases", ()),
        *given.get("x_mitre_aliases", ()),
        *given.get("x_opencti_aliases", ()),
    ]
    return [name for name in dict.fromkeys(names) if name != given.get("name")]


def _reference(given: Object) -> str | None:
    for source in given.get("external_references", ()):
        if source.get("external_id") and str(source.get("source_name", "")).startswith(
            ("mitre", "cve", "capec")
        ):
            return str(source["external_id"])
    return None


def _cyber(kind: str) -> Callable[[Object], tuple[str, Values]]:
    def make(given: Object) -> tuple[str, Values]:
        return kind, {
            "name": given.get("name"),
            "names": _aliases(given),
            "reference": _reference(given) or (given.get("name") if kind == "Vulnerability" else None),
            "stix_id": given.get("id"),
            "description": given.get("description"),
            "platforms": given.get("x_mitre_platforms"),
            "revoked": bool(given.get("revoked") or given.get("x_mitre_deprecated")) or None,
            "first_seen": _day(given.get("first_seen")),
            "last_seen": _day(given.get("last_seen")),
        }

    return make


def _actor(given: Object) -> tuple[str, Values]:
    return "Organization", {
        "name": given.get("name"),
        "names": _aliases(given),
        "type": "threat_actor",
        "areas": ["CYBER"],
        "stix_id": given.get("id"),
        "note": given.get("description"),
        "first_seen": _day(given.get("first_seen")),
        "last_seen": _day(given.get("last_seen")),
    }


def _identity(given: Object) -> tuple[str, Values]:
    if given.get("identity_class") == "individual":
        return "Person", {"name": given.get("name"), "note": given.get("description")}
    return "Organization", {
        "name": given.get("name"),
        "type": "other",
        "stix_id": given.get("id"),
        "note": given.get("description"),
    }


def _location(given: Object) -> tuple[str, Values]:
    code = str(given.get("country") or "")
    return "Location", {
        "name": given.get("name") or given.get("region") or given.get("country"),
        "address": given.get("street_address"),
        "postcode": given.get("postal_code"),
        "city": given.get("city"),
        "country": code if COUNTRIES.fullmatch(code) else None,
        "latitude": given.get("latitude"),
        "longitude": given.get("longitude"),
    }


def _value(type_: str, field: str = "value") -> Callable[[Object], tuple[str, Values]]:
    def make(given: Object) -> tuple[str, Values]:
        refs = [ref for ref in given.get("resolves_to_refs", ()) if ref.partition("--")[0] in KINDS]
        return "Infrastructure", {
            "type": type_,
            "value": given.get(field),
            "asn": given.get("number"),
            "stix_id": given.get("id"),
            "resolves_to": refs,
            "note": given.get("description"),
            "first_seen": _day(given.get("first_seen")),
            "last_seen": _day(given.get("last_seen")),
        }

    return make


def _file(given: Object) -> tuple[str, Values]:
    hashes = {name.upper(): value for name, value in (given.get("hashes") or {}).items()}
    return "File", {
        "name": given.get("name"),
        "sha256": hashes.get("SHA-256"),
        "sha1": hashes.get("SHA-1"),
        "md5": hashes.get("MD5"),
        "size": given.get("size"),
    }


def _certificate(given: Object) -> tuple[str, Values]:
    hashes = given.get("hashes") or {}
    return "Certificate", {
        "fingerprint": hashes.get("SHA-256") or hashes.get("SHA-1") or given.get("serial_number"),
        "subject": given.get("subject"),
        "issuer": given.get("issuer"),
    }


def _account(given: Object) -> tuple[str, Values]:
    return "OnlineAccount", {
        "platform": given.get("account_type") or "unknown",
        "handle": given.get("account_login") or given.get("user_id"),
    }


KINDS: dict[str, Callable[[Object], tuple[str, Values]]] = {
    "intrusion-set": _actor,
    "threat-actor": _actor,
    "identity": _identity,
    "location": _location,
    "malware": _cyber("Malware"),
    "tool": _cyber("Tool"),
    "attack-pattern": _cyber("Technique"),
    "x-mitre-tactic": _cyber("Technique"),
    "vulnerability": _cyber("Vulnerability"),
    "campaign": _cyber("Campaign"),
    "infrastructure": _value("server", "name"),
    "domain-name": _value("domain"),
    "ipv4-addr": _value("ip"),
    "ipv6-addr": _value("ip"),
    "url": _value("url"),
    "autonomous-system": _value("other", "name"),
    "x-mitre-asset": lambda given: ("Device", {"name": given.get("name")}),
    "email-addr": lambda given: ("Email", {"address": given.get("value")}),
    "file": _file,
    "x509-certificate": _certificate,
    "user-account": _account,
}
