"""Rows out of tables: CSV and JSON lines here, spreadsheets and Parquet in ``loaders.tables``."""

import codecs
import csv
import io
import itertools
import json
import math
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

import msgspec

from graphsvc.errors import UsageError
from loaders import kept
from loaders.files import BROKEN, Input, broken
from loaders.text import HEAD, UNWANTED, Lines, known_encoding, why_unwanted

DELIMITERS = ",;\t|"
MOST_LINES = 10_000
"""Physical lines of one CSV record; beyond it a quote was opened and not closed."""


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


def rows(source: Input, stream: BinaryIO, reading: Reading) -> Iterator[Item]:
    """The rows of one table, whatever its format, with what had to be rejected while reading.

    Raises UsageError when it is no table at all.
    """
    checked(reading)
    match source.suffix:
        case ".xlsx" | ".parquet":
            from loaders.tables import rows as table_rows

            yield from table_rows(source, stream, reading)
        case ".json" | ".jsonl" | ".ndjson" if _is_list(stream):
            from loaders.jsonstream import objects

            yield from objects(source, stream, "", reading.encoding)
        case ".json" | ".jsonl" | ".ndjson":
            yield from _whole(source, JsonRows(source, stream, reading))
        case _:
            yield from _whole(source, CsvRows(source, stream, reading))


def _is_list(stream: BinaryIO) -> bool:
    head = stream.peek(HEAD) if isinstance(stream, io.BufferedReader) else b""
    return head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")


def _whole(source: Input, reader: "CsvRows | JsonRows") -> Iterator[Item]:
    """The rows of a reader; a packed file that ends or breaks in the middle costs the rest of itself only."""
    try:
        yield from reader
    except BROKEN as error:
        yield _broken(source, reader, error)


def _broken(source: Input, reader: "CsvRows | JsonRows", error: Exception) -> Rejected:
    """The place where a packed file breaks off. Raises UsageError when nothing stands before it."""
    if reader.lines is None or not reader.lines.number:
        raise UsageError(broken(source, error)) from error
    why = "the packed file is cut or damaged from here on: send it again; the rows before it are loaded"
    return Rejected(source.name, reader.lines.number + 1, why)


BY_ROWS = (".xlsx", ".parquet", ".json", ".jsonl", ".ndjson")
"""Endings of files that are not lines of cells."""


def groups(
    source: Input, stream: BinaryIO, reading: Reading, sizes: Iterator[int], mine: Callable[[int], bool]
) -> Iterator[list[Item] | Sheet | None]:
    """The rows of one table in groups of about the next of ``sizes``, a header perhaps by itself, a sheet where one can
    be made; None in place of a group that is not ``mine`` and could be passed over unread.

    Raises UsageError when it is no table at all.
    """
    if source.suffix in BY_ROWS:
        yield from _counted(rows(source, stream, reading), sizes)
        return
    checked(reading)
    reader = CsvRows(source, stream, reading)
    try:
        yield from reader.groups(sizes, mine)
    except BROKEN as error:
        yield [_broken(source, reader, error)]


def _counted(found: Iterator[Item], sizes: Iterator[int]) -> Iterator[list[Item]]:
    more = True
    while more:
        part: list[Item] = []
        try:
            part.extend(itertools.islice(found, next(sizes)))
        except Exception:
            yield part
            raise
        more = bool(part)
        yield part


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


def named(file: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The same, with a name for those that have none. Raises UsageError when two have the same."""
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise UsageError(f"{file}, line 1: the column {twice[0]!r} stands there twice: rename or remove one")
    return tuple(column or f"column {number}" for number, column in enumerate(columns, 1))


def _why(error: csv.Error) -> str:
    if "expected after" in str(error):
        return "text stands after a closing quote: write a quote within a cell twice"
    return "a quote is opened and not closed, or the file was cut here: close it, or send the file again"


def _width(found: int, wanted: int) -> str:
    if found < wanted:
        return f"has {found} cells and the header {wanted}: the row is cut; fill it up or send the file again"
    return f"has {found} cells and the header {wanted}: put quotes around cells that hold the delimiter"


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands there twice: remove one")
    return found


def _constant(text: str) -> None:
    raise ValueError(f"{text} is not a number that can be kept: leave it out")


DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)


def decode(text: str) -> Any:
    """A JSON value, with duplicate keys, NaN and depths that no record has refused. Raises ValueError."""
    try:
        value = DECODER.decode(text)
        if "\\u" in text:
            refuse_unwanted(value)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"is not JSON at sign {error.colno} ({error.msg}): mend it, or send the file again"
        ) from None
    except RecursionError:
        raise ValueError("is nested deeper than any record: check where it comes from") from None
    except ValueError as error:
        raise ValueError(plainly(error)) from None
    return value


def plainly(error: ValueError) -> str:
    """What is wrong with a JSON value, without Python's own words."""
    if "integer string conversion" in str(error):
        return "holds a number with thousands of digits: write it as text if it is an id"
    return str(error)


def refuse_unwanted(value: Any) -> None:
    """Raises ValueError when a text in it holds what no value may hold."""
    if isinstance(value, str):
        if found := UNWANTED.search(value):
            raise ValueError(why_unwanted(found.group(), "utf-8"))
    elif isinstance(value, dict):
        for key, part in value.items():
            refuse_unwanted(key)
            refuse_unwanted(part)
    elif isinstance(value, list):
        for part in value:
            refuse_unwanted(part)


class JsonRows:
    """The objects of a file with one JSON object a line."""

    def __init__(self, source: Input, stream: BinaryIO, reading: Reading) -> None:
        self.source = source
        self.reading = reading
        self.stream = stream
        self.lines: Lines | None = None
        self._seen = kept.Seen()

    def __iter__(self) -> Iterator[Item]:
        name = self.source.name
        self.lines = lines = Lines(self.stream, self.reading.encoding, name)
        lines.begin()
        seen = False
        for line in lines:
            text = line.strip()
            if text == "{" and not seen:
                raise UsageError(
                    f"{name}, line {lines.number}: an object stands on several lines: write one object a line, or "
                    "all of them as one list in brackets"
                )
            if text:
                seen = True
                yield self._row(lines, name, text)
            lines.begin()
        if not seen:
            raise UsageError(f"{name} is empty: send it again with one JSON object a line")

    def _row(self, lines: Lines, name: str, text: str) -> Item:
        if lines.reason:
            return Rejected(name, lines.number, lines.reason, kept.json_text(text, self._seen))
        try:
            value = decode(text)
        except ValueError as error:
            return Rejected(name, lines.number, str(error), kept.json_text(text, self._seen))
        if not isinstance(value, dict):
            why = "is not a JSON object: write one object a line"
            return Rejected(name, lines.number, why, kept.json_text(text, self._seen))
        self._seen.learn(value)
        return Row(name, lines.number, value)
