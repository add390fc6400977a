"""How long records are kept: what is due, what is renewed for a reason, and what is purged with all that came of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.errors import UsageError
from graphsvc.model import days
from graphsvc.model.derive import RETENTION_DAYS
from graphsvc.model.links import LINKS
from graphsvc.model.narrowing import Terms
from graphsvc.model.vocabulary import Class
from graphsvc.store.database import Database
from graphsvc.store.decisions import (
    Books,
    Decider,
    Decision,
    Element,
    Op,
    Order,
    change,
    check,
    find,
    log,
    new_id,
    pairs,
)
from graphsvc.store.sight import seen_by
from graphsvc.store.sweeping import source_owners, wait
from graphsvc.store.tell import tell, tell_recipients
from graphsvc.store.tombstones import bury

AT_ONCE = 1_000
RANGE = 50_000

DUE_NODES = """
MATCH (n:Entity) WHERE n.no >= $from AND n.no < $to AND (n.retain_day < $day OR n.handling IN $expired)
RETURN n.id AS id
"""
DUE_LINKS = """
MATCH (n:Entity)-[r]->(:Entity)
WHERE n.no >= $from AND n.no < $to AND (r.retain_day < $day OR r.handling IN $expired)
RETURN r.id AS id
"""
EXPIRED = "MATCH (h:Handling {class: $class}) RETURN collect(h.number) AS numbers"
COUNT_DUE = """
MATCH (n:Entity) WHERE n.retain_day < $day AND ($owner IS NULL OR n.owner = $owner)
  AND ($held IS NULL OR (n.handling IN $held AND n.retain_day >= $today))
