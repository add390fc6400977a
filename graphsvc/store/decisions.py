"""Changes of handling that are no loads: decided by somebody, for a reason, in force until they are released.

Each is one transaction under the writer's lock: the decision itself, what it does to each element, and the row in the
change feed by which every worker knows. The element keeps the handling of its file as ``loaded_handling`` and the ids
of the decisions in force as ``decisions``; ``handling`` is what both together come to.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from neo4j import ManagedTransaction, Transaction

from graphsvc.errors import ConflictError, NotFound, OutcomeUnknown, UsageError
from graphsvc.model.handling import Handling
from graphsvc.model.links import LINKS
from graphsvc.model.narrowing import Terms, decided
from graphsvc.model.vocabulary import Class
from graphsvc.store import statements as cypher
from graphsvc.store.database import Database
from graphsvc.store.interning import intern
from graphsvc.store.tell import tell_recipients

T = TypeVar("T")
ABSENT = "There is no such record, or none that you may change."

NODES = """
UNWIND $ids AS id MATCH (n:Entity {id: id})
RETURN n.id AS id, n.kind AS kind, n.owner AS owner, n.handling AS handling, n.loaded_handling AS loaded,
       coalesce(n.decisions, []) AS decisions, [{handling: n.handling, last: n.retain_day}] AS parts
"""
WHOLE_HANDLINGS = "MATCH (h:Handling) WHERE h.number IN $numbers RETURN properties(h) AS h"
TERMS = "MATCH (d:Decision) WHERE d.id IN $ids RETURN d.id AS id, d.terms AS terms"
SET_NODES = """
UNWIND $rows AS row MATCH (n:Entity {id: row.id})
SET n.handling = row.handling, n.loaded_handling = row.loaded, n.decisions = row.decisions
"""
DECISION = "MATCH (d:Decision {id: $id}) RETURN properties(d) AS decision"
TOUCH = "MATCH (s:Source) WHERE s.name IN $sources SET s.touched = true"
CREATE = "CREATE (d:Decision) SET d = $decision, d.at = datetime()"
RELEASE = """
MATCH (d:Decision {id: $id})
SET d.state = 'released', d.released_at = datetime(), d.released_by = $by, d.release_reason = $reason, d.seq = $seq
"""
DECISIONS = """
MATCH (d:Decision) WHERE ($owner IS NULL OR d.owner = $owner) AND ($state IS NULL OR d.state = $state)
  AND ($element IS NULL OR $element IN d.nodes OR $element IN d.links)
RETURN properties(d) AS decision ORDER BY d.at DESC, d.id LIMIT $limit
"""


def links_of(kind: str) -> str:
    """What a decision must know of links of one type."""
    return (
        f"UNWIND $ids AS id MATCH (a)-[r:{kind} {{id: id}}]->(b) USING INDEX SEEK r:{kind}(id) "
        "RETURN r.id AS id, type(r) AS kind, r.owner AS owner, r.handling AS handling, r.loaded_handling AS loaded, "
        "coalesce(r.decisions, []) AS decisions, [x IN [r, a, b] | {handling: x.handling, last: x.retain_day}] AS parts"
    )


def set_links(kind: str) -> str:
    """Parameter ``rows``."""
    return (
        f"UNWIND $rows AS row MATCH ()-[r:{kind} {{id: row.id}}]->() USING INDEX SEEK r:{kind}(id) "
        "SET r.handling = row.handling, r.loaded_handling = row.loaded, r.decisions = row.decisions"
    )


class Op(StrEnum):
    """What is decided."""

    RESTRICT = "restrict"
    WIDEN = "widen"
    WITHDRAW = "withdraw"
    BLOCK = "block"
    EXPIRE = "expire"
    RENEW = "renew"


CLASSES = {Op.WITHDRAW: Class.EXPIRED, Op.EXPIRE: Class.EXPIRED, Op.BLOCK: Class.BLOCKED}
"""Decisions that take a record out of sight, whatever else their terms say."""


class Decider(msgspec.Struct, frozen=True):
    """Who decides. ``owner`` is the only contributor whose records may be touched (None for compliance);
    ``held`` the handlings that the one may see (None for the operator), ``today`` the day on which."""

    by: str
    ncb: str
    owner: str | None
    held: frozenset[int] | None = None
    today: int = 0


class Order(msgspec.Struct, frozen=True):
    """What is to be done, to which nodes and links (by id), and why."""

    op: Op
    terms: Terms
    ids: tuple[str, ...]
    reason: str
    reference: str = ""


class Decision(msgspec.Struct, frozen=True):
    """One decision as it stands in the books."""

    id: str
    op: str
    owner: str
    by: str
    by_ncb: str
    reason: str
    state: str
    seq: int
    nodes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    link_kinds: tuple[str, ...] = ()
    terms: str = "{}"
    reference: str = ""
    at: Any = None
    released_at: Any = None
    released_by: str = ""
    release_reason: str = ""


class Books:
    """A transaction under the writer's lock, with what every change of the graph needs."""

    def __init__(self, tx: Transaction | ManagedTransaction, name: str) -> None:
        self.tx: Any = tx
        self.name = name
        head = tx.run(cypher.LOCK, batch=name).single(strict=True)
        self.seq, self.next_no, self.handlings = head["seq"], head["next_no"], head["handlings"]

    def intern(self, handlings: set[Handling]) -> dict[Handling, int]:
        """Numbers of handlings."""
        numbers, self.handlings = intern(self.tx, handlings, self.handlings)
        return numbers

    def whole(self, numbers: set[int]) -> dict[int, Handling]:
        """Handlings of numbers."""
        rows = self.tx.run(WHOLE_HANDLINGS, numbers=sorted(numbers)).data()
        return {row["h"]["number"]: msgspec.convert(row["h"], Handling) for row in rows}

    def terms(self, ids: set[str]) -> dict[str, Terms]:
        """The terms of decisions."""
        rows = self.tx.run(TERMS, ids=sorted(ids)).data() if ids else []
        return {row["id"]: msgspec.json.decode(row["terms"], type=Terms) for row in rows}

    def feed(self, op: str, nodes: list[tuple[str, str]], links: list[tuple[str, str]]) -> None:
        """A row of the change feed: ids with their kinds."""
        self.seq += 1
        row = {
            "seq": self.seq,
            "run": self.name,
            "op": op,
            "nodes": [id for id, _ in nodes],
            "kinds": [kind for _, kind in nodes],
            "links": [id for id, _ in links],
            "link_kinds": [kind for _, kind in links],
        }
        self.tx.run(cypher.FEED, rows=[row]).consume()

    def touch(self, ids: Iterable[str]) -> None:
        """Remember of the sources of these ids that they hold other than what their last load says."""
        self.tx.run(TOUCH, sources=sorted({id.partition(":")[0] for id in ids})).consume()

    def close(self) -> None:
        """Put the head of the books forward."""
        self.tx.run(cypher.CLOSE, seq=self.seq, next_no=self.next_no, handlings=self.handlings).consume()


