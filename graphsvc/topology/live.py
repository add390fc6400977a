"""The topology that a server answers from: it follows the change feed while questions go on."""

import asyncio
import functools
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from graphsvc.errors import SetupError
from graphsvc.settings import Settings
from graphsvc.topology import layout
from graphsvc.topology.build import build
from graphsvc.topology.feed import CHANGES, Pending, Rows, pending_of, states
from graphsvc.topology.links import Array, Links
from graphsvc.topology.patch import FullError, patched
from graphsvc.topology.snapshot import Snapshot
from graphsvc.topology.spaces import Spaces

if TYPE_CHECKING:
    from graphsvc.access.scope import Scope

ROOM = 4_000_000
"""Entries that changes may add before a new generation must be there."""
AT_ONCE = 500
"""Additions up to which a question waits for them; more follow behind it, within a second."""
CHUNK = 2_000
COMPACT = 0.5
"""How full the room may be before a new generation is made in the background."""


def folder(settings: Settings) -> Path:
    """Where the generations stand."""
    return settings.home / "topology"


@functools.lru_cache(maxsize=256)
def _mask(held: tuple[int, ...]) -> Array:
    mask = np.zeros(held[-1] + 1 if held else 0, bool)
    mask[list(held)] = True
    return mask


class Live:
    """Gives ``Links`` under a scope, fresh to the head of the feed that the scope was worked out at.

    What is restricted or gone is brought in before the answer, and additions too when they are few;
    many follow in the background.
    """

    def __init__(self, settings: Settings, store: Rows, snapshot: Snapshot) -> None:
        self._settings = settings
        self._store = store
        self._snapshot = snapshot
        self._seq = snapshot.meta.seq
        self._pending = Pending(set(), set())
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.compactor: asyncio.subprocess.Process | None = None
        self._compacting = False
        self._spaces = Spaces()

    @classmethod
    async def open(cls, settings: Settings, store: Rows) -> Self:
        """Map the current generation, or build one when there is none of this graph."""
        return cls(settings, store, await _opened(settings, store))

    async def under(self, scope: "Scope") -> Links:
        """The shape of the graph under a scope."""
        if scope.built != self._snapshot.meta.graph or scope.seq != self._seq:
            await self._follow(scope.built, scope.seq)
        return Links(self._snapshot, _mask(scope.held), scope.today, spaces=self._spaces)

    async def whole(self, scope: "Scope") -> Links:
        """The same with every addition up to the head of the feed in it, however many, for work on all of it."""
        await self.under(scope)
        await self._bring_in()
        async with self._lock:  # a piece that another task is bringing in
            return Links(self._snapshot, _mask(scope.held), scope.today, spaces=self._spaces)

    async def _follow(self, built: str, head: int) -> None:
        async with self._lock:
            if built != self._snapshot.meta.graph:
                await self._reopen()
            elif head > self._seq:
                await self._catch_up(head)

    async def _catch_up(self, head: int) -> None:
        rows = await self._store.rows(CHANGES, after=self._seq, head=head)
        if len(rows) < head - self._seq:  # the feed no longer reaches back so far
            await self._reopen(rebuild=True)
            return
        urgent, later = pending_of(rows)
        self._seq = head
        if len(self._pending) + len(later) <= AT_ONCE:
            urgent.nodes |= later.nodes | self._pending.nodes
            urgent.links |= later.links | self._pending.links
            self._pending = Pending(set(), set())
        else:
            self._pending.nodes |= later.nodes
            self._pending.links |= later.links
            self._start(self._bring_in())
        if len(urgent):
            await self._apply(urgent)

    async def _apply(self, pending: Pending) -> None:
        old = self._snapshot
        try:
            changes = await states(
                self._store, pending, known=len(old.meta.digests), has=lambda id_: old.number(id_) >= 0
            )
            self._snapshot = await asyncio.to_thread(patched, old, changes)
        except FullError:
            await self._reopen(rebuild=True)
        except BaseException:
            self._seq = -1  # what is half known must not answer: the next question starts from the store
            raise
        if self._fullness() > COMPACT and not self._compacting:
            self._compacting = True
            self._start(self._compact())

    def _fullness(self) -> float:
        used, graph, lengths = self._snapshot.used, self._snapshot.graph, self._snapshot.meta.lengths
        return (used.entries - lengths["hot"]) / max(len(graph.hot) - lengths["hot"], 1)

    async def _bring_in(self) -> None:
        """Bring in what is pending, a piece at a time, so that questions and restrictions come between."""
        while len(self._pending):
            async with self._lock:
                piece = self._pending.take(CHUNK)
                if len(piece):
                    await self._apply(piece)

    async def _compact(self) -> None:
        """Make a new generation in a process of its own, and change over to it."""
        try:
            process = self.compactor = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "graphsvc", "topology", "build", "--quiet",
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "GRAPHSVC_DATA_DIR": str(self._settings.home)},
            )  # fmt: skip
            try:
                await process.wait()
            except asyncio.CancelledError:
                process.terminate()
                raise
            async with self._lock:
                await self._reopen()
        finally:
            self._compacting = False
            self.compactor = None

    async def _reopen(self, *, rebuild: bool = False) -> None:
        self._snapshot = await _opened(self._settings, self._store, rebuild=rebuild)
        self._pending = Pending(set(), set())
        self._seq = self._snapshot.meta.seq
        head = (await self._store.rows("MATCH (m:Meta {name: 'graph'}) RETURN m.seq AS seq"))[0]["seq"]
        if head > self._seq:
            await self._catch_up(head)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what runs in the background."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _opened(settings: Settings, store: Rows, *, rebuild: bool = False) -> Snapshot:
    head = (await store.rows("MATCH (m:Meta {name: 'graph'}) RETURN m.built AS built, m.seq AS seq"))[0]
    return await asyncio.to_thread(_open, settings, head["built"], head["seq"], rebuild)


def _open(settings: Settings, built: str, seq: int, rebuild: bool) -> Snapshot:
    home = folder(settings)
    current = layout.current(home)
    if current is not None and not rebuild:
        try:
            snapshot = Snapshot.open(current, room=ROOM)
            if snapshot.meta.graph == built and snapshot.meta.seq <= seq:
                return snapshot
        except (OSError, SetupError):
            pass  # unreadable, or of another version: made again below
    from graphsvc.store.database import Database

    with Database.open(settings, migrate=False) as database:
        return Snapshot.open(build(database, home), room=ROOM)
