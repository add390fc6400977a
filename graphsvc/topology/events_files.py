"""Event columns in files, mapped by all processes that answer."""

import shutil
import uuid
from pathlib import Path

import msgspec
import numpy as np

from graphsvc.topology.events import TYPES, EventColumns, Judgement, Rows, Words
from graphsvc.topology.layout import current

FORMAT = 1


class Meta(msgspec.Struct):
    """What a generation says of itself."""

    format: int
    graph: str
    seq: int
    same: dict[str, Judgement]


def write(home: Path, columns: EventColumns) -> None:
    """Make the base of these columns the current generation; older ones are removed. Whole or not at all."""
    home.mkdir(parents=True, exist_ok=True)
    name = uuid.uuid4().hex
    aside = home / f".{name}"
    aside.mkdir()
    try:
        for column, values in columns.base.items():
            np.save(aside / f"{column}.npy", values)
        (aside / "words.json").write_bytes(msgspec.json.encode(columns.words.texts[1:]))
        meta = Meta(FORMAT, columns.graph, columns.seq, columns.same)
        (aside / "meta.json").write_bytes(msgspec.json.encode(meta))
        aside.rename(home / name)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    pointer = home / f".current-{name}"
    pointer.write_text(name, encoding="ascii")
    pointer.replace(home / "current")
    for path in home.iterdir():
        if path.is_dir() and path.name != name and not path.name.startswith("."):
            shutil.rmtree(path, ignore_errors=True)


def read(home: Path) -> EventColumns | None:
    """The current generation, mapped, or None when there is none that this program can read."""
    folder = current(home)
    if folder is None:
        return None
    try:
        meta = msgspec.json.decode((folder / "meta.json").read_bytes(), type=Meta)
        if meta.format != FORMAT:
            return None
        words = Words(msgspec.json.decode((folder / "words.json").read_bytes(), type=list[str]))
        # Plain arrays over the same memory: a memmap costs time at every look.
        base: Rows = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in TYPES}
    except (OSError, ValueError, msgspec.DecodeError):
        return None  # another process replaced it meanwhile, or it is not whole: it is made again
    return EventColumns.of(base, words, meta.same, meta.seq, meta.graph)
