"""Compliance: a person decides on what triggers raise, with reasons. What is blocked is gone, and comes back whole."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.scope import Scope
from graphsvc.access.view import View
from graphsvc.errors import AccessError, NotFound, UsageError
from graphsvc.identity.terms import quoted
from graphsvc.model.narrowing import Terms
from graphsvc.model.rules import MEANINGS
from graphsvc.model.vocabulary import Class, Purpose
from graphsvc.store.database import Database
from graphsvc.store.decisions import Books, Decider, Op, Order, change, decide, decisions, new_id, release
from graphsvc.store.reviews import raise_on
from graphsvc.store.tell import tell

DECISIONS = ("compliant", "blocked", "needs_information")
STATES = ("open", *DECISIONS)
PUBLICATIONS = ("draft", "published", "cancelled", "withdrawn")
FACTS = ("asylum", "refused extradition")
ABSENT = "There is no such record, or none that you may review."

VISIBLE = """
MATCH (n:Entity {id: $id}) WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN n.owner AS owner, n.kind AS kind
"""
DECIDED = """
MERGE (v:Review {record: $record}) ON CREATE SET v.opened_at = datetime(), v.owner = $owner, v.kind = $kind,
  v.publication = 'draft'
SET v.state = $state, v.reason = $reason, v.decided_by = $by, v.decided_at = datetime(),
  v.times_refused = coalesce(v.times_refused, 0) + CASE WHEN $state = 'blocked' THEN 1 ELSE 0 END
CREATE (:Addendum {record: $record, text: $reason, decision: $state, by: $by, at: datetime()})
WITH v MATCH (n:Notice {id: $record}) SET n.compliance = $state
"""
ADDENDUM = """
MATCH (v:Review {record: $record}) CREATE (a:Addendum {record: $record, text: $text, by: $by, at: datetime()})
RETURN v.record AS record
"""
PUBLISH = "MATCH (v:Review {record: $record}) SET v.publication = $publication RETURN v.owner AS owner"
HISTORY = """
MATCH (a:Addendum {record: $record})
RETURN a.text AS text, a.decision AS decision, a.by AS by, toString(a.at) AS at ORDER BY a.at
"""
FACT = """
CREATE (f:ComplianceFact {id: $id, record: $record, kind: $kind, country: $country, since: $since, by: $by,
  at: datetime()})
"""
NOTICES_ON = (
    "MATCH (p:Entity {id: $id})-[:SUBJECT_OF]->(n:Notice) RETURN n.id AS id, n.owner AS owner, n.kind AS kind"
)
FACTS_ON = """
MATCH (f:ComplianceFact) RETURN f.record AS record, f.kind AS kind, f.country AS country ORDER BY record, kind
"""
CANCELLED = """
MATCH (v:Review) WHERE v.publication IN ['cancelled', 'withdrawn'] RETURN v.record AS id
UNION MATCH (d:Decision {op: 'withdraw'}) UNWIND d.nodes AS id RETURN id
"""
REFUSALS = "MATCH (v:Review {state: 'blocked'}) RETURN v.record AS id"


class Queued(msgspec.Struct, frozen=True):
    """A record that somebody must look at, or has looked at."""

    id: Annotated[str, Meta(description="Id of the record.")]
    kind: Annotated[str, Meta(description="Kind of record.")]
    owner: Annotated[str, Meta(description="Contributor whose record it is.")]
    caption: Annotated[str, Meta(description="One line for people.")]
    state: Annotated[str, Meta(description="open, compliant, blocked or needs_information.")]
    publication: Annotated[
        str, Meta(description="draft, published, cancelled or withdrawn: apart from review.")
    ]
    opened_at: Annotated[str, Meta(description="When the first trigger was raised.")]
    triggers: Annotated[tuple[str, ...], Meta(description="What was raised.")]
    meanings: Annotated[tuple[str, ...], Meta(description="The same in words.")]


class Related(msgspec.Struct, frozen=True):
    """Another record of the same sender on the same facts."""

    id: Annotated[str, Meta(description="Id of the record.")]
    kind: Annotated[str, Meta(description="Kind of record.")]
    caption: Annotated[str | None, Meta(description="One line for people.")]
    colour: Annotated[str | None, Meta(description="Colour of a notice.")]
    compliance: Annotated[str | None, Meta(description="State of review of a notice.")]
    through: Annotated[str, Meta(description="Person through whom it is about the same.")]


class Remark(msgspec.Struct, frozen=True):
    """One entry of a record's file of review."""

    text: Annotated[str, Meta(description="What was written.")]
    decision: Annotated[
        str | None, Meta(description="The decision that it gives reasons for; null for an addendum.")
    ]
    by: Annotated[str, Meta(description="Who wrote it.")]
    at: Annotated[str, Meta(description="When.")]


def check_officer(scope: Scope) -> None:
    """Raise AccessError for all but compliance officers at work."""
    if scope.caller.purpose is not Purpose.COMPLIANCE or "compliance" not in scope.caller.roles:
        raise AccessError(
            "Only compliance officers may do this: the purpose COMPLIANCE and the role compliance."
        )


async def queue(view: View, *, state: str = "open", limit: int = 100) -> list[Queued]:
    """Records whose review is in a state, oldest first, as far as the officer may see them."""
    check_officer(view.scope)
    if state not in STATES:
        raise UsageError(f"A review is {', '.join(STATES[:-1])} or {STATES[-1]}.")
    rows = await view.rows("governance/queue", state=state, limit=limit)
    return [
        Queued(**{**row, "triggers": tuple(row["triggers"])}, meanings=tuple(map(_meaning, row["triggers"])))
        for row in rows
    ]


