"""FollowTheMoney entities as JSON lines, in and out.

Schemata that are things become records; those that are intervals between things become links, payments Transactions.
https://followthemoney.tech/docs/
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from graphsvc.errors import RowError
from graphsvc.model.countries import country_code
from graphsvc.model.record import Link, Record
from loaders.files import Input
from loaders.frame import Element
from loaders.rows import Reading, Rejected, Row, rows
from loaders.shaped import ObjectLoader, Values
from loaders.terms import Terms

Properties = dict[str, list[str]]

NAMES = {"name": "name", "alias": "names", "weakAlias": "names", "previousName": "names"}
NOTES = {"summary": "note", "notes": "note", "description": "note"}
BODY = {
    **NAMES,
    **NOTES,
    "jurisdiction": "country",
    "country": "country",
    "registrationNumber": "registration",
}

KINDS: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "Person": (
        "Person",
        {
            **NAMES, **NOTES, "firstName": "given_name", "lastName": "family_name", "birthDate": "birth_date",
            "gender": "sex", "nationality": "nationalities", "citizenship": "nationalities",
            "birthCountry": "birth_country", "birthPlace": "birth_place", "idNumber": "national_id",
            "height": "height_cm", "position": "occupation", "phone": "phones", "email": "emails",
            "spokenLanguage": "languages",
        },
        {},
    ),
    "Company": ("Organization", BODY, {"type": "company"}),
    "Organization": ("Organization", BODY, {"type": "other"}),
    "LegalEntity": ("Organization", BODY, {"type": "other"}),
    "PublicBody": ("Organization", BODY, {"type": "public_body"}),
    "Passport": ("Document", {"passportNumber": "number", "number": "number", "country": "country",
                              "startDate": "issued_at", "endDate": "expires_at", "holder": "holders"},
                 {"type": "passport"}),
    "Identification": ("Document", {"number": "number", "country": "country", "startDate": "issued_at",
                                    "endDate": "expires_at", "holder": "holders"}, {"type": "other"}),
    "Vehicle": ("Vehicle", {"registrationNumber": "plate", "country": "country", "model": "model", "type": "model",
                            "owner": "owners"}, {}),
    "Vessel": ("Vessel", {"name": "name", "imoNumber": "imo", "mmsi": "mmsi", "flag": "flag", "callSign": "call_sign",
                          "type": "type", "owner": "owners"}, {}),
    "Address": ("Location", {"full": "address", "name": "name", "postalCode": "postcode", "city": "city",
                             "country": "country", "latitude": "latitude", "longitude": "longitude"}, {}),
    "BankAccount": ("Account", {"iban": "iban", "accountNumber": "number", "bankName": "bank", "country": "country",
                                "currency": "currency", "owner": "owners"}, {}),
    "CryptoWallet": ("Wallet", {"publicKey": "address", "currency": "chain", "accountId": "service",
                                "managingExchange": "service", "holder": "owners"}, {"chain": "unknown"}),
    "UserAccount": ("OnlineAccount", {"service": "platform", "username": "handle", "owner": "users"},
                    {"platform": "unknown"}),
    "Payment": ("Transaction", {"date": "time", "startDate": "time", "amount": "amount", "currency": "currency",
                                "transactionNumber": "reference", "purpose": "purpose", "payer": "senders",
                                "payerAccount": "senders", "beneficiary": "receivers",
                                "beneficiaryAccount": "receivers"}, {}),
    "Event": ("Event", {"name": "name", "date": "time", "startDate": "time", "endDate": "until", "summary": "note",
                        "country": "country", "involved": "participants"}, {"type": "other"}),
    "Trip": ("Event", {"name": "name", "date": "time", "startDate": "time", "endDate": "until"}, {"type": "trip"}),
    "CourtCase": ("Case", {"name": "title", "caseNumber": "number", "fileDate": "opened_at", "closeDate": "closed_at",
                           "country": "country", "status": "note", "summary": "note"}, {}),
}  # fmt: skip
"""Schema to kind: the properties that are kept, and what is given when they are not."""

LINKS: dict[str, tuple[str, str, str]] = {
    "Ownership": ("OWNS", "owner", "asset"),
    "Directorship": ("DIRECTS", "director", "organization"),
    "Membership": ("MEMBER_OF", "member", "organization"),
    "Employment": ("MEMBER_OF", "employee", "employer"),
    "Family": ("FAMILY_OF", "person", "relative"),
    "Associate": ("ASSOCIATE_OF", "person", "associate"),
    "Representation": ("ASSOCIATE_OF", "agent", "client"),
    "UnknownLink": ("ASSOCIATE_OF", "subject", "object"),
    "Similar": ("SAME_AS", "candidate", "match"),
    "CourtCaseParty": ("INVOLVED_IN", "party", "case"),
}
"""Interval schemata: the link that they are, and the properties that hold its ends."""

WIDER = {"Airplane": "Vehicle", "Asset": "Organization"}
GENDERS = {"male": "M", "female": "F", "m": "M", "f": "F"}
ROLES = ("role", "relationship", "status")


class Ftm(ObjectLoader):
    """The loader of FollowTheMoney entities."""

    def __init__(self, terms: Terms, paths: list[Path]) -> None:
        super().__init__("ftm", terms, paths)

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        with self.open(source) as stream:
            for item in rows(source, stream, Reading()):
                if isinstance(item, Row | Rejected):
                    yield item

    def turn(self, row: Row) -> list[Element]:
        given = row.values
        schema = WIDER.get(str(given.get("schema")), str(given.get("schema")))
        properties = _properties(given)
        id_ = _id(given.get("id"))
        common = {"id": id_, "recorded_at": _last(properties, "modifiedAt"), "retain_until": None}
        if schema in LINKS:
            return self._links(schema, properties, common, row.line)
        if schema not in KINDS:
            self.remark(f"there is no kind for the schema {schema}: such entities are left out", row.file)
            return []
        kind, names, defaults = KINDS[schema]
        values: Values = {**defaults, **common, **_values(kind, names, properties)}
        if kind == "Person" or kind == "Organization":
            addresses = [_id(text) for text in properties.get("addressEntity", ())]
            found = self.elements.record(kind, values, row.line)
            return [
                *found,
                *(self.elements.link("LIVES_AT", id_, place, {}, row.line) for place in addresses),
            ]
        return self.elements.record(kind, values, row.line)

    def _links(self, schema: str, properties: Properties, common: Values, line: int) -> list[Element]:
        kind, one, other = LINKS[schema]
        ends = [[_id(text) for text in properties.get(name, ())] for name in (one, other)]
        if not all(ends):
            raise RowError(f"{one if not ends[0] else other} is empty: a {schema} needs both", field=one)
        role = next((properties[name][0] for name in ROLES if properties.get(name)), None)
        values: Values = {
            **common,
            "role": role if kind != "INVOLVED_IN" else "other",
            "first_seen": _first(properties, "startDate") or _first(properties, "date"),
            "last_seen": _last(properties, "endDate"),
        }
        pairs = [(a, b) for a in ends[0] for b in ends[1]]
        if len(pairs) > 1:
            values.pop("id")
        return [self.elements.link(kind, a, b, values, line) for a, b in pairs]


def _properties(given: Values) -> Properties:
    raw = given.get("properties")
    if not isinstance(raw, dict):
        raise RowError("has no properties: write a FollowTheMoney entity a line", field="properties")
    return {
        name: [str(value["id"]) if isinstance(value, dict) else str(value) for value in values]
        for name, values in raw.items()
        if isinstance(values, list)
    }


def _id(raw: Any) -> str:
    """FollowTheMoney allows any sign in an id; colons would name another source here."""
    return str(raw or "").strip().replace(":", "~")


def _first(properties: Properties, name: str) -> str | None:
    return min((text[:10] for text in properties.get(name, ())), default=None)


def _last(properties: Properties, name: str) -> str | None:
    return max((text[:10] for text in properties.get(name, ())), default=None)


MANY = frozenset({"names", "nationalities", "phones", "emails", "languages", "holders", "owners", "users", "senders",
                  "receivers", "participants"})  # fmt: skip
REFERENCES = frozenset({"holders", "owners", "users", "senders", "receivers", "participants"})


def _values(kind: str, names: dict[str, str], properties: Properties) -> Values:
    values: Values = {}
    for name, field in names.items():
        for text in properties.get(name, ()):
            value = _id(text) if field in REFERENCES else _value(field, text)
            if value in (None, ""):
                continue
            if field in MANY or (field == "name" and kind == "Person" and "name" in values):
                values.setdefault("names" if field == "name" else field, []).append(value)
            elif field == "note":
                values["note"] = f"{values['note']}\n{value}" if "note" in values else value
            elif field not in values:
                values[field] = value
    return values


def _value(field: str, text: str) -> str | None:
    match field:
        case "sex":
            return GENDERS.get(text.lower())
        case "height_cm":
            number = float(text.split()[0])
            return str(round(number * 100 if number < 3 else number))
        case "nationalities" | "country" | "birth_country" | "flag":
            try:
                return country_code(text)
            except ValueError:
                return None
        case _:
            return text


OUT = {
    "Person": "Person", "Organization": "Organization", "Document": "Passport", "Vehicle": "Vehicle",
    "Vessel": "Vessel", "Location": "Address", "Account": "BankAccount", "Wallet": "CryptoWallet",
    "OnlineAccount": "UserAccount",
    "Transaction": "Payment", "Event": "Event", "Case": "CourtCase",
}  # fmt: skip
LINK_OUT = {"OWNS": "Ownership", "DIRECTS": "Directorship", "MEMBER_OF": "Membership", "FAMILY_OF": "Family",
            "ASSOCIATE_OF": "UnknownLink", "SAME_AS": "Similar", "INVOLVED_IN": "CourtCaseParty"}  # fmt: skip


def entity(record: Record) -> Values | None:
    """A record as a FollowTheMoney entity; None for kinds that it has no schema for."""
    schema = OUT.get(record.kind)
    if schema is None:
        return None
    if record.kind == "Organization" and record.properties.get("type") == "company":
        schema = "Company"
    back: dict[str, str] = {}
    for name, field in KINDS[schema][1].items():
        back.setdefault(field, name)
    properties: Properties = {}
    for field, value in record.properties.items():
        if field in back:
            texts = value if isinstance(value, list) else [value]
            properties[back[field]] = [_out(field, text) for text in texts]
    return {"id": _out_id(record.id), "schema": schema, "properties": properties}


def interval(link: Link) -> Values | None:
    """A link as a FollowTheMoney entity; None for types that it has no schema for."""
    schema = LINK_OUT.get(link.kind)
    if schema is None:
        return None
    _, one, other = LINKS[schema]
    properties: Properties = {one: [_out_id(link.from_)], other: [_out_id(link.to)]}
    for field, name in (("role", "role"), ("first_seen", "startDate"), ("last_seen", "endDate")):
        if link.properties.get(field):
            properties[name] = [str(link.properties[field])]
    return {"id": _out_id(link.id), "schema": schema, "properties": properties}


def entities(elements: Iterable[Record | Link]) -> Iterator[Values]:
    """Everything that FollowTheMoney can hold, in its own form."""
    for element in elements:
        made = entity(element) if isinstance(element, Record) else interval(element)
        if made is not None:
            yield made


def _out(field: str, value: Any) -> str:
    if field == "sex":
        return {"M": "male", "F": "female"}.get(str(value), "other")
    if field in ("nationalities", "country", "birth_country", "flag"):
        return str(value).lower()
    return str(value)


def _out_id(id_: str) -> str:
    """Without the source, which is the file's; ids of other sources stay whole in the only sign that is allowed."""
    return id_.partition(":")[2]
