"""Asks the service one thing as one caller, through the door."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from graphsvc.access.caller import Caller
from graphsvc.access.view import Door, View
from graphsvc.analysis.selection import Filter
from graphsvc.analysis.trends import Trend, trend
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings
from graphsvc.store.reader import Reader

T = TypeVar("T")


def caller(ncb: str = "FR") -> Caller:
    return Caller("tester", ncb, Level.CONFIDENTIAL, Purpose.TRENDS)


def asking(settings: Settings, question: Callable[[Door], Awaitable[T]]) -> T:
    """The answer of a question that may open several views of one door."""

    async def run() -> T:
        door = Door(await Reader.open(settings))
        try:
            return await question(door)
        finally:
            await door.close()

    return asyncio.run(run())


def ask(settings: Settings, question: Callable[[View], Awaitable[T]], ncb: str = "FR") -> T:
    """The answer to one view."""

    async def run(door: Door) -> T:
        return await question(await door.view(caller(ncb)))

    return asking(settings, run)


def ask_trend(settings: Settings, ncb: str = "FR", interval: str = "month", **asked: object) -> Trend:
    """A trend by month unless told otherwise; ``measure`` and ``unit`` go to the trend, all else to the filter."""
    how = {name: asked.pop(name) for name in ("measure", "unit") if name in asked}
    given = Filter(**asked)  # type: ignore[arg-type]
    return ask(settings, lambda view: trend(view, given, interval=interval, **how), ncb)  # type: ignore[arg-type]


def counts(found: Trend) -> dict[str, int]:
    """Counts by interval, empty ones left out."""
    return {point.interval: point.count for point in found.points if point.count}
