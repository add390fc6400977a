"""The event columns against a full recount in Neo4j, which groups and adds up by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from graphsvc.topology import events_files
from graphsvc.topology.events import EventColumns

RECOUNT = """
MATCH (n:Event)
RETURN n.handling AS handling, n.type AS type, coalesce(left(n.time, 7), '') AS month,
       coalesce(n.country, '') AS country, coalesce(n.commodity, '') AS commodity,
       coalesce(n.unit, '') AS unit, count(*) AS events,
       sum(coalesce(n.quantity, 0.0)) AS quantity
"""
HEAD = "MATCH (m:Meta {name: 'graph'}) RETURN m.seq AS seq, m.built AS built"
MOST = 50

Run = Callable[[str], list[dict[str, Any]]]
Group = tuple[int, str, str, str, str, str]


def differences(run: Run, home: Path) -> list[str]:
    """What the columns on the disk and Neo4j do not agree on, a sentence each. They must be of the same change."""
    columns = events_files.read(home)
    head = run(HEAD)[0]
    if columns is None:
        return ["There are no event columns yet: start the server once, or ask for a trend."]
    if (columns.graph, columns.seq) != (head["built"], head["seq"]):
        return [
            f"The event columns stand at change {columns.seq}, Neo4j at {head['seq']}: start the server to follow."
        ]
    there = {_group(row): (row["events"], row["quantity"]) for row in run(RECOUNT)}
    here = counted(columns)
    found = []
    for group in sorted(there.keys() | here.keys()):
        one, other = here.get(group, (0, 0.0)), there.get(group, (0, 0.0))
        if one[0] != other[0] or not np.isclose(one[1], other[1], rtol=1e-9, atol=1e-9):
            found.append(f"{', '.join(map(str, group))}: the columns have {one}, Neo4j {other}")
    return found[:MOST]


def _group(row: dict[str, Any]) -> Group:
    return row["handling"], row["type"], row["month"], row["country"], row["commodity"], row["unit"]


def counted(columns: EventColumns) -> dict[Group, tuple[int, float]]:
    """Events and sums of the base by handling, type, month as far as it is known, country, commodity and unit."""
    from graphsvc.model.days import iso

    base, texts = columns.base, columns.words.texts
    length = np.array([0, 4, 7, 7])[base["precision"]]
    table: dict[Group, tuple[int, float]] = {}
    quantity = np.nan_to_num(base["quantity"])
    for row in range(len(base["name"])):
        month = iso(int(base["day"][row]))[: length[row]] if length[row] else ""
        group = (
            int(base["handling"][row]), texts[base["type"][row]], month, texts[base["country"][row]],
            texts[base["commodity"][row]], texts[base["unit"][row]],
        )  # fmt: skip
        events, total = table.get(group, (0, 0.0))
        table[group] = events + 1, total + float(quantity[row])
    return table
