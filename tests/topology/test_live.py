"""The shape that a server answers from follows the graph: restrictions at once, additions behind, compaction beside.

Ana knows everybody of a long list that France loads in two parts.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from graphsvc.access.caller import Caller
from graphsvc.access.scope import Scope, Scopes
from graphsvc.errors import NotFound
from graphsvc.model.narrowing import Terms
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.decisions import Decider, Op, Order, decide
from graphsvc.store.reader import Reader
from graphsvc.topology import layout, live
from graphsvc.topology.links import Links
from graphsvc.topology.live import Live
from graphsvc.topology.question import Question
from tests.world import File

pytestmark = pytest.mark.neo4j

T = TypeVar("T")

GERMANY = Caller("officer", "DE", Level.CONFIDENTIAL, Purpose.LOCATE, case="T-1")
FRANCE = Decider("desk", "FR", "FR")
ANA = "fr-file:ana"


def friends(database: Database, low: int, high: int) -> None:
    """Load some of those whom Ana knows."""
    file = File("FR")
    file.person("ana")
    for n in range(low, high):
        file.person(f"p{n:03}")
        file.link("ana", "ASSOCIATE_OF", f"p{n:03}")
    file.load(database)


def known(links: Links) -> int:
    """How many records stand one step from Ana."""
    return len(links.expand([ANA], 1, 10_000, Question()).records) - 1


class Worker:
    """One worker's topology."""

    def __init__(self, settings: Settings) -> None:
        self._runner = asyncio.Runner()
        self._settings = settings
        self.live, self.scopes, self._reader = self._runner.run(self._open())

    async def _open(self) -> tuple[Live, Scopes, Reader]:
        reader = await Reader.open(self._settings)
        return await Live.open(self._settings, reader), Scopes(reader), reader

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do work of several steps in the worker's loop."""

        async def go() -> T:
            return await work()

        return self._runner.run(go())

    async def scope(self) -> Scope:
        """That of the next request of Germany."""
        return await self.scopes.of(GERMANY)

    async def under(self) -> Links:
        """The shape for it."""
        return await self.live.under(await self.scope())

    async def settle(self) -> None:
        """Wait for what runs in the background."""
        while self.live._tasks:
            await asyncio.gather(*self.live._tasks)

    async def compactor(self) -> asyncio.subprocess.Process:
        """The process that makes the shape anew, as soon as it runs."""
        for _ in range(1000):
            if self.live.compactor is not None:
                return self.live.compactor
            await asyncio.sleep(0.01)
        raise AssertionError("nothing was begun")

    def close(self) -> None:
        self.run(self.live.close)
        self.run(self._reader.close)
        self._runner.close()


@pytest.fixture
def worker(open_server: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker that has read Ana and ten whom she knows, with little room for more."""
    monkeypatch.setattr(live, "ROOM", 200)
    shutil.rmtree(live.folder(open_server), ignore_errors=True)
    friends(database, 0, 10)
    made = Worker(open_server)
    yield made
    made.close()
    shutil.rmtree(live.folder(open_server), ignore_errors=True)


def test_workers_share_the_arrays(worker: Worker, open_server: Settings) -> None:
    """Each maps the same files; a page is a worker's own only when it writes into it."""
    other = Worker(open_server)
    try:
        home = str(layout.current(live.folder(open_server)))
        maps = [one for one in psutil.Process().memory_maps(grouped=False) if one.path.startswith(home)]
        counts = Counter(one.path for one in maps)
        assert {"hot", "card"} <= {Path(path).stem for path in counts}
        assert min(counts.values()) == 2
        assert sum(one.private_dirty for one in maps) == 0
    finally:
        other.close()


def test_many_additions_follow_behind_an_answer(
    worker: Worker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AT_ONCE", 5)
    friends(database, 10, 40)

    async def story() -> tuple[int, int]:
        at_once = known(await worker.under())
        await worker.settle()
        return at_once, known(await worker.under())

    assert worker.run(story) == (10, 40)


def test_a_restriction_among_many_additions_is_in_before_the_answer(
    worker: Worker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AT_ONCE", 5)
    friends(database, 10, 40)
    decide(database, Order(Op.RESTRICT, Terms(deny=("DE",)), ("fr-file:p003",), "closed"), FRANCE)

    async def story() -> tuple[int, int]:
        links = await worker.under()
        with pytest.raises(NotFound):
            links.number("fr-file:p003")
        at_once = known(links)
        await worker.settle()
        return at_once, known(await worker.under())

    assert worker.run(story) == (9, 39)


def test_work_on_the_whole_waits_for_every_addition(
    worker: Worker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AT_ONCE", 5)
    monkeypatch.setattr(live, "CHUNK", 20)
    friends(database, 10, 40)

    async def story() -> int:
        return known(await worker.live.whole(await worker.scope()))

    assert worker.run(story) == 40


def test_a_full_shape_is_made_anew_beside_the_answers(worker: Worker, database: Database) -> None:
    first = worker.live._snapshot
    friends(database, 10, 70)

    async def story() -> tuple[list[int], int]:
        answers = [known(await worker.under())]
        assert worker.live._compacting
        while worker.live._compacting:  # answers go on
            answers.append(known(await worker.under()))
            await asyncio.sleep(0.01)
        await worker.settle()
        return answers, known(await worker.under())

    during, after = worker.run(story)
    made = worker.live._snapshot
    assert set(during) == {70}
    assert after == 70
    assert made.meta.seq > first.meta.seq
    assert made.used.entries == made.meta.lengths["hot"]


def test_what_comes_while_it_is_made_anew_is_there_afterwards(worker: Worker, database: Database) -> None:
    friends(database, 10, 70)

    async def story() -> int:
        await worker.under()
        assert worker.live._compacting
        await asyncio.to_thread(friends, database, 70, 75)
        await asyncio.to_thread(
            decide,
            database,
            Order(Op.RESTRICT, Terms(deny=("DE",)), ("fr-file:p003",), "closed"),
            FRANCE,
        )
        await worker.settle()
        links = await worker.under()
        with pytest.raises(NotFound):
            links.number("fr-file:p003")
        return known(links)

    assert worker.run(story) == 74


def test_a_worker_that_closes_ends_the_process_that_it_began(worker: Worker, database: Database) -> None:
    friends(database, 10, 70)

    async def story() -> int | None:
        await worker.under()
        process = await worker.compactor()
        await worker.live.close()
        with suppress(ProcessLookupError):
            await asyncio.wait_for(process.wait(), 60)
        return process.returncode

    assert worker.run(story) != 0
