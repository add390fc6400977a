"""Label propagation as LDBC Graphalytics defines it: all vertices at once, the smallest of the most frequent labels.

It knows no chance, so it needs no seed.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from graphsvc.analysis.projection import Part

Array = npt.NDArray[Any]

ROUNDS = 100


def propagate(part: Part, rounds: int | None = None) -> Array:
    """The label of each vertex after so many rounds, or when nothing changes any more: the number of a vertex.

    Without a number of rounds, two states that follow each other for ever end it too, at the smaller labels. A link
    counts by its weight, and in a directed part once for each direction in which it is there.
    """
    vertex = np.concatenate((part.source, part.target)).astype(np.int64)
    neighbour = np.concatenate((part.target, part.source))
    weight = np.concatenate((part.weight, part.weight))
    label, before = np.arange(part.size), None
    for _ in range(ROUNDS if rounds is None else rounds):
        following = _most_frequent(vertex, label[neighbour], weight, label)
        if (following == label).all():
            break
        if rounds is None and before is not None and (following == before).all():
            return np.minimum(label, following)
        label, before = following, label
    return label


def _most_frequent(vertex: Array, label: Array, weight: Array, own: Array) -> Array:
    code, at = np.unique(vertex * len(own) + label, return_inverse=True)
    count = np.bincount(at.reshape(-1), weight)
    of, value = code // len(own), code % len(own)
    order = np.lexsort((value, -count, of))
    first = order[np.r_[True, np.diff(of[order]) > 0]]
    found = own.copy()
    found[of[first]] = value[first]
    return found
