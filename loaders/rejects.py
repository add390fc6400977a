"""Refused rows as a file that can be mended and loaded again."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import asdict

from graphsvc.errors import UsageError
from loaders import kept
from loaders.frame import UNREADABLE, Loader
from loaders.parcel import as_reject
from loaders.rows import Rejected, Row


def mendable(reject: dict[str, Any]) -> str:
    """A refused row as one JSON object: its own values, with the reason under names that loaders pass over."""
    about = {"_file": reject["file"], "_line": reject["line"], "_reason": reject["reason"]}
    try:
        row = msgspec.json.decode(reject["row"], type=dict[str, Any])
    except msgspec.DecodeError:
        row = {"_raw": reject["row"]} if reject["row"] else {}
    return msgspec.json.encode({**about, **row, **about}).decode()


class Mending:
    """The file of a command for refused rows, one JSON object a line; without a path, nothing is kept."""

    def __init__(self, path: Path | None, read: Iterable[Path] = ()) -> None:
        """Raises UsageError when the file can't be written, or is one of those that are read."""
        self._path = path
        if path is not None:
            if path.is_dir() or not path.parent.is_dir():
                raise UsageError(f"{path} cannot be written: give --rejects a file in a folder that is there")
            if path.resolve() in {other.resolve() for other in read}:
                raise UsageError(f"{path} is what is loaded: give --rejects another file")
        self._mode = "w"

    @contextmanager
    def adding(self, loader: Loader) -> Iterator[Callable[[Rejected], None]]:
        """A function that adds one refused row of a load after those of the loads before.

        Rows that were refused for what is stored have no text: it is read from their files at the end.
        """
        if self._path is None:
            yield lambda _: None
            return
        bare: list[Rejected] = []
        with self._path.open(self._mode, encoding="utf-8") as stream:
            self._mode = "a"

            def add(reject: Rejected) -> None:
                print(mendable(asdict(as_reject(reject))), file=stream)

            yield lambda reject: add(reject) if reject.row or not reject.line else bare.append(reject)
            for reject in whole(loader, bare):
                add(reject)


def whole(loader: Loader, rejects: Iterable[Rejected]) -> Iterator[Rejected]:
    """Refused rows with what is kept of them, as far as their files still tell it; each once, with all its reasons."""
    reasons: dict[str, dict[int, dict[str, None]]] = {}
    for reject in rejects:
        reasons.setdefault(reject.file, {}).setdefault(reject.line, {})[reject.reason] = None
    for source in loader.inputs:
        lines = reasons.get(source.name, {})
        with suppress(*UNREADABLE):
            for item in loader.read(source) if lines else ():
                if item.line in lines:
                    row = kept.values(item.values) if isinstance(item, Row) else item.row
                    yield Rejected(item.file, item.line, " ".join(lines.pop(item.line)), row)
                if not lines:
                    break
    for file, lines in reasons.items():
        for line, several in lines.items():
            yield Rejected(file, line, " ".join(several))
