"""A worker of the real service is killed in the middle of a job, then its Neo4j: no projection outlives them, and the
next question is answered."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from graphsvc.localdb import server as localdb
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.api.conftest import bearer
from tests.world import File

pytestmark = pytest.mark.neo4j

PERSONS = 8_000
SECONDS = 180
"""How long something is waited for: long, because it is no measure of time here."""
LONG = '{ ranking(measure: "closeness") { identities } }'
NEXT = '{ ranking(measure: "core", first: 1) { identities ranked { score } } }'
"""Two questions that need a projection each: closeness takes long on a ring, where everybody is far from most."""


class Service:
    """``graphsvc serve`` with two workers, on a Neo4j of its own."""

    def __init__(self, given: Settings, port: int) -> None:
        self.given = given
        self.address = f"http://127.0.0.1:{port}"
        self._headers = {"authorization": bearer(given), "graphsvc-purpose": "TRENDS"}

    def ask(self, query: str) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.post(
            f"{self.address}/graphql", json={"query": query}, headers=self._headers, timeout=SECONDS
        ).json()
        return answer

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/readyz", timeout=SECONDS).status_code == 200
        except httpx.TransportError:
            return False

    def projections(self) -> list[str]:
        with Database.open(self.given, migrate=False) as database:
            rows = database.rows("CALL gds.graph.list() YIELD graphName RETURN graphName AS name")
        return [row["name"] for row in rows]


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def served(given: Settings, log: Path) -> Iterator[Service]:
    port = free_port()
    command = [sys.executable, "-m", "graphsvc", "serve", "--port", str(port), "--workers", "2"]
    more = {
        "GRAPHSVC_DATA_DIR": str(given.home),
        "GRAPHSVC_JARS_DIR": str(given.jars_home),
        "GRAPHSVC_BOLT_PORT": str(given.bolt_port),
        "GRAPHSVC_REQUEST_SECONDS": "600",
    }
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=os.environ | more, stdout=output, stderr=output) as process,
    ):
        try:
            service = Service(given, port)
            until(service.ready)
            yield service
        finally:
            process.terminate()


@pytest.fixture
def service(open_server: Settings, tmp_path: Path) -> Iterator[Service]:
    """The service with a ring of persons in it."""
    given = Settings(
        data_dir=tmp_path / "own",
        bolt_port=free_port(),
        neo4j_heap_mb=512,
        neo4j_page_cache_mb=128,
        jars_dir=open_server.jars_dir,
    )
    localdb.start(given)
    try:
        file = File("FR")
        for at in range(PERSONS):
            file.person(f"p{at}")
            file.link(f"p{at}", "ASSOCIATE_OF", f"p{(at + 1) % PERSONS}")
        with Database.open(given) as database:
            file.load(database)
        with served(given, tmp_path / "serve.log") as running:
            yield running
    finally:
        localdb.stop(given)


@contextmanager
def in_the_middle(service: Service) -> Iterator[tuple[str, "Future[dict[str, Any]]"]]:
    """The name of the projection of a long question, and its answer to come."""
    with ThreadPoolExecutor(1) as asking:
        answer = asking.submit(service.ask, LONG)
        until(lambda: bool(service.projections()) or answer.done())
        assert not answer.done(), answer.result()
        (name,) = service.projections()
        yield name, answer


def worker_of(name: str) -> int:
    """The process that made a projection."""
    pid = int(name.split(":")[2])
    assert "multiprocessing" in " ".join(psutil.Process(pid).cmdline())
    return pid


def test_neither_a_killed_worker_nor_a_killed_server_leaves_a_projection(service: Service) -> None:
    with in_the_middle(service) as (name, answer):
        os.kill(worker_of(name), signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            answer.result()
        until(lambda: not service.projections())
    assert service.ask(NEXT)["data"]["ranking"] == {"identities": PERSONS, "ranked": [{"score": 2.0}]}

    with in_the_middle(service) as (_, answer):
        running = localdb.status(service.given)
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        assert [error["extensions"]["code"] for error in answer.result()["errors"]] == ["UNAVAILABLE"]
    localdb.start(service.given)
    assert service.projections() == []
    until(service.ready)
    found = service.ask(LONG.replace("closeness", "core"))
    assert found["data"]["ranking"] == {"identities": PERSONS}
    assert service.projections() == []
