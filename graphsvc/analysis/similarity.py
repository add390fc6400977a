"""Who stands like whom, and which links are likely to be missing, by what they have in common.

Common contacts count the less the more contacts they have themselves (resource allocation; T. Zhou, 2009). A score
is no evidence: how often such guesses are right on this very part is worked out each time, on links that are held back.
"""

import asyncio
from functools import partial
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.measures import degree
from graphsvc.analysis.members import Identity, identities
from graphsvc.analysis.parts import Reading, read
from graphsvc.analysis.projection import Part, ScopeSpec
from graphsvc.analysis.runs import Run, stored
from graphsvc.analysis.stability import cut
from graphsvc.errors import LimitError, NotFound, UsageError

Array = npt.NDArray[Any]

MOST = 100
EFFORT = 50_000_000
"""Pairs of contacts of one contact that may be looked at."""
HELD_BACK = 0.10


class Like(msgspec.Struct, frozen=True):
    """An identity with the same contacts."""

    who: Annotated[Identity, Meta(description="Who or what.")]
    likeness: Annotated[
        float, Meta(description="Contacts that both have over contacts that either has, from 0 to 1.")
    ]
    common: Annotated[int, Meta(description="How many contacts both have.")]


class Likely(msgspec.Struct, frozen=True):
    """Two identities without a link, with contacts in common."""

    one: Annotated[Identity, Meta(description="One of the two.")]
    other: Annotated[Identity, Meta(description="The other.")]
    score: Annotated[float, Meta(description="Common contacts, each counted by one over its own contacts.")]
    common: Annotated[int, Meta(description="How many contacts both have.")]


