"""Text and JSON values into exactly the declared types. A value that can't be read is refused with its reason."""

import math
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from graphsvc.errors import RowError
from graphsvc.model.countries import country_code
from graphsvc.model.dates import date_prefix, time_prefix
from graphsvc.model.fields import Field, Type
from graphsvc.model.record import Value

Read = Callable[[Any], Value | None]
ReadColumn = Callable[[Sequence[str]], list[Value | None]]

SMALLEST, LARGEST = -(2**63), 2**63 - 1
EXACT = 2.0**53
"""From here on a floating-point number does not hold every digit."""
LONG_FIELDS = {"note": 100_000, "description": 100_000, "mrz": 1_000}
LONGEST = 2_000
"""Characters of a value; the database can't index longer ones."""
MOST_KNOWN, KNOWN_LENGTH = 4_096, 64
"""How many texts of a field are read but once, and how long they may be: dates, roles and countries come again."""
MOST_KNOWN_TEXTS = 50_000
"""The same for whole columns."""

SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
WHOLE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}:[^:\x00-\x1f\x7f-\x9f]{1,256}")
LOCAL = re.compile(r"[^:\x00-\x1f\x7f-\x9f]{1,256}")
NEVER_LOCAL = re.compile(r"[:\x00-\x1f\x7f-\x9f]")
LONGEST_LOCAL = 256

TRUE = frozenset({"true", "yes", "y", "1"})
FALSE = frozenset({"false", "no", "n", "0"})


def reader(field: Field) -> Read:
    """The function that reads raw values of this field: None for an empty one; raises RowError."""
    one = _ONE[field.type](field)
    known: dict[str, Value] = {}

    def named(raw: Any) -> Value | None:
        text = raw.__class__ is str
        if text and (value := known.get(raw)) is not None:
            return value
        try:
            found = one(raw)
        except ValueError as error:
            raise RowError(f"{field.name}: {error}", field=field.name) from None
        if text and found is not None and len(known) < MOST_KNOWN and len(raw) <= KNOWN_LENGTH:
            known[raw] = found
        return found

    def several(raw: Any) -> list[str] | None:
        parts = raw.split(";") if isinstance(raw, str) else raw if isinstance(raw, list) else [raw]
        found = dict.fromkeys(str(value) for part in parts if (value := named(part)) is not None)
        return list(found) or None

    return several if field.many else named


def column_reader(field: Field) -> ReadColumn:
    """As ``reader``, for a column of texts: each different one is read but once, an empty one is absent."""
    read = reader(field)
    longest = LONG_FIELDS.get(field.name, LONGEST) if field.type is Type.TEXT and not field.many else 0
    known: dict[str, Value | None] = {"": None}

    def column(raws: Sequence[str]) -> list[Value | None]:
        if max(map(len, raws), default=0) <= longest:
            return [raw.strip() or None for raw in raws]
        if len(known) > MOST_KNOWN_TEXTS:
            known.clear()
            known[""] = None
        for raw in set(raws).difference(known):
            known[raw] = read(raw)
        return [known[raw] for raw in raws]

    return column


def _text(field: Field) -> Read:
    longest = LONG_FIELDS.get(field.name, LONGEST)

    def read(raw: Any) -> str | None:
        text = exact(raw)
        if len(text) > longest:
            raise ValueError(f"holds {len(text):,} characters, at most {longest:,} can be kept: shorten it")
        return text or None

    return read


def plain(raw: Any) -> str:
    """A single value as text. Raises ValueError for what is more than that."""
    if raw.__class__ is str:
        return str(raw.strip())
    if raw is None:
        return ""
    if isinstance(raw, bool | dict | list):
        raise ValueError(f"is {called(raw)} where text is wanted: write it as text")
    return str(raw)


