"""Compiled kernels over a part as compressed rows: ``at`` (int64[vertices + 1]) and ``to`` (int32), both directions of
an undirected link. ``gone`` marks vertices that are taken out."""

import numpy as np

from graphsvc.topology.kernels import kernel


@kernel
def _spread(at, to, gone, source, queue, distance, paths):  # type: ignore[no-untyped-def]
    """Distances and numbers of shortest paths from a vertex; how many it reaches, in order of the queue."""
    distance[:] = -1
    paths[:] = 0.0
    distance[source], paths[source] = 0, 1.0
    queue[0], head, tail = source, 0, 1
    while head < tail:
        v = queue[head]
        head += 1
        for i in range(at[v], at[v + 1]):
            w = to[i]
            if gone[w]:
                continue
            if distance[w] < 0:
                distance[w] = distance[v] + 1
                queue[tail] = w
                tail += 1
            if distance[w] == distance[v] + 1:
                paths[w] += paths[v]
    return tail


@kernel
def betweenness(at, to, gone, directed):  # type: ignore[no-untyped-def]
    """Of each vertex the pairs whose shortest paths pass it, each path by its share (U. Brandes, 2001)."""
    size = len(at) - 1
    found = np.zeros(size)
    distance, paths, pull = np.empty(size, np.int32), np.empty(size), np.empty(size)
    queue = np.empty(size, np.int32)
    for source in range(size):
        if gone[source]:
            continue
        pull[:] = 0.0
        for place in range(_spread(at, to, gone, source, queue, distance, paths) - 1, 0, -1):
            v = queue[place]
            for i in range(at[v], at[v + 1]):
                w = to[i]
                if not gone[w] and distance[w] == distance[v] + 1:
                    pull[v] += paths[v] / paths[w] * (1.0 + pull[w])
            found[v] += pull[v]
    return found if directed else found / 2


@kernel
def component_sizes(at, to, gone, queue, seen):  # type: ignore[no-untyped-def]
    """Sizes of the connected pieces of what is left: the largest, and the pairs that are still joined."""
    seen[:] = gone
    largest, pairs = 0, 0
    for source in range(len(at) - 1):
        if seen[source]:
            continue
        seen[source] = True
        queue[0], head, tail = source, 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            for i in range(at[v], at[v + 1]):
                if not seen[to[i]]:
                    seen[to[i]] = True
                    queue[tail] = to[i]
                    tail += 1
        largest = max(largest, tail)
        pairs += tail * (tail - 1)
    return largest, pairs


@kernel
def nearness(at, to, gone, queue, distance):  # type: ignore[no-untyped-def]
    """Sum of one over the distance of all ordered pairs that are left."""
    total = 0.0
    for source in range(len(at) - 1):
        if gone[source]:
            continue
        distance[:] = -1
        distance[source] = 0
        queue[0], head, tail = source, 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            for i in range(at[v], at[v + 1]):
                w = to[i]
                if distance[w] < 0 and not gone[w]:
                    distance[w] = distance[v] + 1
                    total += 1.0 / distance[w]
                    queue[tail] = w
                    tail += 1
    return total


@kernel
def reach(at, to, chosen, queue, distance):  # type: ignore[no-untyped-def]
    """Sum over all vertices of one over their distance from the nearest chosen one, which counts as one itself."""
    distance[:] = -1
    head, tail, total = 0, 0, 0.0
    for v in range(len(at) - 1):
        if chosen[v]:
            distance[v] = 0
            queue[tail] = v
            tail += 1
            total += 1.0
    while head < tail:
        v = queue[head]
        head += 1
        for i in range(at[v], at[v + 1]):
            w = to[i]
            if distance[w] < 0:
                distance[w] = distance[v] + 1
                total += 1.0 / distance[w]
                queue[tail] = w
                tail += 1
    return total


FRAGMENT, DISTANCE, REACH = 0, 1, 2


@kernel
def set_score(at, to, chosen, kind, queue, distance, seen):  # type: ignore[no-untyped-def]
    """How well a set of vertices does, between 0 and 1."""
    size = len(at) - 1
    if kind == REACH:
        return reach(at, to, chosen, queue, distance) / size
    pairs = size * (size - 1)
    if kind == DISTANCE:
        return 1.0 - nearness(at, to, chosen, queue, distance) / pairs
    return 1.0 - component_sizes(at, to, chosen, queue, seen)[1] / pairs


@kernel
def _best_addition(at, to, chosen, kind, best, score, queue, distance, seen):  # type: ignore[no-untyped-def]
    """The vertex whose addition to the set is better than ``score``, or ``best`` where none is; its score."""
    for v in range(len(at) - 1):
        if chosen[v]:
            continue
        chosen[v] = True
        found = set_score(at, to, chosen, kind, queue, distance, seen)
        chosen[v] = False
        if best < 0 or found > score + 1e-12:
            best, score = v, found
    return best, score


@kernel
def set_from(at, to, first, k, kind, rounds):  # type: ignore[no-untyped-def]
    """A set of k vertices that begins with one: by greedy choice, and then by swaps as long as one improves it. Equals
    go to the first in order."""
    size = len(at) - 1
    queue, distance = np.empty(size, np.int32), np.empty(size, np.int32)
    seen, chosen = np.empty(size, np.bool_), np.zeros(size, np.bool_)
    chosen[first] = True
    score = set_score(at, to, chosen, kind, queue, distance, seen)
    for _ in range(k - 1):
        best, score = _best_addition(at, to, chosen, kind, -1, score, queue, distance, seen)
        chosen[best] = True
    for _ in range(rounds):
        before = score
        for out in np.flatnonzero(chosen):
            chosen[out] = False
            best, score = _best_addition(at, to, chosen, kind, out, score, queue, distance, seen)
            chosen[best] = True
        if score <= before + 1e-12:
            break
    return chosen, score


