"""Small numbers cannot be worked out from what is shown."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphsvc.analysis.small import suppressed


def test_small_cells_are_left_out_and_one_more_so_that_totals_do_not_tell() -> None:
    assert suppressed(np.array([3, 40, 15, 100]), 11).tolist() == [True, False, True, False]


def test_large_cells_and_zeros_stay() -> None:
    assert not suppressed(np.array([[11, 0], [40, 12]]), 11).any()


def test_a_table_is_protected_along_both_sides() -> None:
    hidden = suppressed(np.array([[5, 50, 60], [70, 80, 90], [99, 98, 97]]), 11)
    assert hidden[0, 0]
    assert all(line.sum() != 1 for line in (*hidden, *hidden.T))


@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=5))
def test_what_is_left_out_of_a_line_is_never_a_small_number(table: list[list[int]]) -> None:
    counts = np.array(table)
    hidden = suppressed(counts, 11)
    assert hidden[(counts > 0) & (counts < 11)].all()
    for cells, mask in [*zip(counts, hidden, strict=True), *zip(counts.T, hidden.T, strict=True)]:
        assert not mask.any() or mask.sum() > 1
        assert not mask.any() or cells[mask].sum() >= 11 or mask.all()
