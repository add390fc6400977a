"""Refused rows as a file that can be mended and loaded again."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import asdict

from graphsvc.errors import UsageError
from loaders.frame import as_reject
from loaders.rows import Rejected


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
    def adding(self) -> Iterator[Callable[[Rejected], None]]:
        """A function that adds one refused row after those of the loads before."""
        if self._path is None:
            yield lambda _: None
            return
        with self._path.open(self._mode, encoding="utf-8") as stream:
            self._mode = "a"
            yield lambda reject: print(mendable(asdict(as_reject(reject))), file=stream)
