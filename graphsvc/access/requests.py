"""Requests to owners: verify, widen or contact, with a deadline and an answer. Owners decide for themselves."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.caller import check_speaks
from graphsvc.access.hits import SECRETARIAT, VISIBLE, check_secretariat
from graphsvc.access.scope import Scope
from graphsvc.errors import ConflictError, NotFound, UsageError
from graphsvc.model import days
from graphsvc.model.narrowing import Terms
from graphsvc.store.database import Database
from graphsvc.store.decisions import Decider, Op, Order, decide, new_id
from graphsvc.store.tell import tell

KINDS = ("verify", "widen", "contact")
LONGEST = 2_000

BEHIND = (
    "MATCH (h:Hit {reference: $reference, asker: $ncb}) RETURN DISTINCT h.owner AS owner, h.record AS record"
)
CREATE = "UNWIND $rows AS row CREATE (q:OwnerRequest) SET q = row, q.at = datetime(), q.state = 'open'"
OPEN = "MATCH (q:OwnerRequest {id: $id, owner: $owner}) RETURN properties(q) AS request"
ANSWER = """
MATCH (q:OwnerRequest {id: $id, owner: $owner})
SET q.state = $state, q.answer = $answer, q.answered_by = $by, q.answered_at = datetime()
"""
FORWARD = """
MATCH (q:OwnerRequest {about: $about, via: $via}) SET q.forwarded = $answer RETURN q.asker AS asker
"""
LIST = """
MATCH (q:OwnerRequest) WHERE q.owner = $ncb OR q.asker = $ncb OR ($ncb = $secretariat AND q.via = $secretariat)
RETURN properties(q) AS request, toString(q.at) AS at ORDER BY q.at DESC, q.id LIMIT $limit
"""


class OwnerRequest(msgspec.Struct, frozen=True):
    """A request as one of its parties sees it."""

    id: Annotated[str, Meta(description="Id of the request.")]
    kind: Annotated[str, Meta(description="verify, widen or contact.")]
    state: Annotated[
        str, Meta(description="open, overdue, granted, refused, or answered through the Secretariat.")
    ]
    record: Annotated[
        str | None, Meta(description="The record; null for one who learns of its existence alone.")
    ]
    owner: Annotated[str, Meta(description="Who is asked; the General Secretariat where it goes between.")]
    asker: Annotated[str, Meta(description="Contributor who asks.")]
    reason: Annotated[str, Meta(description="Why.")]
    deadline: Annotated[str, Meta(description="Day by which an answer is needed.")]
    answer: Annotated[str | None, Meta(description="The owner's answer.")]
    at: Annotated[str, Meta(description="When it was asked.")]


def request_to_owner(
    database: Database, scope: Scope, kind: str, about: str, reason: str, deadline: str
) -> tuple[str, ...]:
    """Ask the owner of a record that the caller sees, or of what stands behind a contact's reference; the ids.

    Raises NotFound, UsageError.
    """
    _check(kind, reason, deadline, scope.today)
    caller = scope.caller
    if about.startswith("contact-"):
        behind = database.rows(BEHIND, reference=about, ncb=caller.ncb)
        via: str | None = SECRETARIAT
    else:
        found = database.rows(VISIBLE, id=about, held=list(scope.held), today=scope.today)
        behind, via = [{"owner": row["owner"], "record": about} for row in found], None
    if not behind:
        raise NotFound("There is no such record or reference, or none that you may see.")
    rows = [
        {
            "id": new_id("request"),
            "kind": kind,
            **one,
            "via": via,
            "about": about,
            "asker": caller.ncb,
            "asked_by": caller.subject,
            "purpose": str(caller.purpose),
            "case": caller.case,
            "reason": reason,
            "deadline": deadline,
        }
        for one in behind
    ]
    with database.session() as session, session.begin_transaction() as tx:
        tx.run(CREATE, rows=rows).consume()
        for row in rows:
            tell(
                tx, via or row["owner"], f"request to {kind}", row["id"], f"an answer is needed by {deadline}"
            )
            if via:
                tell(tx, row["owner"], f"request to {kind}", row["id"], f"through {via}, by {deadline}")
        tx.commit()
    return tuple(row["id"] for row in rows) if via is None else (about,)


def _check(kind: str, reason: str, deadline: str, today: int) -> None:
    if kind not in KINDS:
        raise UsageError(f"A request is to {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    if not reason.strip() or len(reason) > LONGEST:
        raise UsageError(f"Say why, in {LONGEST:,} signs at most.")
    try:
        due = days.last_day(deadline)
    except (ValueError, IndexError):
        raise UsageError("A deadline looks like 2026-12-31.") from None
    if due < today:
        raise UsageError("The deadline has passed; give a later day.")


def answer_request(database: Database, scope: Scope, id: str, *, granted: bool, answer: str) -> None:
    """The owner answers. A granted request to widen opens the record to the one who asked, from its next request on.

    Raises NotFound for all but the owner, ConflictError when it was answered before.
    """
    check_speaks(scope.caller)
    caller = scope.caller
    found = database.rows(OPEN, id=id, owner=caller.ncb)
    if not found:
        raise NotFound("There is no such request, or none that is yours to answer.")
    request = found[0]["request"]
    if request["state"] != "open":
        raise ConflictError("This request was answered before.")
    if not answer.strip():
        raise UsageError("Give an answer in words, too.")
    parameters = {
        "id": id,
        "owner": caller.ncb,
        "state": "granted" if granted else "refused",
        "answer": answer,
        "by": caller.subject,
    }

    def close(tx: Any) -> None:
        tx.run(ANSWER, parameters).consume()
        tell(tx, request.get("via") or request["asker"], f"answer: {parameters['state']}", id, answer)

    if granted and request["kind"] == "widen":
        order = Order(Op.WIDEN, Terms(also=(request["asker"],)), (request["record"],), answer, id)
        decider = Decider(caller.subject, caller.ncb, caller.ncb, frozenset(scope.held), scope.today)
        decide(database, order, decider, also=lambda books: close(books.tx))
        return
    with database.session() as session, session.begin_transaction() as tx:
        close(tx)
        tx.commit()


def forward_answer(database: Database, scope: Scope, reference: str, answer: str) -> None:
    """The General Secretariat tells the one who asked through it what it may. Raises NotFound."""
    check_speaks(scope.caller)
    check_secretariat(scope)
    with database.session() as session, session.begin_transaction() as tx:
        askers = tx.run(FORWARD, about=reference, via=SECRETARIAT, answer=answer).value()
        if not askers:
            raise NotFound("There is no request with this reference.")
        for asker in sorted(set(askers)):
            tell(tx, asker, "answer: forwarded", reference, answer)
        tx.commit()


def requests(database: Database, scope: Scope, *, limit: int = 100) -> list[OwnerRequest]:
    """Requests that the caller's contributor made or must answer, newest first."""
    check_speaks(scope.caller)
    ncb = scope.caller.ncb
    shown: dict[str, OwnerRequest] = {}
    for row in database.rows(LIST, ncb=ncb, secretariat=SECRETARIAT, limit=limit):
        request = _shown(row["request"], row["at"], ncb, scope.today)
        shown.setdefault(request.id, request)
    return list(shown.values())


def _shown(request: dict[str, Any], at: str, ncb: str, today: int) -> OwnerRequest:
    """Of what stands behind a reference, the one who asked learns nothing, not even how many are asked."""
    masked = request.get("via") is not None and ncb == request["asker"]
    forwarded = request.get("forwarded")
    late = request["state"] == "open" and days.last_day(request["deadline"]) < today
    return OwnerRequest(
        id=request["about"] if masked else request["id"],
        kind=request["kind"],
        state=("answered" if forwarded else "open") if masked else "overdue" if late else request["state"],
        record=None if masked else request["record"],
        owner=SECRETARIAT if masked else request["owner"],
        asker=request["asker"],
        reason=request["reason"],
        deadline=request["deadline"],
        answer=forwarded if masked else request.get("answer"),
        at=at,
    )
