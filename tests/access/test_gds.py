"""Projections are dropped whatever happens: a job given up, a worker killed, the server killed."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from bench.links_graph import world
from graphsvc.access.edges import Edges
from graphsvc.access.gds import Science, ScopedScience
from graphsvc.access.jobs import Job
from graphsvc.access.leases import lease, release
from graphsvc.access.plugin import parameters, statement
from graphsvc.access.scope import Scope
from graphsvc.access.view import Door
from graphsvc.analysis.partitions import Method, run
from graphsvc.analysis.quality import in_order
from graphsvc.errors import Cancelled, LimitError
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.analysis.groups.asking import caller

pytestmark = pytest.mark.neo4j

SCOPE = Scope(caller(), (0,), 0, 7, "built", "now")


@pytest.fixture
def science(open_server: Settings, database: Database) -> Iterator[Science]:
    found = Science(open_server)
    yield found
    found.close()


def projections(database: Database) -> list[str]:
    return [
        row["name"] for row in database.rows("CALL gds.graph.list() YIELD graphName RETURN graphName AS name")
    ]


def ring(size: int) -> Edges:
    return Edges(size, np.arange(1, size), np.arange(size - 1))


def test_vertices_come_in_order_and_links_with_their_weights() -> None:
    edges = Edges(4, np.array([2, 3, 3]), np.array([0, 0, 1]), np.array([1.0, 5.0, 1.0]))
    assert parameters(edges) == {
        "codes": [0, 5, 11, 16, 17],
        "weights": [1.0, 1.0, 1.0, 5.0, 1.0],
        "stride": 5,
    }
    assert "$weights" in statement(weighted=True)
    assert "$weights" not in statement(weighted=False)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_what_is_projected_is_what_was_given(
    science: Science, database: Database, weighted: bool, directed: bool
) -> None:
    source, target, weight = np.array([1, 3, 3]), np.array([0, 0, 1]), np.array([2.0, 5.0, 2.0])
    edges = Edges(5, source, target, weight if weighted else None, directed)

    async def degrees() -> list[float]:
        async with science.projected(SCOPE, "test", edges, Job()) as projection:
            assert len(projections(database)) == 1
            column = "weight" if weighted else None
            frame = await projection.run(
                "degree",
                lambda gds, graph: gds.degree.stream(
                    graph, concurrency=1, relationship_weight_property=column
                ),
            )
            assert frame["nodeId"].tolist() == [0, 1, 2, 3, 4]
            return [float(score) for score in frame["score"]]

    expected = np.bincount(source, weight if weighted else None, 5)
    if not directed:
        expected = expected + np.bincount(target, weight if weighted else None, 5)
    assert asyncio.run(degrees()) == expected.tolist()
    assert projections(database) == []


def test_leiden_repeats_where_vertices_are_torn_between_groups(science: Science, database: Database) -> None:
    """With 60,000 vertices some lose alike wherever they go, and maps that are mixed at random would choose."""
    graph = world(60_000)
    source, target = np.maximum(graph.from_, graph.to), np.minimum(graph.from_, graph.to)
    order = np.lexsort((target, source))
    links = Edges(graph.size, source[order], target[order])

    async def tries() -> set[bytes]:
        async with science.projected(SCOPE, "test", links, Job()) as projection:
            work = partial(run, edges=links, method=Method())
            return {in_order(await projection.run("leiden", work)).tobytes() for _ in range(8)}

    assert len(asyncio.run(tries())) == 1


def test_an_error_leaves_nothing_behind(science: Science, database: Database) -> None:
    async def fail() -> None:
        async with science.projected(SCOPE, "test", ring(10), Job()):
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="middle"):
        asyncio.run(fail())
    assert projections(database) == []


def test_a_job_that_is_given_up_leaves_nothing_behind(science: Science, database: Database) -> None:
    job = Job()

    async def long() -> None:
        async with science.projected(SCOPE, "test", ring(30_000), job) as projection:
            asyncio.get_running_loop().call_later(0.3, job.cancel)
            await projection.run(
                "betweenness", lambda gds, graph: gds.betweenness.stream(graph, concurrency=1)
            )

    with pytest.raises(Cancelled):
        asyncio.run(long())
    assert projections(database) == []


def test_a_task_that_is_cancelled_leaves_nothing_behind(science: Science, database: Database) -> None:
    async def long() -> None:
        async with science.projected(SCOPE, "test", ring(30_000), Job()) as projection:
            await projection.run(
                "betweenness", lambda gds, graph: gds.betweenness.stream(graph, concurrency=1)
            )

    async def given_up() -> None:
        await asyncio.wait_for(long(), 1.5)

    with pytest.raises(TimeoutError):
        asyncio.run(given_up())
    assert projections(database) == []


def test_what_a_killed_worker_left_goes_with_the_next_job(
    science: Science, database: Database, open_server: Settings
) -> None:
    program = f"""
        import asyncio
        from graphsvc.access.jobs import Job
        from graphsvc.settings import Settings
        from tests.access.test_gds import SCOPE, Science, ring

        async def hold():
            settings = Settings(data_dir={str(open_server.data_dir)!r}, jars_dir={str(open_server.jars_dir)!r})
            async with Science(settings).projected(SCOPE, "test", ring(100), Job()):
                print("projected", flush=True)
                await asyncio.sleep(600)

        asyncio.run(hold())
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "projected\n"
        assert len(projections(database)) == 1
        os.kill(worker.pid, signal.SIGKILL)
    science.plugin.sweep()
    assert projections(database) == []


