"""Messages to contributors: what happened to something that they were given, or that concerns them."""

from collections.abc import Sequence
from typing import Any

from graphsvc.store.database import Database

ANY_RELEASED = "MATCH (r:Released) RETURN r.record AS record LIMIT 1"

TELL_RECIPIENTS = """
MATCH (r:Released) WHERE r.record IN $ids
MATCH (x:Export {id: r.export}) UNWIND x.recipients AS ncb
MERGE (m:Message {to: ncb, about: r.record, export: x.id, op: $op, read: false})
  ON CREATE SET m.id = randomUUID(), m.at = datetime(), m.what = x.what
"""

TELL = """
CREATE (m:Message {id: randomUUID(), to: $to, op: $op, about: $about, what: $what, at: datetime(), read: false})
"""

MESSAGES = """
MATCH (m:Message {to: $ncb}) WHERE $all OR NOT m.read
RETURN m.id AS id, toString(m.at) AS at, m.op AS op, m.about AS about, m.what AS what, m.export AS export,
       m.read AS read
ORDER BY m.at DESC, m.id LIMIT $limit
"""

READ = "MATCH (m:Message {to: $ncb}) WHERE m.id IN $ids SET m.read = true RETURN count(m) AS n"


def tell_recipients(tx: Any, op: str, ids: Sequence[str]) -> None:
    """Tell everybody who was given one of these records what became of it."""
    if ids and tx.run(ANY_RELEASED).single() is not None:
        tx.run(TELL_RECIPIENTS, ids=list(ids), op=str(op)).consume()


def tell(tx: Any, to: str, op: str, about: str, what: str) -> None:
    """Tell one contributor something."""
    tx.run(TELL, to=to, op=op, about=about, what=what).consume()


def messages(database: Database, ncb: str, *, all: bool = False, limit: int = 100) -> list[dict[str, Any]]:
    """What a contributor was told, newest first; the unread alone unless ``all``."""
    return database.rows(MESSAGES, ncb=ncb, all=all, limit=limit)


def mark_read(database: Database, ncb: str, ids: Sequence[str]) -> int:
    """Mark messages of a contributor as read; how many."""
    with database.session() as session:
        return int(session.run(READ, ncb=ncb, ids=list(ids)).single(strict=True)["n"])
