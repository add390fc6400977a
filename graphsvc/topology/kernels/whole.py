"""The whole visible part at once, for jobs that look at all of it: its links, and who stands together."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.walk import KIND, entry_ok, rank, visible
from graphsvc.topology.layout import DEGREE, HELD, LINK, NEIGHBOUR, PACKED, RETAIN, SKIP_AT, START

INWARD = 0x80


@kernel
def seen(g, r):
    """Which records may be seen today."""
    found = np.zeros(len(g.card), np.bool_)
    for n in range(len(g.card)):
        found[n] = visible(g, r, n)
    return found


@kernel
def kinds(g, r):
    """How many records of each kind may be seen today, by its code."""
    found = np.zeros(KIND + 1, np.int64)
    for n in range(len(g.card)):
        found[g.card[n, 2] & KIND] += r.mask[g.card[n, 0]] and g.card[n, 1] >= r.today
    return found


@kernel
def used_links(g, r, keep, rows):
    """Fill ``rows`` with from, to, number and entry of the usable links between kept records, as far as there is
    room; how many there are."""
    made = 0
    for n in range(len(g.card)):
        if not keep[n]:
            continue
        e = g.card[n, START]
        end = e + g.card[n, DEGREE]
        while e < end:
            if not r.mask[g.hot[e, HELD]]:
                e += g.hot[e, PACKED] >> SKIP_AT
                continue
            if (g.hot[e, PACKED] & 0xFF) < INWARD and keep[g.hot[e, NEIGHBOUR]] and entry_ok(g, r, e):
                if made < len(rows):
                    rows[made, 0] = n
                    rows[made, 1] = g.hot[e, NEIGHBOUR]
                    rows[made, 2] = g.cold[e, LINK]
                    rows[made, 3] = e
                made += 1
            e += 1
    return made


@kernel
def going_out(g, r, numbers, type_):
    """Which of the records have a visible link of a type that goes out, to a visible record."""
    found = np.zeros(len(numbers), np.bool_)
    for at in range(len(numbers)):
        e = g.card[numbers[at], START]
        end = e + g.card[numbers[at], DEGREE]
        while e < end and not found[at]:
            if not r.mask[g.hot[e, HELD]]:
                e += g.hot[e, PACKED] >> SKIP_AT
                continue
            fits = (g.hot[e, PACKED] & 0xFF) == type_ and g.hot[e, RETAIN] >= r.today
            found[at] = fits and visible(g, r, g.hot[e, NEIGHBOUR])
            e += 1
    return found


@kernel
def _root(parent, n):
    while parent[n] != n:
        parent[n] = parent[parent[n]]
        n = parent[n]
    return n


@kernel
def identities(g, r, saw, keep):
    """For each record the first, by id, of the kept ones that stand together with it through visible ties among
    visible records; itself where it stands alone. A key with more visible holders than the cap joins nothing."""
    parent = np.arange(len(g.card)).astype(np.int32)
    for t in range(len(g.tie_card)):
        if not r.mask[g.tie_card[t, 0]] or g.tie_card[t, 1] < r.today:
            continue
        if g.tie_card[t, 3] >= 0 and g.tie_card[t, 2] < r.least:
            continue
        start = g.holder_start[t]
        holders = 0
        for i in range(start, start + g.holder_degree[t]):
            holders += saw[g.holder[i]]
        if holders < 2 or holders > r.key_cap:
            continue
        first = np.int32(-1)
        for i in range(start, start + g.holder_degree[t]):
            n = g.holder[i]
            if not saw[n]:
                continue
            if first < 0:
                first = n
            else:
                parent[_root(parent, np.int32(n))] = _root(parent, first)
    best = np.full(len(parent), -1, np.int32)
    for n in range(len(parent)):
        if keep[n]:
            top = _root(parent, np.int32(n))
            if best[top] < 0 or rank(g, n) < rank(g, best[top]):
                best[top] = n
    for n in range(len(parent)):
        top = _root(parent, np.int32(n))
        parent[n] = top
    for n in range(len(parent)):
        parent[n] = best[parent[n]] if keep[n] else n
    return parent


@kernel
def digests(blob, ends, numbers):
    """FNV-1a of the texts with these numbers, 64 bits each."""
    found = np.empty(len(numbers), np.uint64)
    for at in range(len(numbers)):
        n = numbers[at]
        value = np.uint64(14695981039346656037)
        for i in range(ends[n - 1] if n else 0, ends[n]):
            value = (value ^ np.uint64(blob[i])) * np.uint64(1099511628211)
        found[at] = value
    return found
