"""Records and links as FollowTheMoney entities, which ``loaders.ftm`` reads again as they were.

A link is a property of its record where that says all of it (the holder of a passport, the payer of a payment), else an
interval. What has no schema there is left out and counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from graphsvc.model.derive import link_id
from graphsvc.model.links import ROLES_OF_REFERENCES
from graphsvc.model.record import Link, Record, Value
from graphsvc.store.dump import Tie
from loaders.ftm_schema import INTEREST, KINDS, LINK_FIELDS, LINKS, Properties, declared, line, outward
from loaders.records import MOMENTS, SHARED, moments

Entity = dict[str, Any]

OUT = {
    "Person": "Person", "Organization": "Organization", "Document": "Identification", "Vehicle": "Vehicle",
    "Vessel": "Vessel", "Location": "Address", "Account": "BankAccount", "Wallet": "CryptoWallet",
    "OnlineAccount": "UserAccount", "Transaction": "Payment", "Event": "Event", "Case": "CourtCase",
}  # fmt: skip
OF_TYPE = {"company": "Company", "public_body": "PublicBody", "passport": "Passport", "trip": "Trip"}
"""Schemata of records of one type."""

LINK_OUT = {"OWNS": "Ownership", "DIRECTS": "Directorship", "MEMBER_OF": "Membership", "FAMILY_OF": "Family",
            "SAME_AS": "Similar", "INVOLVED_IN": "CourtCaseParty"}  # fmt: skip
ON_RECORDS = {
    ("HOLDS", "Document"): "holder",
    ("USES", "OnlineAccount"): "owner",
    ("SENT", "Transaction"): "payer",
    ("RECEIVED", "Transaction"): "beneficiary",
    ("PARTICIPATED_IN", "Event"): "involved",
    ("LIVES_AT", "Person"): "addressEntity",
    ("LIVES_AT", "Organization"): "addressEntity",
}
"""Links that are properties of a record, by its kind."""


def entities(elements: Iterable[Record | Link], left: Counter[str] | None = None) -> Iterator[Entity]:
    """Everything that FollowTheMoney can hold, in its own form; ``left`` counts the rest by kind.

    Links come before the record that may tell them, as ``graphsvc.store.dump`` gives them.
    """
    left = Counter() if left is None else left
    waiting: dict[str, list[Link]] = {}
    for element in elements:
        if (element.kind not in OUT and isinstance(element, Record)) or _loose(element):
            left[element.kind] += 1
        elif isinstance(element, Link):
            waiting.setdefault(teller(element), []).append(element)
        else:
            yield from _told(element, waiting.pop(element.id, []))
    for links in waiting.values():
        yield from map(interval, links)


def teller(link: Link) -> str:
    """The record that may tell a link."""
    return link.from_ if link.kind == "LIVES_AT" else link.to


def _loose(element: Record | Link) -> bool:
    """Whether an end of the link is a record that has no schema."""
    return isinstance(element, Tie) and any(kind not in OUT for kind in element.kinds if kind)


def _told(record: Record, links: list[Link]) -> Iterator[Entity]:
    made = entity(record)
    apart = []
    for link in links:
        name = _property(record, link)
        if name:
            other = link.to if link.kind == "LIVES_AT" else link.from_
            made["properties"].setdefault(name, []).append(outward(other, _source(link)))
        else:
            apart.append(link)
    yield made
    yield from map(interval, apart)


def _property(record: Record, link: Link) -> str | None:
    """The property that says all of the link, if there is one."""
    name = ON_RECORDS.get((link.kind, record.kind))
    role = ROLES_OF_REFERENCES["participants"] if name == "involved" else ""
    wanted: dict[str, Value] = {name: record.properties[name] for name in SHARED if name in record.properties}
    if record.kind in MOMENTS:
        wanted |= moments(record.properties)
    if role:
        wanted["role"] = role
    made = link_id(_source(link), link.kind, link.from_, link.to, role)
    if name is None or (link.id, link.properties, link.sequence) != (made, wanted, record.sequence):
        return None
    account = isinstance(link, Tie) and link.kinds[0] == "Account"
    return f"{name}Account" if account and record.kind == "Transaction" else name


def _source(element: Record | Link) -> str:
    return element.id.partition(":")[0]


def entity(record: Record) -> Entity:
    """A record of a kind that has a schema."""
    schema = OF_TYPE.get(str(record.properties.get("type")), OUT[record.kind])
    if KINDS[schema][0] != record.kind:
        schema = OUT[record.kind]
    _, names, defaults = KINDS[schema]
    back = {"recorded_at": "modifiedAt", **{field: name for name, field in reversed(names.items())}}
    given = dict(record.properties)
    rest: dict[str, Any] = {name: given.pop(name, "") for name in defaults if name not in back}
    rest = {name: value for name, value in rest.items() if value != defaults[name]}
    rest |= {} if record.sequence is None else {"sequence": record.sequence}
    properties = _properties(record.kind, given, back, rest)
    return {"id": outward(record.id, _source(record)), "schema": schema, "properties": properties}


def interval(link: Link) -> Entity:
    """A link; one of a type that has no schema is a link of unknown nature that says its type."""
    schema = LINK_OUT.get(link.kind, "UnknownLink")
    kind, one, other = LINKS[schema]
    source = _source(link)
    back = {field: name for name, field in reversed(LINK_FIELDS.get(schema, INTEREST).items())}
    rest: dict[str, Any] = {} if kind == link.kind else {"kind": link.kind}
    rest |= {} if link.sequence is None else {"sequence": link.sequence}
    ends = {one: [outward(link.from_, source)], other: [outward(link.to, source)]}
    properties = ends | _properties(link.kind, link.properties, back, rest)
    return {"id": outward(link.id, source), "schema": schema, "properties": properties}


def _properties(kind: str, given: dict[str, Value], back: dict[str, str], rest: dict[str, Any]) -> Properties:
    """Values under the names of FollowTheMoney, and as lines of the description where it has none."""
    known = declared(kind)
    properties: Properties = {}
    told = [line(field, value) for field, value in rest.items()]
    for field, value in given.items():
        texts = value if isinstance(value, list) else [value]
        if field in back:
            properties[back[field]] = [_out(field, text) for text in texts]
        elif field in known:
            told += [line(field, text) for text in texts]
    if told:
        properties["description"] = told
    return properties


def _out(field: str, value: Any) -> str:
    if field == "sex":
        return {"M": "male", "F": "female"}.get(str(value), "other")
    if field in ("nationalities", "country", "birth_country", "flag"):
        return str(value).lower()
    return str(value)
