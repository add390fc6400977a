"""A decision counts for the next question of every kind, in every worker, and what it took away comes back."""

import asyncio
from collections.abc import Iterator

import pytest

from graphsvc.access.caller import Caller
from graphsvc.access.view import Door, View
from graphsvc.analysis.paths import paths
from graphsvc.analysis.search import Filter, search
from graphsvc.errors import NotFound
from graphsvc.model.handling import make
from graphsvc.model.narrowing import Terms
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings
from graphsvc.store.agreements import set_members
from graphsvc.store.database import Database
from graphsvc.store.decisions import Decider, Op, Order, decide, release
from graphsvc.store.retention import remove
from tests.world import File

pytestmark = pytest.mark.neo4j

FRANCE = Decider("claire", "FR", "FR")


class Workers:
    """Two workers with topologies of their own."""

    def __init__(self, settings: Settings) -> None:
        self._runner = asyncio.Runner()
        self._doors = [self._runner.run(Door.open(settings)) for _ in range(2)]

    def answers(self, ncb: str) -> set[tuple[int | None, int]]:
        """Hops from Anna to Carl, and how many Belas a search finds; one pair while the workers agree."""
        return {self._runner.run(self._answer(door, ncb)) for door in self._doors}

    async def _answer(self, door: Door, ncb: str) -> tuple[int | None, int]:
        view = await door.view(Caller("x", ncb, Level.CONFIDENTIAL, Purpose.LOCATE))
        return await self._hops(view), (await search(view, "bela", Filter())).total

    @staticmethod
    async def _hops(view: View) -> int | None:
        try:
            found = await paths(view, "fr-file:anna", "fr-file:carl")
        except NotFound:
            return None
        return found.paths[0].hops if found.paths else None

    def close(self) -> None:
        for door in self._doors:
            self._runner.run(door.close())
        self._runner.close()


@pytest.fixture
def workers(database: Database, open_server: Settings) -> Iterator[Workers]:
    """Anna knows Bela, who knows Carl; Germany may see Bela by an agreement alone."""
    set_members(database, "PRUM", ["DE", "FR"], by="operator", reason="signed")
    file = File("FR")
    file.person("anna")
    file.person("bela", handling=make("FR", allow=frozenset({"agreement:PRUM"})))
    file.person("carl")
    file.link("anna", "ASSOCIATE_OF", "bela", id_="one")
    file.link("bela", "ASSOCIATE_OF", "carl", id_="two")
    file.load(database)
    made = Workers(open_server)
    assert made.answers("DE") == {(2, 1)}
    yield made
    made.close()


@pytest.mark.parametrize("id", ["bela", "two"])
def test_a_restriction_and_its_release(database: Database, workers: Workers, id: str) -> None:
    made = decide(database, Order(Op.RESTRICT, Terms(deny=("DE",)), (f"fr-file:{id}",), "sealed"), FRANCE)
    seen = 0 if id == "bela" else 1

    assert workers.answers("DE") == {(None, seen)}
    assert workers.answers("FR") == {(2, 1)}
    release(database, made.id, FRANCE, "over")
    assert workers.answers("DE") == {(2, 1)}


def test_a_block_and_its_end(database: Database, workers: Workers) -> None:
    officer = Decider("officer", "IPSG", None)
    made = decide(database, Order(Op.BLOCK, Terms(), ("fr-file:bela",), "article 3"), officer)

    assert workers.answers("DE") == workers.answers("FR") == {(None, 0)}
    release(database, made.id, officer, "new information")
    assert workers.answers("DE") == workers.answers("FR") == {(2, 1)}


def test_a_changed_agreement(database: Database, workers: Workers) -> None:
    set_members(database, "PRUM", ["FR"], by="operator", reason="denounced")
    assert workers.answers("DE") == {(None, 0)}
    set_members(database, "PRUM", ["DE", "FR"], by="operator", reason="signed again")
    assert workers.answers("DE") == {(2, 1)}


def test_a_purge(database: Database, workers: Workers) -> None:
    remove(database, ["fr-file:bela"], "purge", "retention")

    assert workers.answers("FR") == {(None, 0)}
