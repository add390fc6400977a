"""Asks the service one thing as one caller, through the door with its topology and Graph Data Science."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from graphsvc.access.caller import Caller
from graphsvc.access.view import Door, View
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings

T = TypeVar("T")


def caller(ncb: str = "FR", **more: object) -> Caller:
    """An analyst who sees all that the terms of a handling allow."""
    return Caller("tester", ncb, Level.CONFIDENTIAL, Purpose.TRENDS, **more)  # type: ignore[arg-type]


def asking(settings: Settings, question: Callable[[Door], Awaitable[T]]) -> T:
    """The answer of a question that may open several views of one door."""

    async def run() -> T:
        door = await Door.open(settings)
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