def test_a_server_sweeps_when_it_starts_and_spares_the_living(
    science: Science, database: Database, open_server: Settings
) -> None:
    async def beside() -> None:
        async with science.projected(SCOPE, "test", ring(10), Job()):
            await (await Door.open(open_server)).close()
            assert len(projections(database)) == 1

    dead = f"graphsvc:{socket.gethostname()}:{2**22 + 1}:1:test:7:1"
    database.rows("UNWIND [1] AS n RETURN gds.graph.project($name, n, null)", name=dead)
    assert projections(database) == [dead]
    asyncio.run(beside())
    assert projections(database) == []


def test_what_could_not_be_dropped_goes_with_the_next_job(science: Science, database: Database) -> None:
    name = lease(SCOPE, "test")
    database.rows("UNWIND [1] AS n RETURN gds.graph.project($name, n, null)", name=name)
    science.plugin.sweep()
    assert projections(database) == [name]
    release(name)
    science.plugin.sweep()
    assert projections(database) == []


def test_one_job_at_a_time(science: Science) -> None:
    spans: list[tuple[float, float]] = []

    async def one() -> None:
        async with science.turn(Job()):
            began = time.monotonic()
            await asyncio.sleep(0.05)
            spans.append((began, time.monotonic()))

    async def three() -> None:
        await asyncio.gather(one(), one(), one())

    asyncio.run(three())
    spans.sort()
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_work_in_this_process_waits_for_its_turn_too(science: Science) -> None:
    done: list[str] = []

    async def one_after_another() -> None:
        asked = asyncio.Event()
        job = Job(lambda stage, _: asked.set())
        async with science.turn(Job()):
            work = ScopedScience(science, SCOPE).in_turn("counting", job, lambda: done.append("work"))
            waiting = asyncio.create_task(work)
            await asked.wait()
            done.append("the job before")
        await waiting

    asyncio.run(one_after_another())
    assert done == ["the job before", "work"]


def test_work_that_is_given_up_keeps_its_turn_until_it_ends(science: Science) -> None:
    done: list[str] = []

    async def give_up() -> None:
        began, end, job = threading.Event(), threading.Event(), Job()

        def work() -> None:
            began.set()
            end.wait()
            done.append("given up" if job.cancelled else "to its end")

        asked = asyncio.create_task(ScopedScience(science, SCOPE).in_turn("counting", job, work))
        await asyncio.to_thread(began.wait)
        asked.cancel()
        asyncio.get_running_loop().call_later(0.05, end.set)
        async with science.turn(Job()):
            done.append("the job behind")
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(give_up())
    assert done == ["given up", "the job behind"]


def test_a_projection_that_would_fill_the_server_is_refused(science: Science, database: Database) -> None:
    huge = Edges(2_000_000_000, np.zeros(1, np.int32), np.zeros(1, np.int32))

    async def ask() -> None:
        async with science.projected(SCOPE, "test", huge, Job()):
            pass

    with pytest.raises(LimitError):
        asyncio.run(ask())
    assert projections(database) == []
