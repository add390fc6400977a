"""Results of long work, kept under the scope that they were worked out in and nowhere else."""

import hashlib
import shutil
import time
import uuid
from collections.abc import Mapping
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
ASIDE_SECONDS = 3600
"""How long writing or removing one takes at most."""


def forget_all(settings: Settings) -> None:
    """Take away all results of everybody: what was purged must not live on in what was derived from it."""
    shutil.rmtree(settings.home / "analyses", ignore_errors=True)


class Results:
    """Results of one scope: two callers share them only when they see the very same handlings of the same graph."""

    def __init__(self, settings: Settings, scope: Scope) -> None:
        told = msgspec.msgpack.encode((FORMAT, scope.built, scope.held))
        self._home = settings.home / "analyses"
        self._folder = self._home / hashlib.blake2b(told, digest_size=16).hexdigest()

    def keep(self, question: str, answer: msgspec.Struct, arrays: Mapping[str, Array]) -> None:
        """Keep an answer and its arrays; they appear in one step. An older answer to the question goes."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = self._folder / f".{uuid.uuid4().hex}"
        aside.mkdir()
        try:
            for name, array in arrays.items():
                np.save(aside / f"{name}.npy", array)
            (aside / "answer").write_bytes(msgspec.msgpack.encode(answer))
            self.forget(question)
            aside.rename(self._folder / question)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        self._tidy()

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

    def forget(self, question: str) -> None:
        """Let an answer go."""
        gone = self._folder / f".{uuid.uuid4().hex}"
        try:
            (self._folder / question).rename(gone)
        except FileNotFoundError:
            return
        shutil.rmtree(gone, ignore_errors=True)

    def _tidy(self) -> None:
        found = list(self._folder.iterdir())
        kept = [path for path in found if not path.name.startswith(".")]
        for path in sorted(kept, key=_time)[:-MOST_KEPT]:
            self.forget(path.name)
        for path in found:  # left by a process that was killed in the middle
            if path.name.startswith(".") and _time(path) < time.time() - ASIDE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
