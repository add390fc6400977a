"""The one door: an answer is that of a graph without what the caller may not see."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from graphsvc.access.caller import Caller
from graphsvc.access.scope import Scope, Scopes
from graphsvc.errors import StoreTimeout
from graphsvc.model.handling import make
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.reader import Reader
from tests.world import File

pytestmark = pytest.mark.neo4j

T = TypeVar("T")


def ask(settings: Settings, question: Callable[[Reader], Awaitable[T]]) -> T:
    async def run() -> T:
        reader = await Reader.open(settings)
        try:
            return await question(reader)
        finally:
            await reader.close()

    return asyncio.run(run())


def caller(ncb: str, purpose: Purpose = Purpose.INVESTIGATE) -> Caller:
    return Caller("tester", ncb, Level.CONFIDENTIAL, purpose, case="T-1")


def test_held_follows_the_rule(database: Database, open_server: Settings) -> None:
    file = File("FR")
    file.person("open")
    file.person("closed", handling=make("FR", allow=frozenset({"DE"})))
    file.load(database)

    async def held(reader: Reader) -> list[int]:
        scopes = Scopes(reader)
        return [len((await scopes.of(caller(ncb))).held) for ncb in ("FR", "DE", "BR")]

    assert ask(open_server, held) == [2, 2, 1]


def test_a_new_handling_and_a_new_agreement_count_at_once(database: Database, open_server: Settings) -> None:
    file = File("FR", allow=frozenset({"agreement:PRUM"}))
    file.person("anna")
    file.load(database)

    async def held(reader: Reader) -> list[Scope]:
        scopes = Scopes(reader)
        before = await scopes.of(caller("DE"))
        with database.session() as session:
            session.run("CREATE (:Agreement {name: 'PRUM', members: ['DE', 'FR']})").consume()
        joined = await scopes.of(caller("DE"))
        other = File("FR", "fr-two")
        other.person("bela")
        other.load(database)
        return [before, joined, await scopes.of(caller("DE"))]

    scopes = ask(open_server, held)
    assert [scope.held for scope in scopes] == [(), (0,), (0, 1)]
    assert scopes[2].seq > scopes[1].seq


def test_a_long_query_is_ended(open_server: Settings, database: Database) -> None:
    short = open_server.model_copy(update={"query_seconds": 0.5})

    async def forever(reader: Reader) -> list[dict[str, Any]]:
        return await reader.rows(
            "UNWIND range(1, 1000000000) AS n WITH n WHERE n % 7 = 8 RETURN count(n) AS n"
        )

    with pytest.raises(StoreTimeout):
        ask(short, forever)
