"""Requests of persons about themselves: all that is held on them, its correction and its deletion.

An officer for such requests looks for the person in every file; each owner answers for its own records. The officer
learns which owners were asked and what they answered, and sees records only once their owner discloses them.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.caller import check_speaks
from graphsvc.access.scope import Scope
from graphsvc.errors import AccessError, ConflictError, NotFound, UsageError
from graphsvc.model.derive import words
from graphsvc.model.vocabulary import Purpose
from graphsvc.store.database import Database
from graphsvc.store.decisions import Books, new_id
from graphsvc.store.retention import remove
from graphsvc.store.tell import tell

KINDS = ("access", "correction", "deletion")
ANSWERS = ("disclosed", "corrected", "deleted", "refused")
ROLE = "subject-requests"

BY_WORDS = """
CALL db.index.fulltext.queryNodes('entity_terms', 'search:(' + $terms + ')') YIELD node AS n
WHERE n:Person AND all(word IN $words WHERE word IN n.search)
  AND ($born IS NULL OR n.birth_date IS NULL OR n.birth_date STARTS WITH $born OR $born STARTS WITH n.birth_date)
RETURN n.id AS id, n.owner AS owner
"""
BY_KEYS = """
CALL db.index.fulltext.queryNodes('entity_terms', 'keys:(' + $terms + ')') YIELD node AS n
WHERE any(key IN n.keys WHERE key IN $keys)
OPTIONAL MATCH (n)<-[:HOLDS|REGISTERED_TO|OWNS|USES]-(p:Person)
UNWIND [x IN [n, p] WHERE x IS NOT NULL] AS x RETURN DISTINCT x.id AS id, x.owner AS owner
"""
CREATE = "CREATE (s:SubjectRequest) SET s = $request, s.at = datetime()"
CREATE_PARTS = "UNWIND $parts AS part CREATE (p:SubjectPart) SET p = part, p.state = 'open'"
PART = "MATCH (p:SubjectPart {id: $id, owner: $owner}) RETURN properties(p) AS part"
ANSWER = """
MATCH (p:SubjectPart {id: $id})
SET p.state = $answer, p.reason = $reason, p.answered_by = $by, p.answered_at = datetime(),
    p.records = CASE WHEN $answer = 'deleted' THEN [] ELSE p.records END
