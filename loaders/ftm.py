"""FollowTheMoney entities as JSON lines. ``loaders.ftm_out`` writes them.

Schemata that are things become records; those that are intervals between things become links, payments Transactions.
Properties that have no place here are left out and counted. https://followthemoney.tech/docs/
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphsvc.errors import RowError
from graphsvc.model import kinds
from graphsvc.model.countries import country_code
from graphsvc.model.vocabulary import PROTECTED_ROLES
from loaders.files import Input
from loaders.ftm_schema import (
    INTEREST,
    KINDS,
    LINK_FIELDS,
    LINKS,
    Properties,
    declared,
    inward,
    lines,
    said_of_links,
)
from loaders.parcel import Element
from loaders.reading import rows
from loaders.records import SHARED
from loaders.rows import Reading, Rejected, Row
from loaders.shaped import ObjectLoader, Values
from loaders.terms import Terms
from loaders.values import called

WIDER = {"Airplane": "Vehicle", "Asset": "Organization"}
GENDERS = {"male": "M", "female": "F", "m": "M", "f": "F", "other": "X"}
ROLES = ("role", "relationship", "status")
BESIDE = frozenset({"modifiedAt", "addressEntity", "organizer"})
"""Properties of things that are read beside those of their schema."""

INVOLVEMENT: dict[str, str] = {
    "victim": r"victims?|victimes?|v[ií]ctimas?|opfer|injured part(?:y|ies)|aggrieved part(?:y|ies)",
    "smuggled_migrant": r"smuggled[ _]migrants?",
    "witness": r"witness(?:es)?|t[eé]moins?|testigos?|zeug(?:e|in|en)",
    "complainant": r"complainants?|plaintiffs?|claimants?|plaignante?s?|demandantes?",
    "convicted": r"convicted|convicts?|sentenced",
    "accused": r"accused|defendants?|indicted|charged",
    "suspect": r"suspects?|suspected",
}
"""Words of a party's role or status, those that protect first. Whatever else is said, a victim is a victim."""


class Ftm(ObjectLoader):
    """The loader of FollowTheMoney entities."""

    def __init__(self, terms: Terms, paths: list[Path]) -> None:
        super().__init__("ftm", terms, paths)

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        with self.open(source) as stream:
            for item in rows(source, stream, Reading()):
                if isinstance(item, Row | Rejected):
                    yield item

    def screened(self, values: Values) -> tuple[Values, tuple[str, ...]]:
        """Properties are the columns here; those of entities within them are not loaded, and not kept either."""
        values, dropped = super().screened(values)
        properties = values.get("properties")
        if not isinstance(properties, dict):
            return values, dropped
        kept, more = self.screen.columns(properties)
        plain = {name: self._within(found) for name, found in kept.items()}
        return {**values, "properties": plain}, (*dropped, *more)

    def _within(self, found: Any) -> Any:
        if not isinstance(found, list):
            return found
        return [self.screened(part)[0] if isinstance(part, dict) else part for part in found]

    def turn(self, row: Row) -> list[Element]:
        schema = str(row.values.get("schema"))
        schema = WIDER.get(schema, schema)
        properties = _properties(row.values)
        if schema in LINKS:
            return self._links(schema, properties, row)
        if schema in KINDS:
            return self._record(schema, properties, row)
        self.remark(f"there is no kind for the schema {schema}: such entities are left out", row.file)
        return []

    def _record(self, schema: str, properties: Properties, row: Row) -> list[Element]:
        kind, names, defaults = KINDS[schema]
        own = lines(properties, declared(kind))
        values = {
            **defaults,
            "recorded_at": _last(properties, "modifiedAt"),
            **self._values(schema, properties, row.file),
            **own,
            "id": _id(row.values.get("id")),
        }
        self._tell(schema, properties.keys() - names.keys() - BESIDE, row.file)
        return [*self.elements.record(kind, values, row.line), *self._beside(kind, properties, values, row)]

    def _beside(self, kind: str, properties: Properties, values: Values, row: Row) -> Iterator[Element]:
        """Links of a record for which its kind has no column."""
        shared = {name: values[name] for name in SHARED if name in values}
        if kind == "Organization":
            for place in properties.get("addressEntity", ()):
                yield self.elements.link("LIVES_AT", values["id"], inward(place), shared, row.line)
        if kind == "Event":
            shared |= {
                "role": "organiser",
                "first_seen": _day(values, "time"),
                "last_seen": _day(values, "until"),
            }
            for who in properties.get("organizer", ()):
                yield self.elements.link("PARTICIPATED_IN", inward(who), values["id"], shared, row.line)

    def _values(self, schema: str, properties: Properties, file: str) -> Values:
        kind, names, _ = KINDS[schema]
        values: Values = {}
        for name, field in names.items():
            for text in properties.get(name, ()):
                value = inward(text) if field in REFERENCES else _value(kind, field, text)
                if value is None:
                    self.remark(f"a {name} of {schema} is not known here and is left out", file)
                elif not _put(kind, values, field, value):
                    self.remark(f"one {name} of {schema} can be kept: others are left out", file)
        return values

    def _tell(self, schema: str, names: set[str], file: str) -> None:
        for name in sorted(names):
            self.remark(f"the property {name} of {schema} has no place here and is left out", file)

    def _links(self, schema: str, properties: Properties, row: Row) -> list[Element]:
        kind, one, other = LINKS[schema]
        ends = [[inward(text) for text in properties.pop(name, ())] for name in (one, other)]
        if not all(ends):
            raise RowError(f"{one if not ends[0] else other} is empty: a {schema} needs both", field=one)
        own = lines(properties, said_of_links())
        kind = str(own.pop("kind", kind))
        values = {
            "id": _id(row.values.get("id")),
            **self._terms_of(schema, kind, properties, row.file),
            **own,
        }
        pairs = [(a, b) for a in ends[0] for b in ends[1]]
        if len(pairs) > 1:
            values.pop("id")
        return [self.elements.link(kind, a, b, values, row.line) for a, b in pairs]

    def _terms_of(self, schema: str, kind: str, properties: Properties, file: str) -> Values:
        """What an interval says of the link that it is."""
        fields = LINK_FIELDS.get(schema, INTEREST)
        self._tell(schema, properties.keys() - fields.keys() - set(ROLES), file)
        values: Values = {
            "first_seen": _first(properties, "startDate") or _first(properties, "date"),
            "last_seen": _last(properties, "endDate"),
            "recorded_at": _last(properties, "modifiedAt"),
            "role": self._role(kind, properties, file),
        }
        for name, field in fields.items():
            if field not in values and name in properties:
                values[field] = properties[name] if field == "reasons" else properties[name][0]
        return values

    def _role(self, kind: str, properties: Properties, file: str) -> str | None:
        said = [text for name in ROLES for text in properties.get(name, ())]
        if kind != "INVOLVED_IN":
            role = said[0] if said else None
            return next((text for text in map(_plain, said) if text in PROTECTED_ROLES), role)
        role = involvement(" ".join(said))
        if role is None and said:
            self.remark("a role of a CourtCaseParty is not known here: it is other", file)
        return role or "other"


