"""What a load must not undo: decisions in force, retention that was renewed, and the state of review."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from graphsvc.model.handling import Handling
from graphsvc.model.narrowing import Terms, decided
from graphsvc.store.plan import Row

if TYPE_CHECKING:
    from graphsvc.store.writing import Writing

TERMS = "MATCH (d:Decision) WHERE d.id IN $ids RETURN d.id AS id, d.terms AS terms"


def keep(writing: "Writing", rows: Iterable[tuple[Row, Handling]], stored: dict[str, Row]) -> None:
    """Carry over to new versions of stored elements what was decided on them. ``rows`` have their file's handling."""
    under: list[tuple[Row, Handling, list[str]]] = []
    for row, handling in rows:
        known = stored.get(row["id"])
        if known is None:
            continue
        _keep_day(row, known)
        row.pop("decisions", None)  # of an attempt that failed
        row.pop("loaded_handling", None)
        if known.get("decisions"):
            under.append((row, handling, known["decisions"]))
    if under:
        _keep_decisions(writing, under)


def _keep_day(row: Row, known: Row) -> None:
    """The same date in the file leaves the day that stands; a later version is no renewal."""
    day = known.get("retain_day")
    if day is None:
        return
    same = row.get("retain_until") == known.get("retain_until")
    row["retain_day"] = day if same else min(day, row["retain_day"])


def _keep_decisions(writing: "Writing", under: list[tuple[Row, Handling, list[str]]]) -> None:
    ids = sorted({id for _, _, decisions in under for id in decisions})
    found = writing.tx.run(TERMS, ids=ids).data()
    terms = {row["id"]: msgspec.json.decode(row["terms"], type=Terms) for row in found}
    after = [decided(handling, (terms[id] for id in decisions)) for _, handling, decisions in under]
    numbers = writing.intern(after)
    for (row, _, decisions), handling in zip(under, after, strict=True):
        row["loaded_handling"] = row["handling"]
        row["decisions"] = decisions
        row["handling"] = numbers[handling]
