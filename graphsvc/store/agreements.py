"""Agreements: names under which contributors let each other see records. A change counts from the next request on."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.errors import NotFound, UsageError
from graphsvc.store.database import Database
from graphsvc.store.decisions import Books, change, new_id
from graphsvc.store.tell import tell

SET = """
MERGE (a:Agreement {name: $name}) SET a.members = $members, a.changed_at = datetime(), a.changed_by = $by
"""
FIND = "MATCH (a:Agreement {name: $name}) RETURN a.members AS members"
LOG = """
CREATE (c:AgreementChange {id: $id, name: $name, before: $before, after: $after, by: $by, reason: $reason,
  at: datetime(), seq: $seq})
"""
ALL = """
MATCH (a:Agreement) RETURN a.name AS name, a.members AS members, toString(a.changed_at) AS changed_at ORDER BY name
"""
HISTORY = """
MATCH (c:AgreementChange {name: $name})
RETURN c.before AS before, c.after AS after, c.by AS by, c.reason AS reason, toString(c.at) AS at ORDER BY c.seq DESC
"""


class Agreement(msgspec.Struct, frozen=True):
    """An agreement and those who are party to it today."""

    name: Annotated[str, Meta(description="Name; records allow it as agreement:NAME.")]
    members: Annotated[tuple[str, ...], Meta(description="Contributors that are party to it.")]
    changed_at: Annotated[str | None, Meta(description="When it was last changed.")] = None


def _members(tx: Any, name: str) -> list[str] | None:
    row = tx.run(FIND, name=name).single()
    return None if row is None else list(row["members"])


def set_members(database: Database, name: str, members: Iterable[str], *, by: str, reason: str) -> Agreement:
    """Make an agreement, or give it other members; an agreement without members lets nobody see anything.

    Raises UsageError without a name or a reason.
    """
    wanted = sorted(set(members))
    _check(name, reason)
    id = new_id("agreement")

    def work(books: Books) -> Agreement:
        before = _members(books.tx, name) or []
        _write(books, id, name, before, wanted, by, reason)
        return Agreement(name, tuple(wanted))

    return change(database, id, work)


def leave(database: Database, name: str, ncb: str, *, by: str, reason: str) -> Agreement:
    """A member leaves on its own; nobody can hold it. Raises NotFound when it is no member."""
    _check(name, reason)
    id = new_id("agreement")

    def work(books: Books) -> Agreement:
        before = _members(books.tx, name)
        if before is None or ncb not in before:
            raise NotFound("There is no such agreement that you are party to.")
        after = [member for member in before if member != ncb]
        _write(books, id, name, before, after, by, reason)
        return Agreement(name, tuple(after))

    return change(database, id, work)


def _check(name: str, reason: str) -> None:
    if not name.strip() or not reason.strip():
        raise UsageError("An agreement has a name, and is changed for a reason.")


def _write(
    books: Books, id: str, name: str, before: list[str], after: list[str], by: str, reason: str
) -> None:
    books.tx.run(SET, name=name, members=after, by=by).consume()
    books.feed("restrict", [], [])
    row = {
        "id": id,
        "name": name,
        "before": before,
        "after": after,
        "by": by,
        "reason": reason,
        "seq": books.seq,
    }
    books.tx.run(LOG, row).consume()
    for member in sorted(set(before) | set(after)):
        tell(books.tx, member, "agreement", name, f"members are now {', '.join(after) or 'none'}")


def agreements(database: Database) -> list[Agreement]:
    """All agreements, by name."""
    rows = database.rows(ALL)
    return [Agreement(row["name"], tuple(row["members"] or ()), row["changed_at"]) for row in rows]


def history(database: Database, name: str) -> list[dict[str, Any]]:
    """How an agreement changed, newest first: ``before, after, by, reason, at``."""
    return database.rows(HISTORY, name=name)
