"""All records within some hops of seeds, with records over the cap shown and not walked through."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.space import CLOCK, HEAD, PLAIN, SEEN, SPENT, TIED
from graphsvc.topology.kernels.walk import (
    KIND,
    LEVELS,
    _look,
    again,
    begin,
    discover,
    entry_ok,
    fits,
    over,
    usable_links,
    visible,
)
from graphsvc.topology.layout import DEGREE, HELD, NEIGHBOUR, PACKED, SKIP_AT, START


@kernel
def expand(g, r, s, seeds, hops, cap):
    """Breadth first from all seeds at once. Identity costs no hop; seeds are walked through whatever their links.

    Returns records in the order of discovery, the hop that each stands at, and for each whether it has more
    usable links than ``cap`` and was therefore not walked through.
    """
    begin(s)
    base = again(s)
    hot, cold, card, cell, state = g.hot, g.cold, g.card, s.cell, s.state
    mask, types, sight = r.mask, r.types, r.sight
    today, least, dated, since, until = r.today, r.least, r.dated, r.since, r.until
    kinds, plain, queue, tail = r.kinds, r.free, s.queue, 0
    levels = np.zeros(hops + 2, np.int64)
    for seed in seeds:
        if s.cell[seed, SEEN] < base:
            tail = discover(g, r, s, seed, 0, base, base, tail)
    head = 0
    level = 0
    ended = False
    held_back = np.zeros(16, np.int32)
    hubs = 0
    while level < hops and head < tail and not ended:
        stop = tail
        levels[level + 1] = stop
        for q in range(head, stop):
            u = queue[0, q]
            ended = over(r, s)
            if ended:
                break
            if level and _stands(g, r, u, cap):
                if hubs == len(held_back):
                    held_back = np.append(held_back, np.zeros(hubs, np.int32))
                held_back[hubs] = u
                hubs += 1
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
                if cell[v, SEEN] >= base:
                    state[SPENT] += 1
                    continue
                seen = sight[v]
                if seen == 0:
                    seen = _look(g, r, v)
                if not seen & PLAIN:
                    continue
                state[SPENT] += 1
                if plain and seen & TIED == 0:
                    cell[v, SEEN] = base + level + 1
                    cell[v, HEAD] = -1
                    queue[0, tail] = v
                    tail += 1
                elif kinds[card[v, 2] & KIND]:
                    tail = discover(g, r, s, v, 0, base, base + level + 1, tail)
        head = stop
        level += 1
    levels[level + 1 :] = tail
    return queue[0, :tail].copy(), _hops(levels), held_back[:hubs]


@kernel
def _stands(g, r, n, cap):
    return g.card[n, DEGREE] > cap and usable_links(g, r, n, cap + 1) > cap


@kernel
def _hops(levels):
    """The hop of each place in the queue, of which ``levels`` tells where each hop begins, and where the last ends."""
    hops = np.empty(levels[-1], np.int32)
    for hop in range(len(levels) - 1):
        hops[levels[hop] : levels[hop + 1]] = hop
    return hops


@kernel
def links_back(g, r, s, ordered, low, high, most):
    """Usable links from the records at places ``low`` to ``high`` of a list to themselves and those before them,
    each once, as rows of record and entry; and whether there were more than ``most``."""
    s.state[CLOCK] += LEVELS
    stamp = s.state[CLOCK]
    for i in range(high):
        s.mark[ordered[i], 0] = stamp
        s.mark[ordered[i], 1] = i
    rows = np.empty((most, 2), np.int64)
    made = 0
    for i in range(low, high):
        u = ordered[i]
        e = g.card[u, START]
        end = e + g.card[u, DEGREE]
        while e < end:
            if not r.mask[g.hot[e, HELD]]:
                e += g.hot[e, PACKED] >> SKIP_AT
                continue
            v = g.hot[e, NEIGHBOUR]
            if s.mark[v, 0] == stamp and s.mark[v, 1] < i and entry_ok(g, r, e) and visible(g, r, v):
                if made == most:
                    return rows, True
                rows[made, 0] = u
                rows[made, 1] = e
                made += 1
            e += 1
    return rows[:made], False


@kernel
def counts(g, r, seeds):
    """Usable links at the seeds by type code with direction, and by kind of the other end."""
    types = np.zeros(256, np.int64)
    kinds = np.zeros(256, np.int64)
    for u in seeds:
        e = g.card[u, START]
        end = e + g.card[u, DEGREE]
        while e < end:
            if not r.mask[g.hot[e, HELD]]:
                e += g.hot[e, PACKED] >> SKIP_AT
                continue
            i = e
            e += 1
            v = g.hot[i, NEIGHBOUR]
            if entry_ok(g, r, i) and visible(g, r, v) and r.kinds[g.card[v, 2] & KIND]:
                types[(g.hot[i, PACKED] & 0xFF)] += 1
                kinds[g.card[v, 2] & KIND] += 1
    return types, kinds
