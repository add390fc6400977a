"""What the first question about trends or groups would wait for, done before it comes: libraries that take long.

The series are made up; nothing of anybody's is looked at.
"""

from functools import cache

import numpy as np

from graphsvc.analysis.changes import fit, forecast
from graphsvc.analysis.kernels import innermost
from graphsvc.analysis.packing import compact
from graphsvc.analysis.poisson import bounds, chances
from graphsvc.analysis.statistics import AHEAD

CYCLE = 12


@cache
def warm() -> None:
    """Load what trends, comparisons, flows and groups are worked out with; done once a process."""
    counts = 50 + np.arange(5 * CYCLE) % CYCLE
    counts[3 * CYCLE :] *= 2
    fitted = fit(counts, CYCLE)
    assert fitted is not None
    forecast(counts, fitted, CYCLE, AHEAD["month"])
    chances(counts, counts + 1, (1, 1))
    bounds(counts, counts + 1, (1, 1))
    compact(counts)
    innermost(np.array([0, 1, 2]), np.array([1, 0]))
