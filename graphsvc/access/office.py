"""What stands beside the one door in each worker: the audit, the quotas, and the one way to write for a caller."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from graphsvc.access.audit import Auditor
from graphsvc.access.audit_index import SubjectIndex
from graphsvc.access.quota import Quotas
from graphsvc.access.refusals import Refusals
from graphsvc.access.scope import Scope
from graphsvc.settings import Settings
from graphsvc.store.database import Database

P = ParamSpec("P")
T = TypeVar("T")


class Office:
    """Made once a process; connects when somebody first writes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.auditor = Auditor(settings)
        self.refusals = Refusals(self.auditor)
        self.quotas = Quotas(settings)
        self.given = SubjectIndex(self.auditor)
        self._database: Database | None = None
        self._lock = threading.Lock()
        self._later: set[asyncio.Future[Any]] = set()

    def _open(self) -> Database:
        with self._lock:
            if self._database is None:
                self._database = Database.open(self._settings, migrate=False)
            return self._database

    async def do(
        self,
        scope: Scope,
        work: Callable[Concatenate[Database, Scope, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """``work(database, scope, …)`` in a thread. It may do what the scope's caller may, and checks that itself."""
        return await asyncio.to_thread(lambda: work(self._open(), scope, *args, **kwargs))

    def later(
        self,
        scope: Scope,
        work: Callable[Concatenate[Database, Scope, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """The same without waiting, so that the time of an answer doesn't tell whether there was anything to do."""
        task = asyncio.ensure_future(self.do(scope, work, *args, **kwargs))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def close(self) -> None:
        """Finish what was put off, write the audit to its end, and let go."""
        while self._later:
            await asyncio.gather(*self._later, return_exceptions=True)
        await asyncio.to_thread(self.auditor.close)
        self.quotas.close()
        if self._database is not None:
            self._database.close()
