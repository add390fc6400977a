"""One state of the graph. It never changes; a change makes a new one that shares what it can."""

from collections import OrderedDict
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.topology import layout
from graphsvc.topology.assemble import link_name
from graphsvc.topology.layout import DEGREE, NEVER, PLACES, START, TIE_START, TIES, TYPE_CODES, Graph, Meta
from graphsvc.topology.names import Names

Array = npt.NDArray[Any]


FEW = 50
"""One record of so many is sorted sooner than all are looked through."""
SCOPES, USES = 32, 16
"""For how many sets of held handlings it is remembered, and how many uses of links for each. A set takes five bytes
a record at the most and a use one, as far as walks came by."""


class Memory:
    """What walks under one set of held handlings have learned of records; see ``kernels.space.Rules``."""

    def __init__(self, size: int) -> None:
        self.crowd = np.zeros(size, np.int32)
        self.sight = np.zeros(size, np.uint8)
        self._hubs: OrderedDict[tuple[object, ...], Array] = OrderedDict()

    def hubs(self, uses: tuple[object, ...]) -> Array:
        """Which records are over the cap, for questions that use the same links."""
        found = self._hubs.get(uses)
        if found is None:
            found = self._hubs[uses] = np.zeros(len(self.sight), np.uint8)
            if len(self._hubs) > USES:
                self._hubs.popitem(last=False)
        return found


class Added(msgspec.Struct):
    """What came after the base, in the order of its numbers. Only ever appended to.

    ``id_gaps`` says how many ids of the base come before each; ``keys`` stand by the number of their tie, and
    a judgement has no text there. ``link_from`` also corrects links of the base whose ends have changed.
    """

    ids: list[str] = []
    id_gaps: list[int] = []
    id_numbers: dict[str, int] = {}
    links: list[str] = []
    link_numbers: dict[str, int] = {}
    link_from: dict[int, int] = {}
    keys: list[str] = []
    key_numbers: dict[str, int] = {}
    judgements: dict[int, int] = {}


class Used(msgspec.Struct, frozen=True):
    """How far the tailed arrays are filled."""

    entries: int
    ties: int
    holders: int


class Snapshot:
    """``graph`` for the kernels, and the texts behind its numbers.

    ``seq`` is the last change that is in it; ``digests`` are those of the handlings, by number.
    """

    def __init__(
        self,
        graph: Graph,
        ids: Names,
        links: Names,
        keys: Names,
        link_from: Array,
        meta: Meta,
        added: Added,
        used: Used,
        base_ties: int,
    ) -> None:
        self.graph = graph
        self.ids = ids
        self.links = links
        self.keys = keys
        self.link_from = link_from
        self.meta = meta
        self.added = added
        self.used = used
        self.base_ties = base_ties
        self._remembered: OrderedDict[tuple[bytes, int], Memory] = OrderedDict()

    @classmethod
    def of(cls, arrays: dict[str, Array], meta: Meta) -> Self:
        """The state that a generation holds; its arrays as they were mapped."""
        size = len(arrays["card"])
        graph = Graph(
            **{
                name: np.asarray(arrays[name], layout.SHAPES[name][0])
                for name in Graph._fields
                if name not in ("place", "size")
            },
            place=np.zeros(0, np.int64),
            size=size,
        )
        used = Used(meta.lengths["hot"], meta.lengths["tie"], meta.lengths["holder"])
        return cls(
            graph,
            Names(arrays["ids"], arrays["id_ends"]),
            Names(arrays["links"], arrays["link_ends"]),
            Names(arrays["keys"], arrays["key_ends"]),
            arrays["link_from"],
            meta,
            Added(),
            used,
            len(arrays["tie_card"]),
        )

    @classmethod
    def open(cls, folder: Path, *, room: int) -> Self:
        """Map a generation from its folder."""
        return cls.of(*layout.read(folder, room=room))

    def remembered(self, mask: Array, today: int) -> "Memory":
        """Where walks of those who hold the same handlings remember what they learn of records."""
        name = (np.packbits(mask).tobytes(), today)
        found = self._remembered.get(name)
        if found is None:
            found = self._remembered[name] = Memory(len(self.graph.card))
            if len(self._remembered) > SCOPES:
                self._remembered.popitem(last=False)
        return found

    @property
    def nodes(self) -> int:
        """How many node numbers there are, deleted ones included."""
        return len(self.graph.card)

    def number(self, id_: str) -> int:
        """The number of a record that is there, or -1."""
        found = self.ids.find(id_)
        if found < 0:
            found = self.added.id_numbers.get(id_, -1)
        if found < 0 or found >= self.nodes or self.graph.card[found, 0] == NEVER:
            return -1
        return found

    def id(self, number: int) -> str:
        """The id of a record."""
        size = self.graph.size
        return str(self.ids[number]) if number < size else self.added.ids[number - size]

    def texts(self, numbers: Array) -> list[str]:
        """The ids of several records."""
        size = self.graph.size
        found = self.ids.take(np.where(numbers < size, numbers, 0)) if size else [""] * len(numbers)
        for at in np.flatnonzero(numbers >= size).tolist():
            found[at] = self.added.ids[int(numbers[at]) - size]
        return found

    def link(self, number: int) -> tuple[str, int]:
        """Id and type code of a link."""
        size = len(self.links)
        name = self.links[number] if number < size else self.added.links[number - size]
        return name[:-2], ord(name[-1]) - 48

    def ties_of(self, number: int) -> list[int]:
        """The ties that a record holds."""
        ties, start = self.graph.card[number, TIES : TIE_START + 1].tolist()
        return list(self.graph.tie[start : start + ties].tolist())

    def entries_of(self, number: int) -> slice:
        """Where the entries of a record stand."""
        degree, start = self.graph.card[number, DEGREE : START + 1].tolist()
        return slice(start, start + degree)

    def key(self, tie: int) -> str | None:
        """The identity key that a tie is, or nothing for a judgement."""
        if self.graph.tie_card[tie, 3] >= 0:
            return None
        if tie < len(self.keys):
            return str(self.keys[tie])
        return self.added.keys[tie - self.base_ties]

    def rank(self, number: int) -> int:
        """Place in the order of ids."""
        size = self.graph.size
        return (number + 1) << PLACES if number < size else int(self.graph.place[number - size])

    def ranks(self, numbers: Array) -> Array:
        """Places of several."""
        found = (numbers.astype(np.int64) + 1) << PLACES
        added = numbers >= self.graph.size
        found[added] = self.graph.place[numbers[added] - self.graph.size]
        return found

    def in_order(self, numbers: Array) -> Array:
        """Records, each of them once, in the order of their ids."""
        if len(numbers) * FEW < self.nodes:
            return numbers[np.argsort(self.ranks(numbers))]
        late = numbers >= self.graph.size
        there = np.zeros(self.graph.size, bool)
        there[numbers[~late]] = True
        base = np.flatnonzero(there).astype(numbers.dtype)
        added = numbers[late]
        added = added[np.argsort(self.ranks(added))]
        return np.insert(base, np.searchsorted(self.ranks(base), self.ranks(added)), added)

    def link_number(self, id_: str, type_: str) -> int:
        """The number of a link that is there or once was, or -1."""
        name = link_name(id_, TYPE_CODES[type_])
        found = self.links.find(name)
        return found if found >= 0 else self.added.link_numbers.get(name, -1)

    def link_start(self, number: int) -> int:
        """The record that a link goes from, or -1 when it is gone."""
        known = self.added.link_from.get(number)
        if known is not None:
            return known
        return self.link_from.item(number) if number < len(self.link_from) else -1
