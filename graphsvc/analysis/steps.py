"""Steps that a weighted regression of a series on a constant and a line cannot do without, compiled.

Of two steps only where the later one begins counts for their product, so all products are read from sums from each
place to the end of the series: however many places are tried, trying them takes time that grows with its length alone.
Arrays of sums are float64[5, intervals + 1]: of the weights, weights times time, weights times time squared, and values
and values times time, weighted. Steps are int64, ascending, each the first interval after one.
"""

import numpy as np

from graphsvc.topology.kernels import kernel

THRESHOLD = 15.0
"""Least F statistic of a step. Chosen on simulated series without one, of which fewer than 5 in 100 are flagged."""
MOST = 5
MARGIN = 4
"""Intervals on each side of a step."""
ROUNDS = 3
"""Times that steps are sought again, each with the others in force."""
FLAT = 1e-9
"""What is left of a step beside the others when it can be told from them no more."""


@kernel
def sums(values, weights):  # type: ignore[no-untyped-def]
    """Sums from each place to the end."""
    size = len(values)
    after = np.zeros((5, size + 1))
    for at in range(size - 1, -1, -1):
        weight, value, time = weights[at], values[at], _moment(at, size)
        after[0, at] = after[0, at + 1] + weight
        after[1, at] = after[1, at + 1] + weight * time
        after[2, at] = after[2, at + 1] + weight * time * time
        after[3, at] = after[3, at + 1] + weight * value
        after[4, at] = after[4, at + 1] + weight * time * value
    return after


@kernel
def _moment(at, size):  # type: ignore[no-untyped-def]
    """Time of an interval, from -1 to 1 over the series."""
    return 2.0 * at / (size - 1) - 1.0


@kernel
def regression(after, steps):  # type: ignore[no-untyped-def]
    """Coefficients of the constant, the line and the steps; the inverse of their products; products with the values."""
    size = 2 + len(steps)
    products, target = np.empty((size, size)), np.empty(size)
    products[0, 0], products[1, 1] = after[0, 0], after[2, 0]
    products[0, 1] = products[1, 0] = after[1, 0]
    target[0], target[1] = after[3, 0], after[4, 0]
    for i, step in enumerate(steps):
        target[2 + i] = after[3, step]
        products[0, 2 + i] = products[2 + i, 0] = after[0, step]
        products[1, 2 + i] = products[2 + i, 1] = after[1, step]
        for j, other in enumerate(steps):
            products[2 + i, 2 + j] = after[0, max(step, other)]
    inverse = np.linalg.inv(products)
    return inverse @ target, inverse, target


@kernel
def _company(after, steps, inverse, solved, begun):  # type: ignore[no-untyped-def]
    """Products of one more step with the known ones are a constant, and a part that grows with its own sum, by which of
    them have ``begun`` where it is: the terms of what the regression takes from its size and from its pull."""
    still, grown = np.zeros(len(solved)), np.zeros(len(solved))
    grown[0] = 1.0
    for i, step in enumerate(steps):
        if i < begun:
            grown[2 + i] = 1.0
        else:
            still[2 + i] = after[0, step]
    by_still, by_grown = inverse @ still, inverse @ grown
    norms = (still @ by_still, 2 * (still @ by_grown), 2 * by_still[1], grown @ by_grown, 2 * by_grown[1])
    return norms, (solved @ still, solved @ grown)


@kernel
def _scan(after, square, steps, statistic):  # type: ignore[no-untyped-def]
    """F statistic of one more step at each place, -1 where none may be; the best place, or -1."""
    size = len(statistic) - 1
    solved, inverse, target = regression(after, steps)
    rest = square - target @ solved
    free = size - len(target) - 1
    statistic[:] = -1.0
    begun, best = 0, -1
    norms, pulls = _company(after, steps, inverse, solved, np.int64(0))
    for at in range(MARGIN, size - MARGIN + 1):
        if begun < len(steps) and steps[begun] <= at:
            begun += 1
            norms, pulls = _company(after, steps, inverse, solved, begun)
        if (begun > 0 and at - steps[begun - 1] < MARGIN) or (
            begun < len(steps) and steps[begun] - at < MARGIN
        ):
            continue
        x, y = after[0, at], after[1, at]
        taken = norms[0] + norms[1] * x + norms[2] * y + norms[3] * x * x + norms[4] * x * y
        norm = x - taken - inverse[1, 1] * y * y
        pull = after[3, at] - pulls[0] - pulls[1] * x - solved[1] * y
        gain = pull * pull / norm if norm > FLAT else 0.0
        statistic[at] = gain / max((rest - gain) / free, 1e-12)
        if best < 0 or statistic[at] > statistic[best]:
            best = at
    return best


