"""The types that a declared field can have, and what a field says of itself."""

from enum import StrEnum

import msgspec


class Type(StrEnum):
    """How the text of a field is read; ``shape`` in the loaders turns text into exactly this."""

    TEXT = "text"
    INTEGER = "integer"  # 64 bits, signed
    NUMBER = "number"  # finite
    BOOLEAN = "boolean"
    DATE = "date"  # ISO 8601 prefix: 2017, 2017-08, 2017-08-24
    TIME = "time"  # ISO 8601 prefix down to the second, UTC: 2017-08-24T13:05:00
    COUNTRY = "country"  # ISO 3166 alpha-2, upper case
    CHOICE = "choice"  # one of ``choices``


class Field(msgspec.Struct, frozen=True):
    """One field of a kind. ``many`` fields hold a list; in CSV its parts stand between semicolons."""

    name: str
    type: Type = Type.TEXT
    help: str = ""
    many: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""


class Reference(msgspec.Struct, frozen=True):
    """A column that holds ids of other records and becomes a link.

    ``outward`` says that the link goes from this record to the one named; otherwise it comes from it.
    """

    name: str
    link: str
    outward: bool
    help: str = ""
    many: bool = True
    example: str = ""