def _meaning(trigger: str) -> str:
    if trigger in MEANINGS:
        return MEANINGS[trigger]
    where, _, what = trigger.partition(":")
    return f"a column on {what} was left out" if where == "dropped" else f"its text reads as {what}"


async def same_facts(view: View, id: str) -> list[Related]:
    """What the sender of a notice holds beside it on the same persons, and on those who share an identity key."""
    check_officer(view.scope)
    subjects = await view.rows("governance/subjects", id=id)
    if not subjects:
        return []
    keys = sorted({key for row in subjects for key in row["keys"] or ()})
    ids = {row["id"] for row in subjects}
    if keys:
        terms = " OR ".join(map(quoted, keys))
        ids |= {row["id"] for row in await view.rows("governance/sharing_keys", terms=terms, keys=keys)}
    rows = await view.rows(
        "governance/same_facts", ids=sorted(ids), owner=subjects[0]["owner"], issuer=subjects[0]["issuer"]
    )
    found = {row["id"]: Related(**row) for row in reversed(rows) if row["id"] != id}
    return [found[one] for one in sorted(found)]


def review(
    database: Database, scope: Scope, record: str, decision: str, reason: str, also: Sequence[str] = ()
) -> None:
    """Decide on a record, with reasons. ``also`` are further records that are blocked with it.

    Raises AccessError, UsageError, NotFound.
    """
    check_officer(scope)
    if decision not in DECISIONS:
        raise UsageError(f"A decision is {', '.join(DECISIONS[:-1])} or {DECISIONS[-1]}.")
    if not reason.strip():
        raise UsageError("A decision needs its reasons.")
    whose = {one: _visible(database, scope, one) for one in (record, *also)}
    caller = scope.caller
    decider = Decider(caller.subject, caller.ncb, None, frozenset(scope.held), scope.today)
    if decision != "blocked":
        _unblock(database, record, decider, reason)

    def close(books: Books) -> None:
        for one, (owner, kind) in whose.items():
            at = {"record": one, "owner": owner, "kind": kind, "state": decision, "reason": reason}
            books.tx.run(DECIDED, at, by=caller.subject).consume()
            tell(books.tx, owner, f"review: {decision}", one, reason)

    if decision == "blocked":
        order = Order(Op.BLOCK, Terms(class_=Class.BLOCKED), (record, *also), reason, record)
        decide(database, order, decider, also=close)
        return

    def work(books: Books) -> None:
        close(books)
        books.feed("upsert", [(one, kind) for one, (_, kind) in whose.items()], [])

    change(database, new_id("review"), work)


def _visible(database: Database, scope: Scope, record: str) -> tuple[str, str]:
    found = database.rows(VISIBLE, id=record, held=list(scope.held), today=scope.today)
    if not found:
        raise NotFound(ABSENT)
    return found[0]["owner"], found[0]["kind"]


def _unblock(database: Database, record: str, decider: Decider, reason: str) -> None:
    for made in decisions(database, state="in force", element=record):
        if made.op == Op.BLOCK:
            release(database, made.id, decider, reason, ops=frozenset({Op.BLOCK}))


def add_remark(database: Database, scope: Scope, record: str, text: str) -> None:
    """Add to a record's file of review. Raises NotFound."""
    check_officer(scope)
    _visible(database, scope, record)
    _one(database, ADDENDUM, {"record": record, "text": text, "by": scope.caller.subject})


def remarks(database: Database, scope: Scope, record: str) -> list[Remark]:
    """A record's file of review, oldest first. Raises NotFound."""
    check_officer(scope)
    _visible(database, scope, record)
    return [Remark(**row) for row in database.rows(HISTORY, record=record)]


def set_publication(database: Database, scope: Scope, record: str, publication: str) -> None:
    """Note whether a notice is out, apart from how it was reviewed. Raises NotFound, UsageError."""
    check_officer(scope)
    if publication not in PUBLICATIONS:
        raise UsageError(f"A publication is {', '.join(PUBLICATIONS[:-1])} or {PUBLICATIONS[-1]}.")
    _visible(database, scope, record)
    _one(database, PUBLISH, {"record": record, "publication": publication})


def _one(database: Database, text: str, parameters: dict[str, Any]) -> None:
    with database.session() as session:
        if session.run(text, parameters).single() is None:
            raise NotFound("There is no review of this record.")


def add_fact(database: Database, scope: Scope, person: str, kind: str, country: str, since: str = "") -> str:
    """Note that a person has asylum, or that a country refused to extradite; only compliance officers ever see it.

    Raises a trigger on every notice about the person. The id of the note; raises NotFound, UsageError.
    """
    check_officer(scope)
    if kind not in FACTS:
        raise UsageError(f"A fact is {' or '.join(FACTS)}.")
    _visible(database, scope, person)
    id = new_id("fact")

    def work(books: Books) -> str:
        values = {"id": id, "record": person, "kind": kind, "country": country, "since": since}
        books.tx.run(FACT, values, by=scope.caller.subject).consume()
        for row in books.tx.run(NOTICES_ON, id=person).data():
            raise_on(books.tx, row["id"], row["owner"], row["kind"], [f"facts:{kind}"])
        return id

    return change(database, id, work)


class Noted(msgspec.Struct, frozen=True):
    """What the books hold for the report on how notices are used."""

    cancelled: frozenset[str]
    refused: frozenset[str]
    facts: tuple[tuple[str, str, str], ...]


def books(database: Database, scope: Scope) -> Noted:
    """Cancellations, refusals and facts."""
    check_officer(scope)
    return Noted(
        frozenset(row["id"] for row in database.rows(CANCELLED)),
        frozenset(row["id"] for row in database.rows(REFUSALS)),
        tuple((row["record"], row["kind"], row["country"]) for row in database.rows(FACTS_ON)),
    )
