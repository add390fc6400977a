"""Shortest paths between two clusters: one two-sided search, every shortest path in the order of ids, and the
k shortest without loops (Yen, with Lawler's rule)."""

import numpy as np

from graphsvc.topology.kernels import inlined, kernel
from graphsvc.topology.kernels.space import CLOCK, CROWDED, HEAD, LOGGED, PLAIN, SEEN, SPENT, TIED
from graphsvc.topology.kernels.walk import (
    CALM,
    CHEAP,
    LEVELS,
    _look,
    again,
    begin,
    discover,
    entry_ok,
    over,
    passable,
    rank,
    root_of,
    volume_of,
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
)
from graphsvc.topology.layout import FIRST as FIRST_DAY
from graphsvc.topology.layout import LAST as LAST_DAY

ALL, ONE = np.bool_(False), np.bool_(True)
"""Whether a search is ``single``."""
CALMS, CROWDS = np.bool_(False), np.bool_(True)
A, B, SPUR, SPUR_BANS = 0, 1, 2, 3
"""Places in ``ends``: the clusters at both ends, the one that bans hold for (or -1), and how many bans."""


@kernel
def _among(bans, count, other):
    for i in range(count):
        if bans[i] == other:
            return True
    return False


@kernel
def _banned(s, ends, bans, from_, to):
    """Whether the step between two known clusters is banned."""
    spur = ends[SPUR]
    other = to if from_ == spur else from_
    if from_ != spur and to != spur:
        return False
    return _among(bans, ends[SPUR_BANS], other)


@inlined
def _log(s, side, child, parent):
    """Note that ``parent`` leads to ``child``; false when there is no more room."""
    at = s.state[LOGGED]
    room = at < s.log.shape[0]
    if room:
        s.log[at, 0] = parent
        s.log[at, 1] = s.cell[child, HEAD + side]
        s.cell[child, HEAD + side] = at
        s.state[LOGGED] = at + 1
    return room


@kernel
def _cost(g, r, s, side, span, crowds):
    """What expanding the calm records of a level costs, or those with many links."""
    cost = 0
    for q in range(span[0], span[1]):
        volume = volume_of(g, r, s.queue[side, q])
        if (volume > CALM) == crowds:
            cost += volume
    return cost


@kernel
def _back(g, r, s, side, base, level, spans, later, tail, found, ends, bans, meets, single):
    """Before the crowded records of a level are expanded: whether the other side's level touches them.

    Returns how many clusters both sides know, the tail of the queue, and whether no step of this length is missing.
    """
    crowd = 0
    for k in range(later):
        crowd += volume_of(g, r, s.far[side, k])
    if _cost(g, r, s, 1 - side, spans[1 - side], CALMS) > crowd:
        return found, tail, False
    found, tail = _touch(g, r, s, side, base, level, spans, CALMS, tail, found, ends, bans, meets, single)
    if (single and found) or _cost(g, r, s, 1 - side, spans[1 - side], CROWDS) > crowd:
        return found, tail, False
    found, tail = _touch(g, r, s, side, base, level, spans, CROWDS, tail, found, ends, bans, meets, single)
    return found, tail, found > 0


@kernel
def _touch(g, r, s, side, base, level, spans, crowds, tail, found, ends, bans, meets, single):
    """Steps from crowded records of this side's level to the other's, looked for from there."""
    stamp = base + level + 2
    hot, cell, mask, mine = g.hot, s.cell, r.mask, SEEN + side
    for q in range(spans[1 - side, 0], spans[1 - side, 1]):
        u = s.queue[1 - side, q]
        if (volume_of(g, r, u) > CALM) != crowds or not passable(g, r, s, u, ends[A], ends[B]):
            continue
        s.state[SPENT] += volume_of(g, r, u)
        root = root_of(g, r, s, u)
        e = g.card[u, START]
        end = e + g.card[u, DEGREE]
        while e < end:
            if not mask[hot[e, HELD]]:
                e += hot[e, PACKED] >> SKIP_AT
                continue
            v = hot[e, NEIGHBOUR]
            if cell[v, mine] != stamp - 1 or not entry_ok(g, r, e):
                e += 1
                continue
            e += 1
            if volume_of(g, r, v) <= CALM or not passable(g, r, s, v, ends[A], ends[B]):
                continue
            parent = root_of(g, r, s, v)
            if ends[SPUR] >= 0 and _banned(s, ends, bans, parent, root):
                continue
            if s.cell[u, SEEN + side] < base:
                tail = discover(g, r, s, u, side, base, stamp, tail)
                meets[found] = root
                found += 1
            if single:
                s.cell[root, HEAD + side] = parent
                return found, tail
            _log(s, side, root, parent)
    return found, tail


