"""One batch of a load: elements of one source, shaped and ready to be written in one transaction."""

from collections.abc import Iterable

import msgspec

from graphsvc.model import derive
from graphsvc.model.handling import Handling
from graphsvc.model.record import Link, Record
from graphsvc.store.plan import Row
from graphsvc.store.seen import Seen


class Reject(msgspec.Struct, frozen=True):
    """A row that was refused: where it stood, why, and the row itself without its sensitive columns."""

    file: str
    line: int
    reason: str
    row: str = ""


class Counts(msgspec.Struct):
    """What a batch did. ``written`` is new or changed; ``joined`` are waiting links that found their end."""

    read: int = 0
    written: int = 0
    unchanged: int = 0
    waiting: int = 0
    accepted: int = 0
    rejected: int = 0
    joined: int = 0

    def add(self, other: "Counts") -> None:
        """Add the other's figures to these."""
        for field in self.__struct_fields__:
            setattr(self, field, getattr(self, field) + getattr(other, field))


Shaped = tuple[Row, Handling, int]
"""All that will be stored of one element but the numbers that the writer gives, its handling, and its line."""


class Batch(msgspec.Struct):
    """Up to some ten thousand elements of one source, worked out and ready to be written.

    ``own_sources`` are the sources of the same owner, ``seen`` what the run's batches before it found unchanged.
    Making one needs no database, so that it can be done while the batch before is being committed.
    """

    id: str
    run: str
    source: str
    own_sources: frozenset[str]
    file: str
    nodes: list[Shaped]
    links: list[Shaped]
    rejects: list[Reject]
    complete: int | None = None
    """Number of the source's last complete batch that was swept: what is older and not there was taken out by it."""
    seen: Seen = msgspec.field(default_factory=Seen)

    def halves(self) -> tuple["Batch", "Batch"]:
        """Two batches that together do what this one does, records before links."""
        nodes, links = len(self.nodes) // 2, len(self.links) // 2
        if self.nodes and self.links:
            nodes, links = len(self.nodes), 0
        replace = msgspec.structs.replace
        return (
            replace(self, id=f"{self.id}a", nodes=self.nodes[:nodes], links=self.links[:links]),
            replace(self, id=f"{self.id}b", nodes=self.nodes[nodes:], links=self.links[links:], rejects=[]),
        )

    def __len__(self) -> int:
        return len(self.nodes) + len(self.links)


def shaped_nodes(records: Iterable[Record], *, source: str, owner: str) -> list[Shaped]:
    """Records as they will be stored."""
    return [(derive.node(r, source=source, owner=owner), r.handling, r.line) for r in records]


def shaped_links(links: Iterable[Link], *, source: str, owner: str) -> list[Shaped]:
    """Links as they will be stored."""
    return [(derive.relationship(k, source=source, owner=owner), k.handling, k.line) for k in links]