NAMES: dict[type, str] = {
    bool: "true or false",
    dict: "an object",
    list: "a list",
    str: "text",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def called(raw: object) -> str:
    """What people call a JSON value of this type."""
    return NAMES.get(type(raw), "something else")


def exact(raw: Any) -> str:
    """A single value as the text of a name or an id. Raises ValueError for a number that has lost digits too."""
    if isinstance(raw, float) and abs(raw) >= EXACT:
        raise ValueError("is a number that has lost digits: write it as text where the file is made")
    return plain(raw)


def _integer(field: Field) -> Read:
    def read(raw: Any) -> int | None:
        text = plain(raw)
        if not text:
            return None
        try:
            number = int(text) if len(text) < 400 else LARGEST + 1
        except ValueError:
            raise ValueError(f"{text[:40]!r} is not a whole number: write digits only") from None
        if not SMALLEST <= number <= LARGEST:
            raise ValueError(f"{text[:40]} is past 64 bits: mend the number, or keep it as text in the note")
        return number

    return read


def _number(field: Field) -> Read:
    def read(raw: Any) -> float | None:
        text = plain(raw)
        if not text:
            return None
        try:
            number = float(text)
        except (ValueError, OverflowError):
            raise ValueError(
                f"{text[:40]!r} is not a number: write digits with a point, such as 12.5"
            ) from None
        if not math.isfinite(number):
            raise ValueError(f"{text[:40]} is not a number that can be kept: leave it out")
        return number

    return read


def _boolean(field: Field) -> Read:
    def read(raw: Any) -> bool | None:
        if isinstance(raw, bool):
            return raw
        text = plain(raw).lower()
        if not text:
            return None
        if text in TRUE:
            return True
        if text in FALSE:
            return False
        raise ValueError(f"{text[:40]!r} is neither true nor false: write one of them")

    return read


def _cached(convert: Callable[[str], str]) -> Callable[[Field], Read]:
    def make(field: Field) -> Read:
        def read(raw: Any) -> str | None:
            text = plain(raw)
            return convert(text) if text else None

        return read

    return make


def _choice(field: Field) -> Read:
    table = {form: choice for choice in field.choices for form in (choice.lower(), choice)}

    @lru_cache(maxsize=1_024)
    def find(text: str) -> str:
        choice = table.get(text) or table.get(text.lower().replace(" ", "_").replace("-", "_"))
        if choice is None:
            near = get_close_matches(text.lower(), [c.lower() for c in field.choices], 1)
            hint = f"did you mean {table[near[0]]}?" if near else f"write one of {', '.join(field.choices)}"
            raise ValueError(f"{text[:60]!r} is not known: {hint}")
        return choice

    return _cached(find)(field)


_ONE: dict[Type, Callable[[Field], Read]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.NUMBER: _number,
    Type.BOOLEAN: _boolean,
    Type.DATE: _cached(date_prefix),
    Type.TIME: _cached(time_prefix),
    Type.COUNTRY: _cached(country_code),
    Type.CHOICE: _choice,
}


def whole_id(source: str, text: str) -> str:
    """The id as the graph knows it: ``source:local``; a text with a colon is whole already. Raises ValueError."""
    if ":" in text:
        if WHOLE.fullmatch(text) is None:
            raise ValueError(f"{text[:60]!r} is not a whole id: write it as source:id, with one colon")
        return text
    return local_id(source, text)


def local_id(source: str, text: str) -> str:
    """The whole id of a record of this source. Raises ValueError."""
    if LOCAL.fullmatch(text) is None:
        raise ValueError(
            f"{text[:60]!r} cannot be an id: use up to 256 signs, no colon and no control character"
        )
    return f"{source}:{text}"


def local_ids(source: str, texts: Sequence[str]) -> list[str]:
    """As ``local_id`` for many. Raises ValueError without saying which."""
    if not texts:
        return []
    if min(map(len, texts)) < 1 or max(map(len, texts)) > LONGEST_LOCAL or NEVER_LOCAL.search("".join(texts)):
        raise ValueError("one of these cannot be an id")
    prefix = f"{source}:"
    return [prefix + text for text in texts]


def whole_ids(source: str, texts: Sequence[str]) -> list[str]:
    """As ``whole_id`` for many. Raises ValueError."""
    if ":" in "".join(texts):
        return [whole_id(source, text) for text in texts]
    return local_ids(source, texts)