@kernel
def _enter(g, r, s, v, parent, side, base, stamp, ends, bans, tail):
    """Discover a visible record that is not plain, when the step to it may be taken; the new tail."""
    if not passable(g, r, s, v, ends[A], ends[B]):
        return tail
    root = root_of(g, r, s, v)
    if root >= 0 and ends[SPUR] >= 0 and _banned(s, ends, bans, parent, root):
        return tail
    return discover(g, r, s, v, side, base, stamp, tail)


@kernel
def _grow(g, r, s, side, base, level, spans, ends, bans, meets, single):
    """Expand one level of a side. Fills ``meets`` with clusters that both sides know; how many.

    ``spans`` hold where the levels of both sides begin and end in the queue, and what they cost; that of this side
    is moved to the next one. A ``single`` search ends at the first such cluster and keeps one parent for each.
    -1 when the walk must end.
    """
    # arrays taken out of their tuples once: doing so for every link costs more than the link
    hot, cold, card = g.hot, g.cold, g.card
    mask, types, sight = r.mask, r.types, r.sight
    cell, queue, state, far = s.cell, s.queue, s.state, s.far
    mine, his, head = SEEN + side, SEEN + 1 - side, HEAD + side
    today, least, dated, since, until = r.today, r.least, r.dated, r.since, r.until
    spur, banned = ends[SPUR], ends[SPUR_BANS]
    plain = r.free
    span = spans[side]
    tail = span[1]
    stamp = base + level + 2
    found = np.int64(0)
    volume = 0
    spent = 0
    size = span[1] - span[0]
    later = np.int64(0)
    turn = 0
    while turn < size + later:
        # those with few links first: what both sides know is most often found among them
        if turn < size:
            u = queue[side, span[0] + turn]
            if sight[u] & CROWDED and volume_of(g, r, u) > CALM:
                far[side, later] = u
                later += 1
                turn += 1
                continue
        else:
            if turn == size:
                found, tail, whole = _back(
                    g, r, s, side, base, level, spans, later, tail, found, ends, bans, meets, single
                )
                if whole or (single and found):
                    state[SPENT] += spent
                    return found
            u = far[side, turn - size]
        turn += 1
        if not (plain and sight[u] & (TIED | CROWDED) == 0) and not passable(g, r, s, u, ends[A], ends[B]):
            continue
        state[SPENT] += spent
        spent = 0
        if over(r, s):
            return -1
        parent = root_of(g, r, s, u) if sight[u] & TIED else u
        # once they have met, only what both know counts, and looking at the rest takes most of the time
        ending = found > 0
        if ending:
            spent += volume_of(g, r, u)
        e = card[u, START]
        end = e + card[u, DEGREE]
        while e < end:
            bits = hot[e, PACKED]
            if not mask[hot[e, HELD]]:
                e += bits >> SKIP_AT
                continue
            i = e
            e += 1
            if not types[bits & 0xFF] or hot[i, RETAIN] < today:
                continue
            if ((bits >> CONFIDENCE_AT) & CONFIDENCE_BITS) < least:
                continue
            if dated and (cold[i, FIRST_DAY] > until or cold[i, LAST_DAY] < since):
                continue
            v = hot[i, NEIGHBOUR]
            met = cell[v, his] >= base
            if ending and not met:
                continue
            seen = cell[v, mine]
            look = sight[v]
            if seen >= base:
                spent += not ending
                if single or seen < stamp or (found and not met):
                    continue
                root = root_of(g, r, s, v) if look & TIED else v
                if spur >= 0 and _banned(s, ends, bans, parent, root):
                    continue
            else:
                if look == 0:
                    look = _look(g, r, v)
                if not look & PLAIN:
                    continue
                spent += not ending
                if found and not met:
                    continue
                if plain and look & (TIED | CROWDED) == 0:
                    if parent == spur and _among(bans, banned, np.int64(v)):
                        continue
                    if v == spur and _among(bans, banned, parent):
                        continue
                    cell[v, mine] = stamp
                    cell[v, head] = -1
                    queue[side, tail] = v
                    tail += 1
                    volume += min(CHEAP, CALM)
                    root = v
                else:
                    old = tail
                    tail = _enter(g, r, s, v, parent, side, base, stamp, ends, bans, tail)
                    if tail == old:
                        continue
                    root = root_of(g, r, s, v) if look & TIED else v
                    for j in range(old, tail):
                        volume += volume_of(g, r, queue[side, j])
                if met:
                    meets[found] = root
                    found += 1
                if single:
                    cell[root, head] = parent
                    if met:
                        state[SPENT] += spent
                        return found
            if not single and not _log(s, side, root, parent):
                state[SPENT] = r.budget + 1
                over(r, s)
                return -1
    state[SPENT] += spent
    span[0] = span[1]
    span[1] = tail
    span[2] = volume
    return found


