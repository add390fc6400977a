"""A dry run: everything is read, checked, shaped and compared, and nothing is written."""

import hashlib
from collections.abc import Callable

import msgspec

from graphsvc.model.derive import digest
from graphsvc.model.record import Link, Record
from loaders.frame import Element, Loader
from loaders.marks import id_mark
from loaders.rows import Rejected


class Rehearsal(msgspec.Struct):
    """What a load of these files would bring. ``twice`` counts ids that stand there with differing content."""

    records: int = 0
    links: int = 0
    rejected: int = 0
    twice: int = 0
    rejects: list[Rejected] = []
    notes: list[str] = []
    failed: bool = False


def rehearse(
    loader: Loader, size: int = 10_000, refused: Callable[[Rejected], None] = lambda _: None
) -> Rehearsal:
    """Go through all files. Sixteen bytes are kept for each element, so memory stays small; ``refused`` is told of
    every refused row. It has failed where the load would: a file can't be read, or nothing can be taken."""
    import numpy as np

    found = Rehearsal()
    seen: list[np.ndarray] = []
    for parcel in loader.parcels(size):
        found.records += len(parcel.records)
        found.links += len(parcel.links)
        found.rejected += len(parcel.rejects)
        for reject in parcel.rejects:
            refused(reject)
        found.rejects += parcel.rejects[: max(0, 10 - len(found.rejects))]
        marks = b"".join(_mark(element) for element in parcel.elements())
        seen.append(np.frombuffer(marks, dtype=np.uint64).reshape(-1, 2))
    if seen:
        distinct = np.unique(np.concatenate(seen), axis=0)
        found.twice = int(len(distinct) - len(np.unique(distinct[:, 0])))
    found.notes = loader.notes()
    found.failed = bool(loader.failed) or 0 < found.rejected == found.records + found.links + found.rejected
    return found


def _mark(element: Element) -> bytes:
    """Eight bytes for the id and eight for the content; versions of one id are told apart by their sequence."""
    kind = "" if isinstance(element, Record) else element.kind
    ends = (element.from_, element.to) if isinstance(element, Link) else ()
    content = digest(element.kind, ends, element.properties, element.handling.digest)
    id_ = f"{kind} {element.id} {element.sequence}"
    return id_mark(id_) + hashlib.blake2b(content.encode(), digest_size=8).digest()
