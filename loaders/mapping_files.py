"""The files that a mapping names, and what is joined from them."""

from pathlib import Path, PurePosixPath

from graphsvc.errors import UsageError
from loaders import files
from loaders.files import Input
from loaders.mapping_spec import Join
from loaders.mapping_values import Values, as_text
from loaders.reading import rows
from loaders.rows import Header, Row

MOST_JOINED = 2_000_000
"""Rows of a joined file, which is held in memory."""


class Files:
    """The files that a mapping may name, by path and by name alone."""

    def __init__(self, data: list[Path]) -> None:
        self._inputs = [found for path in _deep(data) for found in files.within(path)]
        self._data = data

    def find(self, name: str) -> Input:
        """The stream of a file that the mapping names. Raises UsageError."""
        wanted = PurePosixPath(name.split("://")[-1])
        for folder in self._data:
            if folder.is_dir() and (folder / wanted).is_file():
                return Input(folder / wanted)
        for exact in (True, False):
            found = [item for item in self._inputs if _fits(item, wanted, exact=exact)]
            if len(found) == 1:
                return found[0]
            if found:
                raise UsageError(
                    f"{name} is there {len(found)} times in the data: give the folder of the right one"
                )
        where = ", ".join(str(path) for path in self._data)
        raise UsageError(
            f"the mapping names {name}, which is not in {where}: give the folder or zip file that holds it"
        )

    def lookup(self, join: Join) -> dict[tuple[str, ...], Values]:
        """The rows of a joined file by the values of its key columns."""
        source = self.find(join.table)
        keys = tuple(join.by.values())
        found: dict[tuple[str, ...], Values] = {}
        with files.open_stream(source) as stream:
            for item in rows(source, stream, join.reading):
                if isinstance(item, Header):
                    need(item, (*keys, *join.columns.values()))
                elif isinstance(item, Row):
                    key = tuple(as_text(item.values.get(column)) for column in keys)
                    _add(found, key, {name: item.values.get(column) for name, column in join.columns.items()})
                    if len(found) > MOST_JOINED:
                        raise UsageError(
                            f"{source.name} has more than {MOST_JOINED:,} rows, too many to join: split it"
                        )
        return found


def _add(found: dict[tuple[str, ...], Values], key: tuple[str, ...], values: Values) -> None:
    """Keep the values under their key; what several rows give to one key becomes lists."""
    before = found.get(key)
    if before is None:
        found[key] = values
        return
    for name, value in values.items():
        held = before[name]
        before[name] = [*(held if isinstance(held, list) else [held]), value]


def _deep(data: list[Path]) -> list[Path]:
    return [
        part
        for path in data
        for part in (
            sorted(p for p in path.rglob("*") if p.is_file() and _table(p)) if path.is_dir() else [path]
        )
    ]


def _table(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith((*files.TABLES, ".zip"))


def _fits(item: Input, wanted: PurePosixPath, *, exact: bool) -> bool:
    path = PurePosixPath(item.member or item.path.as_posix())
    if exact:
        return path.parts[-len(wanted.parts) :] == wanted.parts
    return path.name == wanted.name


def need(header: Header, columns: tuple[str, ...]) -> None:
    """Raises UsageError when a file lacks one of the columns."""
    missing = [column for column in columns if column not in header.columns]
    if missing:
        raise UsageError(
            f"{header.file}, line 1: the mapping needs the column {missing[0]!r}, which is missing: "
            f"it has {', '.join(header.columns[:12])}"
        )
