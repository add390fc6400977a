"""What every walk shares: the tests inside the traversal, clusters of one identity, hubs, the clock."""

import numpy as np

from graphsvc.topology.kernels import inlined, kernel
from graphsvc.topology.kernels.space import (
    BASE,
    BLOCK,
    CANCELLED,
    CLOCK,
    CROWDED,
    HEAD,
    KNOWN,
    LOGGED,
    MARKS,
    PLAIN,
    QUESTION,
    ROOT,
    ROOT_STAMP,
    SEEN,
    SPENT,
    TIED,
    TRUNCATED,
)
from graphsvc.topology.layout import (
    CONFIDENCE_AT,
    CONFIDENCE_BITS,
    DEGREE,
    HELD,
    NEIGHBOUR,
    PACKED,
    RETAIN,
    SKIP_AT,
    START,
    TIE_START,
    TIES,
)
from graphsvc.topology.layout import FIRST as FIRST_DAY
from graphsvc.topology.layout import LAST as LAST_DAY

CALM = 64
CHEAP = 8
"""What expanding a record with few visible links is taken to cost; never more than ``CALM``: a record costs more than
that exactly when it has more visible links, or hidden ones could tell a crowded record from a calm one."""
LEVELS = 1 << 12
"""Stamps that one search may use; more levels than that are not walked."""
FULL = 1 << 30
KIND = 0xFF
IDENTITY = 0x100
PLACES = 24


@inlined
def rank(g, n):
    """Order of the public ids."""
    if n < g.size:
        return (np.int64(n) + 1) << PLACES
    return g.place[n - g.size]


@kernel
def _look(g, r, n):
    seen = KNOWN
    if r.mask[g.card[n, 0]] and g.card[n, 1] >= r.today:
        seen |= PLAIN
    if g.card[n, 2] & IDENTITY:
        seen |= TIED
    if g.card[n, DEGREE] > CALM:
        seen |= CROWDED
    r.sight[n] = seen
    return seen


@inlined
def look(g, r, n):
    """What is to be known of a record; worked out once for all who hold the same."""
    sight = r.sight[n]
    if sight == 0:
        sight = _look(g, r, np.int32(n))
    return sight


@inlined
def visible(g, r, n):
    """Whether the record may be seen today."""
    return look(g, r, n) & PLAIN != 0


@inlined
def entry_ok(g, r, i):
    """Whether a link whose handling is held may be used: type, day of expiry, confidence, window."""
    return (
        r.types[(g.hot[i, PACKED] & 0xFF)]
        and g.hot[i, RETAIN] >= r.today
        and ((g.hot[i, PACKED] >> CONFIDENCE_AT) & CONFIDENCE_BITS) >= r.least
        and (not r.dated or (g.cold[i, FIRST_DAY] <= r.until and g.cold[i, LAST_DAY] >= r.since))
    )


@inlined
def fits(hot, cold, i, bits, types, today, least, dated, since, until):
    """The same on arrays taken out of their tuples once: doing so for every link costs more than the link."""
    return (
        types[bits & 0xFF]
        and hot[i, RETAIN] >= today
        and ((bits >> CONFIDENCE_AT) & CONFIDENCE_BITS) >= least
        and (not dated or (cold[i, FIRST_DAY] <= until and cold[i, LAST_DAY] >= since))
    )


@kernel
def begin(s):
    """Start a question: nothing is spent, no cluster is known."""
    if s.state[CLOCK] > FULL:
        s.cell[:] = 0
        s.about[:] = 0
        s.mark[:] = 0
        s.state[CLOCK] = 1
    s.state[CLOCK] += LEVELS
    s.state[QUESTION] = s.state[CLOCK]
    s.state[SPENT] = 0
    s.state[TRUNCATED] = 0
    s.state[CANCELLED] = 0
    s.state[MARKS] = 0


@kernel
def again(s):
    """Start another search within the question; its stamp."""
    s.state[CLOCK] += LEVELS
    s.state[LOGGED] = 0
    return s.state[CLOCK]


@inlined
def over(r, s):
    """Whether to end: the budget is spent, or the one who asked went away."""
    if s.cancel[0]:
        s.state[CANCELLED] = 1
        return True
    if s.state[SPENT] > r.budget:
        s.state[TRUNCATED] = 1
        return True
    return False


@inlined
def root_of(g, r, s, n):
    """The cluster of a record; -1 when it has ties and this question has not met it."""
    root = n
    if look(g, r, n) & TIED:
        root = s.about[n, ROOT] if s.about[n, ROOT_STAMP] == s.state[QUESTION] else -1
    return root


@kernel
def usable_links(g, r, n, most):
    """How many links the question could use at a record, counted up to ``most``."""
    hot, mask, sight = g.hot, r.mask, r.sight
    found = 0
    e = g.card[n, START]
    end = e + g.card[n, DEGREE]
    while e < end and found < most:
        if not mask[hot[e, HELD]]:
            e += hot[e, PACKED] >> SKIP_AT
            continue
        if entry_ok(g, r, e):
            v = hot[e, NEIGHBOUR]
            seen = sight[v]
            if seen == 0:
                seen = _look(g, r, v)
            found += seen & PLAIN != 0
        e += 1
    return found


