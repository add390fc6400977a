"""One who asks: a door that stays open while the world changes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

from graphsvc.access.caller import Caller
from graphsvc.access.view import Door, View
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings

T = TypeVar("T")
P = ParamSpec("P")


class Service:
    """A door that stays open while the world changes."""

    def __init__(self, settings: Settings) -> None:
        self.runner = asyncio.Runner()
        self.door = self.runner.run(Door.open(settings))
        self.ncb = "FR"

    def of(self, ncb: str) -> "Service":
        """From here on the caller is of this bureau."""
        self.ncb = ncb
        return self

    def ask(
        self, question: Callable[Concatenate[View, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async def run() -> T:
            caller = Caller("tester", self.ncb, Level.CONFIDENTIAL, Purpose.INVESTIGATE, case="T-1")
            return await question(await self.door.view(caller), *args, **kwargs)

        return self.runner.run(run())

    def close(self) -> None:
        self.runner.run(self.door.close())
        self.runner.close()
