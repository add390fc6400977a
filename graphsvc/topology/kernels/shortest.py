"""Shortest paths between two clusters: one two-sided search, every shortest path in the order of ids, and the
k shortest without loops (Yen, with Lawler's rule)."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.kernels.space import BLOCK, CLOCK, HEAD, LOGGED, QUESTION, SEEN, SPENT
from graphsvc.topology.kernels.walk import (
    LEVELS,
    again,
    begin,
    discover,
    entry_ok,
    over,
    passable,
    rank,
    root_of,
    seen_links,
    visible,
)

CALM = 64
"""Links up to which a record counts the same when the cheaper side is chosen."""
A, B, SPUR, SPUR_BANS = 0, 1, 2, 3
"""Places in ``ends``: the clusters at both ends, the one that bans hold for (or -1), and how many bans."""


@kernel
def _volume(g, r, n):
    """What expanding a record is taken to cost: worked out on visible links alone."""
    if g.card[n, 3] <= CALM:
        return 8
    seen = seen_links(g, r, n)
    return seen if seen > CALM else 8


@kernel
def _banned(s, ends, bans, from_, to):
    """Whether the step between two known clusters is banned."""
    spur = ends[SPUR]
    if spur < 0:
        return False
    other = to if from_ == spur else from_
    if from_ != spur and to != spur:
        return False
    for i in range(ends[SPUR_BANS]):
        if bans[i] == other:
            return True
    return False


@kernel
def _log(s, side, child, parent):
    """Note that ``parent`` leads to ``child``; false when there is no more room."""
    at = s.state[LOGGED]
    if at >= s.log.shape[0]:
        return False
    s.log[at, 0] = parent
    s.log[at, 1] = s.cell[child, HEAD + side]
    s.cell[child, HEAD + side] = at
    s.state[LOGGED] = at + 1
    return True


@kernel
def _grow(g, r, s, side, base, level, span, ends, bans, meets):
    """Expand one level of a side. Fills ``meets`` with clusters that both sides know; how many.

    ``span`` holds where the level begins and ends in the queue; it is moved to the next one.
    -1 when the walk must end.
    """
    tail = span[1]
    stamp = base + level + 1
    found = 0
    volume = 0
    for q in range(span[0], span[1]):
        u = s.queue[side, q]
        if not passable(g, r, s, u, ends[A], ends[B]):
            continue
        if over(r, s):
            return -1
        parent = root_of(s, u)
        e = g.start[u]
        end = e + g.card[u, 3]
        while e < end:
            if not r.mask[g.handling[e]]:
                e += g.skip[e]
                continue
            i = e
            e += 1
            if not entry_ok(g, r, i):
                continue
            v = g.neighbour[i]
            seen = s.cell[v, SEEN + side]
            met = s.cell[v, SEEN + 1 - side] >= base
            if seen >= base:
                s.state[SPENT] += 1
                if seen < stamp or (found and not met):
                    continue
                root = root_of(s, v)
                if _banned(s, ends, bans, parent, root):
                    continue
            else:
                if not visible(g, r, v):
                    continue
                s.state[SPENT] += 1
                if (found and not met) or not passable(g, r, s, v, ends[A], ends[B]):
                    continue
                root = root_of(s, v)
                if root >= 0 and _banned(s, ends, bans, parent, root):
                    continue
                old = tail
                tail = discover(g, r, s, v, side, base, stamp, tail)
                root = root_of(s, v)
                for j in range(old, tail):
                    volume += _volume(g, r, s.queue[side, j])
                if met:
                    meets[found] = root
                    found += 1
            if not _log(s, side, root, parent):
                s.state[SPENT] = r.budget + 1
                over(r, s)
                return -1
    span[0] = span[1]
    span[1] = tail
    span[2] = volume
    return found


@kernel
def search(g, r, s, from_, to, most, ends, bans, meets, levels):
    """Length of the shortest way between two records in links, -1 when there is none of up to ``most``.

    Leaves in ``levels`` how far each side went and how many clusters they met in (in ``meets``).
    """
    base = again(s)
    spans = np.zeros((2, 3), np.int64)
    spans[0, 1] = discover(g, r, s, from_, 0, base, base, 0)
    levels[0] = 0
    levels[1] = 0
    levels[2] = 0
    if s.cell[to, SEEN] >= base:
        return 0
    spans[1, 1] = discover(g, r, s, to, 1, base, base, 0)
    for side in range(2):
        for q in range(spans[side, 1]):
            spans[side, 2] += _volume(g, r, s.queue[side, q])
    while levels[0] + levels[1] < most:
        if spans[0, 0] == spans[0, 1] or spans[1, 0] == spans[1, 1]:
            return -1
        side = 0 if spans[0, 2] <= spans[1, 2] else 1
        found = _grow(g, r, s, side, base, levels[side], spans[side], ends, bans, meets)
        if found < 0:
            return -1
        levels[side] += 1
        if found:
            levels[2] = found
            return levels[0] + levels[1]
    return -1


@kernel
def _successors(s, meets, levels):
    """Turn the first side's log round: for each cluster on a shortest path, what follows it."""
    stamp = s.state[CLOCK] + LEVELS - 1  # of this search alone
    stack = np.empty(levels[2] + s.state[LOGGED] + 1, np.int32)
    top = 0
    for i in range(levels[2]):
        stack[top] = meets[i]
        top += 1
        s.mark[meets[i], 0] = stamp
        s.mark[meets[i], 1] = -1
    links = np.empty((s.state[LOGGED] + 1, 2), np.int32)
    made = 0
    while top:
        top -= 1
        x = stack[top]
        at = s.cell[x, HEAD]
        while at >= 0:
            p = s.log[at, 0]
            at = s.log[at, 1]
            if s.mark[p, 0] != stamp:
                s.mark[p, 0] = stamp
                s.mark[p, 1] = -1
                stack[top] = p
                top += 1
            links[made, 0] = x
            links[made, 1] = s.mark[p, 1]
            s.mark[p, 1] = made
            made += 1
    return links


