"""What holds a group together: its innermost core, peeled off in one pass."""

import numpy as np
import pytest

from graphsvc.analysis.outline import Outline
from graphsvc.analysis.projection import Part
from tests.analysis.groups.parts import drawn, part_of


def core(part: Part) -> list[int]:
    group = np.zeros(part.size, np.int64)
    return Outline(part, group, [0], np.zeros(part.size, np.int32)).core(0)


def peeled(part: Part) -> list[int]:
    """The same, a round at a time."""
    left, pairs = set(range(part.size)), list(zip(part.source.tolist(), part.target.tolist(), strict=True))
    while pairs:
        links = {v: sum(v in pair for pair in pairs) for v in left}
        kept = {v for v in left if links[v] > min(links.values())}
        if not kept:
            break
        left = kept
        pairs = [(one, other) for one, other in pairs if one in left and other in left]
    return sorted(left)


@pytest.mark.parametrize("seed", range(40))
def test_a_core_is_what_is_left_when_those_with_fewest_links_go(seed: int) -> None:
    part = drawn(seed, directed=False)
    assert core(part) == peeled(part)


def test_a_long_chain_is_peeled_to_its_middle() -> None:
    part = part_of([(at, at + 1) for at in range(9_999)])
    assert core(part) == [4_999, 5_000]
