"""The surest path: the greatest product of confidences, then the fewest links. A two-sided Dijkstra."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.shortest import A, B, ends_of
from graphsvc.topology.kernels.space import CROWDED, HEAD, PLAIN, SEEN, SPENT, TIED
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
def _less(heap, i, j):
    if heap[i, 0] != heap[j, 0]:
        return heap[i, 0] < heap[j, 0]
    return heap[i, 1] < heap[j, 1]


@kernel
def _swap(heap, i, j):
    for column in range(3):
        kept = heap[i, column]
        heap[i, column] = heap[j, column]
        heap[j, column] = kept


@kernel
def _push(heap, size, cost, place, node):
    heap[size, 0] = cost
    heap[size, 1] = place
    heap[size, 2] = node
    i = size
    while i > 0 and _less(heap, i, (i - 1) // 2):
        _swap(heap, i, (i - 1) // 2)
        i = (i - 1) // 2
    return size + 1


@kernel
def _pop(heap, size):
    size -= 1
    i = np.int64(0)
    _swap(heap, i, size)
    while True:
        least = i
        for child in (2 * i + 1, 2 * i + 2):
            if child < size and _less(heap, child, least):
                least = child
        if least == i:
            return size
        _swap(heap, i, least)
        i = least


@kernel
def surest(g, r, s, a, b, costs, out):
    """The clusters of the path with the least sum of ``costs`` (by stored confidence, each at least 1) in ``out``;
    its links or -1, and its cost."""
    begin(s)
    hot, cold, card, cell, state = g.hot, g.cold, g.card, s.cell, s.state
    mask, types, sight = r.mask, r.types, r.sight
    today, least, dated, since, until = r.today, r.least, r.dated, r.since, r.until
    far, queue, plain = s.far, s.queue, r.free
    ends = np.empty(4, np.int32)
    ends_of(g, r, s, a, b, ends)
    base = again(s)
    tails = np.zeros(2, np.int64)
    sizes = np.zeros(2, np.int64)
    heaps = np.empty((2, 1024, 3), np.int64)  # cost, place in the order of ids, cluster
    if ends[A] == ends[B]:
        out[0] = ends[A]
        return 0, 0
    for side in range(2):
        tails[side] = discover(g, r, s, a if side == 0 else b, side, base, base, 0)
        root = ends[side]
        far[side, root] = 0
        sizes[side] = _push(heaps[side], sizes[side], far[side, root], rank(g, root), np.int64(root))
        far[2 + side, root] = 0
    best = np.int64(NO_WAY)
    one = np.int32(-1)
    while sizes[0] and sizes[1] and heaps[0, 0, 0] + heaps[1, 0, 0] < best:
        side = 0 if sizes[0] <= sizes[1] else 1
        cost = heaps[side, 0, 0]
        root = np.int32(heaps[side, 0, 2])
        sizes[side] = _pop(heaps[side], sizes[side])
        beyond = heaps[1 - side, 0, 0]  # what the other side has not reached costs it at least this
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
                through = cost + costs[(bits >> CONFIDENCE_AT) & CONFIDENCE_BITS]
                if through >= best:
                    continue
                alone = plain and seen & (TIED | CROWDED) == 0
                if not alone and not passable(g, r, s, v, ends[A], ends[B]):
                    continue
                if cell[v, SEEN + side] < base:
                    at = tails[side]
                    if alone:
                        cell[v, SEEN + side] = base
                        cell[v, HEAD + side] = -1
                        queue[side, at] = v
                        tails[side] = at + 1
                    else:
                        tails[side] = discover(g, r, s, v, side, base, base, at)
                    to = v if alone else root_of(g, r, s, v)
                    far[2 + side, to] = at
                    far[side, to] = NO_WAY
                to = v if alone else root_of(g, r, s, v)
                if through >= far[side, to]:
                    continue
                far[side, to] = through
                cell[to, HEAD + side] = root
                if cell[to, SEEN + 1 - side] >= base and through + far[1 - side, to] < best:
                    best = through + far[1 - side, to]
                    one = to
                if through + beyond >= best:
                    continue
                if sizes[side] == heaps.shape[1]:
                    heaps = np.concatenate((heaps, np.empty_like(heaps)), axis=1)
                sizes[side] = _push(heaps[side], sizes[side], through, rank(g, to), np.int64(to))
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
