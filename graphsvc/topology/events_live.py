"""Event columns kept in step with the change feed, for one process."""

import asyncio
from collections import OrderedDict

import numpy as np

from graphsvc.access.scope import Scope
from graphsvc.store.reader import Reader
from graphsvc.topology import events_read
from graphsvc.topology.events import EventColumns
from graphsvc.topology.events_scope import Events

SCOPES_KEPT = 8


class LiveEvents:
    """The one holder of event columns. A question is answered on a state no older than its scope's head of the feed,
    so a restriction counts from the next request on."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._columns: EventColumns | None = None
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[tuple[int, tuple[int, ...], int], Events] = OrderedDict()

    async def under(self, scope: Scope) -> Events:
        """The events of a scope."""
        columns = self._columns
        if columns is None or columns.graph != scope.built or columns.seq < scope.seq:
            async with self._lock:
                columns = await self._fresh(scope)
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

    async def _fresh(self, scope: Scope) -> EventColumns:
        columns = self._columns
        if columns is None or columns.graph != scope.built:
            columns = await events_read.whole(self._reader)
        if columns.seq < scope.seq:
            columns = await events_read.followed(self._reader, columns, scope.seq)
        if columns is not self._columns:
            self._columns = columns
            self._kept.clear()
        return columns


def _seen(columns: EventColumns, scope: Scope) -> Events:
    held = np.array(scope.held, np.int64)
    mask = np.zeros(max(columns.handlings, int(held.max(initial=0)) + 1), bool)
    mask[held] = True
    return Events(columns, mask, scope.today)
