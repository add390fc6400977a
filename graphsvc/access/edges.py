"""Links as they go to Graph Data Science: numbers of vertices and weights, and nothing of what they stand for."""

from typing import Any

import msgspec
import numpy.typing as npt

Array = npt.NDArray[Any]


class Edges(msgspec.Struct, frozen=True, eq=False):
    """Links between vertices 0 to ``size - 1``, in order of source and target.

    In an undirected set every source is higher than its target, so that reading them in order meets all vertices in
    order. ``weight`` may be None for links that all weigh one.
    """

    size: int
    source: Array
    target: Array
    weight: Array | None = None
    directed: bool = False
