"""Doubt: what becomes of ranks and groups when some of the links or of the vertices were never recorded.

A part is drawn again and again with some of it missing, and the same is worked out on each. What stays the same in most
of them rests on many records; what changes rests on few. Draws come from the seed of the question.
"""

from functools import partial
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.edges import Edges
from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.measures import local, rows
from graphsvc.analysis.partitions import Method, by_vertex, run
from graphsvc.analysis.projection import Part
from graphsvc.analysis.quality import in_order

Array = npt.NDArray[Any]

DRAWS = 20
MISSING = (0.05, 0.10)
WHAT = ("links", "nodes")
MOST = 2_000
"""Vertices up to which doubt is worked out."""
MOST_FOR_GROUPS = 1_000


class Kept(msgspec.Struct, frozen=True):
    """Of the draws with so much missing, the share in which something stayed as it is."""

    links_5: Annotated[
        float | None, Meta(description="With 5% of the links missing; null where it was not worked out.")
    ]
    links_10: Annotated[float | None, Meta(description="With 10% of the links missing.")]
    nodes_5: Annotated[float | None, Meta(description="With 5% of the identities missing.")]
    nodes_10: Annotated[float | None, Meta(description="With 10% of the identities missing.")]


UNKNOWN = Kept(None, None, None, None)


def draws(part: Part, what: str, share: float, seed: int) -> list[tuple[Array, Array]]:
    """Which pairs are there in each draw, and which vertices."""
    random = np.random.default_rng([seed, WHAT.index(what), round(share * 100)])
    found = []
    for _ in range(DRAWS):
        there, pairs = np.ones(part.size, bool), np.ones(len(part.source), bool)
        if what == "links":
            pairs[random.permutation(len(pairs))[: round(share * len(pairs))]] = False
        else:
            there[random.permutation(part.size)[: round(share * part.size)]] = False
            pairs = there[part.source] & there[part.target]
        found.append((pairs, there))
    return found


def cut(part: Part, pairs: Array) -> Part:
    """The part with these pairs only."""
    return msgspec.structs.replace(
        part, source=part.source[pairs], target=part.target[pairs], weight=part.weight[pairs]
    )


def of_ranks(part: Part, measure: str, named: Array, seed: int, *, low_first: bool = False) -> list[Kept]:
    """For each of the named vertices, the first of their rank, how often they are among as many first again. A draw
    from which the vertex itself is missing does not count."""
    if part.size > MOST or measure not in RESAMPLED:
        return [UNKNOWN] * len(named)
    shares = []
    for what, share in ((what, share) for what in WHAT for share in MISSING):
        stayed, counted = np.zeros(part.size), np.zeros(part.size)
        for pairs, there in draws(part, what, share, seed):
            value = again(cut(part, pairs), measure)
            value = np.where(there & np.isfinite(value), value if low_first else -value, np.inf)
            first = np.lexsort((np.arange(part.size), np.round(value, 12)))[: len(named)]
            stayed[first] += there[first]
            counted += there
        shares.append(stayed[named] / np.maximum(counted[named], 1))
    return [Kept(*(float(column[at]) for column in shares)) for at in range(len(named))]


RESAMPLED = ("betweenness", "degree", "weighted_degree", "constraint")


def again(part: Part, measure: str) -> Array:
    """A measure of a part in this process."""
    if measure == "betweenness":
        from graphsvc.analysis import kernels

        at, to, _ = rows(part, both=not part.directed)
        found: Array = kernels.betweenness(at, to, np.zeros(part.size, bool), part.directed)
        return found
    scores = local(part, measure)
    assert scores is not None
    return scores.value


def together(part: Part, drawn: list[tuple[Array, Array]]) -> Edges:
    """All draws side by side, each with the same summed weight, so that one run divides each as it would alone."""
    total = part.weight.sum()
    source, target, weight = [], [], []
    for at, (pairs, _) in enumerate(drawn):
        source.append(part.source[pairs] + at * part.size)
        target.append(part.target[pairs] + at * part.size)
        weight.append(part.weight[pairs] * (total / max(part.weight[pairs].sum(), 1e-12)))
    return Edges(
        part.size * len(drawn), np.concatenate(source), np.concatenate(target), np.concatenate(weight)
    )


def overlap(group: Array, drawn: Array, there: Array) -> Array:
    """For each group how much of it is found again: the best Jaccard index with a group of the draw, counted on the
    vertices that are there (C. Hennig, 2007)."""
    groups, others = int(group.max()) + 1, int(drawn.max()) + 1
    code, both = np.unique(group[there].astype(np.int64) * others + drawn[there], return_counts=True)
    own, other = np.bincount(group[there], minlength=groups), np.bincount(drawn[there], minlength=others)
    index = both / (own[code // others] + other[code % others] - both)
    found = np.zeros(groups)
    np.maximum.at(found, code // others, index)
    return found


async def of_groups(view: View, part: Part, group: Array, method: Method, job: Job) -> tuple[Kept, ...]:
    """For each group how much of it is found again on average, from 0 to 1; nothing for a part that is too large."""
    if part.size > MOST_FOR_GROUPS or method.algorithm != "leiden" or not len(part.source):
        return ()
    columns = []
    for what, share in ((what, share) for what in WHAT for share in MISSING):
        drawn = [(pairs, there) for pairs, there in draws(part, what, share, method.seed) if pairs.any()]
        resolution = method.resolution * len(drawn)
        edges = together(part, drawn)
        async with view.gds.projected("doubt", edges, job) as projection:
            frame = await projection.run(
                "doubting", partial(run, edges=edges, method=method, resolution=resolution)
            )
        found = by_vertex(frame, "communityId", edges.size).reshape(len(drawn), part.size)
        each = [overlap(group, in_order(found[at]), there) for at, (_, there) in enumerate(drawn)]
        columns.append(np.mean(each, axis=0))
    return tuple(Kept(*(float(column[at]) for column in columns)) for at in range(int(group.max()) + 1))