def change(database: Database, name: str, work: Callable[[Books], T]) -> T:
    """One change of the graph: ``work`` in a transaction under the lock, tried again after what passes.

    ``work`` must notice that it was done already, for a commit whose outcome was lost.
    """

    def once(tx: ManagedTransaction) -> T:
        books = Books(tx, name)
        done = work(books)
        books.close()
        return done

    try:
        with database.session() as session:
            return session.execute_write(once)
    except OutcomeUnknown:
        with database.session() as session:
            return session.execute_write(once)


def new_id(prefix: str) -> str:
    """An id that nobody can guess."""
    return f"{prefix}-{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(8)}"


class Part(msgspec.Struct):
    """What must be seen to decide on an element: itself, and for a link its ends. ``last`` is the day of expiry."""

    handling: int
    last: int | None


class Element(msgspec.Struct):
    """A node or link as a decision meets it."""

    id: str
    kind: str
    owner: str
    handling: int
    loaded: int | None
    decisions: list[str]
    parts: list[Part]
    link: bool = False


def find(books: Books, ids: Sequence[str]) -> list[Element]:
    """The nodes and links of these ids, each once."""
    wanted = sorted(set(ids))
    found = [msgspec.convert(row, Element) for row in books.tx.run(NODES, ids=wanted).data()]
    missing = sorted(set(wanted) - {element.id for element in found})
    for kind in LINKS if missing else ():
        rows = books.tx.run(links_of(kind.name), ids=missing).data()
        found.extend(msgspec.convert({**row, "link": True}, Element) for row in rows)
    return found


def check(elements: list[Element], ids: Sequence[str], decider: Decider) -> None:
    """Raise NotFound unless all are there and the decider's to decide on. Absent, hidden and foreign look the same."""
    if {element.id for element in elements} != set(ids) or not ids:
        raise NotFound(ABSENT)
    for element in elements:
        foreign = decider.owner is not None and element.owner != decider.owner
        if foreign or not all(_seen(part, decider) for part in element.parts):
            raise NotFound(ABSENT)


def _seen(part: Part, decider: Decider) -> bool:
    if decider.held is None:
        return True
    return part.handling in decider.held and (part.last is None or part.last >= decider.today)


def _rewrite(books: Books, elements: list[Element]) -> None:
    """Give each element the handling that its file and its decisions come to."""
    terms = books.terms({id for element in elements for id in element.decisions})
    loaded = {e.id: e.handling if e.loaded is None else e.loaded for e in elements}
    whole = books.whole(set(loaded.values()))
    after = {e.id: decided(whole[loaded[e.id]], (terms[id] for id in e.decisions)) for e in elements}
    numbers = books.intern(set(after.values()))
    rows: dict[str, list[dict[str, Any]]] = {}
    for element in elements:
        bare = not element.decisions
        rows.setdefault(element.kind if element.link else "", []).append(
            {
                "id": element.id,
                "handling": loaded[element.id] if bare else numbers[after[element.id]],
                "loaded": None if bare else loaded[element.id],
                "decisions": None if bare else element.decisions,
            }
        )
    for kind, of_kind in sorted(rows.items()):
        books.tx.run(set_links(kind) if kind else SET_NODES, rows=of_kind).consume()


