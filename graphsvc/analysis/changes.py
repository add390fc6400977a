"""What is unusual in a series of counts: season, level, changes, expected range and a short forecast.

The counts are taken as logarithms. STL (Cleveland and others, 1990, robust) gives the season; changes are sought on the
season-adjusted series, never on the remainder, which hides them. A change is a step that a weighted regression with a
linear trend can not do without: the largest F statistic over all places (Quandt, 1960; Andrews, 1993), divided by what
the autocorrelation of the residuals takes away, has to pass a threshold; steps are added one at a time, each place is
sought again with the others in force, and the season is estimated again without them.
"""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.analysis.steps import regression, seek, shrinking, strength, sums

Array = npt.NDArray[Any]

LEAST = 12
"""Intervals of the shortest series that is looked at."""
MANY_CYCLES = 50
"""Cycles from which on steps move the season so little that it is estimated once, and steps that were found are where
the search goes on from."""
SURE = 0.95
"""Confidence of the intervals around effects and forecasts."""
LOOKED_UP = 500
"""Intervals of a series up to which every bound is worked out by itself."""
EXPECTED = 0.99
"""Share of intervals that lie in the expected range when nothing happens."""


class Step(msgspec.Struct, frozen=True):
    """A change of level. ``at`` is the first interval after it; ``earliest`` and ``latest`` bound its place, ``effect``
    is the relative change (0.5 is half as many again) between ``low`` and ``high``."""

    at: int
    earliest: int
    latest: int
    effect: float
    low: float
    high: float
    statistic: float


class Fit(msgspec.Struct, frozen=True):
    """A fitted series; arrays have one value an interval. ``season`` is a factor around 1; ``dispersion`` is how many
    times the variance exceeds that of a Poisson series."""

    season: Array
    level: Array
    steps: tuple[Step, ...]
    low: Array
    high: Array
    dispersion: float


