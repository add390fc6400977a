"""STIX 2.0 and 2.1 bundles. Confidence, markings and dates are kept; of several versions of an object the last wins.

A revoked object stays, says so, and is an alias of the one that replaced it; relationships that speak of it are turned
to its replacement. Revoked relationships and sightings, whatever version says so, are left out and counted, and so are
objects for which there is no kind (mitigations, detections, reports).
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from graphsvc.errors import RowError, UsageError
from graphsvc.model.kinds import BY_NAME
from loaders import tlp
from loaders.files import Input
from loaders.jsonstream import objects
from loaders.parcel import Element
from loaders.rows import Rejected, Row
from loaders.shaped import ObjectLoader, Values, number, part, parts, text, texts
from loaders.stix_objects import KINDS, Object, day, withdrawn
from loaders.terms import Terms

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

TIES = frozenset({"relationship", "sighting"})
OWN_ROLE = frozenset({"uses", "targets", "attributed-to", "controls", "owns", "hosts", "resolves-to"})


class Stix(ObjectLoader):
    """The loader of STIX bundles."""

    suffixes = (".json",)

    def __init__(self, terms: Terms, paths: list[Path]) -> None:
        super().__init__("stix", terms, paths)
        self._markings: dict[str, Object] = {}
        self._replaced: dict[str, str] = {}
        self._withdrawn: set[str] = set()
        self._known_in_part = False

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        self._learn_from(source)
        with self.open(source) as stream:
            for item in objects(source, stream, "objects"):
                if isinstance(item, Row | Rejected):
                    yield item

    def total_bytes(self) -> int:
        return 2 * super().total_bytes()

    def _learn_from(self, source: Input) -> None:
        """What objects say of others, which may stand before them. The reading that follows tells what is damaged."""
        self._known_in_part = False
        try:
            with self.open(source) as stream:
                for item in objects(source, stream, "objects"):
                    if isinstance(item, Row):
                        self._learn(item.values)
        except UsageError:
            self._known_in_part = True

    def _learn(self, given: Object) -> None:
        kind = str(given.get("type"))
        if kind == "marking-definition":
            self._markings[str(given.get("id"))] = given
        elif kind in TIES and withdrawn(given):
            self._withdrawn.add(str(given.get("id")))
        elif kind == "relationship" and given.get("relationship_type") == "revoked-by":
            self._replaced[str(given.get("source_ref"))] = str(given.get("target_ref"))

    def _living(self, ref: str) -> str:
        """The object that replaced this one, and the one that replaced that, to the last; a circle has no last."""
        seen = {ref}
        last = ref
        while (following := self._replaced.get(last)) is not None:
            if following in seen:
                return ref
            seen.add(following)
            last = following
        return last

    def turn(self, row: Row) -> list[Element]:
        given = row.values
        kind = str(given.get("type"))
        if kind in TIES and str(given.get("id")) in self._withdrawn:
            self.remark(
                f"{kind}s that are revoked are left out: retract them where they were loaded", row.file
            )
            return []
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
        if given.get("revoked") and BY_NAME[name].field("revoked") is None:
            self.remark(f"nothing can say here of a {name} that it is revoked: it is kept", row.file)
        return self.elements.record(name, {**self._common(given), **values}, row.line)

    def _common(self, given: Object) -> Values:
        values: Values = {"id": _id(given.get("id")), "recorded_at": day(given.get("created"))}
        values["sequence"] = _sequence(given.get("modified") or given.get("created"))
        if given.get("confidence") is not None:
            values["grade"] = f"STIX confidence {given['confidence']}"
        return {**values, **self._handling(given)}

    def _handling(self, given: Object) -> Values:
        """Markings of the whole object as handling; those of its parts hold for the whole too."""
        refs = [*texts(given, "object_marking_refs")]
        refs += [ref for found in parts(given, "granular_markings") if (ref := text(found, "marking_ref"))]
        levels, conditions = [], []
        for ref in refs:
            level, condition = self._marking(ref)
            levels += [level] if level else []
            conditions += [condition] if condition else []
        values: Values = dict(tlp.LEVELS[tlp.strictest(levels)]) if levels else {}
        if conditions:
            values["conditions"] = sorted({*values.get("conditions", ()), *conditions})
        return values

    def _marking(self, ref: str) -> tuple[str | None, str | None]:
        known = tlp.WELL_KNOWN.get(ref.partition("--")[2])
        if known:
            return known, None
        if self._known_in_part and ref not in self._markings:
            raise RowError(
                f"object_marking_refs: what {ref} allows stands in a part of the file that cannot be read: "
                "send the file again",
                field="object_marking_refs",
            )
        marking = self._markings.get(ref, {})
        definition = part(marking, "definition")
        level = tlp.level(text(definition, "tlp") or text(marking, "name"))
        if level:
            return level, None
        return None, text(definition, "statement") or f"marking {ref}"

    def _relationship(self, given: Object, line: int) -> list[Element]:
        kind = str(given.get("relationship_type"))
        ends = [str(given.get(name)) for name in ("source_ref", "target_ref")]
        for end in ends:
            if end.partition("--")[0] not in KINDS:
                self.remark(f"{kind} relationships with {end.partition('--')[0]} are left out")
                return []
        if kind == "revoked-by":
            return [self._tie("ALIAS_OF", ends, given, line, role="revoked-by")]
        ends = [self._living(end) for end in ends]
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
        confidence = number(given, "confidence")
        common = self._common(given)
        common.update(
            first_seen=day(given.get("start_time")),
            last_seen=day(given.get("stop_time")),
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
            values["involves"] = [_id(self._living(seen))]
        return self.elements.record("Event", {**self._common(given), **values}, line)


def _id(raw: Any) -> str:
    if not isinstance(raw, str) or not raw:
        raise RowError("id is empty: give every object its id", field="id")
    return raw


def _moment(raw: Any) -> str | None:
    return str(raw)[:19] if raw else None


def _sequence(raw: Any) -> int | None:
    """The time of the version in milliseconds, so that the last one wins whatever the order of arrival."""
    if not raw:
        return None
    try:
        return int(datetime.fromisoformat(str(raw)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise RowError(
            f"modified: {raw!r} is not a time: write it as 2024-03-05T14:30:00.000Z", field="modified"
        ) from None