@kernel
def shrinking(values, weights, after, steps):  # type: ignore[no-untyped-def]
    """What is left of F statistics when neighbouring residuals of the regression with these steps are alike."""
    size = len(values)
    solved, _, _ = regression(after, steps)
    level, begun, last, beside, square = solved[0], 0, 0.0, 0.0, 0.0
    for at in range(size):
        while begun < len(steps) and steps[begun] == at:
            level += solved[2 + begun]
            begun += 1
        left = (values[at] - level - solved[1] * _moment(at, size)) * np.sqrt(weights[at])
        beside += left * last
        square += left * left
        last = left
    alike = min(max(beside / max(square, 1e-12), 0.0), 0.9)
    return (1.0 - alike) / (1.0 + alike)


@kernel
def _without(steps, number):  # type: ignore[no-untyped-def]
    others = np.empty(len(steps) - 1, np.int64)
    others[:number], others[number:] = steps[:number], steps[number + 1 :]
    return others


@kernel
def _with(steps, step):  # type: ignore[no-untyped-def]
    more = np.empty(len(steps) + 1, np.int64)
    more[:-1], more[-1] = steps, step
    more.sort()
    return more


@kernel
def strength(values, weights, steps):  # type: ignore[no-untyped-def]
    """F statistic of one more step at each place, -1 where none may be, without what is owed to autocorrelation. The
    best place, or -1. float64[intervals + 1] and int64."""
    after = sums(values, weights)
    return _strength(values, weights, after, _square(values, weights), steps)


@kernel
def _square(values, weights):  # type: ignore[no-untyped-def]
    """Sum of the squared values, weighted."""
    return np.sum(weights * values * values)


@kernel
def _strength(values, weights, after, square, steps):  # type: ignore[no-untyped-def]
    statistic = np.empty(len(values) + 1)
    best = _scan(after, square, steps, statistic)
    if best >= 0:
        left = shrinking(values, weights, after, _with(steps, best))
        for at in range(len(statistic)):
            if statistic[at] > 0:
                statistic[at] *= left
    return statistic, best


@kernel
def _settled(after, square, steps, statistic):  # type: ignore[no-untyped-def]
    """The same steps, each at its best place given the others, in the order that they came in."""
    for _ in range(ROUNDS):
        before = steps.copy()
        for number in range(len(steps)):
            others = _without(steps, number)
            others.sort()
            steps[number] = _scan(after, square, others, statistic)
        if np.array_equal(before, steps):
            break
    return steps


@kernel
def seek(values, weights, begun):  # type: ignore[no-untyped-def]
    """Steps that stand, those that were ``begun`` with among them where they do."""
    after, square = sums(values, weights), _square(values, weights)
    statistic = np.empty(len(values) + 1)
    steps = _settled(after, square, begun.copy(), statistic)
    while len(steps) < MOST:
        shrunk, best = _strength(values, weights, after, square, np.sort(steps))
        if best < 0 or shrunk[best] < THRESHOLD:
            break
        more = np.empty(len(steps) + 1, np.int64)
        more[:-1], more[-1] = steps, best
        steps = _settled(after, square, more, statistic)
    steps.sort()
    stands = np.zeros(len(steps), np.bool_)
    for number in range(len(steps)):
        shrunk, _ = _strength(values, weights, after, square, _without(steps, number))
        stands[number] = shrunk[steps[number]] >= THRESHOLD
    return steps[stands]
