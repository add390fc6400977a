"""The surest path: the greatest product of confidences, then the fewest links. A two-sided Dijkstra."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.shortest import A, B, ends_of
from graphsvc.topology.kernels.space import HEAD, SEEN, SPENT
from graphsvc.topology.kernels.walk import (
    again,
    begin,
    discover,
    entry_ok,
    over,
    passable,
    rank,
    root_of,
    visible,
)
from graphsvc.topology.layout import (
    CONFIDENCE_AT,
    CONFIDENCE_BITS,
    DEGREE,
    HELD,
    NEIGHBOUR,
    PACKED,
    SKIP_AT,
    START,
)

NO_WAY = 1 << 62


@kernel
def _less(g, keys, nodes, i, j):
    if keys[i] != keys[j]:
        return keys[i] < keys[j]
    return rank(g, nodes[i]) < rank(g, nodes[j])


@kernel
def _swap(keys, nodes, i, j):
    keys[i], keys[j] = keys[j], keys[i]
    nodes[i], nodes[j] = nodes[j], nodes[i]


@kernel
def _push(g, keys, nodes, size, key, node):
    keys[size] = key
    nodes[size] = node
    i = size
    while i > 0 and _less(g, keys, nodes, i, (i - 1) // 2):
        _swap(keys, nodes, i, (i - 1) // 2)
        i = (i - 1) // 2
    return size + 1


@kernel
def _pop(g, keys, nodes, size):
    size -= 1
    _swap(keys, nodes, 0, size)
    i = 0
    while True:
        least = i
        for child in (2 * i + 1, 2 * i + 2):
            if child < size and _less(g, keys, nodes, child, least):
                least = child
        if least == i:
            return size
        _swap(keys, nodes, i, least)
        i = least


@kernel
def surest(g, r, s, a, b, costs, out):
    """The clusters of the path with the least sum of ``costs`` (by stored confidence, each at least 1) in ``out``;
    its links or -1, and its cost."""
    begin(s)
    far = s.far
    ends = np.empty(4, np.int32)
    ends_of(g, r, s, a, b, ends)
    base = again(s)
    tails = np.zeros(2, np.int64)
    sizes = np.zeros(2, np.int64)
    keys = np.empty((2, 1024), np.int64)
    nodes = np.empty((2, 1024), np.int32)
    if ends[A] == ends[B]:
        out[0] = ends[A]
        return 0, 0
    for side in range(2):
        tails[side] = discover(g, r, s, a if side == 0 else b, side, base, base, 0)
        root = ends[side]
        far[side, root] = 0
        sizes[side] = _push(g, keys[side], nodes[side], 0, 0, root)
        far[2 + side, root] = 0
    best = np.int64(NO_WAY)
    one = np.int32(-1)
    while sizes[0] and sizes[1] and keys[0, 0] + keys[1, 0] < best:
        side = 0 if keys[0, 0] <= keys[1, 0] else 1
        root = nodes[side, 0]
        cost = keys[side, 0]
        sizes[side] = _pop(g, keys[side], nodes[side], sizes[side])
        if cost > far[side, root]:
            continue
        member = far[2 + side, root]
        while member < tails[side] and root_of(g, r, s, s.queue[side, member]) == root:
            u = s.queue[side, member]
            member += 1
            if over(r, s):
                return -1, 0
            if not passable(g, r, s, u, ends[A], ends[B]):
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
                if not entry_ok(g, r, i) or not visible(g, r, v):
                    continue
                s.state[SPENT] += 1
                through = cost + costs[(g.hot[i, PACKED] >> CONFIDENCE_AT) & CONFIDENCE_BITS]
                if through >= best or not passable(g, r, s, v, ends[A], ends[B]):
                    continue
                if s.cell[v, SEEN + side] < base:
                    at = tails[side]
                    tails[side] = discover(g, r, s, v, side, base, base, at)
                    to = root_of(g, r, s, v)
                    far[2 + side, to] = at
                    far[side, to] = NO_WAY
                to = root_of(g, r, s, v)
                if through >= far[side, to]:
                    continue
                far[side, to] = through
                s.cell[to, HEAD + side] = root
                if sizes[side] == keys.shape[1]:
                    keys = np.concatenate((keys, np.empty_like(keys)), axis=1)
                    nodes = np.concatenate((nodes, np.empty_like(nodes)), axis=1)
                sizes[side] = _push(g, keys[side], nodes[side], sizes[side], through, to)
                if s.cell[to, SEEN + 1 - side] >= base and through + far[1 - side, to] < best:
                    best = through + far[1 - side, to]
                    one = to
    if one < 0:
        return -1, 0
    return _path(s, one, out), best


@kernel
def _path(s, meet, out):
    """Write the path through a cluster that both sides reached; its links, or -1 when it does not fit."""
    before = 0
    x = meet
    while s.cell[x, HEAD] >= 0:
        x = s.cell[x, HEAD]
        before += 1
    after = 0
    x = meet
    while s.cell[x, HEAD + 1] >= 0:
        x = s.cell[x, HEAD + 1]
        after += 1
    if before + after >= len(out):
        return -1
    x = meet
    for i in range(before, -1, -1):
        out[i] = x
        x = s.cell[x, HEAD]
    x = s.cell[meet, HEAD + 1]
    for i in range(before + 1, before + after + 1):
        out[i] = x
        x = s.cell[x, HEAD + 1]
    return before + after
