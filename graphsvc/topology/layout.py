"""The arrays of one generation: their names, types and files. A generation is written aside, then renamed."""

import os
import shutil
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.errors import SetupError
from graphsvc.model.kinds import KINDS
from graphsvc.model.links import LINKS

Array = npt.NDArray[Any]

FORMAT = 2
NEVER, ALWAYS, SHIFT = 0, 1, 2
"""Handlings as kernels see them: one that nobody holds, one that all hold, then the numbers moved up by two."""
FAR = 2**31 - 1
"""No day of expiry. An undated link has ``FAR`` as its first day and ``-FAR`` as its last, so no window meets it."""
CONFIDENCE_STEPS = 10_000
INWARD = 0x80
"""Flag on a type code: the link comes in at this node."""
IDENTITY = 0x100
"""Flag on a kind: the record may stand together with others."""
PLACES = 24
"""Bits between the ranks of two neighbouring ids, so that later ids find room between them."""

TYPES: tuple[str, ...] = tuple(link.name for link in LINKS)
TYPE_CODES: dict[str, int] = {name: code for code, name in enumerate(TYPES)}
KIND_NAMES: tuple[str, ...] = tuple(kind.name for kind in KINDS)
KIND_CODES: dict[str, int] = {name: code for code, name in enumerate(KIND_NAMES)}


class Graph(NamedTuple):
    """What the kernels read. Nodes below ``size`` are numbered in the order of their ids.

    ``card`` is what is known of a node, ``hot`` what every walk asks of a link at one of its ends and ``cold`` the
    rest, each in one line of the cache. Entries of a node stand together, sorted by handling. A tie (an
    identity key, or an accepted judgement) joins its holders at no cost; ``tie_card`` has handling, last day,
    confidence, and the number of the judging link or -1.
    """

    card: Array  # int32[nodes, 8]: handling, last day, kind with flags, degree, start, ties, start of ties
    hot: Array  # int32[entries, 4]: neighbour, handling, last day, packed type, confidence and skip
    cold: Array  # int32[entries, 3]: link, first and last day
    tie: Array  # int32[memberships]
    tie_card: Array  # int32[ties, 4]
    holder_start: Array  # int64[ties]
    holder_degree: Array  # int32[ties]
    holder: Array  # int32[memberships]
    place: Array  # int64[nodes added since]: their ranks among those of the base
    size: int


DEGREE, START, TIES, TIE_START = 3, 4, 5, 6
"""Columns of a card after handling, last day and kind."""
NEIGHBOUR, HELD, RETAIN, PACKED = 0, 1, 2, 3
"""Columns of a hot entry. ``PACKED`` holds from its lowest bit on: type with ``INWARD`` (8 bits), confidence (14: 0
unknown, else one more than its ten-thousandths), and how far it is to the end of the run of one handling (9)."""
LINK, FIRST, LAST = 0, 1, 2
"""Columns of a cold entry."""
CONFIDENCE_AT, CONFIDENCE_BITS, SKIP_AT, MOST_SKIP = 8, 0x3FFF, 22, 511
TAILED = ("hot", "cold", "tie", "holder")
"""Arrays that are mapped with room behind them, which changes fill."""
SHAPES: dict[str, tuple[str, int]] = {
    "card": ("i4", 8), "hot": ("i4", 4), "cold": ("i4", 3), "tie": ("i4", 1), "tie_card": ("i4", 4),
    "holder_start": ("i8", 1), "holder_degree": ("i4", 1), "holder": ("i4", 1),
    "link_from": ("i4", 1),
    "ids": ("u1", 1), "id_ends": ("i8", 1), "links": ("u1", 1), "link_ends": ("i8", 1),
    "keys": ("u1", 1), "key_ends": ("i8", 1),
}  # fmt: skip


class Meta(msgspec.Struct):
    """What a generation says of itself. ``digests`` are those of the handlings, by number."""

    format: int
    graph: str  # identity of the database that it was read from
    seq: int
    types: tuple[str, ...]
    kinds: tuple[str, ...]
    digests: list[str]
    lengths: dict[str, int]

    def check(self) -> None:
        """Raises SetupError when this program can't read it."""
        if (self.format, self.types, self.kinds) != (FORMAT, TYPES, KIND_NAMES):
            raise SetupError(
                "the topology was built by another version; build it again with `graphsvc topology build`."
            )


def write(home: Path, arrays: dict[str, Array], meta: Meta) -> Path:
    """Write a generation under ``home`` and make it the current one; older ones are removed.

    Nothing of it can be seen before it is whole: the folder is renamed, then the pointer to it.
    """
    home.mkdir(parents=True, exist_ok=True)
    name = uuid.uuid4().hex
    aside = home / f".{name}"
    aside.mkdir()
    try:
        meta.lengths = {key: len(array) for key, array in arrays.items()}
        for key, array in arrays.items():
            with (aside / f"{key}.bin").open("wb") as file:
                np.ascontiguousarray(array, SHAPES[key][0]).tofile(file)
                file.flush()
                os.fsync(file.fileno())
        (aside / "meta.json").write_bytes(msgspec.json.encode(meta))
        aside.rename(home / name)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    pointer = home / f".current-{name}"
    pointer.write_text(name, encoding="ascii")
    pointer.rename(home / "current")
    _sweep(home, name)
    return home / name


def _sweep(home: Path, keep: str) -> None:
    for path in home.iterdir():
        if path.is_dir() and path.name != keep and not path.name.startswith("."):
            shutil.rmtree(path, ignore_errors=True)


def current(home: Path) -> Path | None:
    """The folder of the current generation, or nothing when none was ever finished."""
    try:
        return home / (home / "current").read_text(encoding="ascii")
    except FileNotFoundError:
        return None


def read(folder: Path, *, room: int) -> tuple[dict[str, Array], Meta]:
    """Map a generation. Pages are shared between processes until one of them writes into its own tail.

    ``room`` is how many elements the tailed arrays can grow by.
    """
    meta = msgspec.json.decode((folder / "meta.json").read_bytes(), type=Meta)
    meta.check()
    return {name: _map(folder, name, length, room) for name, length in meta.lengths.items()}, meta


def _map(folder: Path, name: str, length: int, room: int) -> Array:
    kind, width = SHAPES[name]
    path = folder / f"{name}.bin"
    size = length + (room if name in TAILED else 0)
    if size * width == 0:
        return np.zeros((0, width) if width > 1 else 0, kind)
    needed = size * width * np.dtype(kind).itemsize
    if path.stat().st_size < needed:
        os.truncate(path, needed)  # a hole: it takes no room on the disk
    mapped: Array = np.asarray(np.memmap(path, kind, "c", shape=(size, width) if width > 1 else (size,)))
    return mapped
