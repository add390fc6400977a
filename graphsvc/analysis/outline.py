"""What the arrays tell of some groups of a division: members in order, links, days, kinds, cores and bridges.

Each array of the part is read once for all groups that are asked for, however many there are.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from graphsvc.analysis.projection import Part
from graphsvc.topology.layout import FAR, KIND_NAMES

Array = npt.NDArray[Any]

KINDS = 0x100


class Outline:
    """Groups by their place in ``chosen``. ``part`` is divided into ``group``, by vertex; ``kinds`` are codes by
    record."""

    def __init__(self, part: Part, group: Array, chosen: Sequence[int], kinds: Array) -> None:
        self.part = part
        self.group = group
        self.count = len(chosen)
        self._groups = int(group.max(initial=-1)) + 1
        place = np.full(self._groups, -1, np.int32)
        place[list(chosen)] = np.arange(self.count)
        self._place = place[group]
        self._inside = group[part.source] == group[part.target]
        weight = part.weight * self._inside
        self.within = np.bincount(part.source, weight, part.size) + np.bincount(
            part.target, weight, part.size
        )
        self.outside = part.degree() - self.within
        self._order, self._limits = self._members()
        self.links, self.first, self.last = self._days()
        self._kinds = kinds
        self._between = self._leaving()
        self._pairs, self._pair_limits = self._within()

    def vertices(self, at: int) -> Array:
        """The vertices of a group, those with most links in it first."""
        return self._order[self._limits[at] : self._limits[at + 1]]

    def records(self, at: int) -> Array:
        """Numbers of the records of a group, the first of each vertex in the order of the vertices, others after."""
        part, vertices = self.part, self.vertices(at)
        low, more = part.start[vertices] + 1, np.diff(part.start)[vertices] - 1
        others = np.repeat(low - np.append(0, np.cumsum(more)[:-1]), more) + np.arange(more.sum())
        return np.concatenate((part.member[part.start[vertices]], part.member[others]))

    def kinds(self, at: int) -> Counter[str]:
        """How many records of a group are of each kind."""
        codes, counts = np.unique(self._kinds[self.records(at)] & (KINDS - 1), return_counts=True)
        return Counter(
            {KIND_NAMES[code]: count for code, count in zip(codes.tolist(), counts.tolist(), strict=True)}
        )

    def bridges(self, at: int, most: int) -> list[tuple[int, float]]:
        """The groups that a group has most links to, with their weight."""
        code, weight = self._between
        low, high = np.searchsorted(code, [at * self._groups, (at + 1) * self._groups])
        first = low + np.lexsort((code[low:high], -weight[low:high]))[:most]
        others = (code[first] % self._groups).tolist()
        return [(other, own) for other, own in zip(others, weight[first].tolist(), strict=True) if own > 0]

    def core(self, at: int) -> list[int]:
        """The vertices of a group that are left when those with fewest links within it are peeled off, in order of
        their ids: its innermost k-core."""
        from graphsvc.analysis.kernels import innermost
        from graphsvc.topology.kernels.sort import counting_order

        vertices = np.sort(self.vertices(at))
        pairs = self._pairs[self._pair_limits[at] : self._pair_limits[at + 1]]
        source = np.searchsorted(vertices, self.part.source[pairs])
        target = np.searchsorted(vertices, self.part.target[pairs])
        ends, others = np.concatenate((source, target)), np.concatenate((target, source))
        start = np.append(0, np.cumsum(np.bincount(ends, minlength=len(vertices))))
        left = innermost(start, others[counting_order(ends, len(vertices))])
        return [int(vertex) for vertex in vertices[left]]

    def _members(self) -> tuple[Array, Array]:
        """The vertices of all groups, one after another, and where each begins and ends."""
        chosen = np.flatnonzero(self._place >= 0)
        place = self._place[chosen]
        order = np.lexsort((-self.within[chosen], place))
        return chosen[order], np.searchsorted(place[order], np.arange(self.count + 1))

    def _days(self) -> tuple[Array, Array, Array]:
        """Of each group how many links lie within it, and their first and last day where any is known."""
        part = self.part
        found = np.where(self._inside, self._place[part.source], -1)[part.pair]
        links = np.flatnonzero(found >= 0)
        dated = links[part.first[links] <= part.last[links]]
        first, last = np.full(self.count, FAR), np.full(self.count, -FAR)
        np.minimum.at(first, found[dated], part.first[dated])
        np.maximum.at(last, found[dated], part.last[dated])
        return np.bincount(found[links], minlength=self.count), first, last

    def _leaving(self) -> tuple[Array, Array]:
        """Weight of the links between each group and any other; the code is its place times all groups, plus the
        other."""
        part, codes, weights = self.part, [], []
        for one, other in ((part.source, part.target), (part.target, part.source)):
            leaving = np.flatnonzero(~self._inside & (self._place[one] >= 0))
            codes.append(
                self._place[one[leaving]].astype(np.int64) * self._groups + self.group[other[leaving]]
            )
            weights.append(part.weight[leaving])
        code, at = np.unique(np.concatenate(codes), return_inverse=True)
        return code, np.bincount(at, np.concatenate(weights), len(code))

    def _within(self) -> tuple[Array, Array]:
        """The pairs within all groups, one group after another, and where each begins and ends."""
        place = self._place[self.part.source]
        pairs = np.flatnonzero(self._inside & (place >= 0))
        order = np.argsort(place[pairs], kind="stable")
        return pairs[order], np.searchsorted(place[pairs][order], np.arange(self.count + 1))
