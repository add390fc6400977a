"""What every walk shares: the tests inside the traversal, clusters of one identity, hubs, the clock."""

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.space import (
    BASE,
    BLOCK,
    CANCELLED,
    CLOCK,
    HEAD,
    HUB,
    LOGGED,
    QUESTION,
    ROOT,
    ROOT_STAMP,
    SEEN,
    SPENT,
    TRUNCATED,
)

LEVELS = 1 << 12
"""Stamps that one search may use; more levels than that are not walked."""
FULL = 1 << 30
KIND = 0xFF
IDENTITY = 0x100
PLACES = 24


@kernel
def rank(g, n):
    """Order of the public ids."""
    if n < g.size:
        return (n + 1) << PLACES
    return g.place[n - g.size]


@kernel
def visible(g, r, n):
    """Whether the record may be seen today."""
    return r.mask[g.card[n, 0]] and g.card[n, 1] >= r.today


@kernel
def entry_ok(g, r, i):
    """Whether a link whose handling is held may be used: type, day of expiry, confidence, window."""
    return (
        r.types[g.type[i]]
        and g.retain[i] >= r.today
        and g.confidence[i] >= r.least
        and (not r.dated or (g.first[i] <= r.until and g.last[i] >= r.since))
    )


@kernel
def begin(s):
    """Start a question: nothing is spent, no cluster is known."""
    if s.state[CLOCK] > FULL:
        s.cell[:] = 0
        s.mark[:] = 0
        s.state[CLOCK] = 1
    s.state[CLOCK] += LEVELS
    s.state[QUESTION] = s.state[CLOCK]
    s.state[SPENT] = 0
    s.state[TRUNCATED] = 0
    s.state[CANCELLED] = 0


@kernel
def again(s):
    """Start another search within the question; its stamp."""
    s.state[CLOCK] += LEVELS
    s.state[LOGGED] = 0
    return s.state[CLOCK]


@kernel
def over(r, s):
    """Whether to end: the budget is spent, or the one who asked went away."""
    if s.cancel[0]:
        s.state[CANCELLED] = 1
        return True
    if s.state[SPENT] > r.budget:
        s.state[TRUNCATED] = 1
        return True
    return False


@kernel
def root_of(s, n):
    """The cluster of a record that this question has met, or -1."""
    if s.cell[n, ROOT_STAMP] == s.state[QUESTION]:
        return s.cell[n, ROOT]
    return -1


@kernel
def usable_links(g, r, n, most):
    """How many links the question could use at a record, counted up to ``most``."""
    found = 0
    e = g.start[n]
    end = e + g.card[n, 3]
    while e < end and found < most:
        if not r.mask[g.handling[e]]:
            e += g.skip[e]
            continue
        if entry_ok(g, r, e) and visible(g, r, g.neighbour[e]):
            found += 1
        e += 1
    return found


@kernel
def seen_links(g, r, n):
    """How many links with a held handling a record has: what expanding it would cost, as far as is visible."""
    found = 0
    e = g.start[n]
    end = e + g.card[n, 3]
    while e < end:
        if r.mask[g.handling[e]]:
            found += 1
            e += 1
        else:
            e += g.skip[e]
    return found


@kernel
def is_hub(g, r, s, n):
    """Whether a record has more usable links than the cap. Worked out once a question."""
    if g.card[n, 3] <= r.hub_cap:
        return False
    known = s.cell[n, HUB]
    question = s.state[QUESTION]
    if known == question:
        return False
    if known == question + 1:
        return True
    hub = usable_links(g, r, n, r.hub_cap + 1) > r.hub_cap
    s.cell[n, HUB] = question + 1 if hub else question
    return hub


@kernel
def passable(g, r, s, n, a, b):
    """Whether links may be followed to and from a visible record. The clusters ``a`` and ``b`` always can."""
    root = root_of(s, n)
    if root >= 0:
        if s.cell[root, BLOCK] == s.state[QUESTION]:
            return False
        if root == a or root == b:
            return True
    return r.kinds[g.card[n, 2] & KIND] and not is_hub(g, r, s, n)


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
    for j in range(g.tie_start[n], g.tie_start[n] + g.tie_degree[n]):
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
def discover(g, r, s, n, side, base, stamp, tail):
    """Mark a record and all visible ones of the same identity as seen; the new tail of the queue.

    ``base`` is the stamp of the search and ``stamp`` that of the level. The record of the cluster that comes
    first in the order of ids stands for it.
    """
    s.cell[n, SEEN + side] = stamp
    s.cell[n, HEAD + side] = -1
    s.queue[side, tail] = n
    first = tail
    tail += 1
    question = s.state[QUESTION]
    if not g.card[n, 2] & IDENTITY:
        s.cell[n, ROOT_STAMP] = question
        s.cell[n, ROOT] = n
        return tail
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
        s.cell[s.queue[side, i], ROOT_STAMP] = question
        s.cell[s.queue[side, i], ROOT] = root
    return tail
