"""Shaped elements and refused rows of one file, as they are written together."""

from collections.abc import Iterator

import msgspec

from graphsvc.model.record import Link, Record
from graphsvc.store.batch import Reject
from graphsvc.store.table import Table
from loaders.rows import Rejected

Element = Record | Link
MOST_KEPT = 20_000
"""Characters of a refused row that are kept."""


class Parcel(msgspec.Struct):
    """Shaped elements of one file, ready to be written in one transaction."""

    file: str = ""
    records: list[Record] = []
    links: list[Link] = []
    rejects: list[Rejected] = []
    tables: list[Table] = []

    def elements(self) -> Iterator[Element]:
        """Records, then links."""
        yield from self.records
        yield from self.links

    def __len__(self) -> int:
        return len(self.records) + len(self.links) + len(self.rejects) + sum(map(len, self.tables))


def as_reject(rejected: Rejected) -> Reject:
    """For the books: halves of characters are written out, and a row of any length is kept up to a limit."""
    texts = (rejected.file, rejected.reason, rejected.row[:MOST_KEPT])
    file, reason, row = (text.encode("utf-8", "backslashreplace").decode() for text in texts)
    return Reject(file, rejected.line, reason, row)
