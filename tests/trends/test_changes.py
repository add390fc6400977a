"""Planted changes are found where they are; quiet series stay quiet."""

import numpy as np
import pytest

from bench.trends_changes import score, series
from graphsvc.analysis.changes import fit, forecast
from graphsvc.analysis.compare import Compared, compared
from graphsvc.analysis.intervals import Calendar
from graphsvc.analysis.statistics import statistics
from graphsvc.model.days import first_day, last_day


def monthly(
    level: float, *, season: float = 0.3, shift_at: int = 0, factor: float = 1.0, size: int = 96
) -> np.ndarray:
    time = np.arange(size)
    mean = level * (1 + season * np.cos(2 * np.pi * time / 12)) * np.where(time >= shift_at, factor, 1.0)
    return np.random.default_rng(5).poisson(mean)


def test_planted_shifts_are_found_and_quiet_series_left_alone() -> None:
    found = score(80, seed=3)
    assert found["f1"] >= 0.8
    assert found["flagged"] <= 0.05


def test_the_effect_of_a_shift_is_told_with_its_interval() -> None:
    fitted = fit(monthly(60, shift_at=50, factor=1.8), 12)
    assert fitted is not None
    (step,) = fitted.steps
    assert abs(step.at - 50) <= 1
    assert step.earliest <= 50 <= step.latest
    assert step.low < 0.8 < step.high
    assert 0.6 < step.effect < 1.0


def test_a_season_alone_is_no_change() -> None:
    fitted = fit(monthly(60, season=0.6), 12)
    assert fitted is not None
    assert fitted.steps == ()
    assert fitted.season.max() / fitted.season.min() > 2.5


def test_a_single_outlier_is_unusual_but_no_change() -> None:
    counts = monthly(60)
    counts[40] = 250
    fitted = fit(counts, 12)
    assert fitted is not None
    assert fitted.steps == ()
    outside = np.flatnonzero((counts < fitted.low) | (counts > fitted.high))
    assert 40 in outside
    assert len(outside) <= 3


def test_a_forecast_follows_the_season_and_the_last_level() -> None:
    counts = monthly(60, shift_at=50, factor=2.0)
    fitted = fit(counts[:-6], 12)
    assert fitted is not None
    ahead = forecast(counts[:-6], fitted, 12, 6)
    inside = (counts[-6:] >= ahead.low) & (counts[-6:] <= ahead.high)
    assert inside.sum() >= 5


@pytest.mark.parametrize("counts", [[], [3] * 5, [0] * 50])
def test_too_little_to_tell_is_not_told(counts: list[int]) -> None:
    assert fit(np.array(counts), 12) is None


def test_the_interval_that_is_still_running_is_left_out() -> None:
    from graphsvc.model import days

    calendar = Calendar("month", days.today() - 365 * 4, days.today())
    counts = np.full(len(calendar), 40) + np.arange(len(calendar)) % 3
    counts[-1] = 1
    found = statistics(counts, calendar)
    assert len(found.low) == len(calendar) - 1
    assert found.changes == ()


def test_labels_of_intervals() -> None:
    first, last = first_day("2019-12-30"), last_day("2021-01-03")
    assert Calendar("week", first, last).label(0) == "2020-W01"
    assert Calendar("week", first, last).label(len(Calendar("week", first, last)) - 1) == "2020-W53"
    assert Calendar("quarter", first, last).label(1) == "2020-Q1"
    assert [Calendar("year", first, last).label(at) for at in range(3)] == ["2019", "2020", "2021"]


def one(before: int, after: int, lengths: tuple[int, int]) -> Compared:
    (found,) = compared(["x"], np.array([before]), np.array([after]), lengths)
    return found


def test_the_exact_test_agrees_with_the_binomial() -> None:
    # 10 of 12 under one half: 2 * (66 + 12 + 1) / 4096
    found = one(2, 10, (30, 30))
    assert found.p == pytest.approx(2 * 79 / 4096)
    assert found.ratio == 5
    assert (found.low or 9) < 5 < (found.high or 0)


def test_a_rate_is_compared_over_unequal_times() -> None:
    assert one(10, 20, (30, 60)).ratio == 1
    assert (one(10, 20, (30, 60)).p or 0) > 0.9


def test_a_first_window_without_events_has_no_ratio_and_no_upper_bound() -> None:
    found = one(0, 12, (30, 30))
    assert (found.ratio, found.high) == (None, None)
    assert (found.low or 0) > 1


def test_false_discoveries_are_held_over_many_series() -> None:
    after = np.array([10 + n % 4 for n in range(100)] + [60])
    told = compared([*map(str, range(100)), "real"], np.full(101, 10), after, (30, 30))
    assert told[0].name == "real"
    assert [one.name for one in told if one.significant] == ["real"]
    assert [one.q for one in told] == sorted(one.q or 0.0 for one in told)


def test_no_two_planted_shifts_are_closer_than_told() -> None:
    _, places = series(np.random.default_rng(1), 2)
    assert places[1] - places[0] >= 15