@kernel
def _next(g, s, links, levels, x, depth, after):
    """The cluster that follows ``x`` on a shortest path and comes first in order after ``after``; -1 for none."""
    best = -1
    best_rank = np.int64(1) << 62
    floor = np.int64(-1) if after < 0 else rank(g, after)
    first_side = depth < levels[0]
    at = s.mark[x, 1] if first_side else s.cell[x, HEAD + 1]
    while at >= 0:
        if first_side:
            y = links[at, 0]
            at = links[at, 1]
        else:
            y = s.log[at, 0]
            at = s.log[at, 1]
        value = rank(g, y)
        if floor < value < best_rank:
            best = y
            best_rank = value
    return best


@kernel
def _enumerate(g, r, s, from_, length, meets, levels, out):
    """Write the shortest paths of the last search in the order of their ids, up to the rows of ``out``."""
    if length == 0:
        out[0, 0] = from_
        return 1
    links = _successors(s, meets, levels)
    made = 0
    depth = 0
    path = np.full(length + 2, -1, np.int32)
    path[0] = from_
    while depth >= 0 and made < out.shape[0]:
        if depth == length:
            for i in range(length + 1):
                out[made, i] = path[i]
            made += 1
            depth -= 1
            continue
        y = _next(g, s, links, levels, path[depth], depth, path[depth + 1])
        if y < 0:
            path[depth + 1] = -1
            depth -= 1
            continue
        path[depth + 1] = y
        depth += 1
        path[depth + 1] = -1
        s.state[SPENT] += 1
        if over(r, s):
            break
    return made


@kernel
def _ends(g, r, s, a, b, ends):
    """Work out the clusters at both ends, so that they are exempt from caps and kinds."""
    base = again(s)
    discover(g, r, s, a, 0, base, base, 0)
    ends[A] = root_of(s, a)
    discover(g, r, s, b, 1, base, base, 0)
    ends[B] = root_of(s, b)
    ends[SPUR] = -1
    ends[SPUR_BANS] = 0


@kernel
def all_shortest(g, r, s, a, b, most, out):
    """Shortest paths as rows of clusters in ``out``, in order; how many, and their length in links or -1."""
    begin(s)
    ends = np.empty(4, np.int32)
    bans = np.empty(1, np.int32)
    levels = np.zeros(3, np.int64)
    meets = s.meets
    _ends(g, r, s, a, b, ends)
    length = search(g, r, s, a, b, most, ends, bans, meets, levels)
    if length < 0:
        return 0, -1
    return _enumerate(g, r, s, ends[A], length, meets, levels, out), length


