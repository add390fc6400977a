"""What becomes of groups between two runs."""

from collections.abc import Sequence

import numpy as np

from graphsvc.analysis.history import Change, changes


def became(old: Sequence[Sequence[int]], new: Sequence[Sequence[int]]) -> tuple[Change, ...]:
    """Groups as lists of identities; old ones are called a, b, c …, new ones A, B, C …"""

    def arrays(groups: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
        group = np.array([at for at, members in enumerate(groups) for _ in members])
        return group, np.array([member for members in groups for member in members])

    return changes("ABCDEF"[: len(new)], *arrays(new), "abcdef"[: len(old)], *arrays(old))


def kinds(found: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(change.stable_name, change.kind) for change in found]


def test_a_group_that_stays_keeps_its_name() -> None:
    assert kinds(became([[1, 2, 3]], [[1, 2, 3]])) == [("a", "same")]


def test_a_group_grows_and_shrinks() -> None:
    assert kinds(became([[1, 2, 3], [7, 8, 9]], [[1, 2, 3, 4], [7, 8]])) == [("a", "grown"), ("b", "shrunk")]


def test_two_groups_become_one() -> None:
    assert kinds(became([[1, 2, 3, 4], [7, 8, 9]], [[1, 2, 3, 4, 7, 8, 9]])) == [("a", "merged")]


def test_one_group_becomes_two() -> None:
    assert kinds(became([[1, 2, 3, 4, 5, 6]], [[1, 2, 3, 4], [5, 6]])) == [("a", "split"), ("B", "split")]


def test_a_group_of_others_is_new() -> None:
    assert kinds(became([[1, 2, 3]], [[1, 2, 3], [7, 8]])) == [("a", "same"), ("B", "new")]


def test_members_come_and_go() -> None:
    (change,) = became([[1, 2, 3, 4]], [[2, 3, 4, 5]])
    assert (change.kind, change.before, change.joined, change.left) == ("changed", 4, 1, 1)
