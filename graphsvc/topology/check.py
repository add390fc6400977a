"""Compares the current generation with what Neo4j says now."""

from pathlib import Path

import numpy as np

from graphsvc.errors import SetupError
from graphsvc.topology import layout
from graphsvc.topology.build import Store, read
from graphsvc.topology.layout import Graph
from graphsvc.topology.snapshot import Snapshot

NAMES = {"ids": "records", "links": "links", "keys": "identity keys"}


def differences(store: Store, home: Path) -> list[str]:
    """One line for each array that differs; none when the shape is that of the store.

    Raises SetupError when nothing was ever built.
    """
    folder = layout.current(home)
    if folder is None:
        raise SetupError("there is no topology yet; make one with `graphsvc topology build`.")
    held = Snapshot.open(folder, room=0)
    arrays, meta = read(store)
    if held.meta.graph != meta.graph:
        return ["the topology is of another database; build it again."]
    if held.meta.seq != meta.seq:
        return [
            f"Neo4j has {meta.seq - held.meta.seq} changes more than the files; build it again to compare."
        ]
    now, before = {**arrays}, layout.read(folder, room=0)[0]
    return [
        f"{NAMES.get(name, name)}: {len(before[name])} here, {len(now[name])} in Neo4j"
        if len(before[name]) != len(now[name])
        else f"{NAMES.get(name, name)}: {_differing(before[name], now[name])} differ"
        for name in (*(n for n in Graph._fields if n not in ("place", "size")), *NAMES)
        if not np.array_equal(before[name], now[name])
    ]


def _differing(one: layout.Array, other: layout.Array) -> int:
    return int(np.count_nonzero(np.any((one != other).reshape(len(one), -1), axis=1)))
