"""What is worked out from a shaped record when it is written: keys, caption, days, search tokens …"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import jellyfish
import msgspec
from anyascii import anyascii

from graphsvc.model import days, grades
from graphsvc.model.fields import Type
from graphsvc.model.keys import compact, identity_keys, phone
from graphsvc.model.kinds import BY_NAME, Kind
from graphsvc.model.record import Link, Record, Value

RETENTION_DAYS = 5 * 365 + 1
"""How long a record is kept unless its owner says less: five years from the day it was first loaded."""

SPANS: dict[str, tuple[str, str]] = {
    "Event": ("time", "until"),
    "Transaction": ("time", "time"),
    "Case": ("opened_at", "closed_at"),
    "Notice": ("published_at", "published_at"),
}
"""Kinds whose own fields say when they were; elsewhere ``first_seen`` and ``last_seen`` do."""


APART = "".join(sign if sign.isalnum() else " " for sign in map(chr, range(128)))
"""ASCII signs that part words, as blanks."""


encode = msgspec.json.Encoder(order="deterministic").encode


def _texts(value: Value | None) -> Iterable[str]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, list) else (str(value),)


def words(text: str) -> tuple[str, ...]:
    """Lower-case ASCII words of a text in any script."""
    folded = text if text.isascii() else _folded(text)
    return tuple(folded.lower().translate(APART).split())


_folded = lru_cache(maxsize=16_384)(anyascii)


@lru_cache(maxsize=16_384)
def sound(word: str) -> str:
    """Phonetic token of a word, marked with a tilde; empty for words without letters."""
    code = jellyfish.metaphone(word) if word.isalpha() else ""
    return f"~{code}" if code else ""


def name_tokens(text: str) -> tuple[str, ...]:
    """The words of a name, and how they sound."""
    found = words(text)
    return (*found, *map(sound, found))


def _compact(text: str) -> tuple[str, ...]:
    return (compact(text).lower(),)


def _phone(text: str) -> tuple[str, ...]:
    return (phone(text),)


def _exact(text: str) -> tuple[str, ...]:
    return ("".join(text.split()).lower(),)


TOKENS: dict[str, Callable[[str], tuple[str, ...]]] = {
    **dict.fromkeys(("name", "names", "given_name", "family_name", "title"), name_tokens),
    **dict.fromkeys(("place", "city", "birth_place", "make", "model", "colour", "type"), words),
    **dict.fromkeys(
        ("number", "plate", "vin", "chassis", "serial", "engine_number", "national_id"), _compact
    ),
    **dict.fromkeys(("reference", "iban", "imei", "imsi", "imo", "mmsi", "call_sign", "postcode"), _compact),
    **dict.fromkeys(("registration",), _compact),
    **dict.fromkeys(("phones",), _phone),
    **dict.fromkeys(
        ("value", "registrant", "handle", "emails", "fingerprint", "sha256", "sha1", "md5", "stix_id"), _exact
    ),
    "address": lambda text: (*words(text), *_exact(text)),
}
"""The fields by which a record is found, and how their text becomes tokens."""


def search_tokens(properties: Mapping[str, Value]) -> list[str]:
    """Exact tokens by which the record can be found, phonetic ones for names, in ascending order."""
    return in_order(
        tokens(field, value) for field, value in properties.items() if value is not None and field in TOKENS
    )


def tokens(field: str, value: Value) -> Iterable[str]:
    """The tokens of one of the ``TOKENS`` fields, empty ones too."""
    make = TOKENS[field]
    if isinstance(value, str):
        return make(value)
    return [token for text in _texts(value) for token in make(text)]


def in_order(parts: Iterable[Iterable[str]]) -> list[str]:
    """All tokens of several fields, each once, in ascending order."""
    found: set[str] = set().union(*parts)
    found.discard("")
    return sorted(found)


@lru_cache(maxsize=64)
def country_fields(kind: Kind) -> tuple[str, ...]:
    """The fields that name countries."""
    return tuple(field.name for field in kind.fields if field.type is Type.COUNTRY)


def countries(kind: Kind, properties: Mapping[str, Value]) -> list[str]:
    """Every country that the record names, in order."""
    found: set[str] = set()
    for field in country_fields(kind):
        value = properties.get(field)
        if isinstance(value, str):
            found.add(value)
        elif value is not None:
            found.update(_texts(value))
    return sorted(found)


def caption(kind: Kind, properties: Mapping[str, Value]) -> str:
    """The one line shown to people: the first caption field that is filled."""
    for field in kind.caption:
        for text in _texts(properties.get(field)):
            return text
    return kind.name


def day_numbers(first: Value | None, last: Value | None, retain: Value | None) -> Mapping[str, Value]:
    """First and last day where they are known, and the day until which the element is kept."""
    prefixes = (None if value is None else str(value) for value in (first, last, retain))
    return _day_numbers(*prefixes, today=days.today())


@lru_cache(maxsize=16_384)
def _day_numbers(
    first: str | None, last: str | None, retain: str | None, *, today: int
) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    first, last = first or last, last or first
    if first is not None and last is not None:
        found["first_day"] = days.first_day(first)
        found["last_day"] = days.last_day(last)
    longest = today + RETENTION_DAYS
    found["retain_day"] = longest if retain is None else min(days.last_day(retain), longest)
    return found


def digest(*parts: object) -> str:
    """Hash of the content, the same for the same content in any order of fields."""
    return hashed(encode(parts))


def hashed(text: bytes) -> str:
    """The hash of a content as JSON."""
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def node(record: Record, *, source: str, owner: str) -> dict[str, Any]:
    """All properties of the node but ``no``, ``handling`` and ``run``, which the writer gives."""
    kind = BY_NAME[record.kind]
    given = record.properties
    first, last = SPANS.get(record.kind, ("first_seen", "last_seen"))
    row: dict[str, Any] = dict(given)
    row["first_seen"] = given.get("first_seen") or given.get(first)
    row["last_seen"] = given.get("last_seen") or given.get(last) or row["first_seen"]
    row.update(day_numbers(row["first_seen"], row["last_seen"], given.get("retain_until")))
    row["id"] = record.id
    row["source"] = source
    row["owner"] = owner
    row["kind"] = record.kind
    row["keys"] = identity_keys(record.kind, given)
    row["caption"] = caption(kind, given)
    row["countries"] = countries(kind, given)
    row["search"] = search_tokens(given)
    row["sequence"] = record.sequence
    row["digest"] = digest(record.kind, owner, record.handling.digest, given, record.sequence)
    return row


def relationship(link: Link, *, source: str, owner: str) -> dict[str, Any]:
    """All properties of the relationship but ``handling`` and ``run``."""
    given = link.properties
    row: dict[str, Any] = dict(given)
    row.update(day_numbers(given.get("first_seen"), given.get("last_seen"), given.get("retain_until")))
    if row.get("confidence") is None:
        row["confidence"] = grades.confidence(str(given.get("grade", "")))
    row["id"] = link.id
    row["source"] = source
    row["owner"] = owner
    row["kind"] = link.kind
    row["from"] = link.from_
    row["to"] = link.to
    row["sequence"] = link.sequence
    row["digest"] = digest(link.kind, link.from_, link.to, owner, link.handling.digest, given, link.sequence)
    return row


def link_id(source: str, kind: str, from_: str, to: str, role: str = "", first_seen: str = "") -> str:
    """Id of a link whose source gave none: the same ends, role and first day are the same link."""
    return f"{source}:~{digest(kind, from_, to, role, first_seen)}"
