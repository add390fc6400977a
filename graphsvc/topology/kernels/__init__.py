"""Compiled kernels. Their machine code is kept on disk, apart for each state of their sources."""

import fcntl
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import FunctionCache

_HERE = Path(__file__).parent
_STATE = hashlib.blake2b(
    b"".join(path.read_bytes() for path in [*sorted(_HERE.glob("*.py")), _HERE.parent / "layout.py"]),
    digest_size=8,
).hexdigest()


def _cache() -> str:
    folder = _HERE / "__pycache__" / _STATE
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # an installation that can't be written to
        folder = Path.home() / ".cache" / "graphsvc" / _STATE
    return str(folder)


_FOLDER = _cache()
config.CACHE_DIR = _FOLDER  # type: ignore[attr-defined]


class _Cache(FunctionCache):
    """Numba's, but for one writer at a time: two that add to one index at once can give a name to the other's code."""

    def save_overload(self, sig: Any, data: Any) -> None:
        with Path(_FOLDER, "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            super().save_overload(sig, data)


def kernel(function: Callable[..., Any]) -> Any:
    """Decorator of every kernel: compiled at its first call, kept on disk, runs without the interpreter's lock.

    Private ones are called by kernels alone, and can't be by Python. A Python number or truth given to a kernel by a
    kernel is a type of its own, for which it would be compiled once more: give ``np.int64(0)``.
    """
    private = function.__name__.startswith("_")
    compiled: Any = njit  # its stub knows fewer options than it
    made = compiled(
        function, nogil=True, boundscheck=False, no_cfunc_wrapper=True, no_cpython_wrapper=private
    )
    if made is not function:  # as it is where compiling is turned off
        made._cache = _Cache(function)
    return made


inlined = njit(cache=True, nogil=True, boundscheck=False, inline="always")
"""Decorator of what is called for every link: a call would hand over all arrays each time."""
