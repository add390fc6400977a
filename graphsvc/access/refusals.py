"""Refused callers in the audit: a token that is not valid, a purpose that it does not allow.

Whoever has no valid token can't be named, and could fill the disk by asking: their refusals are gathered for a moment
and written as one entry that says how many there were. An answer waits for its entry, as every other does.
"""

import asyncio

from graphsvc.access.audit import Auditor, Entry
from graphsvc.access.tokens import Claims
from graphsvc.errors import Error, TokenError

GATHER_SECONDS = 0.1
OPERATION = "refused"


class Refusals:
    """Writes them for one process."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor
        self._times = 0
        self._next: asyncio.Future[None] | None = None

    async def token(self) -> None:
        """A missing, expired or forged token. Nothing of what it claims is written. Raises StoreUnavailable."""
        self._times += 1
        if self._next is None:
            self._next = asyncio.ensure_future(self._gathered())
        await asyncio.shield(self._next)

    async def _gathered(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        times, self._times, self._next = self._times, 0, None
        await self._auditor.write(Entry("", "", "", OPERATION, TokenError.code, about={"times": times}))

    async def purpose(self, claims: Claims, purpose: str, error: Error) -> None:
        """One with a valid token who may not ask for this. ``purpose`` is a known one, or empty: what else was sent may
        name somebody. Raises StoreUnavailable."""
        await self._auditor.write(
            Entry(claims.sub, claims.ncb, purpose, OPERATION, error.code, level=claims.level)
        )
