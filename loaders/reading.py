"""Rows out of tables of any format, one by one or in groups."""

import codecs
import io
import itertools
from collections.abc import Callable, Iterator
from typing import BinaryIO

from graphsvc.errors import UsageError
from loaders.csvrows import CsvRows
from loaders.files import BROKEN, Input, broken
from loaders.jsonrows import JsonRows
from loaders.rows import Item, Reading, Rejected, Sheet, checked
from loaders.text import HEAD

BY_ROWS = (".xlsx", ".parquet", ".json", ".jsonl", ".ndjson")
"""Endings of files that are not lines of cells."""


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
