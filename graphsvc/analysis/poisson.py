"""Exact tests of Poisson counts over times of different length, for many series at once.

Given the sum of two Poisson counts, one of them is binomial (Przyborowski and Wilenski, 1940): the test and the
interval (Clopper and Pearson, 1934) are exact. The two-sided test adds up all outcomes that are no more likely than
what was seen. Over many series the false discovery rate is held (Benjamini and Hochberg, 1995).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

NEAR = 1 + 1e-7
"""Outcomes whose chances differ by no more than this are equally likely."""


def chances(before: Array, after: Array, lengths: tuple[int, int]) -> Array:
    """Of each pair of counts, how likely so unequal ones are if the rates are equal; ``lengths`` in days."""
    from scipy.special import bdtr, bdtrc

    before, after = np.asarray(before, np.int64), np.asarray(after, np.int64)
    number, share = before + after, lengths[1] / (lengths[0] + lengths[1])
    seen = _chance(after, number, share) * NEAR
    mean = number * share
    low = after < mean
    other = _edge(after, number, share, seen)
    # the tail of what was seen, and beyond the mean that of outcomes that are no more likely
    below = np.where(low, after, other)
    above = np.where(low, other, after)
    found = np.where(below >= 0, bdtr(np.maximum(below, 0), number, share), 0.0)
    found += np.where(
        above <= number, np.where(above > 0, bdtrc(np.maximum(above - 1, 0), number, share), 1.0), 0.0
    )
    found[(after == mean) | (above <= below)] = 1.0
    return np.minimum(found, 1.0)


def _chance(hits: Array, number: Array, share: float) -> Array:
    """The chance of exactly so many hits."""
    from scipy.special import gammaln, xlog1py, xlogy

    ways = gammaln(number + 1) - gammaln(hits + 1) - gammaln(number - hits + 1)
    found: Array = np.exp(ways + xlogy(hits, share) + xlog1py(number - hits, -share))
    return found


def _edge(after: Array, number: Array, share: float, seen: Array) -> Array:
    """On the other side of the mean, the outcome nearest to it that is no more likely; past the end where none is."""
    low = after < number * share
    mean = number * share
    first = np.where(low, np.ceil(mean), -1).astype(np.int64)
    last = np.where(low, number + 1, np.floor(mean)).astype(np.int64)
    # ``near`` is more likely, ``far`` is not: upwards from the mean where little was seen, downwards elsewhere
    near = np.where(low, first - 1, last + 1)
    far = np.where(low, last, first)
    while (open_ := np.abs(far - near) > 1).any():
        middle = (near + far) // 2
        more = _chance(np.clip(middle, 0, number), number, share) > seen
        near = np.where(open_ & more, middle, near)
        far = np.where(open_ & ~more, middle, far)
    return far


def bounds(before: Array, after: Array, lengths: tuple[int, int], sure: float = 0.95) -> tuple[Array, Array]:
    """Of each pair of counts, the exact interval of the second rate over the first; infinite where it has no end."""
    from scipy.special import betaincinv

    before, after = np.asarray(before, float), np.asarray(after, float)
    tail = (1 - sure) / 2
    low = np.where(after > 0, betaincinv(np.maximum(after, 1), before + 1, tail), 0.0)
    high = np.where(before > 0, betaincinv(after + 1, np.maximum(before, 1), 1 - tail), 1.0)
    scale = lengths[0] / lengths[1]
    with np.errstate(divide="ignore"):
        return low / (1 - low) * scale, high / (1 - high) * scale


def discoveries(found: Array) -> Array:
    """The chances with the number of tests taken into account, in the same order."""
    order = np.argsort(found, kind="stable")
    ranked = found[order] * len(found) / np.arange(1, len(found) + 1)
    least = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    told = np.empty(len(found))
    told[order] = least
    return told
