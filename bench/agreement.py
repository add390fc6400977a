"""How alike two divisions are, corrected for chance."""

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from scipy.special import gammaln


def adjusted_mutual_information(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """N. Vinh, 2010, with the arithmetic mean: 1 for the same division, about 0 for two that are independent."""
    size = len(one)
    a, b, both = Counter(one), Counter(other), Counter(zip(one, other, strict=True))
    mutual = sum(n / size * np.log(size * n / (a[i] * b[j])) for (i, j), n in both.items())
    entropies = [-sum(n / size * np.log(n / size) for n in counts.values()) for counts in (a, b)]
    expected = _expected(Counter(a.values()), Counter(b.values()), size)
    return float((mutual - expected) / (np.mean(entropies) - expected))


def _expected(a: Counter[int], b: Counter[int], size: int) -> float:
    total = 0.0
    for one, times in a.items():
        for other, again in b.items():
            n = np.arange(max(1, one + other - size), min(one, other) + 1)
            ways = (
                gammaln(one + 1) + gammaln(other + 1) + gammaln(size - one + 1) + gammaln(size - other + 1)
                - gammaln(size + 1) - gammaln(n + 1) - gammaln(one - n + 1) - gammaln(other - n + 1)
                - gammaln(size - one - other + n + 1)
            )  # fmt: skip
            total += times * again * float((n / size * np.log(size * n / (one * other)) * np.exp(ways)).sum())
    return total
