"""A client that goes away: the walk that answers it ends, and what it borrowed is free again."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import anyio
import pytest
from starlette.types import Message

from graphsvc.analysis import walks
from graphsvc.api.application import create_app
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.topology.kernels.space import CANCELLED, Space
from graphsvc.topology.spaces import Stop
from tests.api.conftest import bearer
from tests.world import File

pytestmark = pytest.mark.neo4j

PATHS = '{ paths(a: "fr-file:ana", b: "fr-file:ben", k: 3) { paths { hops } } }'


class Slow(Stop):
    """Begins its walk only when the one who asked has gone, so that it is always too early for an answer."""

    begun: ClassVar = threading.Event()
    called: ClassVar = threading.Event()
    ended: ClassVar[list[bool]] = []

    def now(self) -> None:
        super().now()
        self.called.set()

    @contextmanager
    def watching(self, space: Space) -> Iterator[None]:
        with super().watching(space):
            self.begun.set()
            assert self.called.wait(60), "nobody ended the walk"
            try:
                yield
            finally:
                self.ended.append(bool(space.state[CANCELLED]))


def test_a_client_that_goes_away_ends_its_walk(
    database: Database, api_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walks, "Stop", Slow)
    file = File("FR")
    for name in ("ana", "car", "ben"):
        file.person(name)
    file.link("ana", "ASSOCIATE_OF", "car")
    file.link("car", "ASSOCIATE_OF", "ben")
    file.load(database)
    body = json.dumps({"query": PATHS}).encode()
    told = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Any:
        if told:
            return told.pop()
        await anyio.to_thread.run_sync(Slow.begun.wait, 60)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def go() -> None:
        app = create_app(api_settings)
        headers = {
            "content-type": "application/json", "host": "127.0.0.1", "authorization": bearer(api_settings),
            "graphsvc-purpose": "INVESTIGATE", "graphsvc-case": "2024/17",
        }  # fmt: skip
        scope = {
            "type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "scheme": "http",
            "http_version": "1.1", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 9),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)

    anyio.run(go)
    assert Slow.ended == [True]
