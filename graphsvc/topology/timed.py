"""The k best time-ordered paths: Yen's rule over the kernel that finds one."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from graphsvc.topology.kernels.space import SPENT, TRUNCATED, Space
from graphsvc.topology.layout import FAR
from graphsvc.topology.question import Question

if TYPE_CHECKING:
    from graphsvc.topology.links import Found, Links

Clusters = tuple[int, ...]


class _Search:
    """One question; ``best`` finds the best path that begins with given clusters and avoids some next ones."""

    def __init__(self, links: "Links", space: Space, a: int, b: int, question: Question, most: int) -> None:
        self.links, self.space, self.a, self.b, self.most = links, space, a, b, most
        self.graph = links.snapshot.graph
        self.rules = links.rules(msgspec.structs.replace(question, dated=True))
        self.spent = 0
        self.truncated = False

    def best(self, start: Clusters, day: int, bans: Iterable[int]) -> tuple[int, Clusters] | None:
        from graphsvc.topology.kernels.timed import timed

        left = self.most - len(start) + 1
        out = np.empty(max(left, 0) + 1, np.int32)
        length, arrived = timed(
            self.graph, self.rules, self.space, self.a, self.b, start[-1], day,
            np.array(start[:-1], np.int32), np.array(sorted(bans), np.int32), left, out,
        )  # fmt: skip
        self.spent += int(self.space.state[SPENT])
        self.truncated |= bool(self.space.state[TRUNCATED])
        return None if length < 0 else (arrived, (*start[:-1], *out[: length + 1].tolist()))

    def days(self, path: Clusters) -> list[int]:
        """The earliest day at which each cluster of a path can be reached along it."""
        from graphsvc.topology.kernels.between import days_along

        found = np.full(len(path), -FAR, np.int64)
        clusters = np.array(path, np.int32)
        days_along(self.graph, self.rules, self.space, self.a, self.b, clusters, found)
        return [int(day) for day in found]

    def key(self, found: tuple[int, Clusters]) -> tuple[int, int, list[int]]:
        arrived, path = found
        return len(path), arrived, [self.links.snapshot.rank(number) for number in path]


def k_timed(links: "Links", a: int, b: int, k: int, question: Question, most: int) -> "Found":
    """The k best paths by links, day of arrival and ids."""
    from graphsvc.topology.links import Found

    with links.walking() as space:
        search = _Search(links, space, a, b, question, most)
        paths = _paths(search, k)
        named = tuple(tuple(map(links.snapshot.id, path)) for path in paths)
        return Found(named, search.truncated, search.spent)


def _paths(search: _Search, k: int) -> Sequence[Clusters]:
    first = search.best((search.a,), -FAR, ())
    if first is None:
        return ()
    made: list[Clusters] = []
    waiting: dict[Clusters, int] = {first[1]: first[0]}
    while waiting and len(made) < k and not search.truncated:
        path = min(waiting, key=lambda path: search.key((waiting[path], path)))
        del waiting[path]
        made.append(path)
        if len(made) == k or len(path) == 1:
            continue
        days = search.days(path)
        for at in range(len(path) - 1):
            bans = {
                other[at + 1] for other in made if other[: at + 1] == path[: at + 1] and len(other) > at + 1
            }
            found = search.best(path[: at + 1], days[at], bans)
            if found is not None and found[1] not in made:
                waiting[found[1]] = found[0]
    return made
