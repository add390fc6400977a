"""How good a partition is: modularity and its shares, conductance."""

from typing import Any

import numpy as np
import numpy.typing as npt

from graphsvc.analysis.projection import Part

Array = npt.NDArray[Any]


def in_order(labels: Array) -> Array:
    """The same groups numbered from the largest down, equals by their first vertex."""
    _, first, group, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place[group.reshape(-1)]


def volumes(part: Part, group: Array) -> tuple[Array, Array]:
    """Of each group twice the weight inside, and the summed degrees."""
    groups = int(group.max(initial=-1)) + 1
    inside = group[part.source] == group[part.target]
    within = 2 * np.bincount(group[part.source][inside], part.weight[inside], groups)
    return within, np.bincount(group, part.degree(), groups)


def shares(part: Part, group: Array, resolution: float = 1.0) -> Array:
    """What each group adds to modularity."""
    total = 2 * part.weight.sum()
    if not total:
        return np.zeros(int(group.max(initial=-1)) + 1)
    within, volume = volumes(part, group)
    found: Array = within / total - resolution * (volume / total) ** 2
    return found


def modularity(part: Part, group: Array, resolution: float = 1.0) -> float:
    """Newman's modularity of an undirected part, with the resolution of Reichardt and Bornholdt."""
    return float(shares(part, group, resolution).sum())


def conductance(part: Part, group: Array) -> Array:
    """Of each group the weight that leaves it over the smaller of its summed degrees and those of the rest.

    Zero where nothing leaves.
    """
    within, volume = volumes(part, group)
    cut = volume - within
    least = np.minimum(volume, 2 * part.weight.sum() - volume)
    found: Array = np.divide(cut, least, out=np.zeros_like(cut), where=least > 0)
    return found
