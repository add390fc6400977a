"""Shaped elements of one kind, a column for each property, as they go into batches, or into lines for the importer."""

from collections.abc import Iterable, Sequence

import msgspec

from graphsvc.model import columns
from graphsvc.model.columns import Columns
from graphsvc.model.handling import Handling
from graphsvc.model.record import Link, Record
from graphsvc.store.batch import Shaped, shaped_links, shaped_nodes
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


def elements(
    records: Iterable[Record], links: Iterable[Link], tables: Iterable[Table], *, source: str, owner: str
) -> tuple[list[Shaped], list[Shaped]]:
    """Records and links as they will be stored, with those of tables."""
    nodes = shaped_nodes(records, source=source, owner=owner)
    ties = shaped_links(links, source=source, owner=owner)
    for table in tables:
        (ties if table.link else nodes).extend(table.shaped())
    return nodes, ties