"""
LIST = """
MATCH (p:SubjectPart) WHERE $officer OR p.owner = $ncb
MATCH (s:SubjectRequest {id: p.request})
RETURN properties(p) AS part, s.kind AS kind, s.applicant AS applicant, toString(s.at) AS at
ORDER BY s.at DESC, p.id LIMIT $limit
"""
DISCLOSED = """
MATCH (p:SubjectPart {request: $id, state: 'disclosed'}) UNWIND p.records AS id MATCH (n:Entity {id: id})
OPTIONAL MATCH (n)-[r]-(m:Entity) WHERE r.owner = n.owner
WITH n, r ORDER BY r.id
WITH n, [x IN collect(r) | {kind: type(x), id: x.id, role: x.role}] AS links
RETURN properties(n) AS record, links ORDER BY n.id
"""
INNER = frozenset({"no", "handling", "loaded_handling", "decisions", "run", "digest", "search", "retain_day"})


class SubjectPart(msgspec.Struct, frozen=True):
    """What one owner is asked, and answered."""

    id: Annotated[str, Meta(description="Id of the part, by which its owner answers.")]
    request: Annotated[str, Meta(description="Id of the request.")]
    kind: Annotated[str, Meta(description="access, correction or deletion.")]
    owner: Annotated[str, Meta(description="Contributor who is asked.")]
    state: Annotated[str, Meta(description="open, disclosed, corrected, deleted or refused.")]
    records: Annotated[
        tuple[str, ...], Meta(description="The records, for their owner, and once they are disclosed.")
    ]
    reason: Annotated[str | None, Meta(description="What the owner says.")]
    at: Annotated[str, Meta(description="When the request was made.")]


class Disclosed(msgspec.Struct, frozen=True):
    """One record that its owner disclosed, with the links that the same owner holds on it."""

    record: dict[str, Any]
    links: list[dict[str, Any]]


def check_entitled(scope: Scope) -> None:
    """Raise AccessError for all but officers for subject requests at work."""
    if scope.caller.purpose is not Purpose.COMPLIANCE or ROLE not in scope.caller.roles:
        raise AccessError(
            f"Only officers for such requests may do this: the purpose COMPLIANCE and the role {ROLE}."
        )


def open_request(
    database: Database,
    scope: Scope,
    kind: str,
    applicant: str,
    *,
    name: str,
    birth_date: str | None = None,
    keys: Sequence[str] = (),
) -> str:
    """Look for a person in every file, and ask each owner who holds something; the id of the request.

    ``applicant`` is the reference of the application and names nobody. Raises AccessError, UsageError.
    """
    check_entitled(scope)
    if kind not in KINDS:
        raise UsageError(f"A request is for {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    found = _find(database, name, birth_date, keys)
    by_owner: dict[str, list[str]] = {}
    for id, owner in sorted(found):
        by_owner.setdefault(owner, []).append(id)
    id = new_id("subject")
    parts = [
        {"id": f"{id}-{number}", "request": id, "owner": owner, "records": records}
        for number, (owner, records) in enumerate(sorted(by_owner.items()), 1)
    ]
    request = {
        "id": id,
        "kind": kind,
        "applicant": applicant,
        "by": scope.caller.subject,
        "ncb": scope.caller.ncb,
    }
    with database.session() as session, session.begin_transaction() as tx:
        tx.run(CREATE, request=request).consume()
        tx.run(CREATE_PARTS, parts=parts).consume()
        for part in parts:
            tell(
                tx,
                str(part["owner"]),
                f"subject request: {kind}",
                str(part["id"]),
                f"application {applicant}",
            )
        tx.commit()
    return id


def _find(database: Database, name: str, birth_date: str | None, keys: Sequence[str]) -> set[tuple[str, str]]:
    from graphsvc.identity.terms import quoted

    tokens = list(words(name))
    if not tokens and not keys:
        raise UsageError("Give the name of the person, or identifiers.")
    found: set[tuple[str, str]] = set()
    if tokens:
        terms = " AND ".join(map(quoted, tokens))
        rows = database.rows(BY_WORDS, terms=terms, words=tokens, born=birth_date)
        found |= {(row["id"], row["owner"]) for row in rows}
    if keys:
        rows = database.rows(BY_KEYS, terms=" OR ".join(map(quoted, keys)), keys=list(keys))
        found |= {(row["id"], row["owner"]) for row in rows}
    return found


def answer_part(database: Database, scope: Scope, id: str, answer: str, reason: str) -> tuple[str, ...]:
    """The owner answers for its records, with its reason. ``deleted`` takes them out for good, at once; their ids come
    back, so that the audit's entries on them can be erased too.

    Raises NotFound for all but the owner, ConflictError when it was answered before.
    """
    check_speaks(scope.caller)
    if answer not in ANSWERS:
        raise UsageError(f"An answer is {', '.join(ANSWERS[:-1])} or {ANSWERS[-1]}.")
    if not reason.strip():
        raise UsageError("An answer needs its reason.")
    found = database.rows(PART, id=id, owner=scope.caller.ncb)
    if not found:
        raise NotFound("There is no such request, or none that is yours to answer.")
    part = found[0]["part"]
    if part["state"] != "open":
        raise ConflictError("This request was answered before.")
    values = {"id": id, "answer": answer, "reason": reason, "by": scope.caller.subject}
    if answer != "deleted":
        with database.session() as session:
            session.run(ANSWER, values).consume()
        return ()

    def close(books: Books) -> None:
        books.tx.run(ANSWER, values).consume()

    remove(database, part["records"], "erase", "subject request", also=close)
    return tuple(part["records"])


def parts(database: Database, scope: Scope, *, limit: int = 100) -> list[SubjectPart]:
    """Parts that the caller's contributor must answer; for officers all, without the records of others."""
    caller = scope.caller
    if ROLE not in caller.roles:
        check_speaks(scope.caller)
    officer = caller.purpose is Purpose.COMPLIANCE and ROLE in caller.roles
    rows = database.rows(LIST, officer=officer, ncb=caller.ncb, limit=limit)
    return [_shown(row, caller.ncb) for row in rows]


def _shown(row: dict[str, Any], ncb: str) -> SubjectPart:
    part = row["part"]
    open_to = part["owner"] == ncb or part["state"] == "disclosed"
    return SubjectPart(
        part["id"],
        part["request"],
        row["kind"],
        part["owner"],
        part["state"],
        tuple(part["records"]) if open_to else (),
        part.get("reason"),
        row["at"],
    )


def disclosed(database: Database, scope: Scope, request: str) -> list[Disclosed]:
    """All that owners disclosed on a request, for the officer to hand out. Raises AccessError."""
    check_entitled(scope)
    return [
        Disclosed({name: value for name, value in row["record"].items() if name not in INNER}, row["links"])
        for row in database.rows(DISCLOSED, id=request)
    ]
