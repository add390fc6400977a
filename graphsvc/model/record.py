"""Records and links as loaders make them and the store writes them. Plain data."""

from typing import TypeAlias

import msgspec

from graphsvc.model.handling import Handling

Value: TypeAlias = str | int | float | bool | list[str]


class Record(msgspec.Struct):
    """One record of one owner, shaped: every value in its declared type, empty ones left out.

    ``id`` is whole (``source:local_id``). ``properties`` hold the declared fields of the kind and the common
    dates as ISO prefixes. ``keys``, ``caption``, ``countries``, ``search`` and day numbers are derived by
    ``graphsvc.model.derive`` when the record is written.
    """

    id: str
    kind: str
    handling: Handling
    properties: dict[str, Value]
    sequence: int | None = None
    line: int = 0


class Link(msgspec.Struct):
    """One link of one owner, shaped. ``from_`` and ``to`` are whole ids; ``id`` too."""

    id: str
    kind: str
    from_: str
    to: str
    handling: Handling
    properties: dict[str, Value]
    sequence: int | None = None
    line: int = 0
