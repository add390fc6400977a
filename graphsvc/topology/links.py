"""The topology as one caller sees it: the questions that the kernels answer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.errors import Cancelled, NotFound
from graphsvc.topology.kernels.space import CANCELLED, SPENT, TRUNCATED, Rules, Space
from graphsvc.topology.layout import INWARD, NEVER, SHIFT, TYPES
from graphsvc.topology.question import Question, shown_confidence
from graphsvc.topology.snapshot import Snapshot
from graphsvc.topology.spaces import Spaces, Stop

Array = npt.NDArray[Any]


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
        self.today = today
        self.spaces = spaces
        self.stop = stop

    def rules(self, question: Question) -> Rules:
        """The question under this scope."""
        return question.rules(self.mask, self.today)

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
        """Up to ``count`` of the shortest paths of at most ``most`` links."""
        from graphsvc.topology.kernels.shortest import all_shortest

        one, other = self.number(a), self.number(b)
        rows = np.empty((count, most + 1), np.int32)
        with self.walking() as s:
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

    def _found(self, rows: Array, lengths: Sequence[int], s: Space) -> Found:
        name = self.snapshot.id
        paths = tuple(tuple(map(name, rows[i, : n + 1].tolist())) for i, n in enumerate(lengths))
        return Found(paths, bool(s.state[TRUNCATED]), int(s.state[SPENT]))

    # what stands behind them

    def use(self, record: int, entry: int, *, turned: bool = False) -> Use:
        """The link of an entry, seen from its record, or towards it when ``turned``."""
        graph, snapshot = self.snapshot.graph, self.snapshot
        here, there = snapshot.id(record), snapshot.id(graph.neighbour.item(entry))
        inward = bool(graph.type[entry] & INWARD)
        first, last = graph.first.item(entry), graph.last.item(entry)
        return Use(
            id=snapshot.link(graph.link.item(entry))[0],
            type=TYPES[graph.type[entry] & ~np.uint8(INWARD)],
            from_=there if turned else here,
            to=here if turned else there,
            outward=inward == turned,
            confidence=shown_confidence(graph.confidence.item(entry)),
            first=None if first > last else first,
            last=None if first > last else last,
        )

    def explain(self, clusters: Sequence[str], a: str, b: str, question: Question, *, most: int = 50) -> Path:
        """The links and joins behind a path of clusters from record ``a`` to record ``b``."""
        from graphsvc.topology.kernels.between import behind

        one, other = self.number(a), self.number(b)
        path = np.array([self.number(id_) for id_ in clusters], np.int32)
        rules = self.rules(question)
        with self.walking() as s:
            rows = behind(self.snapshot.graph, rules, s, one, other, path, most).tolist()
        uses: list[list[Use]] = [[] for _ in range(len(path) - 1)]
        for hop, record, entry, turned in rows:
            uses[hop].append(self.use(record, entry, turned=bool(turned)))
        hops = []
        at = a
        for parallel in uses:
            best = min(parallel, key=lambda use: (at != use.from_, -(use.confidence or 0), use.id, use.type))
            joins = self.joins(at, best.from_, question)
            others = sorted((use for use in parallel if use != best), key=lambda use: (use.id, use.type))
            hops.append(Hop(best, joins, tuple(others)))
            at = best.to
        return Path(tuple(clusters), tuple(hops), self.joins(at, b, question))

    def cluster(self, id_: str, question: Question | None = None) -> tuple[str, ...]:
        """The visible records of one identity with this one, first of the ids first."""
        from graphsvc.topology.kernels.between import cluster

        with self.walking() as s:
            members = cluster(self.snapshot.graph, self.rules(question or Question()), s, self.number(id_))
        return tuple(sorted(map(self.snapshot.id, members.tolist())))

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
            link = self.snapshot.graph.tie_card.item(tie, 3)
            chain.append(
                Join(
                    self.snapshot.id(earlier),
                    self.snapshot.id(goal),
                    self.snapshot.key(tie),
                    None if link < 0 else self.snapshot.link(link)[0],
                    None if link < 0 else shown_confidence(self.snapshot.graph.tie_card.item(tie, 2)),
                )
            )
            goal = earlier
        return tuple(reversed(chain))

    def _tied(self, number: int, question: Question) -> Iterator[tuple[int, int]]:
        graph, rules = self.snapshot.graph, self.rules(question)
        start = graph.tie_start[number]
        held: list[tuple[str, int, list[int]]] = []
        for tie in graph.tie[start : start + graph.tie_degree[number]].tolist():
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
