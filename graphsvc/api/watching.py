"""Subscriptions: records that are watched, and long questions with how far they are.

Each event is worked out anew on what the caller may see at that moment, so that a restriction reaches an open
subscription with the next pulse.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

import msgspec
import strawberry
from strawberry.tools import create_type

from graphsvc.analysis.entity import Entity, entities
from graphsvc.api import groups, likeness, structure
from graphsvc.api.context import Info
from graphsvc.api.entities import RECORD
from graphsvc.api.fields import argument, followed, told
from graphsvc.api.long import PULSE_SECONDS
from graphsvc.api.types import EXTRAS, Extra, output
from graphsvc.errors import UsageError

LONG = (*groups.LONG, *structure.LONG, *likeness.LONG)
MOST_WATCHED = 100


class Watched(msgspec.Struct, frozen=True):
    """How a record stands for the one who watches it."""

    id: Annotated[str, told("Id of the record.")]
    state: Annotated[str, told("seen, changed, or gone: not there, or not to be seen any more.")]


class Watch(msgspec.Struct, frozen=True):
    """The records that changed; in the first event all that are watched."""

    records: Annotated[tuple[Watched, ...], told("The records that changed, in the order asked for.")]
    as_of: Annotated[str, told("Time for which the event holds.")]


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
        if looked != view.scope.mark:
            looked = view.scope.mark
            found: dict[str, Entity | None] = dict(zip(ids, await entities(view, ids), strict=True))
            told_ = tuple(_changes(known, found))
            known = found
            if told_:
                yield Watch(told_, view.scope.as_of)
        await asyncio.sleep(PULSE_SECONDS)


def _changes(before: dict[str, Entity | None] | None, now: dict[str, Entity | None]) -> list[Watched]:
    states = {
        id: "gone" if one is None else "seen" if before is None else "changed" for id, one in now.items()
    }
    return [Watched(id, state) for id, state in states.items() if before is None or before[id] != now[id]]


Subscription = create_type(
    "Subscription",
    [
        followed(
            "watch",
            watch,
            output(Watch),
            "Records that are watched: tells within a second when one changes or may no longer be seen.",
        ),
        *(question.followed() for question in LONG),
    ],
    description="What may be followed over a web socket.",
)
