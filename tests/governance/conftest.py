"""Callers as the fields of the API meet them: with a scope, a view, and the office behind them.

``desk("DE", …)``  a caller of Germany; ``desk.scope()`` is its scope for the next request.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from graphsvc.access.caller import Caller
from graphsvc.access.office import Office
from graphsvc.access.scope import Scope
from graphsvc.access.view import Door, View
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.reader import Reader

T = TypeVar("T")


class Service:
    """One worker without a topology."""

    def __init__(self, settings: Settings) -> None:
        self._runner = asyncio.Runner()
        self._office = Office(settings)

        async def open_() -> Door:
            return Door(await Reader.open(settings), office=self._office)

        self._door = self._runner.run(open_())

    def caller(self, ncb: str, *roles: str, **other: Any) -> Caller:
        given: dict[str, Any] = {"level": Level.CONFIDENTIAL, "purpose": Purpose.LOCATE, "case": "T-1"}
        return Caller(f"{ncb.lower()}-officer", ncb, roles=frozenset(roles), **(given | other))

    def scope(self, ncb: str, *roles: str, **other: Any) -> Scope:
        """The scope of the next request of a caller."""
        return self.ask(ncb, self._scope, *roles, **other)

    @staticmethod
    async def _scope(view: View) -> Scope:
        return view.scope

    def ask(self, ncb: str, question: Callable[[View], Awaitable[T]], *roles: str, **other: Any) -> T:
        """The answer to a question of a view, with what was put off done too."""

        async def go() -> T:
            answer = await question(await self._door.view(self.caller(ncb, *roles, **other)))
            while self._office._later:
                await asyncio.gather(*self._office._later)
            return answer

        return self._runner.run(go())

    def run(self, work: Callable[[Door], Awaitable[T]]) -> T:
        """Work with the door itself."""

        async def go() -> T:
            return await work(self._door)

        return self._runner.run(go())

    def close(self) -> None:
        self._runner.run(self._door.close())
        self._runner.close()


@pytest.fixture
def service(open_server: Settings, database: Database) -> Iterator[Service]:
    """A worker on the session's server, with an audit of its own."""
    shutil.rmtree(open_server.home / "audit", ignore_errors=True)
    made = Service(open_server)
    yield made
    made.close()