def pairs(elements: Sequence[Element], *, link: bool) -> list[tuple[str, str]]:
    """Ids with kinds of the nodes, or of the links."""
    return [(element.id, element.kind) for element in elements if element.link is link]


def decide(
    database: Database, order: Order, decider: Decider, *, also: Callable[[Books], None] | None = None
) -> Decision:
    """Put a decision in force; it counts from the next request on. ``also`` is done in the same transaction.

    Raises NotFound when a record is absent, hidden from the decider or another's.
    """
    id = new_id(order.op)
    order = msgspec.structs.replace(order, terms=_terms(order))

    def work(books: Books) -> Decision:
        known = books.tx.run(DECISION, id=id).single()
        if known is not None:
            return msgspec.convert(known["decision"], Decision)
        elements = find(books, order.ids)
        check(elements, order.ids, decider)
        decision = log(books, id, order, decider, elements)
        for element in elements:
            element.decisions = [*element.decisions, id]
        _rewrite(books, elements)
        books.feed("restrict", pairs(elements, link=False), pairs(elements, link=True))
        tell_recipients(books.tx, order.op, [element.id for element in elements])
        if also is not None:
            also(books)
        return decision

    return change(database, id, work)


def _terms(order: Order) -> Terms:
    """The terms as they will stand. Raises UsageError when they do not fit what is decided."""
    if order.op in CLASSES:
        return msgspec.structs.replace(order.terms, class_=CLASSES[order.op])
    if order.terms == Terms():
        raise UsageError("Say what changes: level, who alone may see it, who may no longer, and so on.")
    if order.op is Op.RESTRICT and order.terms.widens:
        raise UsageError("A restriction opens nothing; widen the record instead.")
    if order.op is Op.WIDEN and msgspec.structs.replace(order.terms, also=(), hit="") != Terms():
        raise UsageError("A widening says to whom the record is opened, and no more; restrict it apart.")
    return order.terms


def log(books: Books, id: str, order: Order, decider: Decider, elements: list[Element]) -> Decision:
    """Write a decision into the books."""
    links = [element for element in elements if element.link]
    decision = Decision(
        id=id,
        op=order.op,
        owner=decider.owner or ",".join(sorted({element.owner for element in elements})),
        by=decider.by,
        by_ncb=decider.ncb,
        reason=order.reason,
        state="in force",
        seq=books.seq + 1,
        nodes=tuple(element.id for element in elements if not element.link),
        links=tuple(element.id for element in links),
        link_kinds=tuple(element.kind for element in links),
        terms=msgspec.json.encode(order.terms).decode(),
        reference=order.reference,
    )
    stored = {name: value for name, value in msgspec.to_builtins(decision).items() if value is not None}
    books.tx.run(CREATE, decision=stored).consume()
    return decision


def release(
    database: Database, id: str, decider: Decider, reason: str, *, ops: frozenset[str] | None = None
) -> Decision:
    """Take a decision back; what it changed comes back as the file and the other decisions have it.

    ``ops`` limits what may be released. Raises NotFound, and ConflictError when it was released before.
    """

    def work(books: Books) -> Decision:
        known = books.tx.run(DECISION, id=id).single()
        decision = None if known is None else msgspec.convert(known["decision"], Decision)
        if decision is None or (decider.owner is not None and decision.owner != decider.owner):
            raise NotFound("There is no such decision, or none that you may release.")
        if ops is not None and decision.op not in ops:
            raise NotFound("There is no such decision, or none that you may release.")
        if decision.state == "released":
            raise ConflictError("This decision was released before.")
        elements = find(books, (*decision.nodes, *decision.links))
        for element in elements:
            element.decisions = [other for other in element.decisions if other != id]
        _rewrite(books, elements)
        books.feed("restrict", pairs(elements, link=False), pairs(elements, link=True))
        books.tx.run(RELEASE, id=id, by=decider.by, reason=reason, seq=books.seq).consume()
        return msgspec.structs.replace(
            decision, state="released", released_by=decider.by, release_reason=reason
        )

    return change(database, new_id("release"), work)


def decisions(
    database: Database,
    *,
    owner: str | None = None,
    state: str | None = None,
    element: str | None = None,
    limit: int = 100,
) -> list[Decision]:
    """Decisions, newest first."""
    rows = database.rows(DECISIONS, owner=owner, state=state, element=element, limit=limit)
    return [msgspec.convert(row["decision"], Decision) for row in rows]
