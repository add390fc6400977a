"""Compiled kernels. Their machine code is kept on disk, apart for each state of their sources."""

import hashlib
from pathlib import Path

from numba import config, njit

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


config.CACHE_DIR = _cache()  # type: ignore[attr-defined]

kernel = njit(cache=True, nogil=True, boundscheck=False)
"""Decorator of every kernel: compiled at its first call, kept on disk, runs without the interpreter's lock."""

inlined = njit(cache=True, nogil=True, boundscheck=False, inline="always")
"""Decorator of what is called for every link: a call would hand over all arrays each time."""
