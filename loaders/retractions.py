"""Files that name what a source takes back: a table with a column ``id``."""

from pathlib import Path

from loaders.declared import check_columns
from loaders.files import expand, open_stream
from loaders.reading import rows
from loaders.records import normal
from loaders.rows import Header, Reading, Rejected, Row
from loaders.values import exact, local_id


def ids_of(paths: list[Path], source: str, reading: Reading) -> tuple[list[str], list[Rejected]]:
    """Whole ids in the order of the files, and the rows that name none. Raises UsageError for what is no table."""
    ids: list[str] = []
    rejects: list[Rejected] = []
    for given in expand(paths):
        with open_stream(given) as stream:
            for item in rows(given, stream, reading):
                if isinstance(item, Header):
                    check_columns(item, "withdrawals", ("id",), ("id",))
                elif isinstance(item, Rejected):
                    rejects.append(item)
                else:
                    try:
                        ids.append(_id(item, source))
                    except ValueError as error:
                        rejects.append(Rejected(item.file, item.line, str(error)))
    return ids, rejects


def _id(row: Row, source: str) -> str:
    raw = next((value for column, value in row.values.items() if normal(column) == "id"), None)
    try:
        text = exact(raw)
        if text:
            return local_id(source, text.removeprefix(f"{source}:"))
    except ValueError as error:
        raise ValueError(f"id: {error}") from None
    raise ValueError("id is empty: give the id of what is taken back")
