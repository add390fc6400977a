"""Rows as lines for Neo4j's own importer, and back again. Pure text.

Cells are parted by the unit separator and parts of lists by the record separator, which no text that was read holds.
"""

from collections.abc import Iterable
from functools import cache
from itertools import groupby, repeat
from typing import Any, cast

from graphsvc.model import kinds, links
from graphsvc.model.columns import Columns
from graphsvc.model.fields import Field, Type
from graphsvc.store.plan import Row
from graphsvc.store.table import Table

CELL, PART, QUOTE = "\x1f", "\x1e", "\x1d"
NEVER = (PART + PART, CELL + PART, PART + CELL, PART + "\n", "\n" + PART)
"""What only an empty part of a list makes."""
LONGEST = 1_000_000
"""Characters of a line; what is longer is written in the ordinary way."""
ENDS = (":START_ID(record)", ":END_ID(record)")
_CLASSES: dict[str, Any] = {"string": str, "string[]": list, "double": float, "long": int, "boolean": bool}
NOWHERE: tuple[int, Any] = (0, type(None))
ALWAYS = ("keys", "countries", "search")
"""Lists that every record has, empty ones too, which the importer can't write."""

NODE_TEXTS = ("id", "source", "owner", "kind", "caption", "digest", "run", "compliance")
NODE_LISTS = (*ALWAYS, "triggers")
LINK_TEXTS = ("id", "source", "owner", "kind", "from", "to", "digest", "run")
DAYS = ("first_day", "last_day", "retain_day", "handling", "sequence")


class Form:
    """How the rows of one kind of record or link stand in lines."""

    def __init__(self, fields: tuple[Field, ...], texts: tuple[str, ...], lists: tuple[str, ...], link: bool):
        given = {field.name: field for field in fields}
        names = {
            "string": [*texts, *(n for n, f in given.items() if _text(f) and n not in texts)],
            "string[]": [*lists, *(n for n, f in given.items() if f.many and n not in lists)],
            "double": [n for n, f in given.items() if f.type is Type.NUMBER and not f.many],
            "long": [*DAYS, *(n for n, f in given.items() if _integer(f)), *(() if link else ("no",))],
            "boolean": [n for n, f in given.items() if f.type is Type.BOOLEAN and not f.many],
        }
        self.link = link
        self.columns = [(name, type) for type, several in names.items() for name in several]
        before = len(ENDS) if link else 0
        self._places = {name: (at, _CLASSES[type]) for at, (name, type) in enumerate(self.columns, before)}
        self._blank = [""] * (before + len(self.columns))

    def header(self) -> str:
        """The line that names the columns and their types."""
        cells = [f"{name}:{type}" for name, type in self.columns]
        if not self.link:
            cells[0] = "id:ID(record)"
        return CELL.join([*(ENDS if self.link else ()), *cells]) + "\n"

    def lines(self, table: Table) -> list[str]:
        """The line of each row, as ``line`` gives it; an empty one for a row that no line can hold."""
        columns = self._cells(table.columns)
        if columns is None:
            return [self.line(table.row(number)) or "" for number in range(len(table))]
        found = list(map(CELL.join, zip(*_together(columns, len(table)), strict=True)))
        lists = [
            table.columns[name] for name, type in self.columns if type == "string[]" and name in table.columns
        ]
        if _plain(found, len(columns), sum(map(_parts, lists))):
            return found
        plain = [
            _plain([line], len(columns), _parts(values)) for line, *values in zip(found, *lists, strict=True)
        ]
        return [
            line if fine else self.line(table.row(number)) or ""
            for number, (line, fine) in enumerate(zip(found, plain, strict=True))
        ]

    def _cells(self, given: Columns) -> list[str | list[str]] | None:
        """The columns of cells, one cell for those that hold the same in all rows; None when a value is out of the
        ordinary."""
        if not self._places.keys() >= given.keys():
            return None
        columns: list[str | list[str]] = [given["from"], given["to"]] if self.link else []
        for name, type in self.columns:
            column = given.get(name)
            cells = "" if column is None else _cells(column, _CLASSES[type])
            if cells is None:
                return None
            columns.append(cells)
        return columns

    def line(self, row: Row) -> str | None:
        """The row with its end of line, or None for one that no line can hold; None for values stands for absent."""
        cells, parts = self._blank.copy(), 0
        for name, value in row.items():
            if value is None:
                continue
            at, wanted = self._places.get(name, NOWHERE)
            if value.__class__ is not wanted or value == "":
                return None
            if wanted is str:
                cells[at] = value
            elif wanted is list:
                if "" in value:
                    return None
                parts += max(len(value) - 1, 0)
                cells[at] = PART.join(value)
            else:
                cells[at] = str(value).lower() if wanted is bool else str(value)
        if self.link:
            cells[: len(ENDS)] = row["from"], row["to"]
        return self._proven(CELL.join(cells), cells, parts)

    def _proven(self, line: str, cells: list[str], parts: int) -> str | None:
        """The line, with quotes around cells of several lines, unless a value holds a sign that parts them."""
        if (
            line.count(CELL) != len(cells) - 1
            or line.count(PART) != parts
            or QUOTE in line
            or len(line) > LONGEST
        ):
            return None
        if "\n" in line or "\r" in line:
            quoted = (f"{QUOTE}{cell}{QUOTE}" if "\n" in cell or "\r" in cell else cell for cell in cells)
            return CELL.join(quoted) + "\n"
        return line + "\n"

    def row(self, line: str) -> Row:
        """The row of a line."""
        cells = line.removesuffix("\n").replace(QUOTE, "").split(CELL)[2 if self.link else 0 :]
        row: Row = {}
        for (name, type), cell in zip(self.columns, cells, strict=True):
            if cell:
                row[name] = _READ[type](cell)
            elif name in ALWAYS and not self.link:
                row[name] = []
        return row


