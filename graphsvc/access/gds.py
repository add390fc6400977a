"""The one way to Graph Data Science. What is projected comes from a part that a scope was applied to before.

One job at a time holds the lock of this data folder, in any process. A projection is named by its process, its scope
and the version of its data; it is dropped when the work ends, and those of dead processes by the next that comes.
"""

import asyncio
import fcntl
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import psutil

from graphsvc.access.jobs import Job
from graphsvc.access.results import Results
from graphsvc.access.scope import Scope
from graphsvc.errors import Cancelled, LimitError, StoreError
from graphsvc.settings import Settings
from graphsvc.store.failures import translated

Array = npt.NDArray[Any]
T = TypeVar("T")

PREFIX = "graphsvc"
POLL_SECONDS = 0.02
PROGRESS_SECONDS = 0.5
SWEEP_SECONDS = 30.0
HEAP_SHARE = 0.8
"""How much of the server's heap one job may be expected to fill."""
BYTES_A_LINK = 64
"""What a link takes in the server on its way into a projection, beside the projection itself."""
UNDIRECTED, DIRECTED = "UNDIRECTED", "NATURAL"


class Edges(msgspec.Struct, frozen=True, eq=False):
    """Links between vertices 0 to ``size - 1``, each pair once and in order of source and target.

    In an undirected set every source is higher than its target, so that reading them in order meets all vertices in
    order. ``weight`` may be None for links that all weigh one.
    """

    size: int
    source: Array
    target: Array
    weight: Array | None = None
    directed: bool = False


def statement(*, weighted: bool, directed: bool) -> str:
    """The statement that projects ``$rows``, for each vertex its targets as numbers.

    A row's number is its source. With weights, a target stands as ``position of its weight * $size + target``.
    Vertices without targets have the one target -1. All vertices come first, in order.
    """
    code = "code % $size" if weighted else "code"
    target = f"CASE WHEN code < 0 THEN null ELSE {code} END"
    data = "{relationshipProperties: {weight: $weights[CASE WHEN code < 0 THEN 0 ELSE code / $size END]}}"
    walk = (
        "UNWIND range(0, 2 * size($rows) - 1) AS row "
        "WITH row % size($rows) AS source, "
        "CASE WHEN row < size($rows) THEN [-1] ELSE $rows[row - size($rows)] END AS codes "
        "UNWIND codes AS code "
        if directed
        else "UNWIND range(0, size($rows) - 1) AS source UNWIND $rows[source] AS code "
    )
    return f"{walk}RETURN gds.graph.project($name, source, {target}, {data if weighted else '{}'}, $configuration)"


def parameters(edges: Edges) -> dict[str, Any]:
    """``rows``, ``weights`` and ``size`` for the statement."""
    codes = edges.target.astype(np.int64)
    weights = np.ones(1)
    if edges.weight is not None:
        weights, kind = np.unique(edges.weight, return_inverse=True)
        codes = codes + kind.reshape(-1) * edges.size
    flat = codes.tolist()
    cuts = np.searchsorted(edges.source, np.arange(edges.size + 1)).tolist()
    nothing = [] if edges.directed else [-1]
    rows = [flat[cuts[at] : cuts[at + 1]] or nothing for at in range(edges.size)]
    return {"rows": rows, "weights": weights.tolist(), "size": edges.size}


class Projection:
    """A graph in the catalogue of Graph Data Science, for as long as the block that made it."""

    def __init__(self, client: Any, graph: Any, job: Job, science: "Science") -> None:
        self.client = client
        self.graph = graph
        self.job = job
        self._science = science

    async def run(self, stage: str, work: Callable[[Any, Any], T]) -> T:
        """``work(client, graph)`` in a thread, watched and stopped with the job. Raises our errors, Cancelled first."""
        return await self._science.watched(stage, self.job, lambda: work(self.client, self.graph))


