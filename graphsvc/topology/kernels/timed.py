"""Paths along which the dates never go back: fewest links first, then the earliest arrival."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.space import (
    BLOCK,
    CROWDED,
    HEAD,
    LOGGED,
    MARKS,
    PLAIN,
    QUESTION,
    SEEN,
    SPENT,
    TIED,
)
from graphsvc.topology.kernels.walk import (
    _look,
    again,
    begin,
    discover,
    fits,
    over,
    passable,
    rank,
    root_of,
)
from graphsvc.topology.layout import DEGREE, HELD, NEIGHBOUR, PACKED, SKIP_AT, START
from graphsvc.topology.layout import FIRST as FIRST_DAY
from graphsvc.topology.layout import LAST as LAST_DAY

FIRST, ARRIVED, NEXT = HEAD, HEAD + 1, SEEN + 1
"""Columns of a cluster's first record: where its members stand in the queue, the earliest arrival so far, and the
level at which it stands in the next frontier."""


@kernel
def _by_rank(g, frontier, size):
    ranks = np.empty(size, np.int64)
    for i in range(size):
        ranks[i] = rank(g, frontier[i, 0])
    return frontier[:size][np.argsort(ranks)]


@kernel
def _note(s, root, arrival, before, stamp, following, size):
    """Put a better arrival at a cluster into the next frontier; its new size, or -1 when there is no room."""
    at = s.state[LOGGED]
    if at >= s.log.shape[0]:
        return -1
    s.log[at, 0] = root
    s.log[at, 1] = before
    s.state[LOGGED] = at + 1
    s.cell[root, ARRIVED] = arrival
    if s.cell[root, NEXT] != stamp:
        s.cell[root, NEXT] = stamp
        s.meets[root] = size
        size += 1
    slot = s.meets[root]
    following[slot, 0] = root
    following[slot, 1] = arrival
    following[slot, 2] = at
    return size


@kernel
def _path(s, at, out):
    """Write the clusters of a noted path into ``out``; how many links it has."""
    length = 0
    i = at
    while s.log[i, 1] >= 0:
        i = s.log[i, 1]
        length += 1
    i = at
    for place in range(length, -1, -1):
        out[place] = s.log[i, 0]
        i = s.log[i, 1]
    return length


@kernel
def timed(g, r, s, a, b, from_, day, blocked, bans, most, out):
    """The path from ``from_``, begun on ``day``, to ``b``: its clusters in ``out``; its links and day of arrival.

    ``a`` and ``b`` are exempt from caps and kinds. ``blocked`` clusters are not entered, and the first step does
    not lead to ``bans``. -1 when there is none of up to ``most`` links.
    """
    begin(s)
    hot, cold, card, cell, state = g.hot, g.cold, g.card, s.cell, s.state
    mask, types, sight = r.mask, r.types, r.sight
    today, least, dated, since, until = r.today, r.least, r.dated, r.since, r.until
    queue, plain = s.queue, r.free and len(blocked) == 0
    base = again(s)
    discover(g, r, s, a, 0, base, base, 0)
    root_a = root_of(g, r, s, a)
    discover(g, r, s, b, 1, base, base, 0)
    root_b = root_of(g, r, s, b)
    base = again(s)
    for n in blocked:
        discover(g, r, s, n, 1, base, base, 0)
        s.state[MARKS] = 1
        s.about[root_of(g, r, s, n), BLOCK] = s.state[QUESTION]
    base = again(s)
    tail = discover(g, r, s, from_, 0, base, base, 0)
    start = root_of(g, r, s, from_)
    s.cell[start, FIRST] = 0
    frontier = np.empty((1, 3), np.int64)
    following = np.empty((64, 3), np.int64)
    size = _note(s, start, day, np.int64(-1), base, following, np.int64(0))
    if start == root_b:
        return _path(s, np.int64(0), out), day
    for level in range(most):
        frontier = _by_rank(g, following, size)
        stamp = base + level + 1
        size = np.int64(0)
        for at in range(len(frontier)):
            root, arrival, before = frontier[at, 0], frontier[at, 1], frontier[at, 2]
            member = s.cell[root, FIRST]
            while member < tail and root_of(g, r, s, s.queue[0, member]) == root:
                u = s.queue[0, member]
                member += 1
                if over(r, s):
                    return -1, 0
                if not passable(g, r, s, u, root_a, root_b):
                    continue
                e = card[u, START]
                end = e + card[u, DEGREE]
                while e < end:
                    bits = hot[e, PACKED]
                    if not mask[hot[e, HELD]]:
                        e += bits >> SKIP_AT
                        continue
                    i = e
                    e += 1
                    if not fits(hot, cold, i, bits, types, today, least, dated, since, until):
                        continue
                    v = hot[i, NEIGHBOUR]
                    seen = sight[v]
                    if seen == 0:
                        seen = _look(g, r, v)
                    if not seen & PLAIN:
                        continue
                    state[SPENT] += 1
                    reached = max(arrival, cold[i, FIRST_DAY])
                    if reached > cold[i, LAST_DAY]:
                        continue
                    alone = plain and seen & (TIED | CROWDED) == 0
                    if not alone and not passable(g, r, s, v, root_a, root_b):
                        continue
                    if cell[v, SEEN] < base:
                        first = tail
                        if alone:
                            cell[v, SEEN] = base
                            queue[0, tail] = v
                            tail += 1
                        else:
                            tail = discover(g, r, s, v, 0, base, base, tail)
                        to = v if alone else root_of(g, r, s, v)
                        cell[to, FIRST] = first
                        cell[to, ARRIVED] = np.int32(2**31 - 1)
                    to = v if alone else root_of(g, r, s, v)
                    if level == 0 and _among(bans, to):
                        continue
                    if reached < cell[to, ARRIVED]:
                        if size == len(following):
                            following = np.concatenate((following, np.empty_like(following)))
                        size = _note(s, to, reached, before, stamp, following, size)
                        if size < 0:
                            s.state[SPENT] = r.budget + 1
                            over(r, s)
                            return -1, 0
        if size == 0:
            return -1, 0
        if s.cell[root_b, NEXT] == stamp:
            slot = s.meets[root_b]
            return _path(s, following[slot, 2], out), following[slot, 1]
    return -1, 0


@kernel
def _among(bans, root):
    for ban in bans:
        if ban == root:
            return True
    return False
