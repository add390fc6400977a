"""The topology as one caller sees it: the questions that the kernels answer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.errors import Cancelled, NotFound
from graphsvc.topology.kernels.space import CANCELLED, SPENT, TRUNCATED, Rules, Space
from graphsvc.topology.layout import (
    CONFIDENCE_AT,
    CONFIDENCE_BITS,
    CONFIDENCE_STEPS,
    FAR,
    IDENTITY,
    INWARD,
    KIND_NAMES,
    NEVER,
    SHIFT,
    TYPE_CODES,
    TYPES,
)
from graphsvc.topology.question import Question, shown_confidence
from graphsvc.topology.snapshot import Snapshot
from graphsvc.topology.spaces import Spaces, Stop

Array = npt.NDArray[Any]
UNKNOWN = 0.5
"""What a link of unknown confidence counts for when paths are weighed."""


class Use(msgspec.Struct, frozen=True):
    """One link as a path uses it. ``outward`` says that it points along the way. Days are day numbers."""

    id: str
    type: str
    from_: str
    to: str
    outward: bool
    confidence: float | None
    first: int | None
    last: int | None


class Join(msgspec.Struct, frozen=True):
    """Two records that stand together at no cost: by a shared identity key, or by an accepted judgement."""

    from_: str
    to: str
    key: str | None
    judgement: str | None
    confidence: float | None = None


class Hop(msgspec.Struct, frozen=True):
    """One step of a path. ``joins`` lead from the record before to ``use.from_``; ``others`` are further links
    between the same two identities."""

    use: Use
    joins: tuple[Join, ...] = ()
    others: tuple[Use, ...] = ()


class Path(msgspec.Struct, frozen=True):
    """``clusters`` are the records that stand for each identity on the way, first of the ids each."""

    clusters: tuple[str, ...]
    hops: tuple[Hop, ...]
    ending: tuple[Join, ...] = ()


class Found(msgspec.Struct, frozen=True):
    """Paths as ids of clusters, in order of length and then of ids. ``spent`` counts visible links walked."""

    paths: tuple[tuple[str, ...], ...]
    truncated: bool
    spent: int


class Reached(NamedTuple):
    """Records by number in the order of hops and ids, the hops, records not walked through, and the usable links
    at the seeds by type code with direction and by kind."""

    records: Array
    hops: Array
    held_back: Array
    types: Array
    kinds: Array
    truncated: bool


class Network(msgspec.Struct, frozen=True):
    """``steps`` are pairs of clusters that a link joins, each named by the first of its ids; ``groups`` are the
    seeds that are joined with one another."""

    steps: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, ...], ...]
    truncated: bool


@cache
def costs() -> Array:
    """What a link costs by its stored confidence: the logarithm in millionths, and one more for each link."""
    stored = np.arange(CONFIDENCE_BITS + 1)
    sure = np.clip((stored - 1) / CONFIDENCE_STEPS, 1e-6, 1.0)
    sure[0] = UNKNOWN
    return np.round(-np.log(sure) * 1_000_000).astype(np.int64) * 64 + 1


def _preference(use: Use, at: str, arrived: int | None) -> tuple[int, bool, float, str, str]:
    first = 0 if arrived is None else max(arrived, -FAR if use.first is None else use.first)
    return first, at != use.from_, -(use.confidence or 0), use.id, use.type


class Links:
    """What a caller may see of a snapshot. Raises NotFound for a record that is hidden, as for one that is not.

    ``held`` is a mask by handling number, ``today`` a day number. ``stop`` ends a walk that runs.
    """

    def __init__(
        self, snapshot: Snapshot, held: Array, today: int, *, spaces: Spaces, stop: Stop | None = None
    ) -> None:
        self.snapshot = snapshot
        self.mask = np.zeros(max(len(snapshot.meta.digests), len(held)) + SHIFT, bool)
        self.mask[SHIFT : SHIFT + len(held)] = held
        self.mask[SHIFT - 1] = True
        self.mask[NEVER] = False
        self.memory = snapshot.remembered(self.mask, today)
        self.today = today
        self.spaces = spaces
        self.stop = stop

    def rules(self, question: Question) -> Rules:
        """The question under this scope."""
        memory = self.memory
        return question.rules(self.mask, self.today, memory.crowd, memory.sight, memory.hubs(question.uses))

    def visible(self, number: int) -> bool:
        """Whether a record may be seen."""
        card = self.snapshot.graph.card[number]
        return bool(self.mask[card[0]] and card[1] >= self.today)

    def number(self, id_: str) -> int:
        """The number of a visible record."""
        number = self.snapshot.number(id_)
        if number < 0 or not self.visible(number):
            raise NotFound("there is no such record.")
        return number

    @contextmanager
    def walking(self) -> Iterator[Space]:
        """Scratch memory for one walk; raises Cancelled when the one who asked went away meanwhile."""
        with self.spaces.lend(self.snapshot.nodes, self.stop) as space:
            yield space
            if space.state[CANCELLED]:
                raise Cancelled("the question was given up.")

    # paths

    def shortest(self, a: str, b: str, question: Question, *, most: int = 12, count: int = 1) -> Found:
        """Up to ``count`` of the shortest paths of at most ``most`` links, in the order of ids where it is not one."""
        from graphsvc.topology.kernels.shortest import all_shortest, shortest

        one, other = self.number(a), self.number(b)
        rows = np.empty((count, most + 1), np.int32)
        with self.walking() as s:
            if count == 1:
                length = shortest(self.snapshot.graph, self.rules(question), s, one, other, most, rows[0])
                return self._found(rows, [length] if length >= 0 else [], s)
            made, length = all_shortest(self.snapshot.graph, self.rules(question), s, one, other, most, rows)
            return self._found(rows, [length] * made, s)

    def k_shortest(self, a: str, b: str, k: int, question: Question, *, most: int = 12) -> Found:
        """The k shortest paths that pass no identity twice."""
        from graphsvc.topology.kernels.shortest import k_shortest

        one, other = self.number(a), self.number(b)
        rows = np.empty((k, most + 1), np.int32)
        lengths = np.zeros(k, np.int64)
        with self.walking() as s:
            made = k_shortest(
                self.snapshot.graph, self.rules(question), s, one, other, most, k, rows, lengths
            )
            return self._found(rows, lengths[:made].tolist(), s)

    def timed(self, a: str, b: str, k: int, question: Question, *, most: int = 12) -> Found:
        """The k best paths along which dates never go back, by links, then day of arrival, then ids.

        Links without days are left out. A path passes no identity twice.
        """
        from graphsvc.topology.timed import k_timed

        return k_timed(self, self.number(a), self.number(b), k, question, most)

    def surest(self, a: str, b: str, question: Question, *, most: int = 60) -> Found:
        """The path with the greatest product of confidences, then the fewest links.

        A link of unknown confidence counts as ``UNKNOWN``; one of no confidence at all is hardly ever taken.
        """
        from graphsvc.topology.kernels.weighted import surest

        one, other = self.number(a), self.number(b)
        row = np.empty((1, most + 1), np.int32)
        with self.walking() as s:
            length, _ = surest(self.snapshot.graph, self.rules(question), s, one, other, costs(), row[0])
            return self._found(row, [length] if length >= 0 else [], s)

    def connect(self, seeds: Sequence[str], question: Question, *, most: int = 12) -> Network:
        """A small network that joins records, by ways of at most ``most`` links between two of them."""
        from graphsvc.topology.kernels.connect import connect

        ordered = sorted({self.number(id_): id_ for id_ in seeds}.items(), key=lambda pair: pair[1].encode())
        numbers = np.array([number for number, _ in ordered], np.int32)
        rows = np.empty((len(numbers) * (most + 1), 2), np.int32)
        with self.walking() as s:
            made, parts = connect(self.snapshot.graph, self.rules(question), s, numbers, most, rows)
            truncated = bool(s.state[TRUNCATED])
        name = self.snapshot.id
        groups: dict[int, list[str]] = {}
        for (_, id_), part in zip(ordered, parts.tolist(), strict=True):
            groups.setdefault(part, []).append(id_)
        steps = tuple(dict.fromkeys((name(one), name(other)) for one, other in rows[:made].tolist()))
        return Network(steps, tuple(map(tuple, groups.values())), truncated)

    def _found(self, rows: Array, lengths: Sequence[int], s: Space) -> Found:
        name = self.snapshot.id
        paths = tuple(tuple(map(name, rows[i, : n + 1].tolist())) for i, n in enumerate(lengths))
        return Found(paths, bool(s.state[TRUNCATED]), int(s.state[SPENT]))

    # expansion

    def expand(self, seeds: Sequence[str], hops: int, cap: int, question: Question) -> "Reached":
        """Everything within some hops of the seeds; records with more than ``cap`` links are not walked through."""
        from graphsvc.topology.kernels.expand import counts, expand

        numbers = np.array(sorted({self.number(id_) for id_ in seeds}, key=self.snapshot.rank), np.int32)
        graph, rules = self.snapshot.graph, self.rules(question)
        with self.walking() as s:
            records, levels, held_back = expand(graph, rules, s, numbers, hops, cap)
            truncated = bool(s.state[TRUNCATED])
            types, kinds = counts(graph, rules, records[levels == 0])
        ends = np.searchsorted(levels, np.arange(hops + 2)).tolist()
        ordered = [self.snapshot.in_order(records[low:high]) for low, high in pairwise(ends)]
        return Reached(np.concatenate(ordered), levels, held_back, types, kinds, truncated)

    def back_links(
        self, ordered: Array, low: int, high: int, question: Question, *, most: int
    ) -> tuple[list[Use], bool]:
        """Links from some places of a list of records to themselves and those before; whether there are more."""
        from graphsvc.topology.kernels.expand import links_back

        with self.walking() as s:
            rows, more = links_back(self.snapshot.graph, self.rules(question), s, ordered, low, high, most)
        return [self.use(record, entry) for record, entry in rows.tolist()], bool(more)

    def back_joins(self, ordered: Array, low: int, high: int, question: Question) -> list[Join]:
        """For the same places, one join a tie to the first record before that shares it."""
        place = {number: at for at, number in enumerate(ordered[:high].tolist())}
        cards = self.snapshot.graph.card
        found = []
        for at in range(low, high):
            number = ordered.item(at)
            if not cards[number, 2] & IDENTITY:
                continue
            first: dict[int, int] = {}
            for tie, other in self._tied(number, question):
                if place.get(other, at) < place.get(first.get(tie, -1), at):
                    first[tie] = other
            found += [self._join(number, other, tie) for tie, other in first.items()]
        return found

    # what stands behind them

    def use(self, record: int, entry: int, *, turned: bool = False) -> Use:
        """The link of an entry, seen from its record, or towards it when ``turned``."""
        graph, snapshot = self.snapshot.graph, self.snapshot
        other, _, _, packed = graph.hot[entry].tolist()
        link, first, last = graph.cold[entry].tolist()
        here, there = snapshot.id(record), snapshot.id(other)
        return Use(
            id=snapshot.link(link)[0],
            type=TYPES[packed & (INWARD - 1)],
            from_=there if turned else here,
            to=here if turned else there,
            outward=bool(packed & INWARD) == turned,
            confidence=shown_confidence(packed >> CONFIDENCE_AT & CONFIDENCE_BITS),
            first=None if first > last else first,
            last=None if first > last else last,
        )

    def explain(
        self,
        clusters: Sequence[str],
        a: str,
        b: str,
        question: Question,
        *,
        most: int = 50,
        timed: bool = False,
    ) -> Path:
        """The links and joins behind a path of clusters from record ``a`` to record ``b``.

        The surest link of a hop stands for it; along a ``timed`` path, the one that arrives first.
        """
        parallel = self._behind(clusters, a, b, question, most)
        hops = []
        at, arrived = a, -FAR
        for uses in parallel:
            usable = [use for use in uses if use.last is not None and use.last >= arrived] if timed else uses
            best = min(usable, key=lambda use: _preference(use, at, arrived if timed else None))
            if timed:
                arrived = max(arrived, best.first or -FAR)
            others = sorted((use for use in uses if use != best), key=lambda use: (use.id, use.type))
            hops.append(Hop(best, self.joins(at, best.from_, question), tuple(others)))
            at = best.to
        return Path(tuple(clusters), tuple(hops), self.joins(at, b, question))

    def _behind(
        self, clusters: Sequence[str], a: str, b: str, question: Question, most: int
    ) -> list[list[Use]]:
        from graphsvc.topology.kernels.between import behind

        one, other = self.number(a), self.number(b)
        path = np.array([self.number(id_) for id_ in clusters], np.int32)
        with self.walking() as s:
            rows = behind(self.snapshot.graph, self.rules(question), s, one, other, path, most).tolist()
        uses: list[list[Use]] = [[] for _ in range(len(path) - 1)]
        for hop, record, entry, turned in rows:
            uses[hop].append(self.use(record, entry, turned=bool(turned)))
        return uses

    def kinds(self) -> dict[str, int]:
        """How many records of each kind may be seen, those left out of which there are none."""
        from graphsvc.topology.kernels.whole import kinds

        counts = kinds(self.snapshot.graph, self.rules(Question())).tolist()
        return {name: count for name, count in zip(KIND_NAMES, counts, strict=False) if count}

    def going_out(self, records: Array, type_: str) -> Array:
        """Which of these records, by number, have a visible link of this type that goes out."""
        from graphsvc.topology.kernels.whole import going_out

        numbers, rules = records.astype(np.int64), self.rules(Question())
        found: Array = going_out(self.snapshot.graph, rules, numbers, TYPE_CODES[type_])
        return found

    def cluster(self, id_: str, question: Question | None = None) -> tuple[str, ...]:
        """The visible records of one identity with this one, first of the ids first."""
        from graphsvc.topology.kernels.between import cluster

        with self.walking() as s:
            members = cluster(self.snapshot.graph, self.rules(question or Question()), s, self.number(id_))
        return tuple(sorted(map(self.snapshot.id, members.tolist())))

    def clusters(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """For each of the records that may be seen, all visible records of its identity, first of the ids first."""
        from graphsvc.topology.kernels.between import cluster

        snapshot, rules = self.snapshot, self.rules(Question())
        found: dict[str, tuple[str, ...]] = {}
        with self.walking() as s:
            for id_ in ids:
                number = snapshot.number(id_)
                if id_ in found or number < 0 or not self.visible(number):
                    continue
                members = cluster(snapshot.graph, rules, s, number)
                named = tuple(sorted(map(snapshot.id, members.tolist()), key=str.encode))
                found.update(dict.fromkeys(named, named))
        return {id_: found[id_] for id_ in ids if id_ in found}

    def joins(self, from_: str, to: str, question: Question) -> tuple[Join, ...]:
        """The shortest chain of joins between two records of one identity."""
        if from_ == to:
            return ()
        start, goal = self.number(from_), self.number(to)
        before: dict[int, tuple[int, int]] = {start: (-1, -1)}
        front = [start]
        while front and goal not in before:
            following: list[int] = []
            for number in front:
                for tie, other in self._tied(number, question):
                    if other not in before:
                        before[other] = (number, tie)
                        following.append(other)
            front = sorted(following, key=self.snapshot.rank)
        return self._chain(before, goal)

    def _chain(self, before: dict[int, tuple[int, int]], goal: int) -> tuple[Join, ...]:
        chain: list[Join] = []
        while goal in before and before[goal][0] >= 0:
            earlier, tie = before[goal]
            chain.append(self._join(earlier, goal, tie))
            goal = earlier
        return tuple(reversed(chain))

    def _join(self, from_: int, to: int, tie: int) -> Join:
        snapshot = self.snapshot
        link = snapshot.graph.tie_card.item(tie, 3)
        ends = snapshot.id(from_), snapshot.id(to)
        if link < 0:
            return Join(*ends, snapshot.key(tie), None)
        confidence = shown_confidence(snapshot.graph.tie_card.item(tie, 2))
        return Join(*ends, None, snapshot.link(link)[0], confidence)

    def _tied(self, number: int, question: Question) -> Iterator[tuple[int, int]]:
        graph, rules = self.snapshot.graph, self.rules(question)
        held: list[tuple[str, int, list[int]]] = []
        for tie in self.snapshot.ties_of(number):
            handling, retain, confidence, link = graph.tie_card[tie].tolist()
            if not self.mask[handling] or retain < self.today or (link >= 0 and confidence < rules.least):
                continue
            begin = graph.holder_start[tie]
            holders = [
                n for n in graph.holder[begin : begin + graph.holder_degree[tie]].tolist() if self.visible(n)
            ]
            if len(holders) <= rules.key_cap:
                held.append((self.snapshot.key(tie) or f"~{self.snapshot.link(link)[0]}", tie, holders))
        for _, tie, holders in sorted(held):
            for other in sorted(holders, key=self.snapshot.rank):
                if other != number:
                    yield tie, other