@kernel
def search(g, r, s, from_, to, most, ends, bans, meets, levels, single, blocked):
    """Length of the shortest way between two records in links, -1 when there is none of up to ``most``. It does not
    enter ``blocked`` clusters: they count as seen before it began.

    Leaves in ``levels`` how far each side went and how many clusters they met in (in ``meets``).
    """
    base = again(s)
    spans = np.zeros((2, 3), np.int64)
    for n in blocked:
        for side in range(2):
            discover(g, r, s, n, side, base, base, 0)
    spans[0, 1] = discover(g, r, s, from_, 0, base, base + 1, 0)
    levels[0] = 0
    levels[1] = 0
    levels[2] = 0
    if s.cell[to, SEEN] >= base:
        return 0
    spans[1, 1] = discover(g, r, s, to, 1, base, base + 1, 0)
    return meet(g, r, s, base, spans, most, ends, bans, meets, levels, single)


@kernel
def meet(g, r, s, base, spans, most, ends, bans, meets, levels, single):
    """Grow both sides, whose first levels stand in the queue, until they meet: as ``search``."""
    for side in range(2):
        for q in range(spans[side, 1]):
            spans[side, 2] += volume_of(g, r, s.queue[side, q])
    while levels[0] + levels[1] < most:
        if spans[0, 0] == spans[0, 1] or spans[1, 0] == spans[1, 1]:
            return -1
        side = 0 if spans[0, 2] <= spans[1, 2] else 1
        found = _grow(g, r, s, side, base, levels[side], spans, ends, bans, meets, single)
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
    depth = np.int64(0)
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
def ends_of(g, r, s, a, b, ends):
    """Work out the clusters at both ends, so that they are exempt from caps and kinds."""
    base = again(s)
    discover(g, r, s, a, 0, base, base, 0)
    ends[A] = root_of(g, r, s, a)
    discover(g, r, s, b, 1, base, base, 0)
    ends[B] = root_of(g, r, s, b)
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
    ends_of(g, r, s, a, b, ends)
    length = search(g, r, s, a, b, most, ends, bans, meets, levels, ALL, np.empty(0, np.int32))
    if length < 0:
        return 0, -1
    return _enumerate(g, r, s, ends[A], length, meets, levels, out), length


@kernel
def _trace(s, meet, out):
    """Write the path of a single search that met in a cluster."""
    before = 0
    x = meet
    while s.cell[x, HEAD] >= 0:
        x = s.cell[x, HEAD]
        before += 1
    x = meet
    for i in range(before, -1, -1):
        out[i] = x
        x = s.cell[x, HEAD]
    x = s.cell[meet, HEAD + 1]
    i = before + 1
    while x >= 0:
        out[i] = x
        i += 1
        x = s.cell[x, HEAD + 1]


@kernel
def shortest(g, r, s, a, b, most, out):
    """One shortest path as clusters in ``out``, its length in links or -1. Which of several equal ones depends on
    the order of ids and of what handlings say, so that it is the same whenever the visible part is."""
    begin(s)
    ends = np.empty(4, np.int32)
    bans = np.empty(1, np.int32)
    levels = np.zeros(3, np.int64)
    ends_of(g, r, s, a, b, ends)
    length = search(g, r, s, a, b, most, ends, bans, s.meets, levels, ONE, np.empty(0, np.int32))
    if length == 0:
        out[0] = ends[A]
    elif length > 0:
        _trace(s, s.meets[0], out)
    return length


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
    length = search(
        g,
        r,
        s,
        np.int64(path[start]),
        np.int64(b),
        limit - start,
        ends,
        bans,
        meets,
        levels,
        ONE,
        path[:start],
    )
    found = -1
    if length >= 0:
        for j in range(start):
            out[j] = path[j]
        _trace(s, meets[0], out[start:])
        found = start + length
    ends[SPUR] = -1
    return found


@kernel
def k_shortest(g, r, s, a, b, most, k, paths, lengths):
    """The k shortest paths without loops, ordered by length and then by ids; how many there are."""
    begin(s)
    ends = np.empty(4, np.int32)
    bans = np.empty(k + 1, np.int32)
    levels = np.zeros(3, np.int64)
    meets = s.meets
    ends_of(g, r, s, a, b, ends)
    goal = ends[B]
    length = search(g, r, s, a, b, most, ends, bans, meets, levels, ALL, np.empty(0, np.int32))
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
    live = np.int64(0)
    row = np.empty(width, np.int32)
    done = np.int64(0)
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
