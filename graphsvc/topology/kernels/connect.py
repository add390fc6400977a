"""A small network that joins seeds: to what is joined, the nearest seed is added by a shortest way, until no more can
be (Takahashi and Matsuyama), which takes at most ``2 (1 - 1/seeds)`` times the links of the smallest."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.shortest import ONE, SPUR_BANS, meet
from graphsvc.topology.kernels.space import BLOCK, HEAD, MARKS, QUESTION, SEEN
from graphsvc.topology.kernels.walk import again, begin, discover, over, root_of


@kernel
def _plant(g, r, s, seeds):
    """The cluster of each seed; those can be passed through whatever their links."""
    base = again(s)
    roots = np.empty(len(seeds), np.int32)
    for i in range(len(seeds)):
        if s.cell[seeds[i], SEEN] < base:
            discover(g, r, s, seeds[i], 0, base, base, 0)
        roots[i] = root_of(g, r, s, seeds[i])
        s.about[roots[i], BLOCK] = s.state[QUESTION] + 1
    s.state[MARKS] = 1
    return roots


@kernel
def _nearest(g, r, s, tree, size, roots, parts, most, ends, bans, levels):
    """The length of the shortest way from the tree to a seed that is in no part yet, or -1; as ``meet`` leaves it."""
    base = again(s)
    spans = np.zeros((2, 3), np.int64)
    for i in range(size):
        spans[0, 1] = discover(g, r, s, tree[i], 0, base, base + 1, spans[0, 1])
    for i in range(len(roots)):
        if parts[i] < 0 and s.cell[roots[i], SEEN + 1] < base:
            spans[1, 1] = discover(g, r, s, roots[i], 1, base, base + 1, spans[1, 1])
    levels[:] = 0
    return meet(g, r, s, base, spans, most, ends, bans, s.meets, levels, ONE)


@kernel
def _way(s, tree, size, rows, made):
    """Add the way that was found to the tree and its steps to ``rows``; both sizes, and the seed at its end."""
    x = s.meets[0]
    while s.cell[x, HEAD] >= 0:
        rows[made, 0] = s.cell[x, HEAD]
        rows[made, 1] = x
        tree[size] = x
        x = s.cell[x, HEAD]
        made += 1
        size += 1
    x = s.meets[0]
    while s.cell[x, HEAD + 1] >= 0:
        rows[made, 0] = x
        x = s.cell[x, HEAD + 1]
        rows[made, 1] = x
        tree[size] = x
        made += 1
        size += 1
    return size, made, x


@kernel
def connect(g, r, s, seeds, most, rows):
    """Fill ``rows`` with the steps of the network as pairs of clusters; how many, and which seeds are joined: for
    each seed the first of its part. No way that is added has more than ``most`` links."""
    begin(s)
    roots = _plant(g, r, s, seeds)
    parts = np.full(len(seeds), -1, np.int64)
    ends = np.full(4, -1, np.int32)
    ends[SPUR_BANS] = 0
    bans = np.empty(1, np.int32)
    levels = np.zeros(3, np.int64)
    tree = np.empty(len(rows) + 1, np.int32)
    made = np.int64(0)
    for first in range(len(seeds)):
        if parts[first] >= 0:
            continue
        tree[0] = roots[first]
        size = np.int64(1)
        joined = roots[first]
        while True:
            left = 0
            for i in range(len(seeds)):
                if roots[i] == joined:
                    parts[i] = first
                left += parts[i] < 0
            if left == 0 or _nearest(g, r, s, tree, size, roots, parts, most, ends, bans, levels) < 0:
                break
            size, made, joined = _way(s, tree, size, rows, made)
        if over(r, s):
            break
    for i in range(len(seeds)):  # a walk that ended early leaves the rest alone
        if parts[i] < 0:
            parts[i] = i
            for j in range(i):
                if roots[j] == roots[i]:
                    parts[i] = parts[j]
                    break
    return made, parts
