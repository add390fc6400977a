"""Tables of declared columns, one row a record or link: ``graphsvc load persons``, ``documents``, ``links`` …"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from graphsvc.errors import RowError, UsageError
from graphsvc.model.kinds import Kind
from loaders import sheets
from loaders.files import Input, expand
from loaders.frame import UNREADABLE, Loader, sizes
from loaders.links import ENDS, LinkShaper
from loaders.parcel import Element, Parcel
from loaders.reading import BY_ROWS, groups, rows
from loaders.records import Shaper, normal
from loaders.rows import Header, Item, Reading, Rejected, Row, Sheet
from loaders.sheets import Shaped
from loaders.terms import Terms

ALIKE = 0.8
"""How like a declared column an unknown one must be to be taken for a slip of the pen."""


def everything(_: int) -> bool:
    """All groups are wanted."""
    return True


class TableLoader(Loader):
    """A loader of tables with declared columns: by whole sheets where that comes to the same, else row by row."""

    def __init__(
        self,
        name: str,
        terms: Terms,
        paths: list[Path],
        reading: Reading,
        required: tuple[str, ...],
        known: tuple[str, ...],
        references: Collection[str] = (),
    ) -> None:
        super().__init__(name, terms)
        self.reading = reading
        self.required = required
        self.references = references
        self.known = known
        self.declared_names = frozenset(known)
        self.quiet = False
        self._several = 1
        self._inputs = expand(paths)
        self._seen: set[str] = set(known)

    @property
    def inputs(self) -> list[Input]:
        return self._inputs

    def options(self) -> object:
        return self.reading

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        with self.open(source) as stream:
            yield from self._rows(rows(source, stream, self.reading))

    def groups(
        self, source: Input, sizes: Iterator[int], mine: Callable[[int], bool]
    ) -> Iterator[list[Row | Rejected] | Sheet | None]:
        """The rows of one stream in groups of about the next of ``sizes``, the same ones whoever asks; None in place of
        a group that is not ``mine`` and could be passed over unread. Raises UsageError when it can't be read at all."""
        with self.open(source) as stream:
            for group in groups(source, stream, self.reading, sizes, mine):
                yield list(self._rows(group)) if isinstance(group, list) else group

    def parcel(self, source: Input, group: list[Row | Rejected] | Sheet) -> Parcel:
        """What a group comes to."""
        parcel = Parcel(source.name)
        if not isinstance(group, Sheet) or not self._by_columns(group, parcel):
            for row in group.rows() if isinstance(group, Sheet) else group:
                self.take(row, parcel)
        return parcel

    def _by_columns(self, sheet: Sheet, parcel: Parcel) -> bool:
        if not self.screen.plain(sheet.columns):
            return False
        try:
            found = self.sheet(sheet)
        except (RowError, ValueError):
            return False
        self.check(Row(sheet.file, sheet.line, dict.fromkeys(sheet.columns)))
        for text in found.told:
            self.remark(text, sheet.file)
        parcel.tables += found.tables
        parcel.links += found.links
        return True

    @abstractmethod
    def sheet(self, sheet: Sheet) -> Shaped:
        """What a whole sheet comes to. Raises RowError or ValueError when it must go row by row."""

    def batches(self, size: int) -> Iterator[Parcel]:
        several = sizes(size)
        for source in self.inputs:
            by_rows = source.suffix in BY_ROWS
            yield from (self.parcels_of if by_rows else self._sheets_of)(source, several)

    def _sheets_of(self, source: Input, several: Iterator[int]) -> Iterator[Parcel]:
        """Groups of so many rows that with what they refer to they make about as many elements as they should."""
        counts = (size // self._several or 1 for size in several)
        try:
            for group in self.groups(source, counts, everything):
                if parcel := self.parcel(source, group or []):
                    yield parcel
                    self._several = max(self._several, -(-len(parcel) // len(group or parcel)))
        except UNREADABLE as error:
            yield Parcel(source.name, rejects=[self.broken(source, error)])

    def _rows(self, items: Iterable[Item]) -> Iterator[Row | Rejected]:
        for item in items:
            if isinstance(item, Header):
                check_columns(item, self.name, self.required, self.known)
                self._several = 1 + sum(normal(column) in self.references for column in item.columns)
            else:
                yield item

    def check(self, row: Row) -> None:
        """Say once which columns are left out, unless another process says it (``quiet``)."""
        if self.quiet or row.values.keys() <= self._seen:
            return
        for column in row.values.keys() - self._seen:
            self._seen.add(column)
            if normal(column) not in self.declared_names and not column.startswith("_"):
                near = get_close_matches(normal(column), self.known, 1, ALIKE)
                hint = f"; did you mean {near[0]}?" if near else ""
                self.remark(
                    f"the column {column!r} is not one of {self.name} and is left out{hint}", row.file
                )


class Records(TableLoader):
    """The loader of one declared kind."""

    def __init__(self, kind: Kind, terms: Terms, paths: list[Path], reading: Reading) -> None:
        self.shaper = Shaper(kind, terms)
        super().__init__(
            kind.command,
            terms,
            paths,
            reading,
            self.shaper.required,
            self.shaper.known,
            self.shaper.references,
        )

    def shape(self, row: Row) -> list[Element]:
        return self.shaper.elements(row.values, row.line)

    def sheet(self, sheet: Sheet) -> Shaped:
        return sheets.records(self.shaper, self.screen, sheet)


class Links(TableLoader):
    """The loader of links."""

    def __init__(self, terms: Terms, paths: list[Path], reading: Reading) -> None:
        self.shaper = LinkShaper(terms)
        super().__init__("links", terms, paths, reading, ("kind", *ENDS), self.shaper.known)

    def shape(self, row: Row) -> list[Element]:
        values = row.values
        if not values.keys() <= self.declared_names:
            values = self._declared(values)
        return [self.shaper.element(values, row.line)]

    def sheet(self, sheet: Sheet) -> Shaped:
        return sheets.links(self.shaper, self.screen, sheet)

    def _declared(self, given: dict[str, Any]) -> dict[str, Any]:
        """The values by their declared names. Raises RowError where two stand under one."""
        values: dict[str, Any] = {}
        for column, value in given.items():
            name = normal(column)
            if values.get(name) in (None, ""):
                values[name] = value
            elif value not in (None, "") and name in self.declared_names:
                raise RowError(f"{name}: stands there twice, also as {column!r}: remove one", field=name)
        return values


def check_columns(header: Header, command: str, required: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Raises UsageError when a column is missing without which no row can be loaded."""
    there: dict[str, str] = {}
    for column in header.columns:
        name = normal(column)
        if name in there and name in known:
            raise UsageError(
                f"{header.file}, line 1: the columns {there[name]!r} and {column!r} are one and the same: remove one"
            )
        there[name] = column
    for name in required:
        if name not in there:
            near = get_close_matches(name, sorted(there.keys() - set(known)), 1)
            hint = f"rename {near[0]!r}" if near else f"it has {', '.join(header.columns[:8])}"
            raise UsageError(
                f"{header.file}, line 1: {command} need the column {name!r}, which is missing: {hint}"
            )
