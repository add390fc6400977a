"""The audit: who asked what, for whom and why, and what was given. It is on the disk before an answer leaves.

Workers append to one chain of files under a lock; each has a thread that writes what has gathered since its last turn
with one sync, so that a busy service pays one for many answers.
"""

import asyncio
import hashlib
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import msgspec

from graphsvc.access.caller import Caller
from graphsvc.access.chain import Broken, Chain, Item
from graphsvc.access.scope import Scope
from graphsvc.access.sealed import Sealed, Seals
from graphsvc.errors import StoreUnavailable
from graphsvc.settings import Settings
from graphsvc.vault import Vault

MOST_AT_ONCE = 512
UNWRITTEN = "The audit cannot be written, so nothing is answered; tell your operator."


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of an entry that can be read without its key. It holds nothing about those whom records are about.

    ``scope`` is a digest of what the caller could see, ``head`` the change that it was worked out at; neither leaves
    the service. ``outcome`` is ``answered`` or the code of an error.
    """

    who: str
    ncb: str
    purpose: str
    operation: str
    outcome: str
    level: str = ""
    case: str = ""
    scope: str = ""
    head: int = 0
    objects: int = 0
    about: dict[str, Any] = {}


def entry(
    caller: Caller,
    operation: str,
    outcome: str,
    *,
    scope: Scope | None = None,
    objects: int = 0,
    about: dict[str, Any] | None = None,
) -> Entry:
    """An entry for a caller's request."""
    return Entry(
        who=caller.subject,
        ncb=caller.ncb,
        purpose=str(caller.purpose),
        operation=operation,
        outcome=outcome,
        level=caller.level.name,
        case=caller.case,
        scope="" if scope is None else scope_digest(scope),
        head=0 if scope is None else scope.seq,
        objects=objects,
        about=about or {},
    )


def scope_digest(scope: Scope) -> str:
    """A short name of what a scope holds."""
    return hashlib.blake2b(msgspec.msgpack.encode((scope.held, scope.today)), digest_size=12).hexdigest()


_Waiting = tuple[Item, "Future[int]"]


class Auditor:
    """Writes entries for one process. ``close`` waits for what was begun."""

    def __init__(self, settings: Settings) -> None:
        vault = Vault(settings.home / "keys")
        self.chain = Chain(settings.home, vault)
        self.seals = Seals(vault)
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def begin(self, made: Entry, sealed: Sealed) -> "Future[int]":
        """Hand an entry over; the future gives its number when it is on the disk, or raises StoreUnavailable."""
        key, text = self.seals.seal(sealed)
        future: Future[int] = Future()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="audit", daemon=True)
                self._thread.start()
            self._waiting.put((Item(msgspec.to_builtins(made), key, text), future))
        return future

    async def write(self, made: Entry, sealed: Sealed | None = None) -> int:
        """Return the entry's number once it is on the disk. Raises StoreUnavailable, and then nothing may be answered.

        Being cancelled does not undo it: what was asked stays written.
        """
        return await asyncio.shield(asyncio.wrap_future(self.begin(made, sealed or Sealed())))

    def write_now(self, made: Entry, sealed: Sealed | None = None) -> int:
        """The same for commands."""
        return self.begin(made, sealed or Sealed()).result()

    def close(self) -> None:
        """Write what is waiting and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._waiting.put(None)
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, ended = [first], False
            while len(batch) < MOST_AT_ONCE and not ended:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                ended = more is None
                if more is not None:
                    batch.append(more)
            self._write(batch)
            if ended:
                return

    def _write(self, batch: Sequence[_Waiting]) -> None:
        try:
            head = self.chain.append([item for item, _ in batch])
        except Exception as error:
            for _, future in batch:
                future.set_exception(_refusal(error))
            return
        for n, (_, future) in enumerate(batch, head.n - len(batch) + 1):
            future.set_result(n)


def _refusal(error: Exception) -> StoreUnavailable:
    ours = Broken(str(error)) if isinstance(error, Broken) else StoreUnavailable(UNWRITTEN)
    ours.__cause__ = error
    return ours
