"""What the schemata of FollowTheMoney are here, on both ways: kind or link, and the properties that are kept.

What FollowTheMoney has no property for is a line of its descriptions, such as ``graphsvc status: stolen``; and the id
of another source's record stands whole, as ``graphsvc:source:id``. Neither can be taken for what others write.
"""

import re
from functools import cache
from typing import Any

from graphsvc.model import kinds, links
from graphsvc.model.fields import Field
from loaders.values import WHOLE

Properties = dict[str, list[str]]

LINE = re.compile(r"graphsvc (\w+): ?(.*)", re.DOTALL)
FOREIGN = "graphsvc:"

NAMES = {"name": "name", "alias": "names", "weakAlias": "names", "previousName": "names"}
NOTES = {"summary": "note", "notes": "note", "description": "note"}
INTERVAL_NOTES = {"summary": "note", "description": "note"}
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
            "height": "height_cm", "position": "occupation",
            "profession": "occupation", "phone": "phones", "email": "emails",
            "spokenLanguage": "languages", "addressEntity": "lives_at",
        },
        {},
    ),
    "Company": ("Organization", BODY, {"type": "company"}),
    "Organization": ("Organization", BODY, {"type": "other"}),
    "LegalEntity": ("Organization", BODY, {"type": "other"}),
    "PublicBody": ("Organization", BODY, {"type": "public_body"}),
    "Passport": ("Document", {"passportNumber": "number", "number": "number", "country": "country",
                              "startDate": "issued_at", "endDate": "expires_at", "holder": "holders",
                              **INTERVAL_NOTES}, {"type": "passport"}),
    "Identification": ("Document", {"number": "number", "country": "country", "type": "type",
                                    "startDate": "issued_at", "endDate": "expires_at", "holder": "holders",
                                    **INTERVAL_NOTES}, {"type": "other"}),
    "Vehicle": ("Vehicle", {"registrationNumber": "plate", "country": "country", "model": "model", "type": "model",
                            "owner": "owners", **NOTES}, {}),
    "Vessel": ("Vessel", {"name": "name", "imoNumber": "imo", "mmsi": "mmsi", "flag": "flag", "callSign": "call_sign",
                          "type": "type", "owner": "owners"}, {}),
    "Address": ("Location", {"full": "address", "name": "name", "postalCode": "postcode", "city": "city",
                             "country": "country", "latitude": "latitude", "longitude": "longitude"}, {}),
    "BankAccount": ("Account", {"iban": "iban", "accountNumber": "number", "bankName": "bank", "country": "country",
                                "currency": "currency", "owner": "owners"}, {}),
    "CryptoWallet": ("Wallet", {"publicKey": "address", "currency": "chain", "managingExchange": "service",
                                "accountId": "service", "holder": "owners"}, {"chain": "unknown"}),
    "UserAccount": ("OnlineAccount", {"service": "platform", "username": "handle", "owner": "users"},
                    {"platform": "unknown"}),
    "Payment": ("Transaction", {"date": "time", "startDate": "time", "amount": "amount", "currency": "currency",
                                "transactionNumber": "reference", "purpose": "purpose", "payer": "senders",
                                "payerAccount": "senders", "beneficiary": "receivers",
                                "beneficiaryAccount": "receivers"}, {}),
    "Event": ("Event", {"name": "name", "date": "time", "startDate": "time", "endDate": "until",
                        "country": "country", "location": "place", "involved": "participants", **NOTES},
              {"type": "other"}),
    "Trip": ("Event", {"name": "name", "date": "time", "startDate": "time", "endDate": "until", "country": "country",
                       "location": "place", "involved": "participants", **NOTES}, {"type": "trip"}),
    "CourtCase": ("Case", {"name": "title", "caseNumber": "number", "fileDate": "opened_at", "closeDate": "closed_at",
                           "country": "country", "status": "status", **NOTES}, {}),
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

INTERVAL = {
    "startDate": "first_seen",
    "date": "first_seen",
    "endDate": "last_seen",
    "modifiedAt": "recorded_at",
}
INTEREST = {"role": "role", **INTERVAL}
LINK_FIELDS: dict[str, dict[str, str]] = {
    "Family": {"relationship": "role", **INTERVAL},
    "Associate": {"relationship": "role", **INTERVAL},
    "Similar": {"confidenceScore": "score", "criteria": "reasons", "matcher": "judge", **INTERVAL},
    "CourtCaseParty": {"status": "status", **INTEREST},
}
"""The properties that are kept of interval schemata; of all others those of an interest."""


@cache
def declared(kind: str) -> dict[str, Field]:
    """The fields of a kind of record or link, common ones too, but for what says which it is."""
    of = (*kinds.BY_NAME[kind].fields, *kinds.COMMON) if kind in kinds.BY_NAME else ()
    of = of or (*links.BY_NAME[kind].fields, *links.COMMON)
    return {field.name: field for field in of if field.name not in ("id", "from", "to")}


@cache
def said_of_links() -> dict[str, Field]:
    """The fields of links of any type."""
    return {name: field for kind in links.BY_NAME for name, field in declared(kind).items()}


def inward(text: str) -> str:
    """An id as it is here. FollowTheMoney allows any sign in one; a colon would name another source."""
    whole = text.removeprefix(FOREIGN)
    if whole != text and WHOLE.fullmatch(whole):
        return whole
    return text.replace(":", "~")


def outward(id_: str, source: str) -> str:
    """An id without its source, which is the file's; that of another source's record whole."""
    of, _, local = id_.partition(":")
    return local if of == source else f"{FOREIGN}{id_}"


def line(field: str, value: Any) -> str:
    """A value for which FollowTheMoney has no property; ``lines`` reads it."""
    return f"graphsvc {field}: {value}"


def lines(properties: Properties, fields: dict[str, Field]) -> dict[str, Any]:
    """What such lines say of these fields. They are taken out of the descriptions."""
    found: dict[str, Any] = {}
    others = []
    for text in properties.pop("description", ()):
        match = LINE.fullmatch(text)
        field = fields.get(match[1]) if match else None
        if match is None or field is None:
            others.append(text)
        elif field.many:
            found.setdefault(field.name, []).append(match[2])
        else:
            found[field.name] = match[2]
    if others:
        properties["description"] = others
    return found
