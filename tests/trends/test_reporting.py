"""When each reporter reported, whether days are marked in a table or sorted."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsvc.analysis import reporting
from graphsvc.analysis.reporting import _Times

REPORTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), min_size=1, max_size=40)


@pytest.mark.parametrize("room", [0, 10**6], ids=["sorted", "in a table"])
@given(REPORTS)
def test_times_are_those_of_each_reporter_alone(room: int, reports: list[tuple[int, int]]) -> None:
    names = sorted({name for name, _ in reports})
    reporter = np.array([names.index(name) for name, _ in reports])
    day = np.array([day for _, day in reports])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "ROOM", room)
        times = _Times.of(reporter, day, len(names), 21)

    for at, name in enumerate(names):
        own = sorted(day for other, day in reports if other == name)
        widest = max((later - before for before, later in pairwise(own)), default=0)
        assert (times.reports[at], times.first[at], times.last[at], times.widest[at]) == (
            len(own),
            own[0],
            own[-1],
            widest,
        )
