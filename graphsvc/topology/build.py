"""Reads the whole shape out of Neo4j, as columns by ranges of ``no``, and writes a generation."""

import fcntl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from graphsvc.topology import assemble, layout
from graphsvc.topology.assemble import Links, Nodes
from graphsvc.topology.layout import (
    CONFIDENCE_STEPS,
    FAR,
    FORMAT,
    KIND_CODES,
    KIND_NAMES,
    TYPE_CODES,
    TYPES,
    Meta,
)

Array = npt.NDArray[Any]

RANGE = 25_000
READERS = 3

META = """
MATCH (m:Meta {name: 'graph'})
OPTIONAL MATCH (h:Handling) WITH m, h ORDER BY h.number
RETURN m.seq AS seq, m.built AS built, m.next_no AS next_no, collect(h.digest) AS digests
"""

NODES = f"""
MATCH (n:Entity) WHERE n.no >= $from AND n.no < $to
RETURN collect(n.no), collect(n.id), collect(n.kind), collect(coalesce(n.handling, -2)),
       collect(coalesce(n.retain_day, {FAR})),
       collect(CASE WHEN n.kind IN $dated THEN coalesce(n.first_day, {FAR}) ELSE {FAR} END),
       collect(CASE WHEN n.kind IN $dated THEN coalesce(n.last_day, -{FAR}) ELSE -{FAR} END),
       collect(coalesce(n.keys, []))
"""

LINKS = f"""
MATCH (a:Entity) WHERE a.no >= $from AND a.no < $to
MATCH (a)-[r]->(b)
RETURN collect(a.no), collect(b.no), collect(r.id), collect(type(r)), collect(coalesce(r.handling, -2)),
       collect(coalesce(r.retain_day, {FAR})), collect(coalesce(r.first_day, {FAR})),
       collect(coalesce(r.last_day, -{FAR})), collect(coalesce(r.confidence, -1.0)),
       collect(coalesce(r.decision, ''))
"""

Columns = list[Any]
"""Of one range: a list each, or an array."""
Progress = Callable[[int, int], None]


class Store(Protocol):
    """What a build needs of the store."""

    def rows(self, text: str, /, **parameters: Any) -> list[dict[str, Any]]: ...
    def session(self) -> Any: ...


def read(store: Store, *, progress: Progress | None = None) -> tuple[dict[str, Array], Meta]:
    """All arrays, and what they say of themselves. Changes made meanwhile are after its ``seq``."""
    head = store.rows(META)[0]
    ranges = [(at, at + RANGE) for at in range(0, head["next_no"], RANGE)]
    steps = 2 * len(ranges)

    def columns(job: tuple[str, tuple[int, int]]) -> Columns:
        text, (low, high) = job
        with store.session() as session:
            found = session.run(text, {"from": low, "to": high, "dated": assemble.DATED_KINDS})
            values = list(found.single().values())
        return _flat(values) if text == LINKS else values

    parts: list[Columns] = []
    with ThreadPoolExecutor(READERS) as readers:
        for part in readers.map(columns, [(text, span) for text in (NODES, LINKS) for span in ranges]):
            parts.append(part)
            if progress is not None:
                progress(len(parts), steps)
    nodes, place = _nodes(parts[: len(ranges)], head["next_no"])
    links = _links(parts[len(ranges) :], place)
    arrays = assemble.arrays(nodes, links, head["digests"])
    meta = Meta(FORMAT, head["built"], head["seq"], TYPES, KIND_NAMES, head["digests"], {})
    return arrays, meta


def _joined(parts: list[Columns], column: int) -> list[Any]:
    return [value for part in parts for value in part[column]]


def _ints(parts: list[Columns], column: int) -> Array:
    return np.concatenate([np.zeros(0, np.int32), *(np.asarray(part[column], np.int32) for part in parts)])


def _codes(parts: list[Columns], column: int, codes: dict[str, int]) -> Array:
    return np.fromiter((codes[name] for part in parts for name in part[column]), np.int32)


def _nodes(parts: list[Columns], size: int) -> tuple[Nodes, Array]:
    place = np.full(size, -1, np.int32)
    numbers = _ints(parts, 0)
    place[numbers] = np.arange(len(numbers), dtype=np.int32)
    keys = {at: held for at, held in enumerate(_joined(parts, 7)) if held}
    return Nodes(
        ids=_joined(parts, 1),
        kind=_codes(parts, 2, KIND_CODES),
        handling=_ints(parts, 3),
        retain=_ints(parts, 4),
        first=_ints(parts, 5),
        last=_ints(parts, 6),
        keys=keys,
    ), place


def _flat(part: Columns) -> Columns:
    """Columns of links as arrays, as soon as they come: Python's own numbers and texts take many times the memory."""
    import pyarrow as pa

    ints = {at: np.array(part[at], np.int32) for at in (0, 1, 4, 5, 6, 7)}
    types = np.fromiter((TYPE_CODES[name] for name in part[3]), np.int32, len(part[3]))
    confidence = np.array(part[8], np.float64)
    stored = np.where(confidence < 0, 0, np.round(confidence * CONFIDENCE_STEPS) + 1).astype(np.int32)
    judged = np.zeros(len(types), np.int8)
    for at in np.flatnonzero(types == TYPE_CODES[assemble.JUDGEMENT]).tolist():
        judged[at] = assemble.judged(assemble.JUDGEMENT, part[9][at] or None)
    ids = pa.array(part[2], pa.large_string())
    return [ints[0], ints[1], ids, types, ints[4], ints[5], ints[6], ints[7], stored, judged]


def _links(parts: list[Columns], place: Array) -> Links:
    import pyarrow as pa

    return Links(
        ids=pa.chunked_array([part[2] for part in parts], pa.large_string()).combine_chunks(),
        type=_ints(parts, 3),
        from_=place[_ints(parts, 0)],
        to=place[_ints(parts, 1)],
        handling=_ints(parts, 4),
        retain=_ints(parts, 5),
        first=_ints(parts, 6),
        last=_ints(parts, 7),
        confidence=_ints(parts, 8),
        judged=_ints(parts, 9),
    )


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Only one process builds at a time; the others wait."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(store: Store, home: Path, *, progress: Progress | None = None) -> Path:
    """Read everything and make it the current generation; its folder. A build that is cut off leaves no trace."""
    with alone(home):
        arrays, meta = read(store, progress=progress)
        return layout.write(home, arrays, meta)
