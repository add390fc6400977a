"""Small worlds in a few lines: records and links as loaders would shape them, written through load runs."""

from collections.abc import Iterable
from typing import Any

from graphsvc.model import derive
from graphsvc.model.handling import Handling, make
from graphsvc.model.record import Link, Record
from graphsvc.store.database import Database
from graphsvc.store.runs import Account, Run


def whole(source: str, id_: str) -> str:
    """The whole id of a local one; whole ids stay."""
    return id_ if ":" in id_ else f"{source}:{id_}"


class File:
    """One country's file. ``person("p1", name="…")`` and ``link("p1", "HOLDS", "d1")`` fill it, ``load`` writes it."""

    def __init__(self, owner: str, source: str = "", **handling: Any) -> None:
        self.owner = owner
        self.source = source or f"{owner.lower()}-file"
        self.handling = make(owner, **handling)
        self.records: list[Record] = []
        self.links: list[Link] = []

    def record(
        self,
        kind: str,
        id_: str,
        *,
        handling: Handling | None = None,
        sequence: int | None = None,
        **properties: Any,
    ) -> str:
        """Add a record; its whole id."""
        record = Record(whole(self.source, id_), kind, handling or self.handling, properties, sequence)
        self.records.append(record)
        return record.id

    def person(self, id_: str, **properties: Any) -> str:
        """Add a person, named after the id unless told otherwise."""
        return self.record("Person", id_, **{"name": id_, **properties})

    def passport(self, id_: str, number: str, country: str, **properties: Any) -> str:
        """Add a passport."""
        return self.record("Document", id_, type="passport", number=number, country=country, **properties)

    def link(
        self,
        from_: str,
        kind: str,
        to: str,
        *,
        handling: Handling | None = None,
        id_: str = "",
        sequence: int | None = None,
        **properties: Any,
    ) -> str:
        """Add a link between local or whole ids; its whole id."""
        ends = whole(self.source, from_), whole(self.source, to)
        made = (
            whole(self.source, id_)
            if id_
            else derive.link_id(
                self.source,
                kind,
                *ends,
                str(properties.get("role", "")),
                str(properties.get("first_seen", "")),
            )
        )
        self.links.append(Link(made, kind, *ends, handling or self.handling, properties, sequence))
        return made

    def load(self, database: Database, *, only: Iterable[str] | None = None) -> Account:
        """Write everything, or only the elements with the ids given, in one run."""
        chosen = None if only is None else set(only)
        run = Run.begin(
            database, source=self.source, owner=self.owner, loader="test", files=[], fingerprint=""
        )
        run.write(
            [record for record in self.records if chosen is None or record.id in chosen],
            [link for link in self.links if chosen is None or link.id in chosen],
        )
        return run.finish()
