"""The part of the graph that an analysis is about: what a caller may see of it, within the scope of the question.

Records of one identity are one vertex. Vertices are numbered in the order of the smallest public id among their
records, and links follow in that order, so that the same visible records give the same arrays however they were
loaded and whatever is hidden beside them.
"""

import hashlib
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.errors import UsageError
from graphsvc.model import days
from graphsvc.model.vocabulary import AREAS
from graphsvc.topology.layout import TYPES
from graphsvc.topology.question import Question

Array = npt.NDArray[Any]

PARALLEL = ("counted", "collapsed", "weighted")
NEVER_LINKS = frozenset({"SAME_AS"})
"""Judgements join records or say nothing; they are no links between two things."""
MOST_HOPS = 6
MOST_SEEDS = 1_000


class ScopeSpec(msgspec.Struct, frozen=True):
    """Which part of the visible graph. None and empty leave a part open.

    ``since`` and ``until`` are ISO 8601 prefixes, both included; a window leaves undated links out. With ``areas`` or
    ``countries`` a link counts when one of its ends names one of them; with ``bases`` when it is a tie that rests on
    one of them, such as kinship. ``seeds`` are ids of records, and ``hops`` how far around them.
    """

    kinds: tuple[str, ...] | None = None
    link_types: tuple[str, ...] | None = None
    since: str | None = None
    until: str | None = None
    areas: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    hops: int = 2
    least_confidence: float = 0.0

    def question(self) -> Question:
        """The same for the topology. Raises UsageError for what cannot be."""
        unknown = sorted(set(self.areas) - set(AREAS))
        if unknown:
            raise UsageError(f"There is no crime area {unknown[0]}; use one of {', '.join(AREAS)}.")
        if not 0 <= self.hops <= MOST_HOPS or len(self.seeds) > MOST_SEEDS:
            raise UsageError(f"Ask for at most {MOST_SEEDS} seeds and 0 to {MOST_HOPS} hops.")
        since, until = _day(self.since, first=True), _day(self.until, first=False)
        if since is not None and until is not None and since > until:
            raise UsageError("The time window ends before it begins; swap since and until.")
        return Question(
            types=frozenset(TYPES if self.link_types is None else self.link_types) - NEVER_LINKS,
            kinds=None if self.kinds is None else frozenset(self.kinds),
            since=since,
            until=until,
            least_confidence=self.least_confidence,
        )


def _day(prefix: str | None, *, first: bool) -> int | None:
    if prefix is None:
        return None
    try:
        return days.first_day(prefix) if first else days.last_day(prefix)
    except ValueError:
        raise UsageError(f"{prefix!r} is no date; write it as 2024, 2024-03 or 2024-03-05.") from None


class Part(msgspec.Struct, frozen=True, eq=False):
    """Vertices 0 to ``len(start) - 2``; the records of vertex v are ``member[start[v]:start[v + 1]]``, first of
    the ids first.

    Each pair of vertices that is linked stands once in ``source``, ``target``, ``weight`` (the same length). In an
    undirected part the source is the higher number. ``link`` and ``pair`` (one row a link that was used) lead from
    the number of a link to its pair.
    """

    start: Array  # int64[vertices + 1]
    member: Array  # int32[records]
    source: Array  # int32[pairs]
    target: Array  # int32[pairs]
    weight: Array  # float64[pairs]
    link: Array  # int32[links]
    pair: Array  # int64[links]
    first: Array  # int32[links], day numbers; above ``last`` where unknown
    last: Array  # int32[links]
    retain: Array  # int32[links], the last day on which each may be used
    directed: bool = False

    @property
    def size(self) -> int:
        """How many vertices there are."""
        return len(self.start) - 1

    def degree(self) -> Array:
        """Summed weight of the links at each vertex."""
        return np.bincount(self.source, self.weight, self.size) + np.bincount(
            self.target, self.weight, self.size
        )

    def digest(self) -> str:
        """Hash of the shape, the same for equal shapes."""
        hashed = hashlib.blake2b(digest_size=16)
        for array in (self.start, self.source, self.target, self.weight):
            hashed.update(np.ascontiguousarray(array).data)
        return hashed.hexdigest()


