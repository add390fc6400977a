"""Event columns under a scope: which rows may be seen, and which of them are one event."""

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from graphsvc.topology.events import AREA_BITS, EventColumns, Rows

Array = npt.NDArray[Any]


class Part:
    """One segment of the columns, base or overlay, with the rows of it that the scope sees."""

    def __init__(self, rows: Rows, alive: Array | None, mask: Array, today: int, start: int) -> None:
        self.rows = rows
        self.start = start
        seen = mask[rows["handling"]] & (rows["retain"] >= today)
        self.seen: Array = seen if alive is None else seen & alive

    def __len__(self) -> int:
        return len(self.seen)


class Events:
    """The events of a scope. ``mask`` says of each handling whether it is held."""

    def __init__(self, columns: EventColumns, mask: Array, today: int) -> None:
        self.columns = columns
        self.words = columns.words
        alive = ~columns.dead if columns.dead.any() else None
        base = Part(columns.base, alive, mask, today, 0)
        self.parts = (base, Part(columns.extra, None, mask, today, len(base)))
        self._mask, self._today = mask, today

    def codes(self, column: str, texts: tuple[str, ...]) -> tuple[int, ...]:
        """Codes of the texts, capitals aside."""
        return tuple(dict.fromkeys(code for text in texts for code in self.words.alike(text)))

    @staticmethod
    def areas(names: tuple[str, ...]) -> int:
        """The bits of crime areas."""
        return sum(AREA_BITS[name] for name in names)

    def take(self, column: str, chosen: Array) -> Array:
        """Values of a column in the rows chosen, by their places over both parts."""
        base, extra = self.parts
        if not len(extra):
            whole = base.rows[column]
            return whole if len(chosen) == len(whole) else whole[chosen]
        cut = int(np.searchsorted(chosen, extra.start))
        return np.concatenate(
            (base.rows[column][chosen[:cut]], extra.rows[column][chosen[cut:] - extra.start])
        )

    @cached_property
    def clusters(self) -> tuple[Array, Array]:
        """Rows, ascending, that stand together with another visible row, and the number of the event each is of."""
        rows, groups = self._by_key()
        judged = self._judged()
        if judged is None:
            return rows, groups
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        ends = np.concatenate((rows, groups_first(rows, groups), judged.ravel()))
        nodes, place = np.unique(ends, return_inverse=True)
        half, pairs = len(rows), len(judged)
        start = np.concatenate((place[:half], place[2 * half :: 2]))
        end = np.concatenate((place[half : 2 * half], place[2 * half + 1 :: 2]))
        graph = coo_array((np.ones(half + pairs, np.int8), (start, end)), shape=(len(nodes), len(nodes)))
        return nodes, connected_components(graph, directed=False)[1]

    def _by_key(self) -> tuple[Array, Array]:
        found, keys = [], []
        for part in self.parts:
            rows = np.flatnonzero(part.seen & (part.rows["key"] != 0))
            found.append(rows + part.start)
            keys.append(part.rows["key"][rows])
        rows, key = np.concatenate(found), np.concatenate(keys)
        _, group, size = np.unique(key, return_inverse=True, return_counts=True)
        several = size[group] > 1
        return rows[several], group[several]

    def _judged(self) -> Array | None:
        known = np.array(list(self.columns.same.values()), np.int64).reshape(-1, 4)
        held = self._mask[known[:, 2]] & (known[:, 3] >= self._today) if len(known) else np.zeros(0, bool)
        known = known[held]
        if not len(known):
            return None
        ends = np.stack([self._places(known[:, side]) for side in (0, 1)], axis=1)
        ends = ends[(ends >= 0).all(axis=1)]
        return ends if len(ends) else None

    def _places(self, names: Array) -> Array:
        """Visible rows of records by their names, -1 for those that are not seen or not there."""
        found = np.full(len(names), -1, np.int64)
        for part in self.parts:
            if not len(part):
                continue
            order = np.argsort(part.rows["name"]) if part.start else np.arange(len(part))
            ordered = part.rows["name"] if not part.start else part.rows["name"][order]
            place = np.minimum(np.searchsorted(ordered, names), len(part) - 1)
            row = order[place]
            hit = (ordered[place] == names) & part.seen[row]
            found[hit] = row[hit] + part.start
        return found


def groups_first(rows: Array, groups: Array) -> Array:
    """For each row the first row of its group."""
    first = np.zeros(int(groups.max(initial=-1)) + 1, np.int64)
    first[groups[::-1]] = rows[::-1]
    return first[groups]