class MissingLinks(msgspec.Struct, frozen=True):
    """Links that are likely to be missing, and how far such guesses can be trusted here."""

    likely: Annotated[tuple[Likely, ...], Meta(description="The likeliest first, equals in order of ids.")]
    accuracy: Annotated[
        float | None,
        Meta(
            description="With a tenth of the links held back: how often one of them scores above a pair that has no "
            "link, ties counting half; .5 is no better than chance. Null where there are too few links to tell."
        ),
    ]
    held_back: Annotated[int, Meta(description="How many links were held back for this.")]
    identities: Annotated[int, Meta(description="How many identities were looked at.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    run: Annotated[Run, Meta(description="How the answer came about.")]


async def similar(
    view: View, id: str, scope: ScopeSpec | None = None, *, first: int = 20
) -> tuple[Like, ...]:
    """Who has the same contacts as a record. Raises NotFound for one that is hidden, absent, or without links."""
    _check(first)
    number = (await view.links()).number(id)
    part, found = await read(view, scope or ScopeSpec(), parallel="collapsed")
    at = np.flatnonzero(part.member == number)
    if not len(at):
        raise NotFound("This record has no links in this scope.")
    vertex = int(np.searchsorted(part.start, at[0], "right")) - 1
    alike, common = await asyncio.to_thread(likeness, part, vertex)
    named = np.lexsort((np.arange(part.size), -alike))[:first]
    named = named[alike[named] > 0]
    who = await identities(view, part, found.snapshot, named.tolist())
    return tuple(Like(who[int(v)], float(alike[v]), int(common[v])) for v in named)


def matrix(part: Part) -> Any:
    """Who is linked with whom, both ways, for scipy."""
    from scipy.sparse import csr_matrix

    ends = np.concatenate((part.source, part.target)), np.concatenate((part.target, part.source))
    return csr_matrix((np.ones(2 * len(part.source)), ends), shape=(part.size, part.size))


def likeness(part: Part, vertex: int) -> tuple[Array, Array]:
    """Jaccard index of the contacts of a vertex with those of every other, and how many they share."""
    linked = matrix(part)
    common = (linked @ linked[[vertex]].T).toarray().ravel()
    either = degree(part, weighted=False) + degree(part, weighted=False)[vertex] - common
    common[vertex] = 0
    return common / np.maximum(either, 1), common.astype(np.int64)


async def missing_links(
    view: View,
    scope: ScopeSpec | None = None,
    *,
    first: int = 20,
    seed: int = 1,
    fresh: bool = False,
    job: Job | None = None,
) -> MissingLinks:
    """The likeliest missing links of a scope. ``seed`` draws the links that are held back.

    Raises UsageError, NotFound for a hidden seed record, and LimitError for a part that is too large.
    """
    _check(first)
    given = job or Job()
    given.report("reading")

    async def work(part: Part, found: Reading, run: Run) -> MissingLinks:
        one, other, score, common = await view.gds.in_turn("scoring", given, partial(likely, part, first))
        accuracy, held_back = await view.gds.in_turn("scoring", given, partial(accuracy_of, part, seed))
        who = await identities(view, part, found.snapshot, [*one.tolist(), *other.tolist()])
        rows = zip(one.tolist(), other.tolist(), score.tolist(), common.tolist(), strict=True)
        return MissingLinks(
            likely=tuple(Likely(who[a], who[b], value, int(both)) for a, b, value, both in rows),
            accuracy=accuracy,
            held_back=held_back,
            identities=part.size,
            as_of=view.scope.as_of,
            run=run,
        )

    spec, how = scope or ScopeSpec(), "resource allocation"
    return await stored(
        view, "missingLinks", MissingLinks, spec, work, algorithm=how, first=first, seed=seed, fresh=fresh
    )


def _check(first: int) -> None:
    if not 1 <= first <= MOST:
        raise UsageError(f"Ask for the first 1 to {MOST}.")


def scored(part: Part) -> Any:
    """Of all pairs with common contacts the sum of one over the contacts of each; half of the matrix.

    Raises LimitError.
    """
    from scipy.sparse import diags, triu

    links = degree(part, weighted=False)
    if float((links**2).sum()) > EFFORT:
        raise LimitError(
            "This part is too large for missing links; narrow the scope, for example to a group."
        )
    linked = matrix(part)
    return triu(linked @ diags(1 / np.maximum(links, 1)) @ linked, k=1).tocsr()


def likely(part: Part, first: int) -> tuple[Array, Array, Array, Array]:
    """The likeliest pairs: both ends, score, and how many contacts they share."""
    linked = matrix(part)
    score = scored(part)
    score = (score - score.multiply(linked)).tocoo()
    there = score.data > 1e-12
    one, other, value = score.row[there], score.col[there], score.data[there]
    order = np.lexsort((other, one, -np.round(value, 12)))[:first]
    one, other = one[order], other[order]
    common = np.asarray(linked[one].multiply(linked[other]).sum(axis=1)).ravel()
    return one, other, value[order], common


def accuracy_of(part: Part, seed: int) -> tuple[float | None, int]:
    """How often a held-back link scores above a pair without a link, and how many were held back."""
    held = round(HELD_BACK * len(part.source))
    if held < 5 or part.size < 10:
        return None, 0
    random = np.random.default_rng(seed)
    gone = np.zeros(len(part.source), bool)
    gone[random.permutation(len(gone))[:held]] = True
    score, linked = scored(cut(part, ~gone)), matrix(part)
    low = np.minimum(part.source[gone], part.target[gone]), np.maximum(part.source[gone], part.target[gone])
    right = np.asarray(score[low[0], low[1]]).ravel()
    pairs = np.sort(random.integers(0, part.size, (20 * held, 2)), axis=1)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    pairs = pairs[np.asarray(linked[pairs[:, 0], pairs[:, 1]]).ravel() == 0]
    if not len(pairs):
        return None, 0
    wrong = np.sort(np.asarray(score[pairs[:, 0], pairs[:, 1]]).ravel())
    above, level = np.searchsorted(wrong, right, "left"), np.searchsorted(wrong, right, "right")
    return float(((above + level) / 2 / len(wrong)).mean()), held