RETURN n.owner AS owner, n.kind AS kind, count(*) AS count, min(n.retain_day) AS first_day ORDER BY owner, kind
"""
DUE_WAITING = """
MATCH (w:WaitingLink) WHERE w.retain_day < $day OR w.handling IN $expired RETURN w.link AS id
"""
LINKS_AT = """
MATCH (n:Entity)-[r]-(:Entity) WHERE n.id IN $ids
RETURN r.id AS id, type(r) AS kind, r.owner AS owner, n.id AS end, n.owner = r.owner AS own
"""
WAITING = """
UNWIND $ids AS id
CALL (id) {
  MATCH (w:WaitingLink {from: id}) RETURN w UNION MATCH (w:WaitingLink {to: id}) RETURN w
  UNION MATCH (w:WaitingLink {link: id}) RETURN w
}
RETURN DISTINCT w.id AS waiting, w.link AS id, [w.from, w.to] AS ends
"""
DROP_WAITING = "MATCH (w:WaitingLink) WHERE w.id IN $ids DELETE w"
RENEW_NODES = "MATCH (n:Entity) WHERE n.id IN $ids SET n.retain_day = $day"
DELETE_NODES = "MATCH (n:Entity) WHERE n.id IN $ids DETACH DELETE n"

DERIVED = (
    "MATCH (h:Hit) WHERE h.record IN $ids DELETE h",
    "MATCH (q:OwnerRequest) WHERE q.record IN $ids DELETE q",
    "MATCH (t:Trigger) WHERE t.record IN $ids DELETE t",
    "MATCH (f:ComplianceFact) WHERE f.record IN $ids DELETE f",
    "MATCH (v:Review) WHERE v.record IN $ids AND v.state <> 'blocked' DELETE v",
    "MATCH (r:Released) WHERE r.record IN $ids DELETE r",
)
"""What the books hold of a record and go with it. A blocked review stays: it is why nobody may send it again."""

OLD_REJECTS = """
MATCH (r:Run) WHERE r.ended_at < datetime() - duration({days: $days})
MATCH (x:Reject {run: r.id}) WITH x LIMIT $limit DELETE x RETURN count(*) AS n
"""


class Due(msgspec.Struct, frozen=True):
    """Records of one owner and kind whose day comes; ``first_day`` is the earliest, as a date."""

    owner: Annotated[str, Meta(description="Contributor of the records.")]
    kind: Annotated[str, Meta(description="Kind of record.")]
    count: Annotated[int, Meta(description="How many.")]
    first_day: Annotated[str, Meta(description="The earliest day.")]


class Purged(msgspec.Struct):
    """What a purge took out."""

    nodes: int = 0
    links: int = 0
    rejects: int = 0


def due(
    database: Database, *, within: int = 0, owner: str | None = None, held: Sequence[int] | None = None
) -> list[Due]:
    """What expires within some days of today, by owner and kind; what has expired, with none.

    With ``held`` only what is seen under these handlings is counted, and nothing that has expired.
    """
    today = days.today()
    rows = database.rows(COUNT_DUE, day=today + within, owner=owner, held=held, today=today)
    return [Due(row["owner"], row["kind"], row["count"], days.iso(row["first_day"])) for row in rows]


def renew(database: Database, ids: Sequence[str], until: str, reason: str, decider: Decider) -> Decision:
    """Keep records until another day, five years from today at most; sooner than before is allowed too.

    Raises UsageError without a reason or with a day that cannot be, NotFound as decisions do.
    """
    if not reason.strip():
        raise UsageError("A record is kept on only with its owner's reason.")
    try:
        day = days.last_day(until)
    except (ValueError, IndexError):
        raise UsageError("A day looks like 2031-03-01.") from None
    if not days.today() <= day <= days.today() + RETENTION_DAYS:
        raise UsageError(f"Records are kept until {days.iso(days.today() + RETENTION_DAYS)} at most.")
    id = new_id("renew")

    def work(books: Books) -> Decision:
        elements = find(books, ids)
        check(elements, ids, decider)
        decision = log(books, id, Order(Op.RENEW, Terms(), tuple(ids), reason, until), decider, elements)
        nodes, links = pairs(elements, link=False), pairs(elements, link=True)
        books.tx.run(RENEW_NODES, ids=[one for one, _ in nodes], day=day).consume()
        for kind, of_kind in _by_kind(links):
            text = f"MATCH ()-[r:{kind}]->() WHERE r.id IN $ids SET r.retain_day = $day"
            books.tx.run(text, ids=of_kind, day=day).consume()
        books.feed("restrict", nodes, links)
        return decision

    return change(database, id, work)


def _by_kind(links: Sequence[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    declared = {kind.name for kind in LINKS}
    for kind in sorted({kind for _, kind in links} & declared):
        yield kind, [id for id, of in links if of == kind]


def purge(
    database: Database,
    *,
    heard: Callable[[Purged], None] = lambda _: None,
    rejects_days: int = 365,
    at_once: int = AT_ONCE,
) -> Purged:
    """Take out for good what has expired or was withdrawn, and what was derived from it; tombstones stay.

    In short transactions, so that loads go on between; cut off, the next purge goes on.
    """
    purged = Purged()
    for text in (DUE_NODES, DUE_LINKS):
        for ids in _gone(database, text, at_once):
            more = remove(database, ids, "purge", "retention")
            purged.nodes += more.nodes
            purged.links += more.links
            heard(purged)
    for ids in _gone_waiting(database, at_once):
        purged.links += remove(database, ids, "purge", "retention").links
        heard(purged)
    while removed := _rejects(database, rejects_days, at_once):
        purged.rejects += removed
    return purged


def _gone(database: Database, text: str, at_once: int) -> Iterator[list[str]]:
    """Ids that are due, a few at a time, in one pass over the graph."""
    expired = _expired(database)
    end = database.rows("MATCH (m:Meta {name: 'graph'}) RETURN m.next_no AS n")[0]["n"]
    for start in range(0, end, RANGE):
        bounds = {"from": start, "to": start + RANGE}
        ids = [row["id"] for row in database.rows(text, day=days.today(), expired=expired, **bounds)]
        for at in range(0, len(ids), at_once):
            yield ids[at : at + at_once]


def _gone_waiting(database: Database, at_once: int) -> Iterator[list[str]]:
    """The same of links that wait: how long they are kept does not hang on whether their other end came."""
    ids = [row["id"] for row in database.rows(DUE_WAITING, day=days.today(), expired=_expired(database))]
    for at in range(0, len(ids), at_once):
        yield ids[at : at + at_once]


def _expired(database: Database) -> list[int]:
    numbers: list[int] = database.rows(EXPIRED, **{"class": Class.EXPIRED})[0]["numbers"]
    return numbers


def _rejects(database: Database, days_: int, limit: int) -> int:
    with database.session() as session:
        return int(session.run(OLD_REJECTS, days=days_, limit=limit).single(strict=True)["n"])


def remove(
    database: Database, ids: Sequence[str], op: str, by: str, *, also: Callable[[Books], None] | None = None
) -> Purged:
    """Take out these records and links for good, with all that hangs on them. Those who hold copies are told.

    Links of others to these records are not taken out: they wait, as they do when such a record never came, so that
    nothing tells their owners which of both it was. Those who could see the record hear of it.
    """
    name = new_id(op)

    def work(books: Books) -> Purged:
        elements = find(books, ids)
        nodes = pairs(elements, link=False)
        at = books.tx.run(LINKS_AT, ids=[id for id, _ in nodes]).data()
        links = sorted(
            {(row["id"], row["kind"]) for row in at if row["own"]} | set(pairs(elements, link=True))
        )
        waiting = _waiting(books, ids, elements)
        gone = [id for id, _ in (*nodes, *links)] + sorted(set(waiting.values()))
        tell_recipients(books.tx, op, [*gone, *(row["id"] for row in at if not row["own"])])
        _tell_owners(books, at, elements, op)
        bury(books.tx, database.hash, gone, op, by)
        books.touch(gone)
        for text in DERIVED:
            books.tx.run(text, ids=gone).consume()
        books.tx.run(DROP_WAITING, ids=list(waiting)).consume()
        for kind, of_kind in _by_kind(links):
            books.tx.run(f"MATCH ()-[r:{kind}]->() WHERE r.id IN $ids DELETE r", ids=of_kind).consume()
        late = wait(books, [id for id, _ in nodes])
        books.tx.run(DELETE_NODES, ids=[id for id, _ in nodes]).consume()
        if nodes or links:
            books.feed("delete", nodes, [*links, *late])
        if also is not None:
            also(books)
        return Purged(len(nodes), len(links) + len(waiting))

    return change(database, name, work)


def _waiting(books: Books, ids: Sequence[str], elements: Sequence[Element]) -> dict[str, str]:
    """The links that wait and go too: named themselves, or at a record of their own owner."""
    found = books.tx.run(WAITING, ids=list(ids)).data()
    owners = source_owners(books) if found else {}
    of = {element.id: element.owner for element in elements if not element.link}
    named = set(ids)
    return {
        row["waiting"]: row["id"]
        for row in found
        if row["id"] in named
        or owners.get(row["id"].partition(":")[0], "") in {of.get(end) for end in row["ends"]}
    }


def _tell_owners(books: Books, links: list[dict[str, Any]], elements: list[Element], op: str) -> None:
    """Others whose links lost an end, where they could see that it was there."""
    ends = {element.id: element for element in elements}
    for row in links:
        if not row["own"] and seen_by(books, row["owner"], ends[row["end"]]):
            tell(books.tx, row["owner"], op, row["id"], "an end of your link was purged by its owner")