def involvement(text: str) -> str | None:
    """The role in a case that words say, the one that protects if they say several."""
    words = text.lower()
    return next((role for role, signs in INVOLVEMENT.items() if re.search(rf"\b(?:{signs})\b", words)), None)


def _plain(text: str) -> str:
    return text.strip().lower().replace(" ", "_")


def _properties(given: Values) -> Properties:
    raw = given.get("properties")
    if not isinstance(raw, dict):
        raise RowError("has no properties: write a FollowTheMoney entity a line", field="properties")
    found = {name: list(_texts(name, values)) for name, values in raw.items()}
    return {name: texts for name, texts in found.items() if texts}


def _texts(name: str, values: Any) -> Iterator[str]:
    """The values of a property; an entity within it is its id."""
    for value in values if isinstance(values, list) else [values]:
        text = value.get("id") if isinstance(value, dict) else value
        if isinstance(text, bool | dict | list) or (text is None and value is not None):
            raise RowError(f"{name}: holds {called(value)} where texts are wanted: mend it", field=name)
        if text is not None and str(text).strip():
            yield str(text)


def _id(raw: Any) -> str:
    if not isinstance(raw, str | int) or isinstance(raw, bool):
        raise RowError(f"id: is {called(raw)} where text is wanted: give every entity its id", field="id")
    return inward(str(raw).strip())


def _first(properties: Properties, name: str) -> str | None:
    return min((text[:10] for text in properties.get(name, ())), default=None)


def _last(properties: Properties, name: str) -> str | None:
    return max((text[:10] for text in properties.get(name, ())), default=None)


def _day(values: Values, name: str) -> str | None:
    text = values.get(name) or values.get("time")
    return text[:10] if text else None


REFERENCES = frozenset({"holders", "owners", "users", "senders", "receivers", "participants", "lives_at"})
MANY = frozenset({"names", "nationalities", "phones", "emails", "languages", *REFERENCES})


def _put(kind: str, values: Values, field: str, value: str) -> bool:
    """Whether there is a place for the value beside what was put before."""
    if field == "name" and "name" in values and kinds.BY_NAME[kind].field("names"):
        field = "names"
    if field == "status" and kind == "Case" and value not in _choices(kind, field):
        field = "note"
    if field in MANY:
        values.setdefault(field, []).append(value)
    elif field == "note" and field in values:
        values[field] = f"{values[field]}\n{value}"
    else:
        return bool(values.setdefault(field, value) == value)
    return True


def _choices(kind: str, field: str) -> tuple[str, ...]:
    found = kinds.BY_NAME[kind].field(field)
    return found.choices if found else ()


def _value(kind: str, field: str, text: str) -> str | None:
    match field:
        case "sex":
            return GENDERS.get(text.lower())
        case "height_cm":
            return _height(text)
        case "nationalities" | "country" | "birth_country" | "flag":
            try:
                return country_code(text)
            except ValueError:
                return None
        case "type" if choices := _choices(kind, field):
            return _plain(text) if _plain(text) in choices else None
        case _:
            return text


def _height(text: str) -> str:
    """Centimetres, of metres too; what is no number is left for the column to refuse."""
    try:
        height = float(text.split()[0])
    except ValueError:
        return text
    return str(round(height * 100 if height < 3 else height)) if math.isfinite(height) else text