def season_of(logs: Array, period: int) -> Array:
    """The season of a series of logarithms by STL; nothing when there are fewer than two whole cycles."""
    if period < 2 or len(logs) < 2 * period + 1:
        return np.zeros(len(logs))
    from statsmodels.tsa.seasonal import STL

    cycles = len(logs) // period
    # A window so wide that the season stays the same. Between jumps of a tenth of each window the curves are straight
    # lines, and the rounds are one inner and five outer: what Cleveland and others advise for a robust fit. Among very
    # many cycles a strange one weighs little, and one outer round is enough.
    smoother = STL(
        logs,
        period,
        10 * cycles + 1,
        seasonal_deg=0,
        robust=True,
        seasonal_jump=max(1, cycles // 10),
        trend_jump=-(-3 * period // 20),
        low_pass_jump=max(1, period // 10),
    )
    season: Array = smoother.fit(inner_iter=1, outer_iter=5 if cycles < MANY_CYCLES else 1).seasonal
    centred: Array = season - season.mean()
    return centred


def fit(counts: Array, period: int) -> Fit | None:
    """Season, level, steps and expected range of a series, or None when it is too short or too empty to tell."""
    counts = np.asarray(counts, float)
    if len(counts) < LEAST or counts.mean() < 1:
        return None
    logs = np.log(counts + 0.5)
    season, none = np.zeros(len(counts)), np.zeros(0, np.int64)
    steps, weights, jumps = none, np.ones(len(counts)), np.zeros(len(counts))
    long = len(counts) >= MANY_CYCLES * period
    for again in range(3):
        if not (again and long):
            season = season_of(logs - jumps, period)
        adjusted = logs - season
        found = seek(adjusted, weights, steps if long else none)
        line, jumps, _, _ = _regress(adjusted, weights, found)
        weights = np.exp(np.clip(season + line, 0, None))
        weights /= weights.mean()
        if np.array_equal(found, steps):
            break
        steps = found
    line, _, effects, errors = _regress(adjusted, weights, steps)
    expected = np.exp(season + line)
    expected *= counts.sum() / expected.sum()
    free = max(1, len(counts) - 2 - len(steps))
    dispersion = max(1.0, float((((counts - expected) ** 2) / np.maximum(expected, 0.5)).sum() / free))
    low, high = spread(expected, dispersion, EXPECTED)
    return Fit(
        np.exp(season), expected, _told(adjusted, weights, steps, effects, errors), low, high, dispersion
    )


def _regress(values: Array, weights: Array, steps: Array) -> tuple[Array, Array, Array, Array]:
    """Fitted line with steps, the steps alone, their sizes and standard errors."""
    after = sums(values, weights)
    solved, inverse, _ = regression(after, steps)
    jumps = np.zeros(len(values))
    for step, size in zip(steps.tolist(), solved[2:].tolist(), strict=True):
        jumps[step:] += size
    line = solved[0] + solved[1] * np.linspace(-1, 1, len(values)) + jumps
    noise = weights @ (values - line) ** 2 / max(1, len(values) - len(solved))
    errors = np.sqrt(np.diag(inverse)[2:] * noise / shrinking(values, weights, after, steps))
    return line, jumps, solved[2:], errors


def _told(values: Array, weights: Array, steps: Array, effects: Array, errors: Array) -> tuple[Step, ...]:
    from scipy.stats import t

    wide = float(t.ppf(0.5 + SURE / 2, max(1, len(values) - 2 - len(steps))))
    told = []
    for number, step in enumerate(steps.tolist()):
        shrunk, _ = strength(values, weights, np.delete(steps, number))
        near = np.flatnonzero(shrunk >= max(0.0, shrunk[step] - wide**2))
        near = near[np.abs(near - step) <= _reach(near, step)]
        effect, error = float(effects[number]), float(errors[number]) * wide
        told.append(
            Step(
                step, int(near.min()), int(near.max()), float(np.expm1(effect)), float(np.expm1(effect - error)),
                float(np.expm1(effect + error)), float(shrunk[step]),
            )
        )  # fmt: skip
    return tuple(told)


def _reach(near: Array, step: int) -> int:
    """How far the places that hang together with the step go."""
    inside = set(near.tolist())
    reach = 0
    while step - reach - 1 in inside or step + reach + 1 in inside:
        reach += 1
    return reach


def spread(expected: Array, dispersion: float | Array, share: float) -> tuple[Array, Array]:
    """Bounds between which a count of that mean and dispersion lies in ``share`` of cases (negative binomial).

    Of a long series, those for means a fortieth apart are looked up, and those between them interpolated.
    """
    mean = np.maximum(expected, 1e-9)
    if np.ndim(dispersion) or len(mean) <= LOOKED_UP:
        return _bounds(mean, dispersion, share)
    low, high = float(mean.min()), float(mean.max())
    known = np.geomspace(low, high, 2 + int(40 * np.log(high / low)))
    lower, upper = _bounds(known, dispersion, share)
    return np.round(np.interp(mean, known, lower)), np.round(np.interp(mean, known, upper))


def _bounds(mean: Array, dispersion: float | Array, share: float) -> tuple[Array, Array]:
    from scipy.stats import nbinom, poisson

    tails = np.array([(1 - share) / 2, (1 + share) / 2])[:, None]
    wide = np.broadcast_to(dispersion, mean.shape)
    even = wide <= 1.001
    bounds = np.empty((2, len(mean)))
    bounds[:, even] = poisson.ppf(tails, mean[even])
    bounds[:, ~even] = nbinom.ppf(tails, mean[~even] / (wide[~even] - 1), 1 / wide[~even])
    return bounds[0], bounds[1]


class Forecast(msgspec.Struct, frozen=True):
    """What is expected of the next intervals, and between which bounds."""

    expected: Array
    low: Array
    high: Array


def forecast(counts: Array, fitted: Fit, period: int, ahead: int) -> Forecast:
    """The next intervals, by exponential smoothing of the season-adjusted series since the last change."""
    counts = np.asarray(counts, float)
    since = fitted.steps[-1].at if fitted.steps else 0
    adjusted = (counts / fitted.season)[since:]
    rate, level, errors = min(
        (_smoothed(adjusted, rate) for rate in np.linspace(0.05, 0.9, 18)),
        key=lambda found: float(found[2] @ found[2]),
    )
    step = np.arange(1, ahead + 1)
    cycle = fitted.season[-period:] if period > 1 and len(counts) >= period else np.ones(1)
    season = cycle[(step - 1) % len(cycle)]
    expected = np.maximum(level * season, 0.0)
    wander = float(np.var(errors)) * rate**2 * (step - 1) / max(level, 0.5)
    return Forecast(expected, *spread(expected, np.maximum(1.0, fitted.dispersion + wander), SURE))


def _smoothed(values: Array, rate: float) -> tuple[float, float, Array]:
    from scipy.signal import lfilter

    start = float(values[: max(1, min(4, len(values)))].mean())
    levels = lfilter([rate], [1.0, rate - 1.0], values, zi=[start * (1 - rate)])[0]
    errors: Array = values - np.concatenate(([start], levels[:-1]))
    return rate, float(levels[-1]), errors
