"""Operation 13: sets of key players (S. Borgatti, 2006), and what is left when the first of a rank are taken out.

The best set is not the best single ones: two who hold the same things together are worth one of them.
"""

from functools import partial
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.measures import degree, rows
from graphsvc.analysis.members import Identity, identities
from graphsvc.analysis.parts import Reading
from graphsvc.analysis.projection import Part, ScopeSpec
from graphsvc.analysis.runs import Run, stored
from graphsvc.analysis.stability import MISSING, WHAT, Kept, cut, draws
from graphsvc.errors import LimitError, UsageError

Array = npt.NDArray[Any]

GOALS = ("fragment", "distance", "reach")
MOST_PLAYERS = 20
ROUNDS = 20
EFFORT = 2_000_000_000
"""Steps that one search may take: sets tried, times what trying one costs."""
DRAWS = 10
RULES = ("degree", "betweenness", "key_players", "random")
MOST_STEPS = 100
MOST_STARTS = 100
"""Searches from as many vertices, those with most links first; where that is all of them, pairs are the best of all."""


class KeyPlayers(msgspec.Struct, frozen=True):
    """A set chosen as a whole."""

    goal: Annotated[
        str,
        Meta(
            description="fragment: pairs that can no longer reach each other; distance: how much farther apart "
            "the rest is; reach: how near all others are to the set."
        ),
    ]
    players: Annotated[tuple[Identity, ...], Meta(description="The set, in order of ids.")]
    score: Annotated[float, Meta(description="How well the set does, between 0 and 1.")]
    top_score: Annotated[float, Meta(description="What the ones with most links would do, as many of them.")]
    stability: Annotated[
        tuple[Kept, ...],
        Meta(description="For each player how often it is chosen again when data is missing."),
    ]
    identities: Annotated[int, Meta(description="How many identities there are.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    run: Annotated[Run, Meta(description="How the answer came about.")]


class Step(msgspec.Struct, frozen=True):
    """What is left after one more is taken out."""

    removed: Annotated[Identity | None, Meta(description="Who was taken out; null for the start.")]
    largest: Annotated[int, Meta(description="Identities in the largest piece that is left.")]
    share: Annotated[float, Meta(description="The same as a share of the largest piece at the start.")]


class Removal(msgspec.Struct, frozen=True):
    """Step by step what is left of the largest piece."""

    rule: Annotated[str, Meta(description="By which rule each next one was chosen, on what was left.")]
    steps: Annotated[tuple[Step, ...], Meta(description="The start and every step.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    run: Annotated[Run, Meta(description="How the answer came about.")]


async def key_players(
    view: View,
    scope: ScopeSpec | None = None,
    *,
    k: int = 3,
    goal: str = "fragment",
    seed: int = 1,
    fresh: bool = False,
    job: Job | None = None,
) -> KeyPlayers:
    """The set of k by greedy choice and swaps. ``seed`` draws what is missing, for its stability.

    Raises UsageError, NotFound for a hidden seed, and LimitError for a part that is too large.
    """
    if goal not in GOALS or not 1 <= k <= MOST_PLAYERS:
        raise UsageError(f"Ask for 1 to {MOST_PLAYERS} players that {', '.join(GOALS)}.")
    given = job or Job()
    given.report("reading")

    async def work(part: Part, found: Reading, run: Run) -> KeyPlayers:
        if part.size <= k:
            raise UsageError(f"This scope has {part.size} identities with links; ask for fewer players.")
        chosen, score = await view.gds.in_turn("searching", given, partial(best, part, k, goal))
        top = np.lexsort((np.arange(part.size), -degree(part, weighted=False)))[:k]
        doubting = partial(_doubt, part, chosen, k, goal, seed, given)
        doubt = await view.gds.in_turn("doubting", given, doubting)
        who = await identities(view, part, found.snapshot, chosen.tolist())
        return KeyPlayers(
            goal=goal,
            players=tuple(who[int(vertex)] for vertex in chosen),
            score=score,
            top_score=score_of(part, top, goal),
            stability=tuple(doubt),
            identities=part.size,
            as_of=view.scope.as_of,
            run=run,
        )

    spec = scope or ScopeSpec()
    return await stored(
        view, "keyPlayers", KeyPlayers, spec, work, algorithm=goal, k=k, seed=seed, fresh=fresh
    )


def cost(part: Part, goal: str) -> int:
    """Steps that it takes to try one set."""
    once = part.size + 2 * len(part.source)
    return once * part.size if goal == "distance" else once


def best(part: Part, k: int, goal: str, effort: int = EFFORT) -> tuple[Array, float]:
    """The vertices of the best set that was found with so much effort, in order, and its score. Raises LimitError."""
    from graphsvc.analysis import kernels

    if not part.size or not k:
        return np.zeros(0, np.int64), 0.0
    if cost(part, goal) * part.size * k > effort:
        raise LimitError(
            "This part is too large for sets of key players; narrow the scope, for example to a group's members as "
            "seeds, or ask for fewer players."
        )
    at, to, _ = rows(part, both=True)
    starts = int(np.clip(effort // 4 // max(cost(part, goal) * part.size * k * k, 1), 1, MOST_STARTS))
    firsts = np.lexsort((np.arange(part.size), -degree(part, weighted=False)))[:starts]
    chosen, score = kernels.best_set(at, to, firsts, k, GOALS.index(goal), ROUNDS)
    return np.flatnonzero(chosen), float(score)


def score_of(part: Part, vertices: Array, goal: str) -> float:
    """What a set does for a goal."""
    from graphsvc.analysis import kernels

    at, to, _ = rows(part, both=True)
    chosen = np.zeros(part.size, bool)
    chosen[vertices] = True
    space = np.empty(part.size, np.int32), np.empty(part.size, np.int32), np.empty(part.size, bool)
    return float(kernels.set_score(at, to, chosen, GOALS.index(goal), *space))


def _doubt(part: Part, chosen: Array, k: int, goal: str, seed: int, job: Job) -> list[Kept]:
    """How often each is chosen again; nulls where that would take too long."""
    tries = DRAWS * len(WHAT) * len(MISSING)
    effort = EFFORT // tries  # all together no more than the search itself may take
    if cost(part, goal) * part.size * k > effort:
        return [Kept(None, None, None, None)] * len(chosen)
    shares = []
    for what, share in ((what, share) for what in WHAT for share in MISSING):
        again, counted = np.zeros(part.size), np.zeros(part.size)
        for pairs, there in draws(part, what, share, seed)[:DRAWS]:
            job.check()
            again[best(cut(part, pairs), k, goal, effort)[0]] += 1
            counted += there
        shares.append(np.minimum(again[chosen] / np.maximum(counted[chosen], 1), 1.0))
    return [Kept(*(float(column[at]) for column in shares)) for at in range(len(chosen))]


async def removal(
    view: View,
    scope: ScopeSpec | None = None,
    *,
    rule: str = "degree",
    steps: int = 10,
    seed: int = 1,
    fresh: bool = False,
    job: Job | None = None,
) -> Removal:
    """Take out one after another by a rule, worked out anew on what is left each time.

    Raises UsageError, NotFound for a hidden seed, LimitError.
    """
    if rule not in RULES or not 1 <= steps <= MOST_STEPS:
        raise UsageError(f"Take out 1 to {MOST_STEPS} by one of {', '.join(RULES)}.")
    given = job or Job()
    given.report("reading")

    async def work(part: Part, found: Reading, run: Run) -> Removal:
        most = min(steps, max(part.size - 1, 0))
        taking = partial(taken_out, part, rule, most, seed, given)
        order, largest = await view.gds.in_turn("taking out", given, taking)
        who = await identities(view, part, found.snapshot, order)
        told = [Step(None, largest[0], 1.0)] if part.size else []
        told += [
            Step(who[vertex], left, left / largest[0])
            for vertex, left in zip(order, largest[1:], strict=True)
        ]
        return Removal(rule, tuple(told), view.scope.as_of, run)

    spec = scope or ScopeSpec()
    return await stored(
        view, "removal", Removal, spec, work, algorithm=rule, steps=steps, seed=seed, fresh=fresh
    )


def taken_out(part: Part, rule: str, steps: int, seed: int, job: Job) -> tuple[list[int], list[int]]:
    """Who is taken out in turn, and the size of the largest piece before and after each."""
    from graphsvc.analysis import kernels

    if rule == "betweenness" and (part.size + 2 * len(part.source)) * part.size * steps > EFFORT:
        raise LimitError("This part is too large for that; narrow the scope, or take out by degree.")
    at, to, _ = rows(part, both=True)
    gone, queue, seen = np.zeros(part.size, bool), np.empty(part.size, np.int32), np.empty(part.size, bool)
    largest = [kernels.component_sizes(at, to, gone, queue, seen)[0]]
    order: list[int] = []
    planned = _planned(part, rule, steps, seed)
    for step in range(steps):
        job.report("taking out", step / steps)
        vertex = planned[step] if planned else _next(part, rule, at, to, gone)
        gone[vertex] = True
        order.append(vertex)
        largest.append(kernels.component_sizes(at, to, gone, queue, seen)[0])
    return order, [int(size) for size in largest]


def _planned(part: Part, rule: str, steps: int, seed: int) -> list[int]:
    """The order of rules that do not look at what is left."""
    if rule == "random":
        return [int(vertex) for vertex in np.random.default_rng(seed).permutation(part.size)[:steps]]
    if rule == "key_players":
        return [int(vertex) for vertex in best(part, steps, "fragment")[0]]
    return []


def _next(part: Part, rule: str, at: Array, to: Array, gone: Array) -> int:
    from graphsvc.analysis import kernels

    if rule == "betweenness":
        value = kernels.betweenness(at, to, gone, False)
    else:
        left = ~gone[part.source] & ~gone[part.target]
        value = degree(cut(part, left), weighted=False)
    value = np.where(gone, -1.0, value)
    return int(np.lexsort((np.arange(part.size), -np.round(value, 12)))[0])
