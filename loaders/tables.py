"""Rows out of spreadsheets (XLSX) and Parquet, read in pieces."""

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any, BinaryIO

from graphsvc.errors import UsageError
from loaders import files, kept
from loaders.files import Input
from loaders.jsonrows import plainly
from loaders.rows import Header, Item, Reading, Rejected, Row, named
from loaders.text import UNWANTED, why_unwanted

ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
LONGEST_NUMBER = 10**15


def rows(source: Input, stream: BinaryIO, reading: Reading) -> Iterator[Item]:
    """The rows of a spreadsheet or Parquet file. Raises UsageError when it is neither."""
    with tempfile.TemporaryFile() as copy:
        seekable: IO[bytes] = stream if _whole(source) else copy
        if seekable is copy:
            # Both formats are read from their end, so a packed one is spooled first.
            try:
                for piece in files.chunks(stream):
                    copy.write(piece)
            except files.BROKEN as error:
                raise UsageError(files.broken(source, error)) from error
            copy.seek(0)
        yield from (
            _parquet(source, seekable) if source.suffix == ".parquet" else _sheet(source, seekable, reading)
        )


def _whole(source: Input) -> bool:
    return source.member is None and source.path.suffix.lower() != ".gz"


def _sheet(source: Input, stream: IO[bytes], reading: Reading) -> Iterator[Item]:
    import openpyxl

    files.check_growth(source, stream)
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        names = book.sheetnames
        sheet = book[reading.sheet] if reading.sheet else book[names[0]]
    except KeyError:
        raise UsageError(f"{source.name} has no sheet {reading.sheet!r}: it has {', '.join(names)}") from None
    except Exception as error:  # openpyxl lets errors of many libraries through
        raise UsageError(
            f"{source.name} is not a whole spreadsheet ({_said(error)}): save it again as XLSX"
        ) from error
    columns: tuple[str, ...] = reading.header
    try:
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if all(cell is None for cell in cells):
                continue
            if not columns:
                columns = named(
                    source.name, tuple("" if cell is None else str(cell).strip() for cell in cells)
                )
                yield Header(source.name, columns)
            else:
                yield _whole_cells(source.name, number, dict(zip(columns, cells, strict=False)))
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(
            f"{source.name} is not a whole spreadsheet ({_said(error)}): save it again as XLSX"
        ) from error
    if not columns:
        raise UsageError(f"{source.name} is empty: send it again with a header line and rows")


def _said(error: Exception) -> str:
    return plainly(error) if isinstance(error, ValueError) else str(error)


def _parquet(source: Input, stream: IO[bytes]) -> Iterator[Item]:
    from pyarrow import ArrowException, parquet

    try:
        table = parquet.ParquetFile(stream)
        yield Header(source.name, named(source.name, tuple(table.schema_arrow.names)))
        number = 0
        for batch in table.iter_batches(batch_size=10_000):
            for values in batch.to_pylist():
                number += 1
                yield checked(source.name, number, values)
    except (ArrowException, OSError, ValueError) as error:
        raise UsageError(f"{source.name} is not a whole Parquet file ({error}): write it again") from error


def _whole_cells(file: str, line: int, values: dict[str, Any]) -> Row | Rejected:
    """The row of a spreadsheet, unless a cell holds an error, or a number that is longer than such cells keep."""
    row = checked(file, line, values)
    for name, value in values.items():
        if isinstance(value, str) and value in ERRORS:
            why = f"the column {name!r} holds the error {value}: mend the formula, or leave the cell empty"
        elif isinstance(value, int | float) and abs(value) >= LONGEST_NUMBER:
            why = (
                f"the column {name!r} holds a number of more than 15 digits, of which a spreadsheet loses some: "
                "format the column as text and write it again"
            )
        else:
            continue
        return Rejected(file, line, why, kept.values({name: _plain(value) for name, value in values.items()}))
    return row


def checked(file: str, line: int, values: dict[str, Any]) -> Row | Rejected:
    """The row with its values as text where the format has types of its own, unless a text holds what it must not."""
    plain = {name: _plain(value) for name, value in values.items()}
    for value in plain.values():
        for part in value if isinstance(value, list) else (value,):
            if isinstance(part, str) and (found := UNWANTED.search(part)):
                return Rejected(file, line, why_unwanted(found.group(), "utf-8"), kept.values(plain))
    return Row(file, line, plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        if not (value.hour or value.minute or value.second):
            return value.date().isoformat()
        return value.isoformat()[:19] + (value.strftime("%z") if value.tzinfo else "")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
