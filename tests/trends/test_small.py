"""Small numbers cannot be worked out from what is shown."""

import os
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsvc.analysis.compare import Comparison, _compared
from graphsvc.analysis.flows import Flows, _told
from graphsvc.analysis.routes import period
from graphsvc.analysis.selection import Filter, select
from graphsvc.analysis.small import Rule, protect
from graphsvc.analysis.trends import Trend, series
from graphsvc.topology.events_scope import Events
from tests.trends.attack import (
    CELLS,
    ENDS,
    INSIDE,
    KNOWN,
    RELEASE,
    Attack,
    Cell,
    Whose,
    events,
    read_comparison,
    read_flows,
    read_trend,
    rough_and_few,
)

YEARS = ("2022", "2023")
EXAMPLES = int(os.environ.get("GRAPHSVC_EXAMPLES", "25"))
Drawn = dict[Cell, int]


def masked(cells: list[int], least: int = 5) -> list[bool]:
    counts = np.array(cells)
    hidden = (counts > 0) & (counts < least)
    protect(counts, hidden, least)
    return [bool(one) for one in hidden]


def test_a_small_cell_is_left_out_and_one_more_so_that_the_total_does_not_tell() -> None:
    assert masked([3, 40, 15, 100], 11) == [True, False, True, False]


def test_large_cells_and_zeros_stay() -> None:
    assert masked([11, 0, 40], 11) == [False, False, False]


def test_single_cells_of_one_are_not_told_by_how_many_they_are() -> None:
    assert masked([1, 1, 1, 1, 1, 0]) == [True] * 6
    assert masked([1, 1, 1, 1, 1, 9, 12]) == [True] * 6 + [False]


def test_a_small_total_is_not_told() -> None:
    counts = np.array([1, 0, 2])
    told = protect(counts, (counts > 0), 5)
    assert (told.total, told.names) == (False, False)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=8), st.sampled_from((5, 11)))
def test_each_hidden_cell_may_be_any_small_number(cells: list[int], least: int) -> None:
    counts = np.array(cells)
    hidden = (counts > 0) & (counts < least)
    small = hidden.copy()
    told = protect(counts, hidden, least)
    assert hidden[small].all()
    if told.total and hidden.any():
        others = hidden.sum() - 1 if told.names else 0
        assert counts[hidden].sum() - others >= least - 1


def trend_of(found: Events, rule: Rule | None, **how: Any) -> Trend:
    asked, measure = Filter(), how.pop("measure", "count")
    return series(select(found, asked), asked, "month", measure, None, "", rule=rule, **how)


def comparison_of(found: Events, rule: Rule, by: str, *, like_for_like: bool = True) -> Comparison:
    spans = [(18_993, 19_357), (19_358, 19_722)]  # 2022 and 2023
    return _compared(select(found, Filter(since="2022", until="2023")), by, spans, like_for_like, "", rule)


def flows_of(found: Events, rule: Rule) -> Flows:
    asked = [Filter(since=year, until=year) for year in YEARS]
    then, now = (period(select(found, one), one, rule) for one in asked)
    return _told(now, then, (5, 2), "", rule)


def worlds(possible: Whose = lambda cell: True) -> st.SearchStrategy[Drawn]:
    """Many small counts, a few large ones."""
    number = st.one_of(st.integers(1, 4), st.integers(1, 30))
    cells = st.sampled_from([cell for cell in CELLS if possible(cell)])
    return st.dictionaries(cells, number, min_size=1, max_size=12)


def spread(drawn: Drawn) -> list[Cell]:
    return [cell for cell, number in drawn.items() for _ in range(number)]


@settings(max_examples=EXAMPLES, deadline=None)
@given(worlds(), st.sampled_from((INSIDE, RELEASE)), st.sampled_from(("count", "quantity")))
def test_a_trend_gives_no_hidden_count_away(drawn: Drawn, rule: Rule, measure: str) -> None:
    attack = Attack(rule.least)
    read_trend(attack, trend_of(events(spread(drawn)), rule, measure=measure))
    assert attack.found_out(Counter(drawn)) == []


@pytest.mark.parametrize("known", KNOWN)
@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.data(),
    st.sampled_from((INSIDE, RELEASE)),
    st.sampled_from(("commodity", "country", "origin", "destination")),
)
def test_a_comparison_gives_no_hidden_count_away(
    known: Whose, data: st.DataObject, rule: Rule, by: str
) -> None:
    drawn: Drawn = data.draw(worlds(known))
    attack = Attack(rule.least, known)
    read_comparison(attack, comparison_of(events(spread(drawn)), rule, by), YEARS)
    assert attack.found_out(Counter(drawn)) == []


@settings(max_examples=EXAMPLES, deadline=None)
@given(worlds(), st.sampled_from((INSIDE, RELEASE)))
def test_flows_give_no_hidden_count_away(drawn: Drawn, rule: Rule) -> None:
    attack = Attack(rule.least)
    few = rough_and_few(Counter(drawn), rule.least)
    read_flows(attack, flows_of(events(spread(drawn)), rule), YEARS, few)
    assert attack.found_out(Counter(drawn)) == []


def test_of_equal_cells_the_first_by_name_is_left_out_whichever_was_met_first() -> None:
    """A value may have been met first in an event that the reader does not see."""
    at = {ends: [Cell("2023-02", ends[1] or "MA", "cash", ends)] for ends in ENDS}
    none, spain, france = at[ENDS[0]] * 2, at[ENDS[1]] * 12, at[ENDS[2]] * 12
    for cells in ([*none, *spain, *france], [*none, *france, *spain], [*france, *spain, *none]):
        found = events(cells)
        shown = [one.name for one in comparison_of(found, RELEASE, "country").series if one.after is not None]
        assert shown == ["FR"]
        told = [flow.destination for flow in flows_of(found, RELEASE).flows if flow.events is not None]
        assert told == ["FR"]