class Rows(msgspec.Struct, frozen=True, eq=False):
    """Links between records, before records of one identity become one: a row each."""

    source: Array  # int32
    target: Array  # int32
    link: Array  # int32
    first: Array  # int32
    last: Array  # int32
    retain: Array  # int32
    weight: Array  # float64: how much the link counts by itself

    def take(self, chosen: Array) -> "Rows":
        """The rows chosen by a mask."""
        if chosen.all():
            return self
        return Rows(
            self.source[chosen],
            self.target[chosen],
            self.link[chosen],
            self.first[chosen],
            self.last[chosen],
            self.retain[chosen],
            self.weight[chosen],
        )


def build(rows: Rows, first_of: Array, rank: Array, *, parallel: str, directed: bool) -> Part:
    """The part that these links make.

    ``first_of`` gives each record the one that stands for its identity, ``rank`` the order of ids. Loops within one
    identity drop out. Parallel links are ``counted`` (a pair weighs as many as it has), ``collapsed`` (each pair
    weighs one) or ``weighted`` (their weights are summed).
    """
    if parallel not in PARALLEL:
        raise UsageError(f"Parallel links are {', '.join(PARALLEL)}; {parallel!r} is none of them.")
    rows = rows.take(first_of[rows.source] != first_of[rows.target])
    one, other = first_of[rows.source], first_of[rows.target]
    used = np.zeros(len(first_of), bool)
    used[one] = used[other] = True
    tops = np.flatnonzero(used)
    tops = tops[np.argsort(rank[tops], kind="stable")]
    vertex = np.full(len(first_of), -1, np.int64)
    vertex[tops] = np.arange(len(tops))
    source, target = vertex[one], vertex[other]
    if not directed:
        source, target = np.maximum(source, target), np.minimum(source, target)
    source, target, pair = pairs(source, target, len(tops))
    member, start = _members(first_of, vertex, rank, len(tops))
    return Part(
        start=start,
        member=member,
        source=source,
        target=target,
        weight=_weights(rows.weight, pair, len(source), parallel),
        link=rows.link,
        pair=pair,
        first=rows.first,
        last=rows.last,
        retain=rows.retain,
        directed=directed,
    )


def pairs(source: Array, target: Array, size: int) -> tuple[Array, Array, Array]:
    """The distinct pairs of ends below ``size`` in order of source and target, and of each row the pair it is."""
    from graphsvc.topology.kernels.sort import counting_order

    order = counting_order(target, size)
    order = order[counting_order(source[order], size)]
    one, other = source[order].astype(np.int32), target[order].astype(np.int32)
    new = np.ones(len(order), bool)
    new[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    pair = np.empty(len(order), np.int64)
    pair[order] = np.cumsum(new) - 1
    return one[new], other[new], pair


def _weights(weight: Array, pair: Array, pairs: int, parallel: str) -> Array:
    match parallel:
        case "collapsed":
            return np.ones(pairs)
        case "counted":
            return np.bincount(pair, minlength=pairs).astype(np.float64)
        case _:
            return np.bincount(pair, weight, pairs)


def _members(first_of: Array, vertex: Array, rank: Array, size: int) -> tuple[Array, Array]:
    of = vertex[first_of]
    records = np.flatnonzero(of >= 0)
    records = records[np.lexsort((rank[records], of[records]))]
    start = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(of[records], minlength=size), out=start[1:])
    return records.astype(np.int32), start


def around(part: Part, seeds: Array, hops: int) -> Array:
    """Which vertices lie within so many links of the seeds, as a mask."""
    found = np.zeros(part.size, bool)
    found[seeds] = True
    for _ in range(hops):
        reached = found.copy()
        reached[part.target[found[part.source]]] = True
        reached[part.source[found[part.target]]] = True
        if (reached == found).all():
            break
        found = reached
    return found
