"""How many objects a caller may be given in an hour and in a day, counted by what was resolved and not by requests.

One small file that all workers of this machine share. Only what the caller was shown is counted, so that the count
tells nothing of what is hidden.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from graphsvc.access.caller import Caller
from graphsvc.errors import LimitError
from graphsvc.settings import Settings

HOUR, DAY = 3_600, 86_400
TABLE = """
CREATE TABLE IF NOT EXISTS resolved (
  who TEXT, span INTEGER, began INTEGER, objects INTEGER, PRIMARY KEY (who, span)
) WITHOUT ROWID
"""
ADD = """
INSERT INTO resolved VALUES (?, ?, ?, ?)
ON CONFLICT (who, span) DO UPDATE SET
  objects = CASE WHEN began = excluded.began THEN objects ELSE 0 END + excluded.objects, began = excluded.began
RETURNING objects
"""
COUNT = "SELECT objects FROM resolved WHERE who = ? AND span = ? AND began = ?"


class Quotas:
    """Counts for one data folder. Reading and adding block for less than a millisecond."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._path = settings.home / "quotas.sqlite"
        self._limits = {HOUR: settings.objects_hour, DAY: settings.objects_day}
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._connection is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = sqlite3.connect(
                    self._path, timeout=10, isolation_level=None, check_same_thread=False
                )
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.execute(TABLE)
            yield self._connection

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def check(self, caller: Caller) -> None:
        """Raise LimitError when nothing is left for this caller."""
        with self._open() as connection:
            for span, limit in self._limits.items():
                row = connection.execute(COUNT, (_name(caller), span, self._began(span))).fetchone()
                if row is not None and row[0] >= limit:
                    raise self._refusal(span)

    def add(self, caller: Caller, objects: int) -> None:
        """Count what an answer holds. Raises LimitError when it goes over the limit, and then it may not leave."""
        if not objects:
            return
        over = None
        with self._open() as connection:
            for span, limit in self._limits.items():
                row = connection.execute(ADD, (_name(caller), span, self._began(span), objects)).fetchone()
                if row[0] > limit:
                    over = span
        if over is not None:
            raise self._refusal(over)

    def _began(self, span: int) -> int:
        return int(self._clock() // span * span)

    def _refusal(self, span: int) -> LimitError:
        name = "an hour" if span == HOUR else "a day"
        minutes = int((self._began(span) + span - self._clock()) // 60) + 1
        return LimitError(
            f"You may be given {self._limits[span]:,} records and links in {name}, and have been; "
            f"go on in {minutes:,} minutes, or ask your operator."
        )


def _name(caller: Caller) -> str:
    return f"{caller.ncb} {caller.subject}"
