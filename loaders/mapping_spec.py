"""What a mapping says, in declared types.

The shape is that of FollowTheMoney's mappings, https://followthemoney.tech/docs/mappings/, with links of our own.
"""

from typing import Any

import msgspec

from graphsvc.model.kinds import Kind
from loaders.rows import Reading


class Source(msgspec.Struct, frozen=True):
    """Where values come from and what is done to them, in the order of the fields."""

    columns: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    template: str | None = None
    entity: str | None = None
    nulls: frozenset[str] = frozenset()
    pattern: str | None = None
    join: str | None = None
    split: str | None = None
    values: dict[str, Any] | None = None
    unmapped: str = "reject"
    as_: tuple[str, ...] = ()
    case: str | None = None
    format: tuple[str, ...] = ()
    precision: int | None = None
    required: bool = False


Sources = dict[str, tuple[Source, ...]]


class Key(msgspec.Struct, frozen=True):
    """How an id is built: a literal and columns, or that of an entity of the same row."""

    columns: tuple[str, ...] = ()
    literal: str | None = None
    entity: str | None = None
    source: str | None = None


class EntityRule(msgspec.Struct, frozen=True):
    """One record that each row gives; with ``once``, only the first row that names it."""

    name: str
    kind: Kind
    key: Key
    properties: Sources
    optional: bool
    once: bool


class LinkRule(msgspec.Struct, frozen=True):
    """One link that each row gives."""

    name: str
    kind: str
    from_: Key
    to: Key
    key: Key | None
    properties: Sources
    optional: bool


class Table(msgspec.Struct, frozen=True):
    """One file of a query, with columns that all its rows get on top."""

    name: str
    columns: dict[str, str]


class Join(msgspec.Struct, frozen=True):
    """Columns of another file, found by equal values. Without ``required``, rows without a partner stay."""

    table: str
    by: dict[str, str]
    columns: dict[str, str]
    required: bool
    reading: Reading


class Query(msgspec.Struct, frozen=True):
    """Files of one form, and what each of their rows gives."""

    tables: tuple[Table, ...]
    reading: Reading
    filters: dict[str, frozenset[str]]
    filters_not: dict[str, frozenset[str]]
    joins: tuple[Join, ...]
    entities: tuple[EntityRule, ...]
    links: tuple[LinkRule, ...]


class MappingSpec(msgspec.Struct, frozen=True):
    """A whole mapping. ``source``, ``owner`` and ``handling`` hold unless the command line says otherwise."""

    name: str
    source: str
    owner: str | None
    grade: str | None
    handling: dict[str, str]
    queries: tuple[Query, ...]
