"""Sorting the entries of a build in linear time."""

import numpy as np

from graphsvc.topology.kernels import kernel
from graphsvc.topology.layout import MOST_SKIP


@kernel
def counting_order(keys, most):
    """The stable order of keys below ``most``."""
    counts = np.zeros(most + 1, np.int64)
    for key in keys:
        counts[key + 1] += 1
    for i in range(most):
        counts[i + 1] += counts[i]
    order = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        order[counts[keys[i]]] = i
        counts[keys[i]] += 1
    return order


@kernel
def run_skips(source, handling):
    """For each entry, how far it is to the end of its run of one handling at one node (511 at the most)."""
    size = len(source)
    skips = np.ones(size, np.int32)
    for i in range(size - 2, -1, -1):
        if source[i] == source[i + 1] and handling[i] == handling[i + 1] and skips[i + 1] < MOST_SKIP:
            skips[i] = skips[i + 1] + 1
    return skips
