"""What a check looks for, from what somebody asked: identity keys, exact terms, and what an identifier tells by itself.

Pure text. An item that cannot be read is looked for nowhere and says why; it never stops the others.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from graphsvc.errors import UsageError
from graphsvc.identity import terms
from graphsvc.model import identifiers, mrz
from graphsvc.model.countries import country_code
from graphsvc.model.derive import words
from graphsvc.model.keys import compact, identity_keys, phone
from graphsvc.model.kinds import BY_NAME

LEAST_SIGNS = 3
"""Signs from which on a number is looked for without its country, make or type."""
LONGEST = 200
NOTHING = "nothing is given to look for"
ZONES = {"P": ("passport",), "V": ("visa",), "I": ("identity_card", "residence_permit"), "A": ("identity_card",),
         "C": ("identity_card",)}  # fmt: skip
"""Types of document by the first sign of a machine-readable zone."""
DOCUMENT_TYPES = next(field.choices for field in BY_NAME["Document"].fields if field.name == "type")


class Document(msgspec.Struct, frozen=True):
    """A travel or identity document: number, type and country, or what its machine-readable zone says."""

    number: str = ""
    type: str = ""
    country: str = ""
    mrz: str = ""


class Vehicle(msgspec.Struct, frozen=True):
    """A vehicle, by one or more of its identifiers."""

    vin: str = ""
    chassis: str = ""
    engine_number: str = ""
    plate: str = ""
    plate_part: str = ""
    country: str = ""
    make: str = ""
    colour: str = ""


class Weapon(msgspec.Struct, frozen=True):
    """A firearm or part of one."""

    serial: str = ""
    make: str = ""
    calibre: str = ""


class Person(msgspec.Struct, frozen=True):
    """A person by name and birth date, and by a national number where there is one."""

    name: str = ""
    birth_date: str = ""
    birth_days: int = 0
    national_id: str = ""
    birth_country: str = ""


class Identifier(msgspec.Struct, frozen=True):
    """A phone, account, wallet, domain, address of the network, vessel or other identifier. ``within`` is the chain of
    a wallet, the bank of an account without IBAN, the platform of a handle."""

    type: str
    value: str
    within: str = ""


class Sought(msgspec.Struct, frozen=True):
    """What is looked for. A record with one of ``keys`` is what was asked for; one that holds ``wanted`` may be.

    ``asked`` are the fields of a record to compare with; ``near`` keys are asked of those who are to be contacted only.
    """

    kinds: tuple[str, ...] = ()
    asked: dict[str, str] = {}
    keys: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    wanted: str = ""
    name: terms.Terms | None = None
    born: tuple[str | None, str | None] = (None, None)
    findings: tuple[str, ...] = ()
    readable: bool = True

    @property
    def words(self) -> list[str]:
        """The words of a name, and its spellings as one."""
        return list(dict.fromkeys((*self.name.words, *self.name.whole))) if self.name else []


def unreadable(*findings: str) -> Sought:
    """Nothing is looked for, and why."""
    return Sought(findings=findings, readable=False)


def read(item: Any) -> Sought:
    """What one item of a check looks for."""
    texts = [value for value in msgspec.structs.astuple(item) if isinstance(value, str)]
    if max(map(len, texts)) > LONGEST:
        return unreadable(f"a part of it has more than {LONGEST} signs")
    try:
        return READERS[type(item)](item)
    except (ValueError, UsageError) as error:
        return unreadable(str(error))


def exactly(*values: str) -> str:
    """Terms of the index for identifiers, each as the one token that a record holds for it."""
    tokens = dict.fromkeys(compact(value).lower() for value in values)
    return " OR ".join(terms.quoted(token) for token in tokens if len(token) >= LEAST_SIGNS)


def _given(item: msgspec.Struct, *names: str) -> dict[str, str]:
    return {name: text for name in names if (text := str(getattr(item, name)).strip())}


def _country(text: str) -> str:
    return country_code(text) if text.strip() else ""


def document(item: Document) -> Sought:
    """Number, type and country make the key; without type or country all that have the number are candidates."""
    findings: tuple[str, ...] = ()
    types: tuple[str, ...] = (item.type,) if item.type else ()
    number, country = item.number, _country(item.country)
    if item.mrz:
        try:
            zone = mrz.read(item.mrz)
        except ValueError as error:
            return unreadable(f"machine-readable zone {error}")
        number, country, findings = zone.number, _country(zone.country), zone.findings
        types = ZONES.get(zone.type[:1], ("other",))
    if wrong := set(types) - set(DOCUMENT_TYPES):
        return unreadable(f"{wrong.pop()!r} is no type of document: use {', '.join(DOCUMENT_TYPES)}")
    if not compact(number):
        return unreadable("the number is missing")
    asked = {"number": number, "country": country}
    # nothing is known of a number whose type is not: all of them may be meant, and none surely is
    keys = _document_keys(asked, types or DOCUMENT_TYPES) if country else ()
    return Sought(
        ("Document",),
        {name: text for name, text in asked.items() if text}
        | ({"type": types[0]} if len(types) == 1 else {}),
        keys if types else (),
        () if types else keys,
        exactly(number),
        findings=findings,
    )


def _document_keys(asked: dict[str, str], types: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for one in types for key in identity_keys("Document", {**asked, "type": one}))


def vehicle(item: Vehicle) -> Sought:
    """Every identifier given makes a key of its own; a part of a plate goes with make or colour."""
    asked = _given(item, "vin", "chassis", "engine_number", "plate", "make", "colour")
    if country := _country(item.country):
        asked["country"] = country
    wanted = exactly(*(asked[name] for name in ("vin", "chassis", "engine_number", "plate") if name in asked))
    if item.plate_part:
        wanted = " OR ".join(filter(None, (wanted, _part_of_plate(item))))
    if not wanted:
        return unreadable(
            "give a VIN, chassis or engine number, a plate, or a part of a plate with make or colour"
        )
    return Sought(
        ("Vehicle",),
        asked,
        tuple(identity_keys("Vehicle", asked)),
        (),
        wanted,
        findings=tuple(identifiers.findings("Vehicle", asked)),
    )


def _part_of_plate(item: Vehicle) -> str:
    signs = "".join(
        sign for sign in item.plate_part.lower() if sign in "*?" or (sign.isascii() and sign.isalnum())
    )
    looks = [*words(item.make), *words(item.colour)]
    if len(signs.strip("*?")) < 2 or not looks:
        raise ValueError(
            "a part of a plate needs two letters or digits, and the make or the colour beside it"
        )
    return "(" + " AND ".join([f"*{signs.strip('*')}*", *map(terms.quoted, looks)]) + ")"


def weapon(item: Weapon) -> Sought:
    """Make, calibre and serial make the key; the serial alone makes candidates."""
    asked = _given(item, "serial", "make", "calibre")
    wanted = exactly(asked.get("serial", ""))
    if not wanted:
        return unreadable(f"give a serial number of {LEAST_SIGNS} signs at least")
    return Sought(("Weapon",), asked, tuple(identity_keys("Weapon", asked)), (), wanted)


def person(item: Person) -> Sought:
    """A name makes candidates, however well it fits; a national number with its country makes a key."""
    asked = _given(item, "name", "birth_date", "national_id")
    if country := _country(item.birth_country):
        asked["birth_country"] = country
    keys = tuple(identity_keys("Person", asked))
    if not item.name.strip() and not keys:
        return unreadable("give a name, or a national number with its country")
    found = terms.read(item.name, fuzzy=True) if item.name.strip() else None
    return Sought(
        ("Person",),
        asked,
        keys,
        (),
        found.all_words if found else "",
        found,
        terms.born(item.birth_date or None, item.birth_days),
    )


class Scheme(msgspec.Struct, frozen=True):
    """How an identifier of one type stands in a record: its kind, its field, and what is given beside it."""

    kind: str
    field: str
    within: str = ""
    fixed: dict[str, str] = {}
    held_by: str = ""
    """Field of a person that may hold it too."""


SCHEMES: dict[str, Scheme] = {
    "phone": Scheme("Phone", "number", held_by="phones"),
    "email": Scheme("Email", "address", held_by="emails"),
    "iban": Scheme("Account", "iban"),
    "account": Scheme("Account", "number", "bank"),
    "wallet": Scheme("Wallet", "address", "chain"),
    "domain": Scheme("Infrastructure", "value", fixed={"type": "domain"}),
    "ip": Scheme("Infrastructure", "value", fixed={"type": "ip"}),
    "url": Scheme("Infrastructure", "value", fixed={"type": "url"}),
    "imo": Scheme("Vessel", "imo"),
    "mmsi": Scheme("Vessel", "mmsi"),
    "imei": Scheme("Device", "imei"),
    "imsi": Scheme("Sim", "imsi"),
    "handle": Scheme("OnlineAccount", "handle", "platform"),
    "sha256": Scheme("File", "sha256"),
    "sha1": Scheme("File", "sha1"),
    "md5": Scheme("File", "md5"),
    "certificate": Scheme("Certificate", "fingerprint"),
}
"""Types of identifier that are checked."""


def identifier(item: Identifier) -> Sought:
    """The key of its type; and the exact text, for what is held without the rest of a key or as a field of a person."""
    scheme = SCHEMES.get(item.type)
    if scheme is None:
        return unreadable(f"{item.type!r} is no type of identifier: use {', '.join(SCHEMES)}")
    value = item.value.strip()
    asked = {scheme.field: value, **scheme.fixed}
    if scheme.within and item.within.strip():
        asked[scheme.within] = item.within.strip()
    tokens = dict.fromkeys(("".join(value.split()).lower(), compact(value).lower(), phone(value)))
    wanted = " OR ".join(terms.quoted(token) for token in tokens if len(token) >= LEAST_SIGNS)
    if not wanted:
        return unreadable(NOTHING)
    kinds = (scheme.kind, "Person") if scheme.held_by else (scheme.kind,)
    return Sought(
        kinds,
        asked,
        tuple(identity_keys(scheme.kind, asked)),
        (),
        wanted,
        findings=tuple(identifiers.findings(scheme.kind, asked)),
    )


READERS: Mapping[type, Callable[[Any], Sought]] = {
    Document: document,
    Vehicle: vehicle,
    Weapon: weapon,
    Person: person,
    Identifier: identifier,
}