def _cells(column: list[Any], wanted: type) -> str | list[str] | None:
    """The cells of a column whose values are all of one type or absent, or None where ``line`` must say what to do;
    one cell where all of them are the same."""
    if len(column) > 1 and wanted is str and column.count(column[0]) == len(column):
        cells = _cells(column[:1], wanted)
        return cells and cells[0]
    types = set(map(type, column))
    if not types <= {wanted, type(None)}:
        return None
    if wanted is str:
        if "" in column:
            return None
        return column if types == {str} else [cell or "" for cell in column]
    if wanted is list:
        cells = [PART.join(value or ()) for value in column]
        return cells if cells.count("") == len(column) - sum(map(bool, column)) else None
    if wanted is int:
        known = {value: "" if value is None else str(value) for value in set(column)}
        return [known[value] for value in column] if len(known) > 1 else next(iter(known.values()))
    cells = ["" if value is None else str(value) for value in column]
    return [cell.lower() for cell in cells] if wanted is bool else cells


def _together(columns: list[str | list[str]], count: int) -> list[Iterable[str]]:
    """The same with what is alike in all rows joined to what stands beside it, and an end of line: fewer to join."""
    *others, last = columns
    ended = last + "\n" if isinstance(last, str) else [cell + "\n" for cell in last]
    found: list[Iterable[str]] = []
    for same, several in groupby([*others, ended], lambda cells: isinstance(cells, str)):
        if same:
            found.append(repeat(CELL.join(cast(Iterable[str], several)), count))
        else:
            found += cast(Iterable[list[str]], several)
    return found


def _parts(lists: Iterable[list[str] | None]) -> int:
    """How many signs part the values of these lists."""
    return sum(len(value) - 1 for value in lists if value)


def _plain(lines: list[str], width: int, parts: int) -> bool:
    """Whether no value of these lines holds a sign that parts them."""
    text = "".join(lines)
    return (
        text.count(CELL) == len(lines) * (width - 1)
        and text.count(PART) == parts
        and text.count("\n") == len(lines)
        and QUOTE not in text
        and "\r" not in text
        and not (parts and any(pair in text for pair in NEVER))
        and max(map(len, lines), default=0) <= LONGEST
    )


def _text(field: Field) -> bool:
    return not field.many and field.type not in (Type.NUMBER, Type.INTEGER, Type.BOOLEAN)


def _integer(field: Field) -> bool:
    return field.type is Type.INTEGER and not field.many and field.name not in DAYS


_READ: dict[str, Any] = {
    "string": str,
    "string[]": lambda cell: cell.split(PART),
    "double": float,
    "long": int,
    "boolean": "true".__eq__,
}


@cache
def record_form(kind: str) -> Form:
    """The form of the records of a kind."""
    return Form((*kinds.BY_NAME[kind].fields, *kinds.COMMON), NODE_TEXTS, NODE_LISTS, link=False)


@cache
def link_form(kind: str) -> Form:
    """The form of the links of a kind."""
    return Form((*links.BY_NAME[kind].fields, *links.COMMON), LINK_TEXTS, (), link=True)
