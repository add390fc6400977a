"""Event columns: what the visible events are, as flat arrays beside the shape of the graph.

A base that never changes, usually mapped from files, with an overlay of what came after it and tombstones for what
it replaces. Texts are codes into one dictionary; records are known by a hash of their id.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.model import days
from graphsvc.model.vocabulary import AREAS
from graphsvc.topology.layout import FAR

Array = npt.NDArray[Any]

CODED = (
    "type",
    "modus",
    "commodity",
    "unit",
    "origin",
    "transit",
    "destination",
    "country",
    "place",
    "route",
    "source",
)
"""Columns of texts. ``transit`` is the whole list, parted by semicolons."""

TYPES: dict[str, str] = {
    "name": "i8",  # hash of the id
    "handling": "i4",
    "retain": "i4",  # last day on which it may be seen
    "day": "i4",  # first day that its time can mean; FAR when it has none
    "last": "i4",  # last day that it can mean
    "precision": "i1",  # 0 no time, 1 the year, 2 the month, 3 the day
    "recorded": "i4",
    "areas": "u2",  # one bit an area, in the order of the vocabulary
    "quantity": "f8",  # NaN when it has none
    "key": "i8",  # hash of the reference that several countries share; 0 when it has none
    **dict.fromkeys(CODED, "i4"),
}
NOTHING = 0
"""The code of an absent text."""
AREA_BITS: dict[str, int] = {area: 1 << place for place, area in enumerate(AREAS)}

Rows = dict[str, Array]


def name_of(id_: str) -> int:
    """The hash by which a record is known here. 64 bits: two of ten million meet once in 370,000 graphs."""
    return int.from_bytes(hashlib.blake2b(id_.encode(), digest_size=8).digest(), "big", signed=True)


class Words:
    """The dictionary of texts. Only ever appended to; code 0 is the empty text."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts: list[str] = [""]
        self._codes: dict[str, int] = {"": NOTHING}
        self._alike: dict[str, list[int]] = {"": [NOTHING]}
        for text in texts:
            self.code(text)

    def code(self, text: str) -> int:
        """The code of a text, a new one if need be."""
        found = self._codes.get(text)
        if found is None:
            found = self._codes[text] = len(self.texts)
            self.texts.append(text)
            self._alike.setdefault(text.casefold(), []).append(found)
        return found

    def alike(self, text: str) -> tuple[int, ...]:
        """Codes of the texts that are the same but for capitals."""
        return tuple(self._alike.get(text.casefold(), ()))


def rows_of(records: Sequence[Mapping[str, Any]], words: Words) -> Rows:
    """Columns of records as the store gives them: properties by name, absent ones missing or None."""
    count = len(records)
    rows: Rows = {name: np.zeros(count, kind) for name, kind in TYPES.items()}
    for name in CODED:
        rows[name][:] = [words.code(_text(record.get(name))) for record in records]
    rows["name"][:] = [name_of(record["id"]) for record in records]
    rows["handling"][:] = [record["handling"] for record in records]
    rows["retain"][:] = [FAR if (day := record.get("retain_day")) is None else day for record in records]
    times = [record.get("time") for record in records]
    rows["day"][:] = [days.first_day(time) if time else FAR for time in times]
    rows["last"][:] = [days.last_day(time) if time else FAR for time in times]
    rows["precision"][:] = [precision(time) for time in times]
    recorded = [record.get("recorded_at") for record in records]
    rows["recorded"][:] = [days.first_day(day) if day else FAR for day in recorded]
    rows["areas"][:] = [
        sum(AREA_BITS.get(area, 0) for area in record.get("areas") or ()) for record in records
    ]
    quantities = [record.get("quantity") for record in records]
    rows["quantity"][:] = [np.nan if quantity is None else quantity for quantity in quantities]
    references = [
        next((key for key in record.get("keys") or () if key.startswith("event:")), "") for record in records
    ]
    rows["key"][:] = [name_of(reference) if reference else 0 for reference in references]
    return rows


def _text(value: object) -> str:
    if value is None:
        return ""
    return ";".join(value) if isinstance(value, list) else str(value)


def precision(time: str | None) -> int:
    """How precise an ISO prefix is: 0 nothing, 1 the year, 2 the month, 3 the day."""
    if not time:
        return 0
    return 1 if len(time) < 7 else 2 if len(time) < 10 else 3


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows one after another."""
    return {name: np.concatenate([part[name] for part in parts]) for name in TYPES}


def in_order(rows: Rows) -> Rows:
    """The same rows by their names, as a base keeps them."""
    order = np.argsort(rows["name"], kind="stable")
    return {name: column[order] for name, column in rows.items()}


Judgement = tuple[int, int, int, int]
"""Names of two records judged to be the same event, and the handling and last day of that judgement."""


class EventColumns(msgspec.Struct, frozen=True, eq=False):
    """One state of all events. ``dead`` marks rows of the base that ``extra`` replaces or that are gone."""

    base: Rows
    dead: Array
    extra: Rows
    words: Words
    same: dict[str, Judgement]
    seq: int
    graph: str
    handlings: int = 0  # one more than the largest number of a handling

    @classmethod
    def of(cls, rows: Rows, words: Words, same: dict[str, Judgement], seq: int, graph: str) -> Self:
        """The state that consists of a base alone; its rows stand in the order of their names."""
        dead = np.zeros(len(rows["name"]), bool)
        return cls(rows, dead, rows_of((), words), words, same, seq, graph, _most_handlings(rows, same))

    def __len__(self) -> int:
        return len(self.base["name"]) - int(self.dead.sum()) + len(self.extra["name"])

    def changed(self, ids: Iterable[str], now: Rows, same: dict[str, Judgement], seq: int) -> "EventColumns":
        """The state after the records ``ids`` became ``now``; those that are not among it are gone."""
        names = np.fromiter(map(name_of, ids), np.int64)
        dead = self.dead.copy()
        if len(names) and len(self.base["name"]):
            place = np.searchsorted(self.base["name"], names)
            place = place[place < len(dead)]
            dead[place[np.isin(self.base["name"][place], names)]] = True
        stay = ~np.isin(self.extra["name"], names)
        extra = joined(({name: column[stay] for name, column in self.extra.items()}, now))
        handlings = max(self.handlings, _most_handlings(extra, same))
        return EventColumns(self.base, dead, extra, self.words, same, seq, self.graph, handlings)


def compacted(columns: EventColumns) -> EventColumns:
    """The same events with the overlay taken into the base."""
    stay = ~columns.dead
    base = in_order(joined(({name: column[stay] for name, column in columns.base.items()}, columns.extra)))
    return EventColumns.of(base, columns.words, columns.same, columns.seq, columns.graph)


def _most_handlings(rows: Rows, same: dict[str, Judgement]) -> int:
    judged = max((judgement[2] for judgement in same.values()), default=-1)
    return max(int(rows["handling"].max(initial=-1)), judged) + 1