class Science:
    """Graph Data Science for this process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._driver: Any = None
        self._sweeping: asyncio.Task[None] | None = None
        self._count = 0

    # the connection

    def _open(self) -> Any:
        if self._driver is None:
            from neo4j import GraphDatabase

            from graphsvc.store.database import DRIVER, Address

            address = Address.of(self.settings)
            self._driver = GraphDatabase.driver(address.uri, auth=address.auth, **DRIVER)
            self._database = address.database
        return self._driver

    def client(self, job: Job) -> Any:
        """A client whose statements carry the job's number."""
        from graphsvc.access.science import client

        return client(self._open(), self._database, job.id)

    async def start(self) -> None:
        """Take away what dead processes left, now and from then on."""
        with suppress(StoreError):  # a server without Graph Data Science serves all else
            await asyncio.to_thread(self.sweep)
        self._sweeping = asyncio.create_task(self._keep_swept())

    def close(self) -> None:
        """Give the connections back."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        if self._driver is not None:
            self._driver.close()
            self._driver = None

    # projections

    @asynccontextmanager
    async def projected(self, scope: Scope, part: str, edges: Edges, job: Job) -> AsyncIterator[Projection]:
        """A projection of the edges. ``part`` names the scope of the question.

        Waits for its turn. Raises LimitError when it would not fit, Cancelled, StoreError.
        """
        async with self.turn(job):
            with translated():
                client = await asyncio.to_thread(self.client, job)
                await asyncio.to_thread(self.sweep)
                await asyncio.to_thread(self._admit, client, edges)
            name = self._name(scope, part)
            try:
                graph = await self.watched("projecting", job, lambda: self._project(client, name, edges))
                yield Projection(client, graph, job, self)
            finally:
                await asyncio.shield(asyncio.to_thread(drop, client, name))

    def _name(self, scope: Scope, part: str) -> str:
        me = psutil.Process()
        self._count += 1
        started = int(me.create_time() * 1000)
        return ":".join(
            (PREFIX, socket.gethostname(), str(me.pid), str(started), part, str(scope.seq), str(self._count))
        )

    def _project(self, client: Any, name: str, edges: Edges) -> Any:
        configuration: dict[str, Any] = {"readConcurrency": 1}
        if not edges.directed:
            configuration["undirectedRelationshipTypes"] = ["*"]
        graph, _ = client.graph.project.cypher(
            statement(weighted=edges.weight is not None, directed=edges.directed),
            **parameters(edges),
            name=name,
            configuration=configuration,
        )
        return graph

    def _admit(self, client: Any, edges: Edges) -> None:
        """Raise LimitError when the projection is expected to fill the server."""
        links = len(edges.source) * (1 if edges.directed else 2)
        counts = {"nodeCount": edges.size, "relationshipCount": links}
        needed = client.leiden.estimate(
            {"nodeProjection": "*", "relationshipProjection": "*", **counts}
        ).bytes_max
        heap = int(
            client.run_cypher(
                "CALL dbms.queryJmx('java.lang:type=Memory') YIELD attributes "
                "RETURN attributes.HeapMemoryUsage.value.properties.max AS most"
            )["most"][0]
        )
        if needed + BYTES_A_LINK * len(edges.source) > heap * HEAP_SHARE:
            raise LimitError(
                "This part of the graph is larger than the server's memory allows; narrow the scope by kinds, "
                "types of link, dates or seeds."
            )

    def sweep(self) -> None:
        """Drop the projections of processes of this machine that are gone."""
        with translated(), self._open().session(database=self._database) as session:
            for name in session.run("CALL gds.graph.list() YIELD graphName RETURN graphName").value():
                if abandoned(name):
                    session.run(
                        "CALL gds.graph.drop($name, false) YIELD graphName RETURN graphName", name=name
                    ).consume()

    async def _keep_swept(self) -> None:
        """A worker that was killed can't take away its own projection: others do so now and then."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            with suppress(StoreError):
                await asyncio.to_thread(self.sweep)

    # turns and watching

    @asynccontextmanager
    async def turn(self, job: Job) -> AsyncIterator[None]:
        """One job at a time, in any process with this data folder."""
        path = self.settings.home / "locks" / "science"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            while not _locked(file.fileno()):
                job.report("waiting")
                await asyncio.sleep(POLL_SECONDS)
            yield

    async def watched(self, stage: str, job: Job, work: Callable[[], T]) -> T:
        """Run ``work`` in a thread; report its progress; end its statement when the job or the task is given up."""
        job.report(stage)
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            while not (await asyncio.wait({task}, timeout=PROGRESS_SECONDS))[0]:
                if job.cancelled:
                    raise Cancelled("The analysis was given up.")
                job.report(stage, await asyncio.to_thread(self._progress, job))
            with translated():
                return task.result()
        except (asyncio.CancelledError, Cancelled):
            await asyncio.shield(self._stop(job, task))
            raise

    async def _stop(self, job: Job, task: "asyncio.Future[Any]") -> None:
        while not task.done():
            with suppress(Exception):
                await asyncio.to_thread(self._terminate, job)
            await asyncio.wait({task}, timeout=0.2)
        with suppress(Exception):
            task.result()

    def _terminate(self, job: Job) -> None:
        with self._open().session(database=self._database) as session:
            session.run(
                "SHOW TRANSACTIONS YIELD transactionId AS id, metaData AS data WHERE data.job = $job "
                "TERMINATE TRANSACTIONS id YIELD message RETURN message",
                job=job.id,
            ).consume()

    def _progress(self, job: Job) -> float:
        with self._open().session(database=self._database) as session, suppress(Exception):
            rows = session.run(
                "CALL gds.listProgress($job) YIELD progress RETURN progress", job=job.id
            ).value()
            numbers = [
                float(text.rstrip("%")) for text in rows if text.rstrip("%").replace(".", "").isdigit()
            ]
            return min(max(numbers, default=0.0) / 100, 1.0)
        return 0.0


def drop(client: Any, name: str) -> None:
    """Drop a projection, if it is there."""
    with translated():
        client.graph.drop(name, fail_if_missing=False)


def abandoned(name: str) -> bool:
    """Whether a projection is one of ours whose process on this machine is gone."""
    parts = name.split(":")
    if len(parts) != 7 or parts[:2] != [PREFIX, socket.gethostname()]:
        return False
    try:
        return int(psutil.Process(int(parts[2])).create_time() * 1000) != int(parts[3])
    except psutil.NoSuchProcess:
        return True


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class ScopedScience:
    """Graph Data Science for one view."""

    def __init__(self, science: Science, scope: Scope) -> None:
        self._science = science
        self._scope = scope

    def projected(self, part: str, edges: Edges, job: Job) -> AbstractAsyncContextManager[Projection]:
        """As ``Science.projected`` under this scope."""
        return self._science.projected(self._scope, part, edges, job)

    @property
    def results(self) -> Results:
        """Where results of this scope are kept."""
        return Results(self._science.settings, self._scope)
