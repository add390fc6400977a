"""What became of groups since the run before, in one scope: grown, split, merged … and a name that stays."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

Array = npt.NDArray[Any]

LEAST = 0.3
"""Share of a group that must be found in another for the two to have to do with each other."""


class Change(msgspec.Struct, frozen=True):
    """What became of a group since the run before."""

    stable_name: Annotated[str, Meta(description="Name that it keeps over the runs of one scope.")]
    kind: Annotated[str, Meta(description="new, same, grown, shrunk, changed, split or merged.")]
    before: Annotated[int | None, Meta(description="How many identities it had; null for a new one.")]
    joined: Annotated[int, Meta(description="How many of it were not in it before.")]
    left: Annotated[int, Meta(description="How many that were in it are not any more.")]


def changes(
    names: Sequence[str],
    group: Array,
    vertex: Array,
    old_names: Sequence[str],
    old_group: Array,
    old_vertex: Array,
) -> tuple[Change, ...]:
    """For each group, by number, what became of it.

    ``vertex`` and ``old_vertex`` tell by one figure each which identities they are, ``names`` and ``old_names`` what
    the groups are called. Each old name goes to at most one group: that which shares most with it.
    """
    shared, was = _shared(group, vertex, old_group, old_vertex)
    sizes, old_sizes = (
        np.bincount(group, minlength=len(names)),
        np.bincount(old_group, minlength=len(old_names)),
    )
    found = _heirs(shared, old_sizes, sizes)
    known: list[Change] = []
    for number, name in enumerate(names):
        old = found.get(number)
        parents = [at for at, there in was.get(number, {}).items() if there >= LEAST * old_sizes[at]]
        if old is None:
            kind = "split" if parents else "new"
            known.append(Change(name, kind, None, int(sizes[number]), 0))
            continue
        both = shared[number, old]
        children = sum(
            1 for (_, at), there in shared.items() if at == old and there >= LEAST * old_sizes[old]
        )
        joined, left = int(sizes[number]) - both, int(old_sizes[old]) - both
        known.append(
            Change(old_names[old], _kind(parents, children, joined, left), int(old_sizes[old]), joined, left)
        )
    return tuple(known)


def _kind(parents: list[int], children: int, joined: int, left: int) -> str:
    if len(parents) > 1:
        return "merged"
    if children > 1:
        return "split"
    if joined and left:
        return "changed"
    return "grown" if joined else "shrunk" if left else "same"


def _shared(
    group: Array, vertex: Array, old_group: Array, old_vertex: Array
) -> tuple[dict[tuple[int, int], int], dict[int, dict[int, int]]]:
    """How many identities each new group has of each old one, by both and by the new one."""
    _, new, old = np.intersect1d(vertex, old_vertex, assume_unique=True, return_indices=True)
    pairs, count = np.unique(np.stack((group[new], old_group[old]), axis=1), axis=0, return_counts=True)
    shared: dict[tuple[int, int], int] = {}
    was: dict[int, dict[int, int]] = {}
    for (one, other), both in zip(pairs.tolist(), count.tolist(), strict=True):
        shared[one, other] = both
        was.setdefault(one, {})[other] = both
    return shared, was


def _heirs(shared: dict[tuple[int, int], int], old_sizes: Array, sizes: Array) -> dict[int, int]:
    """Which old group each new one carries on, most alike first."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    alike = {pair: both / (sizes[pair[0]] + old_sizes[pair[1]] - both) for pair, both in shared.items()}
    for one, other in sorted(alike, key=lambda pair: (-alike[pair], pair)):
        if (
            one not in found
            and other not in taken
            and shared[one, other] >= LEAST * min(sizes[one], old_sizes[other])
        ):
            found[one] = other
            taken.add(other)
    return found
