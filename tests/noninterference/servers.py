"""Two services on two private servers, filled and asked side by side."""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import httpx
import msgspec
from starlette.applications import Starlette

from graphsvc.access.caller import Caller
from graphsvc.access.tokens import Claims, issue
from graphsvc.access.view import Door, View
from graphsvc.api.application import create_app
from graphsvc.localdb import config
from graphsvc.localdb import server as localdb
from graphsvc.model.record import Link, Record
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.runs import Run
from tests.conftest import empty, jars
from tests.noninterference.callers import AGREEMENTS, CALLERS
from tests.noninterference.worlds import World, owner_of, source

T = TypeVar("T")
Batch = tuple[list[Record], list[Link]]
PLANNED_ONCE = "dbms.cypher.min_replan_interval=1d\n"
"""Each batch of worlds fills the store anew, and the server would plan every statement anew for it."""
AT_ONCE = 200
"""Records and links in one run that the topology follows: it waits for so few."""
ALL_AT_ONCE = 10_000


class Server:
    """One private server and the service on it."""

    def __init__(
        self, settings: Settings, database: Database, app: Starlette, client: httpx.AsyncClient
    ) -> None:
        self.settings = settings
        self.database = database
        self.app = app
        self.client = client
        self._tokens: dict[Caller, str] = {}

    @property
    def door(self) -> Door:
        door: Door = self.app.state.door
        return door

    async def view(self, caller: Caller) -> View:
        """What a caller sees here."""
        return await self.door.view(caller)

    async def ask(self, caller: Caller, text: str, variables: dict[str, Any]) -> tuple[int, bytes]:
        """Status and body of the answer to a question over HTTP."""
        headers = {
            "authorization": self.token(caller),
            "graphsvc-purpose": caller.purpose.value,
            "graphsvc-case": caller.case,
        }
        answer = await self.client.post(
            "/graphql", json={"query": text, "variables": variables}, headers=headers
        )
        return answer.status_code, answer.content

    def token(self, caller: Caller) -> str:
        if caller not in self._tokens:
            claims = Claims(
                caller.subject,
                caller.ncb,
                time.time() + 86_400,
                caller.level.name,
                (caller.purpose,),
                tuple(caller.roles),
                tuple(caller.units),
            )
            self._tokens[caller] = f"Bearer {issue(self.settings, claims)}"
        return self._tokens[caller]

    def forget(self) -> None:
        """Let go of what was worked out for a scope, so that it is worked out again."""
        private = vars(self.door)
        private["_Door__scopes"]._held.clear()
        private["_Door__events"]._kept.clear()
        private["_Door__shape"]._snapshot._remembered.clear()

    def wipe(self) -> None:
        """Take everything out, and make the agreements."""
        empty(self.database)
        with self.database.session() as session:
            session.run(
                "UNWIND $rows AS row CREATE (a:Agreement) SET a = row",
                rows=[{"name": name, "members": members} for name, members in AGREEMENTS.items()],
            ).consume()

    async def load(self, batch: Batch, rng: random.Random, *, follow: bool) -> None:
        """Write records and links of several owners, in any order.

        With ``follow`` the topology follows each run; it waits for few additions and takes in many behind an answer.
        """
        records, links = batch
        owners = sorted({owner_of(r.id) for r in records} | {owner_of(k.id) for k in links})
        rng.shuffle(owners)
        for owner in owners:
            own_records = _shuffled((r for r in records if owner_of(r.id) == owner), rng)
            own_links = _shuffled((k for k in links if owner_of(k.id) == owner), rng)
            step = AT_ONCE if follow else ALL_AT_ONCE
            for at in range(0, max(len(own_records), len(own_links)), step):
                part = own_records[at : at + step], own_links[at : at + step]
                await asyncio.to_thread(self.write, owner, part, str(rng.random()))
                if follow:
                    await (await self.view(CALLERS[0])).links()

    def write(self, owner: str, batch: Batch, fingerprint: str) -> None:
        """One run of an owner's."""
        run = Run.begin(
            self.database,
            source=source(owner),
            owner=owner,
            loader="pair",
            files=[],
            fingerprint=fingerprint,
        )
        run.write(*batch)
        run.finish()