@kernel
def best_set(at, to, firsts, k, kind, rounds):  # type: ignore[no-untyped-def]
    """The best of the sets that begin with each of these vertices."""
    chosen, score = set_from(at, to, firsts[0], k, kind, rounds)
    for first in firsts[1:]:
        other, found = set_from(at, to, first, k, kind, rounds)
        if found > score + 1e-12:
            chosen, score = other, found
    return chosen, score


@kernel
def _weight(at, to, weight, v, w):  # type: ignore[no-untyped-def]
    low, high = at[v], at[v + 1]
    while low < high:
        middle = (low + high) // 2
        if to[middle] < w:
            low = middle + 1
        else:
            high = middle
    return weight[low] if low < at[v + 1] and to[low] == w else 0.0


@kernel
def constraint(at, to, weight):  # type: ignore[no-untyped-def]
    """Burt's constraint. ``weight`` holds both directions summed, so rows are the same read either way."""
    size = len(at) - 1
    total, found = np.zeros(size), np.zeros(size)
    for v in range(size):
        for i in range(at[v], at[v + 1]):
            total[v] += weight[i]
    for v in range(size):
        for i in range(at[v], at[v + 1]):
            w = to[i]
            share = weight[i] / total[v]
            small, large = (v, w) if at[v + 1] - at[v] <= at[w + 1] - at[w] else (w, v)
            for j in range(at[small], at[small + 1]):
                other = _weight(at, to, weight, large, to[j])
                if other > 0 and to[j] != v and to[j] != w:
                    of_v, of_w = (weight[j], other) if small == v else (other, weight[j])
                    share += of_v / total[v] * of_w / total[to[j]]
            found[v] += share * share
    return found


@kernel
def speak_and_listen(at, to, weight, rounds, seed):  # type: ignore[no-untyped-def]
    """What each vertex remembers after so many rounds of hearing one label from each neighbour (J. Xie, 2011): itself
    first, then the label that it heard most of, the smallest of equals. int32[vertices, rounds + 1]."""
    size = len(at) - 1
    np.random.seed(seed)
    memory = np.empty((size, rounds + 1), np.int32)
    memory[:, 0] = np.arange(size)
    heard = np.zeros(size)
    for turn in range(1, rounds + 1):
        memory[:, turn] = -1
        for v in np.random.permutation(size):
            best = memory[v, 0]
            for i in range(at[v], at[v + 1]):
                w = to[i]
                known = turn + 1 if memory[w, turn] >= 0 else turn
                label = memory[w, np.random.randint(0, known)]
                heard[label] += weight[i]
                if heard[label] > heard[best] or (heard[label] == heard[best] and label < best):
                    best = label
            memory[v, turn] = best
            for i in range(at[v], at[v + 1]):
                w = to[i]
                for j in range(turn + 1):
                    if memory[w, j] >= 0:
                        heard[memory[w, j]] = 0.0
            heard[best] = 0.0
    return memory


@kernel
def _there(at, to, v, w):  # type: ignore[no-untyped-def]
    low, high = at[v], at[v + 1]
    while low < high:
        middle = (low + high) // 2
        if to[middle] < w:
            low = middle + 1
        else:
            high = middle
    return low < at[v + 1] and to[low] == w


@kernel
def clustering(at, to, out, towards):  # type: ignore[no-untyped-def]
    """Share of the ordered pairs of neighbours that are linked. ``at`` and ``to`` hold neighbours of either direction,
    ``out`` and ``towards`` the links that point out."""
    size = len(at) - 1
    found = np.zeros(size)
    for v in range(size):
        near = at[v + 1] - at[v]
        if near < 2:
            continue
        linked = 0
        for i in range(at[v], at[v + 1]):
            u = to[i]
            if out[u + 1] - out[u] <= near:
                for j in range(out[u], out[u + 1]):
                    linked += towards[j] != v and _there(at, to, v, towards[j])
            else:
                for j in range(at[v], at[v + 1]):
                    linked += to[j] != u and _there(out, towards, u, to[j])
        found[v] = linked / (near * (near - 1))
    return found


@kernel
def _put(before, after, degree, v, d):  # type: ignore[no-untyped-def]
    """Put a vertex first among those of a degree. The list of degree d begins and ends at place ``size + d``."""
    top = len(degree) + d
    first = after[top]
    before[v], after[v] = top, first
    after[top], before[first] = v, v
    degree[v] = d


@kernel
def innermost(at, to):  # type: ignore[no-untyped-def]
    """Which vertices are left when all with the fewest links are taken out together, again and again, until those that
    are left have as many links each, or none."""
    size = len(at) - 1
    left, degree, gone = np.ones(size, np.bool_), np.empty(size, np.int64), np.empty(size, np.int64)
    most = 0
    for v in range(size):
        most = max(most, at[v + 1] - at[v])
    before = np.arange(size + most + 1)
    after = before.copy()
    for v in range(size):
        _put(before, after, degree, v, at[v + 1] - at[v])
    links, count, least = len(to), size, 0
    while links > 0:
        while after[size + least] == size + least:
            least += 1
        out, v = 0, after[size + least]
        while v < size:
            gone[out], v = v, after[v]
            out += 1
        if out == count:
            break
        after[size + least], before[size + least] = size + least, size + least
        left[gone[:out]] = False
        count -= out
        links -= out * least
        for v in gone[:out]:
            for w in to[at[v] : at[v + 1]]:
                if left[w]:
                    before[after[w]], after[before[w]] = before[w], after[w]
                    _put(before, after, degree, w, degree[w] - 1)
                    least = min(least, degree[w])
                    links -= 1
    return left
