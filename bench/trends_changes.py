"""How well planted changes are found: synthetic monthly series with season, trend and over-dispersion.

Each series has 120 intervals and a mean of 20 to 200 (log-uniform), a season that swings by up to 40%, a trend of up to
30% over the whole time, and a negative binomial spread of 1 to 2 times that of a Poisson series. Half of them carry one
or two shifts of 50% to 200% up, or the same factor down, at least 15 intervals from either end and from each other.
"""

from typing import Any

import numpy as np

from graphsvc.analysis.changes import fit

INTERVALS, PERIOD = 120, 12


def series(random: np.random.Generator, shifts: int) -> tuple[np.ndarray[Any, Any], list[int]]:
    """Counts, and the places of the shifts."""
    time = np.arange(INTERVALS)
    level = (
        np.log(np.exp(random.uniform(np.log(20), np.log(200)))) + random.uniform(-0.3, 0.3) * time / INTERVALS
    )
    level = level + random.uniform(0, 0.4) * np.cos(2 * np.pi * (time - random.integers(12)) / PERIOD)
    places: list[int] = []
    while len(places) < shifts:
        place = int(random.integers(15, INTERVALS - 14))
        if all(abs(place - other) >= 15 for other in places):
            places.append(place)
            level = level + (time >= place) * np.log(random.uniform(1.5, 3)) * random.choice([-1, 1])
    mean = np.exp(level)
    mean *= max(1.0, 20 / mean.mean())
    spread = random.uniform(1, 2)
    counts = (
        random.poisson(mean) if spread < 1.01 else random.negative_binomial(mean / (spread - 1), 1 / spread)
    )
    return counts, sorted(places)


def score(number: int = 500, seed: int = 8) -> dict[str, float]:
    """Precision, recall and F1 within one interval over series with a shift, and the share of others flagged."""
    random = np.random.default_rng(seed)
    hits = found = planted = flagged = without = 0
    for at in range(number):
        counts, places = series(random, 0 if at % 2 else int(random.integers(1, 3)))
        fitted = fit(counts, PERIOD)
        steps = [step.at for step in fitted.steps] if fitted else []
        if not places:
            without += 1
            flagged += bool(steps)
            continue
        planted += len(places)
        found += len(steps)
        hits += sum(any(abs(step - place) <= 1 for step in steps) for place in places)
    precision, recall = hits / max(1, found), hits / max(1, planted)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(1e-9, precision + recall),
        "flagged": flagged / max(1, without),
    }


if __name__ == "__main__":
    print(score())
