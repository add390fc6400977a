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
from graphsvc.analysis.measures import LOCAL, projected, rows
from graphsvc.analysis.partitions import CONNECTED, Method, partition, run
from graphsvc.analysis.projection import Part
from graphsvc.analysis.quality import in_order
from graphsvc.errors import LimitError

Array = npt.NDArray[Any]
Drawn = list[tuple[Array, Array]]
"""Draws of a part: which pairs are there in each, and which vertices."""

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


def draws(part: Part, what: str, share: float, seed: int) -> Drawn:
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


async def of_ranks(
    view: View, part: Part, measure: str, named: Array, job: Job, *, seed: int, low_first: bool = False
) -> list[Kept]:
    """For each of the named vertices, the first of their rank, how often they are among as many first again. A draw
    from which the vertex itself is missing does not count. Unknown for a part that is too large, and where the measure
    does not settle on a draw."""
    if part.size > MOST:
        return [UNKNOWN] * len(named)
    shares = []
    for what, share in ((what, share) for what in WHAT for share in MISSING):
        drawn = draws(part, what, share, seed)
        try:
            values = await _measured(view, part, measure, drawn, job)
        except LimitError:
            return [UNKNOWN] * len(named)
        stayed, counted = np.zeros(part.size), np.zeros(part.size)
        for value, (_, there) in zip(values, drawn, strict=True):
            least = np.where(there & np.isfinite(value), value if low_first else -value, np.inf)
            first = np.lexsort((np.arange(part.size), np.round(least, 12)))[: len(named)]
            stayed[first] += there[first]
            counted += there
        shares.append(stayed[named] / np.maximum(counted[named], 1))
    return [Kept(*(float(column[at]) for column in shares)) for at in range(len(named))]


async def _measured(view: View, part: Part, measure: str, drawn: Drawn, job: Job) -> list[Array]:
    """A measure of every vertex in each draw; the draws stand side by side where Graph Data Science measures them,
    which tells every score of a draw by the same factor."""
    job.report("doubting")
    if measure in SIDE_BY_SIDE:
        links = msgspec.structs.replace(together(part, drawn), weight=None)
        async with view.gds.projected("doubt", links, job) as projection:
            found = await projection.run("doubting", partial(projected, size=links.size, measure=measure))
        return list(found.value.reshape(len(drawn), part.size))
    return await view.gds.in_turn(
        "doubting", job, lambda: [_again(cut(part, pairs), measure, job) for pairs, _ in drawn]
    )


SIDE_BY_SIDE = ("closeness", "harmonic", "core")


def _again(part: Part, measure: str, job: Job) -> Array:
    """A measure of a part in this process."""
    job.check()
    if measure == "betweenness":
        from graphsvc.analysis import kernels

        at, to, _ = rows(part, both=not part.directed)
        found: Array = kernels.betweenness(at, to, np.zeros(part.size, bool), part.directed)
        return found
    return LOCAL[measure](part)


def together(part: Part, drawn: Drawn) -> Edges:
    """All draws side by side, each with the same summed weight, so that one run divides each as it would alone."""
    total = part.weight.sum()
    source, target, weight = [], [], []
    for at, (pairs, _) in enumerate(drawn):
        source.append(part.source[pairs] + at * part.size)
        target.append(part.target[pairs] + at * part.size)
        weight.append(part.weight[pairs] * (total / max(part.weight[pairs].sum(), 1e-12)))
    return Edges(
        part.size * len(drawn),
        np.concatenate(source),
        np.concatenate(target),
        np.concatenate(weight),
        part.directed,
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
    if part.size > MOST_FOR_GROUPS or not len(part.source):
        return ()
    columns = []
    for what, share in ((what, share) for what in WHAT for share in MISSING):
        drawn = [(pairs, there) for pairs, there in draws(part, what, share, method.seed) if pairs.any()]
        found = await _divided(view, part, method, drawn, job)
        each = [overlap(group, labels, there) for labels, (_, there) in zip(found, drawn, strict=True)]
        columns.append(np.mean(each, axis=0))
    return tuple(Kept(*(float(column[at]) for column in columns)) for at in range(int(group.max()) + 1))


async def _divided(view: View, part: Part, method: Method, drawn: Drawn, job: Job) -> list[Array]:
    """The groups of each draw. Louvain knows no resolution, without which it would not divide draws side by side as it
    divides each alone."""
    if method.algorithm not in ("leiden", *CONNECTED):
        return [(await partition(view, cut(part, pairs), method, "doubt", job))[0] for pairs, _ in drawn]
    links, resolution = together(part, drawn), method.resolution * len(drawn)
    async with view.gds.projected("doubt", links, job) as projection:
        work = partial(run, edges=links, method=method, resolution=resolution)
        labels = await projection.run("doubting", work)
    return [in_order(each) for each in labels.reshape(len(drawn), part.size)]
