"""What stands behind a path of clusters: the links between each and the next, and who is in a cluster."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.space import CLOCK
from graphsvc.topology.kernels.walk import (
    LEVELS,
    again,
    begin,
    discover,
    entry_ok,
    passable,
    root_of,
    volume_of,
)
from graphsvc.topology.layout import DEGREE, FAR, HELD, NEIGHBOUR, PACKED, SKIP_AT, START
from graphsvc.topology.layout import FIRST as FIRST_DAY
from graphsvc.topology.layout import LAST as LAST_DAY


@kernel
def cluster(g, r, s, n):
    """The visible records of one identity with a visible record, itself included, first of the ids first."""
    begin(s)
    base = again(s)
    tail = discover(g, r, s, n, 0, base, base, 0)
    members = s.queue[0, :tail].copy()
    root = root_of(g, r, s, n)
    for i in range(tail):
        if members[i] == root:
            members[i] = members[0]
            members[0] = root
    return members


@kernel
def _members(g, r, s, n):
    base = again(s)
    return s.queue[0, : discover(g, r, s, n, 0, base, base, 0)].copy()


@kernel
def _weight(g, r, members):
    """What looking at the links of all of them costs, as far as they are visible: it decides from which end the links
    of a hop are taken, and so which they are where there are too many."""
    total = 0
    for n in members:
        total += volume_of(g, r, n)
    return total


@kernel
def days_along(g, r, s, a, b, path, days):
    """Fill ``days`` with the earliest day at which each cluster of a time-ordered path can be reached along it, the
    first as it stands."""
    begin(s)
    root_a = root_of(g, r, s, _members(g, r, s, np.int32(a))[0])
    root_b = root_of(g, r, s, _members(g, r, s, np.int32(b))[0])
    here = _members(g, r, s, path[0])
    for hop in range(len(path) - 1):
        there = _members(g, r, s, path[hop + 1])
        turned = _weight(g, r, there) < _weight(g, r, here)
        near, far = (there, here) if turned else (here, there)
        s.state[CLOCK] += LEVELS
        stamp = s.state[CLOCK]
        for n in far:
            s.mark[n, 0] = stamp
        earliest = np.int64(FAR)
        for u in near:
            if not passable(g, r, s, u, root_a, root_b):
                continue
            e = g.card[u, START]
            end = e + g.card[u, DEGREE]
            while e < end:
                if not r.mask[g.hot[e, HELD]]:
                    e += g.hot[e, PACKED] >> SKIP_AT
                    continue
                i = e
                e += 1
                v = g.hot[i, NEIGHBOUR]
                if s.mark[v, 0] != stamp or not entry_ok(g, r, i):
                    continue
                arrival = max(days[hop], g.cold[i, FIRST_DAY])
                if arrival <= g.cold[i, LAST_DAY] and passable(g, r, s, v, root_a, root_b):
                    earliest = min(earliest, arrival)
        days[hop + 1] = earliest
        here = there


@kernel
def behind(g, r, s, a, b, path, most):
    """For each hop of a path of clusters, the entries that make it: rows of hop, record, entry, and whether the
    entry stands at the far end. Up to ``most`` for a hop."""
    begin(s)
    first = _members(g, r, s, np.int32(a))
    root_a = root_of(g, r, s, first[0])
    ending = _members(g, r, s, np.int32(b))
    root_b = root_of(g, r, s, ending[0])
    hops = len(path) - 1
    rows = np.empty((hops * most + 1, 4), np.int64)
    made = 0
    here = _members(g, r, s, path[0])
    for hop in range(hops):
        there = _members(g, r, s, path[hop + 1])
        turned = _weight(g, r, there) < _weight(g, r, here)
        near, far = (there, here) if turned else (here, there)
        s.state[CLOCK] += LEVELS
        stamp = s.state[CLOCK]
        for n in far:
            s.mark[n, 0] = stamp
        alone = far[0] if len(far) == 1 else np.int32(-1)  # to look for one is to look nowhere else in memory
        found = 0
        for u in near:
            if not passable(g, r, s, u, root_a, root_b):
                continue
            e = g.card[u, START]
            end = e + g.card[u, DEGREE]
            while e < end and found < most:
                if not r.mask[g.hot[e, HELD]]:
                    e += g.hot[e, PACKED] >> SKIP_AT
                    continue
                i = e
                e += 1
                v = g.hot[i, NEIGHBOUR]
                if v != alone and (alone >= 0 or s.mark[v, 0] != stamp):
                    continue
                if not entry_ok(g, r, i):
                    continue
                if passable(g, r, s, v, root_a, root_b):
                    rows[made, 0] = hop
                    rows[made, 1] = u
                    rows[made, 2] = i
                    rows[made, 3] = 1 if turned else 0
                    made += 1
                    found += 1
        here = there
    return rows[:made]
