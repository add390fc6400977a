"""Results of long work, kept under the scope that they were worked out in and nowhere else."""

import hashlib
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.access.scope import Scope
from graphsvc.settings import Settings

Array = npt.NDArray[Any]
T = TypeVar("T", bound=msgspec.Struct)

FORMAT = 1
MOST_KEPT = 200
"""Results of one scope; the oldest go first."""
MOST_SCOPES = 10
"""What one scope was before it grew, so many times; the oldest go first."""
HELD = "held"
"""The file with the handlings of a folder."""
GROWN = "grown"
"""The file that marks an answer as taken over."""
ASIDE_SECONDS = 3600
"""How long writing or removing one takes at most."""


def forget_all(settings: Settings) -> None:
    """Take away all results of everybody: what was purged must not live on in what was derived from it."""
    shutil.rmtree(settings.home / "analyses", ignore_errors=True)


class Results:
    """Results of one scope: two callers share them only when they ask with the same rights and see the very same
    handlings of the same graph.

    A scope grows when a handling comes that its caller holds too. What was kept before answers on, since all of it may
    still be seen.
    """

    def __init__(self, settings: Settings, scope: Scope) -> None:
        self._held = scope.held
        self._rights = settings.home / "analyses" / _digest(FORMAT, scope.built, *scope.caller.rights)
        self._folder = self._rights / _digest(scope.held)

    def keep(self, question: str, answer: msgspec.Struct, arrays: Mapping[str, Array]) -> None:
        """Keep an answer and its arrays; they appear in one step. An older answer to the question goes."""
        with self._aside(question) as aside:
            for name, array in arrays.items():
                np.save(aside / f"{name}.npy", array)
            (aside / "answer").write_bytes(msgspec.msgpack.encode(answer))

    def answer(self, question: str, type_: type[T]) -> T | None:
        """The answer that is kept, if there is one that this program can read."""
        try:
            return msgspec.msgpack.decode((self._folder / question / "answer").read_bytes(), type=type_)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def array(self, question: str, name: str) -> Array:
        """An array of a kept answer, mapped."""
        found: Array = np.load(self._folder / question / f"{name}.npy", mmap_mode="r")
        return found

    def inherit(self, question: str) -> bool:
        """Take over what this scope kept before it grew; whether there was anything."""
        for path in sorted(self._scopes(), key=_time, reverse=True):
            if not (path / question).is_dir() or not _held(path) < set(self._held):
                continue
            with suppress(OSError), self._aside(question) as aside:  # it may go at this moment
                shutil.copytree(path / question, aside, dirs_exist_ok=True)
                (aside / GROWN).touch()
                return True
        return False

    def grown(self, question: str) -> bool:
        """Whether an answer is from before the scope grew."""
        return (self._folder / question / GROWN).exists()

    def forget(self, question: str) -> None:
        """Let an answer go, in what the scope was before too."""
        for path in self._scopes():
            _take_away(path / question)

    def _scopes(self) -> list[Path]:
        """The folders of these rights."""
        return [path for path in self._rights.glob("*") if path.is_dir()]

    @contextmanager
    def _aside(self, question: str) -> Iterator[Path]:
        """A folder that becomes the answer to a question when the block ends."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (self._folder / HELD).exists():
            (self._folder / HELD).write_bytes(msgspec.msgpack.encode(self._held))
        aside = self._folder / f".{uuid.uuid4().hex}"
        aside.mkdir()
        try:
            yield aside
            _take_away(self._folder / question)
            aside.rename(self._folder / question)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        self._tidy()

    def _tidy(self) -> None:
        found = [path for path in self._folder.iterdir() if path.name != HELD]
        kept = [path for path in found if not path.name.startswith(".")]
        for path in sorted(kept, key=_time)[:-MOST_KEPT]:
            _take_away(path)
        for path in found:  # left by a process that was killed in the middle
            if path.name.startswith(".") and _time(path) < time.time() - ASIDE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        for path in sorted(self._scopes(), key=_time)[:-MOST_SCOPES]:
            _take_away(path)


def _digest(*told: object) -> str:
    return hashlib.blake2b(msgspec.msgpack.encode(told), digest_size=16).hexdigest()


def _held(folder: Path) -> set[int]:
    """The handlings of a folder; where they can't be read, more than any scope has."""
    try:
        return set(msgspec.msgpack.decode((folder / HELD).read_bytes(), type=tuple[int, ...]))
    except (FileNotFoundError, msgspec.MsgspecError):
        return {-1}


def _take_away(path: Path) -> None:
    """Remove a folder; it goes in one step."""
    gone = path.with_name(f".{uuid.uuid4().hex}")
    try:
        path.rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone, ignore_errors=True)


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
