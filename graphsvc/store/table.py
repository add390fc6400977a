"""Shaped elements of one kind, a column for each property, as they go into batches, or into lines for the importer."""

from collections.abc import Sequence

import msgspec

from graphsvc.model import columns
from graphsvc.model.columns import Columns
from graphsvc.model.handling import Handling
from graphsvc.store.batch import Shaped
from graphsvc.store.plan import Row


class Table(msgspec.Struct):
    """As many rows as ``handlings``; None in a column stands for absent. ``lines`` are those of the file."""

    kind: str
    link: bool
    columns: Columns
    handlings: list[Handling]
    lines: Sequence[int]

    @classmethod
    def of(cls, kind: str, link: bool, rows: list[Shaped]) -> "Table":
        """The table of shaped rows."""
        names = dict.fromkeys(name for row, _, _ in rows for name in row)
        values = {name: [row.get(name) for row, _, _ in rows] for name in names}
        return cls(kind, link, values, [rule for _, rule, _ in rows], [line for _, _, line in rows])

    def row(self, number: int) -> Row:
        """One row, absent values left out."""
        values = ((name, column[number]) for name, column in self.columns.items())
        return {name: value for name, value in values if value is not None}

    def shaped(self) -> list[Shaped]:
        """All rows, each with its handling and line."""
        return list(zip(columns.rows(self.columns, len(self)), self.handlings, self.lines, strict=True))

    def __len__(self) -> int:
        return len(self.handlings)
