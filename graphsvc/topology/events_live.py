"""Event columns kept in step with the change feed, for one process."""

import asyncio
from collections import OrderedDict
from pathlib import Path

import numpy as np

from graphsvc.access.scope import Scope
from graphsvc.settings import Settings
from graphsvc.store.reader import Reader
from graphsvc.topology import events_files, events_read
from graphsvc.topology.events import EventColumns, compacted
from graphsvc.topology.events_scope import Events

SCOPES_KEPT = 8
COMPACT = 20_000
"""Rows of the overlay, beside an eighth of the base, past which a new base is made."""


def folder(settings: Settings) -> Path:
    """Where the generations stand."""
    return settings.home / "events"


class LiveEvents:
    """The one holder of event columns. A question is answered on a state no older than its scope's head of the feed,
    so a restriction counts from the next request on."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._home: Path | None = None
        self._columns: EventColumns | None = None
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[tuple[int, tuple[int, ...], int], Events] = OrderedDict()

    async def open(self, settings: Settings) -> None:
        """Map what is on the disk, or read all events once and keep them there, so that the first answer is quick."""
        self._home = folder(settings)
        head = (await self._reader.rows(events_read.HEAD))[0]
        async with self._lock:
            columns = await asyncio.to_thread(events_files.read, self._home)
            if columns is not None and columns.graph == head["built"] and columns.seq <= head["seq"]:
                self._columns = columns
            await self._fresh(head["built"], head["seq"])

    async def under(self, scope: Scope) -> Events:
        """The events of a scope."""
        columns = self._columns
        if columns is None or columns.graph != scope.built or columns.seq < scope.seq:
            async with self._lock:
                columns = await self._fresh(scope.built, scope.seq)
        key = (id(columns), scope.held, scope.today)
        found = self._kept.get(key)
        if found is None:
            found = await asyncio.to_thread(_seen, columns, scope)
            self._kept[key] = found
            while len(self._kept) > SCOPES_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found

    async def _fresh(self, graph: str, seq: int) -> EventColumns:
        columns = self._columns
        if columns is None or columns.graph != graph:
            columns = await self._settled(await events_read.whole(self._reader))
        if columns.seq < seq:
            columns = await events_read.followed(self._reader, columns, seq)
            if len(columns.extra["name"]) > COMPACT + len(columns.base["name"]) // 8:
                columns = await self._settled(await asyncio.to_thread(compacted, columns))
        if columns is not self._columns:
            self._columns = columns
            self._kept.clear()
        return columns

    async def _settled(self, columns: EventColumns) -> EventColumns:
        if self._home is not None:
            await asyncio.to_thread(events_files.write, self._home, columns)
        return columns


def _seen(columns: EventColumns, scope: Scope) -> Events:
    held = np.array(scope.held, np.int64)
    mask = np.zeros(max(columns.handlings, int(held.max(initial=0)) + 1), bool)
    mask[held] = True
    return Events(columns, mask, scope.today)