def _shuffled(elements: Iterable[Any], rng: random.Random) -> list[Any]:
    found = list(elements)
    rng.shuffle(found)
    return found


async def both(answers: Iterable[Awaitable[T]]) -> tuple[T, T]:
    """What the two sides say when they are asked at the same time."""
    one, other = await asyncio.gather(*answers)
    return one, other


class Pair(msgspec.Struct, frozen=True):
    """The service with the hidden sets, and the one without."""

    whole: Server
    part: Server

    async def fill(self, worlds: list[World], seed: str) -> None:
        """Load the worlds into both, each in an order of its own, half of it while the service runs."""
        await both(self._fill(side, worlds, seed, hidden=side is self.whole) for side in self.sides)

    @staticmethod
    async def _fill(server: Server, worlds: list[World], seed: str, *, hidden: bool) -> None:
        rng = random.Random(f"{seed}/{hidden}")
        await asyncio.to_thread(server.wipe)
        first, second = _halves(worlds, rng, hidden=hidden)
        await server.load(first, rng, follow=False)
        await (await server.view(CALLERS[0])).links()  # the topology is built here, and follows from here
        await server.load(second, rng, follow=True)
        await (await server.view(CALLERS[0])).whole()  # whatever was to come in behind an answer

    @property
    def sides(self) -> tuple[Server, Server]:
        """Both, the one with the hidden sets first."""
        return self.whole, self.part


def _halves(worlds: list[World], rng: random.Random, *, hidden: bool) -> tuple[Batch, Batch]:
    first: Batch = ([], [])
    second: Batch = ([], [])
    for world in worlds:
        records = [*world.records, *world.standing, *(world.hidden_records if hidden else ())]
        links = [*world.links, *(world.hidden_links if hidden else ())]
        before = {record.id for record in world.before}
        closed = {link.id for link in links if {link.from_, link.to} & before}
        for record in records:
            (second if record.id in before or rng.random() < 0.3 else first)[0].append(record)
        for link in links:
            (first if link.id in closed or rng.random() < 0.7 else second)[1].append(link)
        if hidden:
            first[0].extend(world.before)
    return first, second


@contextmanager
def private_server(home: Path) -> Iterator[Settings]:
    """A private server with little memory in a folder, stopped at the end unless it ran before."""
    settings = Settings(
        data_dir=home,
        bolt_port=0,
        neo4j_heap_mb=512,
        neo4j_page_cache_mb=128,
        jars_dir=jars(),
        query_operations=1_000,
        request_seconds=300,
        query_seconds=120,
    )
    ran = localdb.status(settings) is not None
    with patch.object(config, "conf", lambda *given, plain=config.conf: plain(*given) + PLANNED_ONCE):
        localdb.start(settings)
    try:
        yield settings
    finally:
        if not ran:
            localdb.stop(settings)


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[Server]:
    """The service of a private server, asked without a network."""
    with Database.open(settings) as database:
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", timeout=300
            ) as client:
                yield Server(settings, database, app, client)


def _same_keys(one: Settings, other: Settings) -> None:
    """The keys of one for the other, which signs with those that it has where it ran before."""
    if not (other.home / "keys").exists():
        shutil.copytree(one.home / "keys", other.home / "keys")


@asynccontextmanager
async def pair(home: Path) -> AsyncIterator[Pair]:
    """Two services under a folder, with the same keys."""
    with private_server(home / "whole") as one, private_server(home / "part") as other:
        async with service(one) as whole:
            whole.token(CALLERS[0])
            _same_keys(one, other)
            async with service(other) as part:
                yield Pair(whole, part)