@kernel
def seen_links(g, r, n):
    """How many visible links a record has: what expanding it would cost.

    A link to a hidden record is not counted, for the cost decides which side is expanded, and so what a budget is
    spent on.
    """
    hot, mask, sight, today = g.hot, r.mask, r.sight, r.today
    found = 0
    e = g.card[n, START]
    end = e + g.card[n, DEGREE]
    while e < end:
        if not mask[hot[e, HELD]]:
            e += hot[e, PACKED] >> SKIP_AT
            continue
        if hot[e, RETAIN] >= today:
            v = hot[e, NEIGHBOUR]
            seen = sight[v]
            if seen == 0:
                seen = _look(g, r, v)
            found += seen & PLAIN != 0
        e += 1
    return found


@kernel
def _count(g, r, n):
    seen = seen_links(g, r, n)
    r.crowd[n] = seen if seen > CALM else min(CHEAP, CALM)
    return r.crowd[n]


@inlined
def volume_of(g, r, n):
    """What expanding a record is taken to cost: worked out on visible links alone."""
    cost = np.int32(min(CHEAP, CALM))
    if look(g, r, n) & CROWDED:
        cost = r.crowd[n]
        if cost == 0:
            cost = _count(g, r, np.int32(n))
    return cost


@kernel
def is_hub(g, r, n):
    """Whether a record with many links has more usable ones than the cap. Worked out once for all questions that
    use the same links."""
    if r.hubs[n] == 0:
        r.hubs[n] = 2 if usable_links(g, r, n, r.hub_cap + 1) > r.hub_cap else 1
    return r.hubs[n] == 2


@kernel
def _passable(g, r, s, n, a, b):
    root = root_of(g, r, s, n)
    if root >= 0:
        mark = s.about[root, BLOCK] - s.state[QUESTION]
        if mark == 0:
            return False
        if mark == 1 or root == a or root == b:
            return True
    if not r.kinds[g.card[n, 2] & KIND]:
        return False
    return g.card[n, DEGREE] <= r.hub_cap or not is_hub(g, r, n)


@inlined
def passable(g, r, s, n, a, b):
    """Whether links may be followed to and from a visible record. Those of the clusters ``a`` and ``b``, and of
    clusters marked as ends, always can; those of blocked clusters never."""
    free = r.free and s.state[MARKS] == 0 and look(g, r, n) & (TIED | CROWDED) == 0
    if not free:
        free = _passable(g, r, s, np.int32(n), np.int32(a), np.int32(b))
    return free


@kernel
def tie_ok(g, r, t):
    """Whether a tie may be used: held, not expired, sure enough, and not held by too many."""
    if g.holder_degree[t] < 2 or not r.mask[g.tie_card[t, 0]] or g.tie_card[t, 1] < r.today:
        return False
    if g.tie_card[t, 3] >= 0 and g.tie_card[t, 2] < r.least:
        return False
    if g.holder_degree[t] <= r.key_cap:
        return True
    found = 0
    for i in range(g.holder_start[t], g.holder_start[t] + g.holder_degree[t]):
        if visible(g, r, g.holder[i]):
            found += 1
            if found > r.key_cap:
                return False
    return True


@kernel
def _holders(g, r, s, n, side, stamp, tail):
    """Queue the visible records that share a tie with this one; the new tail."""
    for j in range(g.card[n, TIE_START], g.card[n, TIE_START] + g.card[n, TIES]):
        t = g.tie[j]
        if not tie_ok(g, r, t):
            continue
        for i in range(g.holder_start[t], g.holder_start[t] + g.holder_degree[t]):
            other = g.holder[i]
            if s.cell[other, SEEN + side] < s.state[BASE] and visible(g, r, other):
                s.cell[other, SEEN + side] = stamp
                s.cell[other, HEAD + side] = -1
                s.queue[side, tail] = other
                tail += 1
                s.state[SPENT] += 1
    return tail


@kernel
def _in_order(g, records):
    """Put records into the order of their ids: that of ties and holders depends on when they came."""
    ranks = np.empty(len(records), np.int64)
    for i in range(len(records)):
        ranks[i] = rank(g, records[i])
    records[:] = records[np.argsort(ranks)]


@kernel
def _discover(g, r, s, n, side, base, stamp, tail):
    first = tail - 1
    question = s.state[QUESTION]
    s.state[BASE] = base
    i = first
    root = n
    while i < tail:
        m = s.queue[side, i]
        if rank(g, m) < rank(g, root):
            root = m
        if g.card[m, 2] & IDENTITY:
            tail = _holders(g, r, s, m, side, stamp, tail)
        i += 1
    for i in range(first, tail):
        s.about[s.queue[side, i], ROOT_STAMP] = question
        s.about[s.queue[side, i], ROOT] = root
    if tail - first > 1:
        _in_order(g, s.queue[side, first:tail])  # what a budget is spent on must not depend on how they came
    return tail


@inlined
def discover(g, r, s, n, side, base, stamp, tail):
    """Mark a record and all visible ones of the same identity as seen; the new tail of the queue.

    ``base`` is the stamp of the search and ``stamp`` that of the level. The record of the cluster that comes
    first in the order of ids stands for it.
    """
    s.cell[n, SEEN + side] = stamp
    s.cell[n, HEAD + side] = -1
    s.queue[side, tail] = n
    end = tail + 1
    if look(g, r, n) & TIED:
        end = _discover(g, r, s, np.int32(n), np.int64(side), base, stamp, end)
    return end
