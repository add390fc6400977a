"""Rows of tables, as they stand in the files: what every reader of tables gives."""

from typing import Any, NamedTuple

import msgspec

from graphsvc.errors import UsageError
from loaders.text import known_encoding


class Row(NamedTuple):
    """One row as it stands in the file, by column; ``line`` is that of its first line, from 1."""

    file: str
    line: int
    values: dict[str, Any]


class Rejected(msgspec.Struct, frozen=True):
    """One row that is not loaded, and why. ``row`` is what is kept of it, as JSON or raw text."""

    file: str
    line: int
    reason: str
    row: str = ""


class Reading(msgspec.Struct, frozen=True):
    """How tables are read. ``header`` names the columns of files that have none; ``comment`` starts lines to skip."""

    encoding: str = "utf-8"
    delimiter: str | None = None
    header: tuple[str, ...] = ()
    comment: str = ""
    sheet: str | None = None


def checked(reading: Reading) -> Reading:
    """The same. Raises UsageError when no table can be read like that."""
    known_encoding(reading.encoding)
    sign = reading.delimiter
    if sign is not None and (len(sign) != 1 or sign in '"\r\n'):
        raise UsageError(
            f"{sign!r} cannot stand between cells: give one sign such as , or ;, or \\t for a tab"
        )
    return reading


class Header(msgspec.Struct, frozen=True):
    """The columns of a table, announced before its rows."""

    file: str
    columns: tuple[str, ...]


class Sheet(msgspec.Struct, frozen=True):
    """Rows of a table in which nothing is out of the ordinary, by columns. ``line`` is the first one's."""

    file: str
    line: int
    columns: dict[str, tuple[str, ...]]

    def rows(self) -> list[Row]:
        """The same, one by one."""
        names = tuple(self.columns)
        return [
            Row(self.file, line, dict(zip(names, cells, strict=True)))
            for line, cells in enumerate(zip(*self.columns.values(), strict=True), self.line)
        ]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


Item = Row | Rejected | Header


def named(file: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The same, with a name for those that have none. Raises UsageError when two have the same."""
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise UsageError(f"{file}, line 1: the column {twice[0]!r} stands there twice: rename or remove one")
    return tuple(column or f"column {number}" for number, column in enumerate(columns, 1))
