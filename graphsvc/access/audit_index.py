"""Which entries of the audit returned a record: an index of keyed hashes, made from the audit alone."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import msgspec

from graphsvc.access.audit import Auditor, Entry, entry
from graphsvc.access.caller import Caller
from graphsvc.access.sealed import ERASED, Sealed, Unreadable

TABLES = """
CREATE TABLE IF NOT EXISTS subject (tag BLOB, n INTEGER, PRIMARY KEY (tag, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done (one INTEGER PRIMARY KEY CHECK (one = 1), upto INTEGER);
INSERT OR IGNORE INTO done VALUES (1, 0);
"""


class Given(msgspec.Struct, frozen=True):
    """One time that a record was given to somebody."""

    n: int
    at: str
    entry: Entry


class SubjectIndex:
    """Reads and erases by record."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor
        self._path = auditor.chain.folder / "index.sqlite"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(self._path, timeout=60)) as connection, connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.executescript(TABLES)
            yield connection

    def catch_up(self) -> int:
        """Take in the entries that came since; how many."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            (start,) = connection.execute("SELECT upto FROM done").fetchone()
            upto = start
            for line, key in self._auditor.chain.read(start):
                upto = line.n + 1
                tags = self._tags(key, line.sealed)
                connection.executemany(
                    "INSERT OR IGNORE INTO subject VALUES (?, ?)", [(tag, line.n) for tag in tags]
                )
            connection.execute("UPDATE done SET upto = ?", (upto,))
            return int(upto - start)

    def _tags(self, key: bytes, sealed: str) -> list[bytes]:
        if key == ERASED:
            return []
        try:
            opened: Sealed = self._auditor.seals.open(key, sealed)
        except Unreadable:  # for `verify` to tell
            return []
        return [self._auditor.seals.tag(id) for id in dict.fromkeys(opened.returned)]

    def entries(self, id: str) -> list[int]:
        """Numbers of the entries that returned a record, ascending."""
        self.catch_up()
        with self._open() as connection:
            tag = self._auditor.seals.tag(id)
            return [
                n for (n,) in connection.execute("SELECT n FROM subject WHERE tag = ? ORDER BY n", (tag,))
            ]

    def given(self, id: str, *, last: int = 1_000) -> list[Given]:
        """Who was given a record, newest first, at most ``last`` times."""
        numbers = self.entries(id)[-last:]
        lines = self._lines(numbers)
        return [Given(n, at, made) for n, at, made in reversed(lines)]

    def _lines(self, numbers: Sequence[int]) -> list[tuple[int, str, Entry]]:
        chain, found = self._auditor.chain, []
        by_segment: dict[int, set[int]] = {}
        segments = chain.segments()
        for n in numbers:
            by_segment.setdefault(max(first for first in segments if first <= n), set()).add(n)
        for _, wanted in sorted(by_segment.items()):
            last = max(wanted)
            for line, _ in chain.read(min(wanted)):
                if line.n in wanted:
                    found.append((line.n, line.at, msgspec.convert(line.open, Entry)))
                if line.n >= last:
                    break
        return found

    def erase(self, caller: Caller, id: str, reason: str) -> list[int]:
        """Lawful erasure: what was asked and returned in every entry that gave this record can never be read again.

        The chain stays whole; the erasure is itself an entry, without the record's id.
        """
        numbers = self.entries(id)
        if not numbers:
            return []
        about: dict[str, Any] = {"erased": numbers, "reason": reason}
        self._auditor.write_now(entry(caller, "audit.erase", "answered", objects=len(numbers), about=about))
        self._auditor.chain.erase_keys(numbers)
        with self._open() as connection:
            connection.executemany("DELETE FROM subject WHERE n = ?", [(n,) for n in numbers])
        return numbers
