"""Rows out of CSV files."""

import csv
import itertools
import math
from collections.abc import Callable, Iterator
from typing import BinaryIO

from graphsvc.errors import UsageError
from loaders import kept
from loaders.files import Input
from loaders.rows import Header, Item, Reading, Rejected, Row, Sheet, named
from loaders.text import Lines

DELIMITERS = ",;\t|"


def sniff(line: str) -> str:
    """The delimiter of which the header holds most."""
    return max(DELIMITERS, key=line.count)


class CsvRows:
    """The records of a CSV file."""

    def __init__(self, source: Input, stream: BinaryIO, reading: Reading) -> None:
        self.source = source
        self.reading = reading
        self.stream = stream
        self.lines: Lines | None = None

    def __iter__(self) -> Iterator[Item]:
        lines, columns, delimiter = self._begun()
        yield Header(self.source.name, columns)
        yield from self._records(lines, columns, delimiter)

    def groups(
        self, sizes: Iterator[int], mine: Callable[[int], bool]
    ) -> Iterator[list[Item] | Sheet | None]:
        """The header, then the records by groups of as many lines as the next of ``sizes`` says; None for one that is
        passed over unread.

        That is quick, and done with what is not ``mine`` unless a quote in it may reach over its end.
        """
        lines, columns, delimiter = self._begun()
        yield [Header(self.source.name, columns)]
        for number in itertools.count(1):
            count = lines.ahead(next(sizes))
            if not count:
                next(lines, None)  # raises what ended the stream before its time
                return
            if mine(number) and (sheet := self._sheet(lines, columns, delimiter)):
                yield sheet
                continue
            found: list[Item] = []
            if mine(number) or lines.holds('"'):
                try:
                    found.extend(self._records(lines, columns, delimiter, lines.number + count))
                except Exception:
                    yield found
                    raise
                yield found
            else:
                lines.drop()
                yield None

    def _sheet(self, lines: Lines, columns: tuple[str, ...], delimiter: str) -> Sheet | None:
        """The lines that were read ahead, unless one of them wants a closer look."""
        texts = lines.plain()
        if texts is None or max(map(len, texts)) > csv.field_size_limit():
            return None
        comment = self.reading.comment
        if comment and any(text.startswith(comment) for text in texts):
            return None
        width = len(columns)
        if set(map(str.count, texts, itertools.repeat(delimiter))) != {width - 1} or "" in texts:
            return None
        cells = delimiter.join(texts).split(delimiter)
        lines.drop()
        by_column = {name: tuple(cells[at::width]) for at, name in enumerate(columns)}
        return Sheet(self.source.name, lines.number - len(texts) + 1, by_column)

    def _begun(self) -> tuple[Lines, tuple[str, ...], str]:
        """The lines after the header, its columns, and the delimiter."""
        name = self.source.name
        self.lines = lines = Lines(self.stream, self.reading.encoding, name)
        lines.begin()
        first = next(self._uncommented(lines), None)
        if first is None:
            raise UsageError(f"{name} is empty: send it again with a header line and rows")
        if lines.reason:
            raise UsageError(f"{name}, line {lines.number}: the header {lines.reason}")
        delimiter = self.reading.delimiter or sniff(first)
        columns = self.reading.header
        if columns:
            lines.begin()
            lines._back.appendleft(first)
            lines.number -= 1
        else:
            columns = _columns(name, first, delimiter)
        return lines, columns, delimiter

    def _uncommented(self, lines: Lines) -> Iterator[str]:
        comment = self.reading.comment
        for line in lines:
            if line.strip() and not (comment and line.startswith(comment)):
                yield line

    def _records(
        self, lines: Lines, columns: tuple[str, ...], delimiter: str, last: float = math.inf
    ) -> Iterator[Item]:
        """Records that begin on lines up to the last."""
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        width = len(columns)
        name = self.source.name
        comment = self.reading.comment
        while lines.number < last:
            lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raw = lines._kept[0].rstrip("\r\n")
                yield Rejected(name, lines.first, _why(error), kept.unreadable(columns, raw))
                lines.give_back()
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
                continue
            if not lines.bad and (not cells or (comment and cells[0].startswith(comment))):
                continue
            if not lines.bad and len(cells) == width:
                yield Row(name, lines.first, dict(zip(columns, cells, strict=True)))
                continue
            raw = "".join(lines._kept).rstrip("\r\n")
            why = lines.reason or _width(len(cells), width)
            yield Rejected(name, lines.first, why, kept.cells(columns, cells, raw))


def _columns(name: str, line: str, delimiter: str) -> tuple[str, ...]:
    try:
        columns = tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True)))
    except csv.Error as error:
        raise UsageError(f"{name}, line 1: the header is broken: {_why(error)}") from None
    return named(name, columns)


def _why(error: csv.Error) -> str:
    if "expected after" in str(error):
        return "text stands after a closing quote: write a quote within a cell twice"
    return "a quote is opened and not closed, or the file was cut here: close it, or send the file again"


def _width(found: int, wanted: int) -> str:
    if found < wanted:
        return f"has {found} cells and the header {wanted}: the row is cut; fill it up or send the file again"
    return f"has {found} cells and the header {wanted}: put quotes around cells that hold the delimiter"
