"""Exact tests of two counts, against a library that does them one at a time."""

import numpy as np
import pytest
from scipy.stats import binomtest, false_discovery_control

from graphsvc.analysis.poisson import bounds, chances, discoveries

LENGTHS = ((365, 365), (31, 365), (3, 1), (1, 1000))


def pairs(lengths: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Small counts all with all, and large ones drawn around equal rates and far from them."""
    small = np.array([(one, other) for one in range(13) for other in range(13) if one + other])
    draw = np.random.default_rng(8)
    large = np.stack([draw.poisson(length * draw.uniform(0.1, 90, 40)) for length in lengths], 1)
    both = np.concatenate((small, large[large.sum(axis=1) > 0]))
    return both[:, 0], both[:, 1]


@pytest.mark.parametrize("lengths", LENGTHS)
def test_chances_are_those_of_the_binomial_test(lengths: tuple[int, int]) -> None:
    before, after = pairs(lengths)
    share = lengths[1] / sum(lengths)
    expected = [binomtest(int(b), int(a + b), share).pvalue for a, b in zip(before, after, strict=True)]
    assert chances(before, after, lengths) == pytest.approx(expected, rel=1e-6, abs=1e-300)


@pytest.mark.parametrize("lengths", LENGTHS)
def test_bounds_are_those_of_clopper_and_pearson(lengths: tuple[int, int]) -> None:
    before, after = pairs(lengths)
    share, scale = lengths[1] / sum(lengths), lengths[0] / lengths[1]
    tests = [binomtest(int(b), int(a + b), share) for a, b in zip(before, after, strict=True)]
    shares = np.array([tuple(test.proportion_ci(0.95, "exact")) for test in tests])
    with np.errstate(divide="ignore"):
        expected = shares / (1 - shares) * scale
    low, high = bounds(before, after, lengths)
    assert low == pytest.approx(expected[:, 0], rel=1e-6)
    assert high == pytest.approx(expected[:, 1], rel=1e-6)


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    draw = np.random.default_rng(3).uniform(size=200) ** 3
    assert discoveries(draw) == pytest.approx(false_discovery_control(draw))
    assert len(discoveries(np.zeros(0))) == 0
