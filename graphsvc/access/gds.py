"""The one way to Graph Data Science. What is projected comes from a part that a scope was applied to before.

One job at a time holds the lock of this data folder, in any process. A projection is named by its process, its scope
and the version of its data; it is dropped when the work ends, and those of dead processes by the next that comes. What
the server of this machine would not hold goes to a session of Aura Graph Analytics, where the settings name an account.
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, suppress
from typing import Any, Protocol, TypeVar

from graphsvc.access.edges import Edges
from graphsvc.access.jobs import Job
from graphsvc.access.leases import lease, release
from graphsvc.access.plugin import Plugin
from graphsvc.access.results import Results
from graphsvc.access.scope import Scope
from graphsvc.access.sessions import Sessions
from graphsvc.errors import Cancelled, LimitError, StoreError
from graphsvc.settings import Settings

T = TypeVar("T")

POLL_SECONDS = 0.02
PROGRESS_SECONDS = 0.5
SWEEP_SECONDS = 30.0


class Engine(Protocol):
    """Where projections stand: the database itself, or sessions in the cloud. Every method blocks."""

    def admits(self, edges: Edges) -> bool:
        """Whether there is room for a projection of so much."""

    def open(self, name: str, edges: Edges, job: Job) -> Any:
        """A client for a job."""

    def project(self, client: Any, name: str, edges: Edges) -> Any:
        """The projection of the edges."""

    def drop(self, name: str) -> None:
        """Drop a projection, if it is there."""

    def sweep(self) -> None:
        """Drop what nobody works with any more."""

    def stop(self, name: str, job: Job) -> None:
        """End what a job runs."""

    def progress(self, client: Any, job: Job) -> float:
        """How much of its step is done, between 0 and 1."""

    def failures(self) -> AbstractContextManager[None]:
        """Raise our errors for those of the engine in the block."""

    def close(self) -> None:
        """Give the connections back."""


class Projection:
    """A graph in the catalogue of Graph Data Science, for as long as the block that made it."""

    def __init__(self, engine: Engine, name: str, job: Job) -> None:
        self.engine = engine
        self.name = name
        self.job = job
        self.client: Any = None
        self.graph: Any = None

    async def make(self, edges: Edges) -> None:
        """Project the edges."""
        opened = await self.watched("opening", lambda: self.engine.open(self.name, edges, self.job))
        self.client = opened
        self.graph = await self.watched(
            "projecting", lambda: self.engine.project(self.client, self.name, edges)
        )

    async def run(self, stage: str, work: Callable[[Any, Any], T]) -> T:
        """``work(client, graph)`` in a thread, watched and stopped with the job. Raises our errors, Cancelled first."""
        return await self.watched(stage, lambda: work(self.client, self.graph))

    async def watched(self, stage: str, work: Callable[[], T]) -> T:
        """Run ``work`` in a thread; report its progress; end its statement when the job or the task is given up."""
        self.job.report(stage)
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            while not (await asyncio.wait({task}, timeout=PROGRESS_SECONDS))[0]:
                if self.job.cancelled:
                    raise Cancelled("The analysis was given up.")
                self.job.report(stage, await asyncio.to_thread(self._progress))
            with self.engine.failures():
                return task.result()
        except (asyncio.CancelledError, Cancelled):
            await asyncio.shield(self._stop(task))
            raise

    async def _stop(self, task: "asyncio.Future[Any]") -> None:
        while not task.done():
            with suppress(Exception):
                await asyncio.to_thread(self.engine.stop, self.name, self.job)
            await asyncio.wait({task}, timeout=0.2)
        with suppress(Exception):
            task.result()

    def _progress(self) -> float:
        with suppress(Exception):
            return self.engine.progress(self.client, self.job)
        return 0.0

    def drop(self) -> None:
        """Drop it. One that can't be reached now goes with the next sweep."""
        with suppress(StoreError):
            self.engine.drop(self.name)
        release(self.name)


class Science:
    """Graph Data Science for this process."""

    def __init__(self, settings: Settings) -> None:
        """Raises SetupError for settings that contradict each other."""
        self.settings = settings
        self.plugin = Plugin(settings)
        self._sessions = Sessions.of(settings)
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def _engines(self) -> list[Engine]:
        return [self.plugin, self._sessions] if self._sessions else [self.plugin]

    async def start(self) -> None:
        """Take away what dead processes left, now and from then on."""
        with suppress(StoreError):  # a server without Graph Data Science serves all else
            await asyncio.to_thread(self.plugin.sweep)
        self._sweeping = asyncio.create_task(self._keep_swept())

    def close(self) -> None:
        """Give the connections back."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for engine in self._engines:
            engine.close()

    async def _keep_swept(self) -> None:
        """A worker that was killed can't take away its own projection: others do so now and then."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for engine in self._engines:
                with suppress(StoreError):
                    await asyncio.to_thread(engine.sweep)

    @asynccontextmanager
    async def projected(self, scope: Scope, part: str, edges: Edges, job: Job) -> AsyncIterator[Projection]:
        """A projection of the edges. ``part`` names what it is for.

        Waits for its turn. Raises LimitError when it would not fit, Cancelled, StoreError.
        """
        async with self.turn(job):
            await asyncio.to_thread(self.plugin.sweep)
            projection = Projection(await asyncio.to_thread(self._room, edges), lease(scope, part), job)
            try:
                await projection.make(edges)
                yield projection
            finally:
                await asyncio.shield(asyncio.to_thread(projection.drop))

    def _room(self, edges: Edges) -> Engine:
        """The first that has room for so much. Raises LimitError."""
        found = next((engine for engine in self._engines if engine.admits(edges)), None)
        if found is None:
            raise LimitError(
                "This part of the graph is larger than the server's memory allows; narrow the scope by kinds, "
                "types of link, dates or seeds."
            )
        return found

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

    async def in_turn(self, stage: str, job: Job, work: Callable[[], T]) -> T:
        """``work()`` in a thread of this process, in the same queue as projections. A thread can't be ended: one that
        is given up keeps its turn until it sees that the job was cancelled."""
        async with self._science.turn(job):
            job.report(stage)
            task = asyncio.ensure_future(asyncio.to_thread(work))
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                job.cancel()
                await asyncio.wait({task})
                with suppress(Exception):
                    task.result()
                raise

    @property
    def results(self) -> Results:
        """Where results of this scope are kept."""
        return Results(self._science.settings, self._scope)