@kernel
def _before(g, one, other, length):
    """Whether a path comes before another of the same length in the order of ids."""
    for i in range(length + 1):
        if one[i] != other[i]:
            return rank(g, one[i]) < rank(g, other[i])
    return False


@kernel
def _spur(g, r, s, paths, lengths, made, i, start, b, limit, ends, meets, levels, bans, out):
    """The best path that leaves path ``i`` right after its place ``start``; its whole length or -1."""
    path = paths[i]
    for j in range(start):
        s.cell[path[j], BLOCK] = s.state[QUESTION]
    ends[SPUR] = path[start]
    banned = 0
    for m in range(made):
        same = lengths[m] > start
        for j in range(start + 1):
            same = same and paths[m, j] == path[j]
        if same:
            bans[banned] = paths[m, start + 1]
            banned += 1
    ends[SPUR_BANS] = banned
    length = search(g, r, s, path[start], b, limit - start, ends, bans, meets, levels)
    found = -1
    if length >= 0:
        row = np.empty((1, length + 1), np.int32)
        if _enumerate(g, r, s, path[start], length, meets, levels, row):
            for j in range(start):
                out[j] = path[j]
            for j in range(length + 1):
                out[start + j] = row[0, j]
            found = start + length
    ends[SPUR] = -1
    for j in range(start):
        s.cell[path[j], BLOCK] = 0
    return found


@kernel
def k_shortest(g, r, s, a, b, most, k, paths, lengths):
    """The k shortest paths without loops, ordered by length and then by ids; how many there are."""
    begin(s)
    ends = np.empty(4, np.int32)
    bans = np.empty(k + 1, np.int32)
    levels = np.zeros(3, np.int64)
    meets = s.meets
    _ends(g, r, s, a, b, ends)
    goal = ends[B]
    length = search(g, r, s, a, b, most, ends, bans, meets, levels)
    if length < 0:
        return 0
    made = _enumerate(g, r, s, ends[A], length, meets, levels, paths)
    for i in range(made):
        lengths[i] = length
    if made == k or length == 0:
        return made
    return _yen(g, r, s, goal, most, k, made, paths, lengths, ends, bans, meets, levels)


@kernel
def _deviation(paths, lengths, i):
    """The last place that a path shares with any path before it: Lawler's starting place."""
    best = 0
    for m in range(i):
        j = 0
        while j < lengths[i] and j < lengths[m] and paths[m, j] == paths[i, j]:
            j += 1
        best = max(best, j - 1)
    return best


@kernel
def _limit(lengths, candidates, live, made, k, most):
    """The greatest length that could still be among the k."""
    wanted = k - made
    if wanted <= 0:
        return -1
    held = np.sort(candidates[:live])
    return min(most, held[wanted - 1]) if live >= wanted else most


@kernel
def _yen(g, r, s, goal, most, k, made, paths, lengths, ends, bans, meets, levels):
    """Go on after the first ``made`` paths. Every spur is searched once, from where a path leaves the earlier ones."""
    width = paths.shape[1]
    room = k * width + 1
    waiting = np.empty((room, width), np.int32)
    waiting_lengths = np.empty(room, np.int64)
    live = 0
    row = np.empty(width, np.int32)
    done = 0
    at_once = made
    while True:
        while done < made:
            # where a path found at once leaves an earlier one, that one's spur has banned it already
            leaves = _deviation(paths, lengths, done) + (1 if 0 < done < at_once else 0)
            for start in range(leaves, lengths[done]):
                limit = _limit(lengths, waiting_lengths, live, made, k, most)
                if limit < start:
                    continue
                total = _spur(
                    g, r, s, paths, lengths, made, done, start, goal, limit, ends, meets, levels, bans, row
                )
                if over(r, s):
                    return made
                if total >= 0:
                    waiting[live, : total + 1] = row[: total + 1]
                    waiting_lengths[live] = total
                    live += 1
            done += 1
        if made == k or live == 0:
            return made
        best = 0
        for i in range(1, live):
            if waiting_lengths[i] < waiting_lengths[best] or (
                waiting_lengths[i] == waiting_lengths[best]
                and _before(g, waiting[i], waiting[best], waiting_lengths[i])
            ):
                best = i
        lengths[made] = waiting_lengths[best]
        paths[made, :] = waiting[best]
        made += 1
        live -= 1
        waiting[best] = waiting[live]
        waiting_lengths[best] = waiting_lengths[live]
