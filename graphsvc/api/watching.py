"""Subscriptions: records that are watched, and long work that tells how far it is.

Each event is worked out anew on what the caller may see at that moment, so that a restriction reaches an open
subscription with the next pulse.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Annotated, Any, TypeVar

import msgspec
import strawberry
from strawberry.tools import create_type

from graphsvc.access.jobs import Job
from graphsvc.access.scope import Scope
from graphsvc.access.view import View
from graphsvc.analysis import centrality, groups
from graphsvc.analysis.entity import Entity, entities
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.api.context import Info
from graphsvc.api.entities import RECORD
from graphsvc.api.fields import FIRST, argument, followed, told
from graphsvc.api.groups import ALGORITHM, FRESH, PARALLEL, RESOLUTION, SCOPE, SEED, GraphScope
from graphsvc.api.inputs import taken
from graphsvc.api.structure import DIRECTED, MEASURE
from graphsvc.api.types import EXTRAS, Extra, output
from graphsvc.errors import UsageError

T = TypeVar("T")

PULSE_SECONDS = 0.4
MOST_WATCHED = 100


class Watched(msgspec.Struct, frozen=True):
    """How a record stands for the one who watches it."""

    id: Annotated[str, told("Id of the record.")]
    state: Annotated[str, told("seen, changed, or gone: not there, or not to be seen any more.")]


class Watch(msgspec.Struct, frozen=True):
    """The records that changed; in the first event all that are watched."""

    records: Annotated[tuple[Watched, ...], told("The records that changed, in the order asked for.")]
    as_of: Annotated[str, told("Time for which the event holds.")]


class RankingProgress(msgspec.Struct, frozen=True):
    """How far a ranking is."""

    stage: Annotated[str, told("What is being done.")]
    done: Annotated[float, told("How much of the stage is done, between 0 and 1.")]
    answer: Annotated[centrality.Ranking | None, told("The outcome, with the last event.")]


class Progress(msgspec.Struct, frozen=True):
    """How far an analysis is."""

    stage: Annotated[str, told("What is being done.")]
    done: Annotated[float, told("How much of the stage is done, between 0 and 1.")]
    answer: Annotated[groups.Communities | None, told("The first page of the outcome, with the last event.")]


async def _record(root: Watched, info: Info) -> Entity | None:
    return None if root.state == "gone" else await info.context.records.load(root.id)


EXTRAS[Watched] = (Extra("record", RECORD | None, _record, "The record; null when it is gone."),)


async def watch(
    info: Info, ids: Annotated[list[strawberry.ID], argument(f"Records to watch, {MOST_WATCHED} at most.")]
) -> AsyncGenerator[Watch, None]:
    if not 1 <= len(ids) <= MOST_WATCHED:
        raise UsageError(f"Watch 1 to {MOST_WATCHED} records.")
    known: dict[str, Entity | None] | None = None
    looked: object = None
    while True:
        view = await info.context.renewed()
        if looked != _mark(view.scope):
            looked = _mark(view.scope)
            found: dict[str, Entity | None] = dict(zip(ids, await entities(view, ids), strict=True))
            told_ = tuple(_changes(known, found))
            known = found
            if told_:
                yield Watch(told_, view.scope.as_of)
        await asyncio.sleep(PULSE_SECONDS)


def _mark(scope: Scope) -> object:
    """What must differ for an answer to differ."""
    return scope.built, scope.seq, scope.held, scope.today


def _changes(before: dict[str, Entity | None] | None, now: dict[str, Entity | None]) -> list[Watched]:
    states = {
        id: "gone" if one is None else "seen" if before is None else "changed" for id, one in now.items()
    }
    return [Watched(id, state) for id, state in states.items() if before is None or before[id] != now[id]]


async def analysis_progress(
    info: Info,
    scope: Annotated[Any, argument(SCOPE, GraphScope | None)] = None,
    algorithm: Annotated[str, argument(ALGORITHM)] = "leiden",
    seed: Annotated[int, argument(SEED)] = 1,
    resolution: Annotated[float, argument(RESOLUTION)] = 1.0,
    parallel: Annotated[str, argument(PARALLEL)] = "counted",
    first: Annotated[int, argument(FIRST)] = 20,
    fresh: Annotated[bool, argument(FRESH)] = False,
) -> AsyncGenerator[Progress, None]:
    part = taken(ScopeSpec, scope)
    how: dict[str, Any] = {
        "algorithm": algorithm, "seed": seed, "resolution": resolution, "parallel": parallel, "first": first,
        "fresh": fresh,
    }  # fmt: skip
    told_ = _followed(info, lambda view, job: groups.communities(view, part, job=job, **how))
    async with aclosing(told_) as events:
        async for stage, done, answer in events:
            yield Progress(stage, done, answer)


async def ranking_progress(
    info: Info,
    scope: Annotated[Any, argument(SCOPE, GraphScope | None)] = None,
    measure: Annotated[str, argument(MEASURE)] = "betweenness",
    directed: Annotated[bool, argument(DIRECTED)] = False,
    parallel: Annotated[str, argument(PARALLEL)] = "counted",
    seed: Annotated[int, argument(SEED)] = 1,
    first: Annotated[int, argument(FIRST)] = 20,
    fresh: Annotated[bool, argument(FRESH)] = False,
) -> AsyncGenerator[RankingProgress, None]:
    part = taken(ScopeSpec, scope)
    how: dict[str, Any] = {
        "measure": measure, "directed": directed, "parallel": parallel, "seed": seed, "first": first,
        "fresh": fresh,
    }  # fmt: skip
    told_ = _followed(info, lambda view, job: centrality.ranking(view, part, job=job, **how))
    async with aclosing(told_) as events:
        async for stage, done, answer in events:
            yield RankingProgress(stage, done, answer)


async def _followed(
    info: Info, ask: Callable[[View, Job], Awaitable[T]]
) -> AsyncGenerator[tuple[str, float, T | None], None]:
    """Stages of long work, and its outcome with the last. It ends with the one who follows it."""
    job = Job()

    async def work() -> T:
        view: View = await info.context.renewed()
        while True:  # what was restricted meanwhile is not in the outcome
            answer = await ask(view, job)
            earlier, view = view, await info.context.renewed()
            if _mark(view.scope) == _mark(earlier.scope):
                return answer

    task = asyncio.ensure_future(work())
    try:
        shown: tuple[str, float] | None = None
        while not task.done():
            if (job.stage, job.done) != shown:
                shown = job.stage, job.done
                yield (*shown, None)
            await asyncio.wait({task}, timeout=PULSE_SECONDS)
        yield "done", 1.0, task.result()
    finally:
        job.cancel()
        task.cancel()


Subscription = create_type(
    "Subscription",
    [
        followed(
            "watch",
            watch,
            output(Watch),
            "Records that are watched: tells within a second when one changes or may no longer be seen.",
        ),
        followed(
            "analysisProgress",
            analysis_progress,
            output(Progress),
            "Communities, with how far the work is until they are there.",
        ),
        followed(
            "rankingProgress",
            ranking_progress,
            output(RankingProgress),
            "A ranking, such as brokers, with how far the work is until it is there.",
        ),
    ],
    description="What may be followed over a web socket.",
)
