"""Files that name what a source takes back: a table with a column ``id``."""

from pathlib import Path

from loaders.files import expand, open_stream
from loaders.rows import Reading, Rejected, Row, rows
from loaders.values import local_id


def ids_of(paths: list[Path], source: str, reading: Reading) -> tuple[list[str], list[Rejected]]:
    """Whole ids in the order of the files, and the rows that name none. Raises UsageError for what is no table."""
    ids: list[str] = []
    rejects: list[Rejected] = []
    for given in expand(paths):
        with open_stream(given) as stream:
            for item in rows(given, stream, reading):
                if isinstance(item, Row):
                    try:
                        ids.append(
                            local_id(source, str(item.values.get("id") or "").removeprefix(f"{source}:"))
                        )
                    except ValueError as error:
                        rejects.append(Rejected(item.file, item.line, f"id: {error}"))
                elif isinstance(item, Rejected):
                    rejects.append(item)
    return ids, rejects
