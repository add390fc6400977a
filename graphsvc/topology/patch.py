"""A change makes a new snapshot: the lists of whatever it touches are written anew behind the others.

Arrays by node and by tie are copied, which is some milliseconds a million records; arrays by entry are shared
with the snapshots before, which never read the part that is written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.topology.assemble import link_name, ranks
from graphsvc.topology.layout import (
    ALWAYS,
    CONFIDENCE_AT,
    DEGREE,
    FAR,
    HELD,
    IDENTITY,
    INWARD,
    LINK,
    MOST_SKIP,
    NEIGHBOUR,
    NEVER,
    PACKED,
    PLACES,
    SHIFT,
    SKIP_AT,
    START,
    TIE_START,
    TIES,
)
from graphsvc.topology.snapshot import Snapshot, Used

Array = npt.NDArray[Any]


class NodeState(msgspec.Struct, frozen=True):
    """A record as it is now."""

    id: str
    kind: int
    handling: int
    retain: int
    keys: tuple[str, ...]


class LinkState(msgspec.Struct, frozen=True):
    """A link as it is now; ``judged`` as in ``assemble.judged``, days with those borrowed from an event."""

    id: str
    type: int
    from_: str
    to: str
    handling: int
    retain: int
    first: int
    last: int
    confidence: int
    judged: int


class Changes(msgspec.Struct):
    """What is to be brought in: ids with the state that they now have, ``None`` for what is gone."""

    nodes: dict[str, NodeState | None]
    links: dict[tuple[str, str], LinkState | None]  # by id and type
    digests: list[str] = []  # of handlings that are new


class FullError(Exception):
    """There is no room left behind the arrays; a new generation must be made first."""


def patched(old: Snapshot, changes: Changes) -> Snapshot:
    """The snapshot with the changes in it. Raises FullError."""
    work = _Work(old, changes)
    for id_, node in changes.nodes.items():
        work.node(id_, node)
    for (id_, type_), link in changes.links.items():
        work.link(id_, type_, link)
    return work.done()


class _Work:
    """The making of one snapshot."""

    def __init__(self, old: Snapshot, changes: Changes) -> None:
        self.old = old
        self.meta = msgspec.structs.replace(old.meta, digests=[*old.meta.digests, *changes.digests])
        self.added = old.added
        new = [id_ for id_, state in changes.nodes.items() if state is not None and self._number(id_) < 0]
        for id_ in new:
            self.added.id_numbers[id_] = old.graph.size + len(self.added.ids)
            self.added.ids.append(id_)
            self.added.id_gaps.append(old.ids.place(id_))
        graph = old.graph
        grown = graph.size + len(self.added.ids) - len(graph.card)
        self.graph = graph._replace(
            card=_grown(graph.card, grown),
            place=_places(self.added.ids, self.added.id_gaps) if grown else graph.place,
        )
        self.ties = len(graph.tie_card)
        self.tie_rows: list[tuple[int, int, int, int]] = []
        self.tie_edits: dict[int, dict[int, int]] = {}
        self.dropped: dict[int, set[int]] = defaultdict(set)
        self.entries: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        self.node_ties: dict[int, dict[int, bool]] = defaultdict(dict)
        self.tie_nodes: dict[int, dict[int, bool]] = defaultdict(dict)
        self.gone_ties: set[int] = set()

    def _number(self, id_: str) -> int:
        found = self.old.ids.find(id_)
        return found if found >= 0 else self.added.id_numbers.get(id_, -1)

    # records

    def node(self, id_: str, state: NodeState | None) -> None:
        number = self._number(id_)
        if number < 0:
            return
        card = self.graph.card[number]
        if state is None:
            card[0] = NEVER
            self._forget_links(number)
            self._keys(number, ())
            return
        card[0], card[1] = state.handling + SHIFT, state.retain
        card[2] = state.kind | (card[2] & IDENTITY)
        self._keys(number, state.keys)

    def _forget_links(self, number: int) -> None:
        graph = self.old.graph
        if number >= len(graph.card):
            return
        entries = self.old.entries_of(number)
        for link, other in zip(
            graph.cold[entries, LINK].tolist(), graph.hot[entries, NEIGHBOUR].tolist(), strict=True
        ):
            self.dropped[number].add(link)
            self.dropped[other].add(link)
            self.added.link_from[link] = -1
        self.gone_ties.update(tie for tie in self._ties_of(number) if not self._is_key(tie))

    def _keys(self, number: int, keys: Iterable[str]) -> None:
        wanted = {self._key(key) for key in keys}
        held = {tie for tie in self._ties_of(number) if self._is_key(tie)}
        for tie in held - wanted:
            self._membership(number, tie, False)
        for tie in wanted - held:
            self._membership(number, tie, True)

    def _ties_of(self, number: int) -> list[int]:
        if number >= len(self.old.graph.card):
            return []
        return self.old.ties_of(number)

    def _is_key(self, tie: int) -> bool:
        if tie < self.ties:
            return int(self.old.graph.tie_card[tie, 3]) < 0
        return self.tie_rows[tie - self.ties][3] < 0

    def _key(self, key: str) -> int:
        found = self.old.keys.find(key)
        if found < 0:
            found = self.added.key_numbers.get(key, -1)
        if found < 0:
            found = self._new_tie((ALWAYS, FAR, 0, -1), key)
            self.added.key_numbers[key] = found
        return found

    def _new_tie(self, row: tuple[int, int, int, int], text: str) -> int:
        self.tie_rows.append(row)
        self.added.keys.append(text)
        return self.ties + len(self.tie_rows) - 1

    def _membership(self, number: int, tie: int, held: bool) -> None:
        self.node_ties[number][tie] = held
        self.tie_nodes[tie][number] = held

    # links

    def link(self, id_: str, type_: str, state: LinkState | None) -> None:
        number = self.old.link_number(id_, type_)
        if number >= 0:
            self._drop(number)
        if state is None:
            return
        if number < 0:
            name = link_name(id_, state.type)
            number = self.added.link_numbers.setdefault(name, len(self.old.links) + len(self.added.links))
            if number == len(self.old.links) + len(self.added.links):
                self.added.links.append(name)
        from_, to = self._number(state.from_), self._number(state.to)
        if from_ < 0 or to < 0 or from_ == to:
            return
        self.added.link_from[number] = from_
        handling = state.handling + SHIFT
        if state.judged:
            self._judge(number, from_, to, state, handling)
            return
        bits = state.type | state.confidence << CONFIDENCE_AT
        cold = (number, state.first, state.last)
        self.entries[from_].append((to, handling, state.retain, bits, *cold))
        self.entries[to].append((from_, handling, state.retain, bits | INWARD, *cold))

    def _judge(self, number: int, from_: int, to: int, state: LinkState, handling: int) -> None:
        if state.judged != 1:
            return
        tie = self._new_tie((handling, state.retain, state.confidence, number), "")
        self.added.judgements[number] = tie
        self._membership(from_, tie, True)
        self._membership(to, tie, True)

    def _drop(self, number: int) -> None:
        from_ = self.old.link_start(number)
        if from_ < 0 or from_ >= len(self.old.graph.card):
            return
        graph = self.old.graph
        entries = self.old.entries_of(from_)
        for other in graph.hot[entries, NEIGHBOUR][graph.cold[entries, LINK] == number].tolist():
            self.dropped[from_].add(number)
            self.dropped[other].add(number)
        for tie in self._ties_of(from_):
            if graph.tie_card.item(tie, 3) == number:
                self.gone_ties.add(tie)
        self.added.link_from[number] = -1

    # the new snapshot

    def done(self) -> Snapshot:
        used = self.old.used
        entries = self._write_entries(used.entries)
        ties, holders = self._write_ties(used)
        old = self.old
        return Snapshot(
            self.graph, old.ids, old.links, old.keys, old.link_from, self.meta, self.added,
            Used(entries, ties, holders), old.base_ties,
        )  # fmt: skip

    def _write_entries(self, at: int) -> int:
        graph = self.graph
        order = ranks(self.meta.digests)
        for number in sorted(self.dropped.keys() | self.entries.keys()):
            hot, cold = self._rows(number)
            size = len(hot)
            if at + size > len(graph.hot):
                raise FullError
            keys = (
                self._link_ranks(cold[:, LINK]),
                hot[:, PACKED] & 0xFF,
                self._node_ranks(hot[:, NEIGHBOUR]),
                order[hot[:, HELD]],
            )
            sorted_ = np.lexsort(keys)
            hot, cold = hot[sorted_], cold[sorted_]
            hot[:, PACKED] &= (1 << SKIP_AT) - 1
            hot[:, PACKED] |= _skips(hot[:, HELD]) << SKIP_AT
            graph.hot[at : at + size] = hot
            graph.cold[at : at + size] = cold
            graph.card[number, START] = at
            graph.card[number, DEGREE] = size
            at += size
        return at

    def _rows(self, number: int) -> tuple[Array, Array]:
        """The hot and cold entries of a record as they will be, in no order yet."""
        graph = self.graph
        degree, start = graph.card[number, DEGREE : START + 1].tolist()
        hot, cold = graph.hot[start : start + degree], graph.cold[start : start + degree]
        gone = self.dropped.get(number)
        if gone:
            keep = ~np.isin(cold[:, LINK], list(gone))
            hot, cold = hot[keep], cold[keep]
        fresh = np.array(self.entries.get(number, ()), np.int32).reshape(-1, 7)
        return np.concatenate((hot, fresh[:, :4])), np.concatenate((cold, fresh[:, 4:]))

    def _node_ranks(self, numbers: Array) -> Array:
        found = (numbers.astype(np.int64) + 1) << PLACES
        added = numbers >= self.graph.size
        found[added] = self.graph.place[numbers[added] - self.graph.size]
        return found

    def _link_ranks(self, numbers: Array) -> Array:
        """An order of links that depends on their names alone."""
        size = len(self.old.links)
        found = (numbers.astype(np.int64) + 1) << PLACES
        names = {
            at: self.added.links[numbers.item(at) - size] for at in np.flatnonzero(numbers >= size).tolist()
        }
        for turn, at in enumerate(sorted(names, key=lambda at: names[at].encode()), start=1):
            found[at] = (self.old.links.place(names[at]) << PLACES) + turn
        return found

    def _write_ties(self, used: Used) -> tuple[int, int]:
        for tie in self.gone_ties:
            for number in self._holders_of(tie):
                self._membership(number, tie, False)
        if not self.node_ties:
            return used.ties, used.holders
        graph = self.graph
        rows = np.array(self.tie_rows, np.int32).reshape(-1, 4)
        self.graph = graph._replace(
            tie_card=np.concatenate((graph.tie_card, rows)) if len(rows) else graph.tie_card,
            holder_start=_grown(graph.holder_start, len(rows)),
            holder_degree=_grown(graph.holder_degree, len(rows)),
        )
        graph = self.graph
        holders = _write_lists(
            self.tie_nodes,
            self._holders_of,
            graph.holder,
            graph.holder_start,
            graph.holder_degree,
            used.holders,
        )
        for tie in self.tie_nodes:
            start, degree = graph.holder_start.item(tie), graph.holder_degree.item(tie)
            if degree > 1:
                graph.card[graph.holder[start : start + degree], 2] |= IDENTITY
        starts, degrees = graph.card[:, TIE_START], graph.card[:, TIES]
        return _write_lists(self.node_ties, self._ties_of, graph.tie, starts, degrees, used.ties), holders

    def _holders_of(self, tie: int) -> list[int]:
        if tie >= self.ties:
            return []
        start = self.old.graph.holder_start.item(tie)
        return list(self.old.graph.holder[start : start + self.old.graph.holder_degree.item(tie)].tolist())


def _write_lists(
    edits: Mapping[int, Mapping[int, bool]], before: Any, into: Array, starts: Array, degrees: Array, at: int
) -> int:
    for number, edit in sorted(edits.items()):
        members = sorted((set(before(number)) | edit.keys()) - {m for m, held in edit.items() if not held})
        if at + len(members) > len(into):
            raise FullError
        into[at : at + len(members)] = members
        starts[number] = at
        degrees[number] = len(members)
        at += len(members)
    return at


def _grown(array: Array, by: int) -> Array:
    grown = np.zeros((len(array) + by, *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown


def _places(ids: list[str], gaps: list[int]) -> Array:
    """Ranks of added ids between those of the base."""
    places = np.zeros(len(ids), np.int64)
    last, run = -1, 0
    for at in sorted(range(len(ids)), key=lambda n: ids[n].encode()):
        run = run + 1 if gaps[at] == last else 1
        last = gaps[at]
        places[at] = (last << PLACES) + run
    return places


def _skips(handling: Array) -> Array:
    """How far it is to the end of each run of one handling, ``MOST_SKIP`` at the most."""
    size = len(handling)
    if not size:
        return np.zeros(0, np.int32)
    ends = np.append(np.flatnonzero(handling[1:] != handling[:-1]) + 1, size)
    run = ends[np.searchsorted(ends, np.arange(size), side="right")]
    return np.minimum(run - np.arange(size), MOST_SKIP).astype(np.int32)
