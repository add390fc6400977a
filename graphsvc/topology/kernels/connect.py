"""A small network that joins seeds: the terminals' minimum spanning tree over shortest ways (Mehlhorn), which has at
most ``2 (1 - 1/seeds)`` times the links of the smallest."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.space import BLOCK, HEAD, MARKS, QUESTION, SEEN, SPENT
from graphsvc.topology.kernels.walk import (
    again,
    begin,
    discover,
    entry_ok,
    over,
    passable,
    root_of,
    visible,
)
from graphsvc.topology.layout import DEGREE, HELD, NEIGHBOUR, PACKED, SKIP_AT, START

BEFORE, OWNER = HEAD, HEAD + 1
"""Columns of a cluster's first record: the cluster before it on the way from its seed, and which seed that is."""


@kernel
def _find(parent, n):
    while parent[n] != n:
        parent[n] = parent[parent[n]]
        n = parent[n]
    return n


@kernel
def _way(s, x, rows, made):
    """Add the steps from a cluster back to its seed."""
    while s.cell[x, BEFORE] >= 0:
        if made == len(rows):
            return made
        rows[made, 0] = s.cell[x, BEFORE]
        rows[made, 1] = x
        made += 1
        x = s.cell[x, BEFORE]
    return made


@kernel
def _plant(g, r, s, seeds, base):
    """Discover the clusters of the seeds; the owner of each is the first seed in it. The tail of the queue."""
    tail = 0
    for i in range(len(seeds)):
        if s.cell[seeds[i], SEEN] < base:
            tail = discover(g, r, s, seeds[i], 0, base, base, tail)
            root = root_of(g, r, s, seeds[i])
            s.cell[root, OWNER] = i
            s.state[MARKS] = 1
            s.about[root, BLOCK] = s.state[QUESTION] + 1
    return tail


@kernel
def _join(s, waiting, size, length, parent, rows, made):
    """Take the meetings of one length in order; the steps so far."""
    for i in range(size):
        if waiting[i, 0] != length:
            continue
        one, other = waiting[i, 1], waiting[i, 2]
        a = _find(parent, s.cell[one, OWNER])
        b = _find(parent, s.cell[other, OWNER])
        if a == b or made == len(rows):
            continue
        parent[b] = a
        rows[made, 0] = one
        rows[made, 1] = other
        made = _way(s, one, rows, made + 1)
        made = _way(s, other, rows, made)
    return made


@kernel
def connect(g, r, s, seeds, most, rows):
    """Fill ``rows`` with the steps of the network as pairs of clusters; how many, and which seeds are joined: for
    each seed the first of its part. Ways between two seeds have at most ``most`` links."""
    begin(s)
    base = again(s)
    tail = _plant(g, r, s, seeds, base)
    parent = np.arange(len(seeds))
    for i in range(len(seeds)):
        parent[i] = s.cell[root_of(g, r, s, seeds[i]), OWNER]
    apart = 0
    for i in range(len(seeds)):
        apart += parent[i] == i
    waiting = np.empty((64, 3), np.int64)
    made = 0
    head = 0
    level = 0
    while head < tail and apart > 1 and 2 * level + 1 <= most:
        end = tail
        size = 0
        for q in range(head, end):
            u = s.queue[0, q]
            if over(r, s):
                return made, _parts(parent)
            if not passable(g, r, s, u, -1, -1):
                continue
            root = root_of(g, r, s, u)
            owner = s.cell[root, OWNER]
            e = g.card[u, START]
            last = e + g.card[u, DEGREE]
            while e < last:
                if not r.mask[g.hot[e, HELD]]:
                    e += g.hot[e, PACKED] >> SKIP_AT
                    continue
                i = e
                e += 1
                v = g.hot[i, NEIGHBOUR]
                if not entry_ok(g, r, i) or not visible(g, r, v):
                    continue
                s.state[SPENT] += 1
                if s.cell[v, SEEN] < base:
                    if not passable(g, r, s, v, -1, -1):
                        continue
                    tail = discover(g, r, s, v, 0, base, base + level + 1, tail)
                    to = root_of(g, r, s, v)
                    s.cell[to, OWNER] = owner
                    s.cell[to, BEFORE] = root
                    continue
                to = root_of(g, r, s, v)
                if _find(parent, s.cell[to, OWNER]) == _find(parent, owner):
                    continue
                if not passable(g, r, s, v, -1, -1):
                    continue
                if size == len(waiting):
                    waiting = np.concatenate((waiting, np.empty_like(waiting)))
                waiting[size, 0] = level + (s.cell[v, SEEN] - base) + 1
                waiting[size, 1] = root
                waiting[size, 2] = to
                size += 1
        for length in (2 * level + 1, 2 * level + 2):
            if length <= most:
                made = _join(s, waiting, size, length, parent, rows, made)
        apart = 0
        for i in range(len(seeds)):
            apart += _find(parent, i) == i
        head = end
        level += 1
    return made, _parts(parent)


@kernel
def _parts(parent):
    parts = np.empty(len(parent), np.int64)
    for i in range(len(parent)):
        parts[i] = _find(parent, i)
    return parts
