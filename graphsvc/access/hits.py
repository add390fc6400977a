"""Hits: a match is not proof. The source alone says whether it is one; an owner may choose to hear of it in silence."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.caller import check_speaks
from graphsvc.access.scope import Scope, Scopes
from graphsvc.errors import AccessError, LimitError, NotFound, UsageError
from graphsvc.identity.terms import quoted
from graphsvc.store.database import Database
from graphsvc.store.reader import Reader
from graphsvc.store.tell import tell

if TYPE_CHECKING:
    from graphsvc.access.office import Office

STATES = ("confirmed", "false", "stale")
SECRETARIAT = "IPSG"
MOST_KEYS = 10_000
TOGETHER = 500
"""Keys in one question to the index."""
ABSENT = "There is no such hit, or none that is yours to review."

MATCHING = """
UNWIND $terms AS some
CALL db.index.fulltext.queryNodes('entity_terms', 'keys:(' + some + ')') YIELD node AS n
WHERE n.handling IN $between AND coalesce(n.retain_day, $today) >= $today AND any(key IN n.keys WHERE key IN $keys)
RETURN DISTINCT n.id AS id, n.owner AS owner, n.handling AS handling, n.digest AS digest,
       [key IN n.keys WHERE key IN $keys] AS keys
ORDER BY id
"""
"""Records that one who asks may not see, and whose owners chose to hear of a match. No caller learns what it finds."""

OPEN = """
UNWIND $rows AS row
MERGE (h:Hit {id: row.id})
  ON CREATE SET h = row, h.state = 'unverified', h.at = datetime(), h.last_at = datetime(), h.times = 1, h.fresh = true
  ON MATCH SET h.last_at = datetime(), h.times = h.times + 1, h.fresh = false
WITH h WHERE h.fresh
RETURN h.id AS id, h.owner AS owner, h.mode AS mode
"""
STATES_OF = """
UNWIND $ids AS id MATCH (h:Hit {id: id, mode: 'open'})
RETURN h.record AS record, h.id AS id, h.state AS state, h.digest AS digest
"""
VISIBLE = """
MATCH (n:Entity {id: $id}) WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $today
RETURN n.owner AS owner, n.digest AS digest
"""
REVIEW = """
MATCH (h:Hit {id: $id, owner: $owner})
SET h.state = $state, h.reason = $reason, h.reviewed_by = $by, h.reviewed_at = datetime(), h.confirmed_digest = h.digest
RETURN h.asker AS asker, h.mode AS mode, h.record AS record
"""
LIST = """
MATCH (h:Hit)
WHERE ((h.asker = $ncb AND h.mode <> 'silent') OR h.owner = $ncb OR ($secretariat AND h.mode = 'contact'))
  AND ($state IS NULL OR h.state = $state)
OPTIONAL MATCH (n:Entity {id: h.record})
OPTIONAL MATCH (t:Handling {number: n.handling})
RETURN properties(h) AS hit, toString(h.at) AS at, toString(h.reviewed_at) AS reviewed_at,
       n.digest AS digest, t.conditions AS conditions, n.handling IN $held AS seen
ORDER BY h.at DESC, h.id LIMIT $limit
"""


class Hit(msgspec.Struct, frozen=True):
    """One match between what somebody asked and what an owner holds, as one of the two sees it.

    The one who asked is told neither record nor owner when the owner wants to be reached through others.
    """

    id: Annotated[
        str, Meta(description="Id of the hit; for contact, the reference to give the General Secretariat.")
    ]
    state: Annotated[
        str, Meta(description="unverified, confirmed, false or stale; only the source says which.")
    ]
    mode: Annotated[str, Meta(description="open, silent (its owner alone is told) or contact.")]
    record: Annotated[
        str | None, Meta(description="Id of the record; null where only its existence is shown.")
    ]
    owner: Annotated[str | None, Meta(description="Contributor whose record it is; null in the same case.")]
    asker: Annotated[str, Meta(description="Contributor who asked.")]
    purpose: Annotated[str, Meta(description="Why it was asked.")]
    case: Annotated[str, Meta(description="For which case.")]
    at: Annotated[str, Meta(description="When it was first found.")]
    times: Annotated[int, Meta(description="How often it was found.")]
    reason: Annotated[str | None, Meta(description="What the source says of it.")]
    conditions: Annotated[tuple[str, ...], Meta(description="Conditions of use of the record.")]


class Contact(msgspec.Struct, frozen=True):
    """Somebody holds something on this identifier, and wants to be reached through the General Secretariat."""

    key: Annotated[str, Meta(description="The identifier that was asked for.")]
    reference: Annotated[str, Meta(description="Reference to give in a request to the General Secretariat.")]


class Stand(msgspec.Struct, frozen=True):
    """How a match between a question for a case and a record stands: the id of the hit, its state, and the digest of
    the record that it is about."""

    id: str
    state: str
    digest: str


class Match(msgspec.Struct, frozen=True):
    """A record found on another's behalf."""

    id: str
    owner: str
    handling: int
    digest: str
    keys: list[str]


async def between(
    reader: Reader, scopes: Scopes, office: "Office", scope: Scope, keys: Sequence[str]
) -> tuple[Contact, ...]:
    """Contacts for identity keys; owners who listen in silence are told later, so that the answer takes no longer."""
    if len(keys) > MOST_KEYS:
        raise LimitError(f"Ask for {MOST_KEYS:,} identifiers at most.")
    wanted = sorted(set(keys))
    terms = [" OR ".join(map(quoted, wanted[at : at + TOGETHER])) for at in range(0, len(wanted), TOGETHER)]
    silent, contact = scopes.between(scope, "silent"), scopes.between(scope, "contact")
    if not terms or not (silent or contact):
        return ()
    rows = await reader.rows(MATCHING, terms=terms, keys=wanted, between=silent + contact, today=scope.today)
    matches = [msgspec.convert(row, Match) for row in rows]
    office.later(scope, note_silent, [match for match in matches if match.handling in set(silent)])
    return await office.do(
        scope, open_contacts, [match for match in matches if match.handling in set(contact)]
    )


def reference(database: Database, asker: str, key: str) -> str:
    """What stands for an identifier between one contributor and the General Secretariat."""
    text = f"{asker}\n{key}".encode()
    return "contact-" + hmac.digest(database.vault.key("contact"), text, hashlib.sha256).hex()[:20]


def note_silent(database: Database, scope: Scope, matches: Sequence[Match]) -> None:
    """Tell owners of matches that the one who asked does not learn of."""
    rows = [
        _row(database, scope, match, "silent", f"hit-{_mark(database, scope, match.id)}") for match in matches
    ]
    _open(database, rows)


def open_contacts(database: Database, scope: Scope, matches: Sequence[Match]) -> tuple[Contact, ...]:
    """One contact an identifier, however many records and owners stand behind it."""
    ncb = scope.caller.ncb
    rows = []
    for match in matches:
        for key in match.keys:
            row = _row(database, scope, match, "contact", f"hit-{_mark(database, scope, match.id, key)}")
            rows.append({**row, "reference": reference(database, ncb, key)})
    _open(database, rows)
    keys = sorted({key for match in matches for key in match.keys})
    return tuple(Contact(key, reference(database, ncb, key)) for key in keys)


def _mark(database: Database, scope: Scope, *parts: str) -> str:
    text = "\n".join((scope.caller.ncb, scope.caller.case, *parts)).encode()
    return hmac.digest(database.vault.key("hits"), text, hashlib.sha256).hex()[:24]


def _row(database: Database, scope: Scope, match: Match, mode: str, id: str) -> dict[str, Any]:
    caller = scope.caller
    return {
        "id": id,
        "record": match.id,
        "owner": match.owner,
        "digest": match.digest,
        "mode": mode,
        "asker": caller.ncb,
        "asked_by": caller.subject,
        "purpose": str(caller.purpose),
        "case": caller.case,
    }


def _open(database: Database, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    with database.session() as session, session.begin_transaction() as tx:
        for fresh in tx.run(OPEN, rows=rows).data():
            tell(
                tx,
                fresh["owner"],
                "hit",
                fresh["id"],
                f"somebody's question met a record of yours ({fresh['mode']})",
            )
        tx.commit()


def open_hit(database: Database, scope: Scope, record: str) -> str:
    """Note that a caller takes a record that it sees for a match, so that its source is asked to verify; the hit's id.

    Raises NotFound.
    """
    found = database.rows(VISIBLE, id=record, held=list(scope.held), today=scope.today)
    if not found:
        raise NotFound("There is no such record, or none that you may see.")
    id = f"hit-{_mark(database, scope, record)}"
    match = Match(record, found[0]["owner"], 0, found[0]["digest"], [])
    _open(database, [_row(database, scope, match, "open", id)])
    return id


def stands(database: Database, scope: Scope, records: Sequence[str]) -> dict[str, Stand]:
    """What became of the hits that the caller's contributor opened on these records for this case, by record."""
    ids = [f"hit-{_mark(database, scope, record)}" for record in records]
    rows = database.rows(STATES_OF, ids=ids)
    return {row["record"]: Stand(row["id"], row["state"], row["digest"]) for row in rows}


def review_hit(database: Database, scope: Scope, id: str, state: str, reason: str) -> None:
    """The source says what a hit is. Raises UsageError, and NotFound for all but the record's owner."""
    check_speaks(scope.caller)
    if state not in STATES:
        raise UsageError(f"A hit is {', '.join(STATES[:-1])} or {STATES[-1]}.")
    if not reason.strip():
        raise UsageError("Say in a sentence why.")
    caller = scope.caller
    with database.session() as session, session.begin_transaction() as tx:
        row = tx.run(REVIEW, id=id, owner=caller.ncb, state=state, reason=reason, by=caller.subject).single()
        if row is None:
            raise NotFound(ABSENT)
        if row["mode"] == "open":
            tell(tx, row["asker"], f"hit {state}", id, reason)
        elif row["mode"] == "contact":
            tell(tx, SECRETARIAT, f"hit {state}", id, reason)
        tx.commit()


def hits(database: Database, scope: Scope, *, state: str | None = None, limit: int = 100) -> list[Hit]:
    """Hits on the caller's records, and those of its own questions but silent ones; newest first."""
    check_speaks(scope.caller)
    caller = scope.caller
    rows = database.rows(
        LIST,
        ncb=caller.ncb,
        secretariat=_is_secretariat(scope),
        held=list(scope.held),
        state=state,
        limit=limit,
    )
    return [_shown(row, caller.ncb, _is_secretariat(scope)) for row in rows]


def _shown(row: dict[str, Any], ncb: str, secretariat: bool) -> Hit:
    hit = row["hit"]
    whole = hit["owner"] == ncb or secretariat or (hit["mode"] == "open" and bool(row["seen"]))
    changed = hit["state"] in ("unverified", "confirmed") and row["digest"] != hit["digest"]
    return Hit(
        id=hit["id"] if hit["owner"] == ncb or hit["mode"] != "contact" else hit["reference"],
        state="stale" if changed and whole else hit["state"],
        mode=hit["mode"],
        record=hit["record"] if whole else None,
        owner=hit["owner"] if whole else None,
        asker=hit["asker"],
        purpose=hit["purpose"],
        case=hit["case"],
        at=row["at"],
        times=hit["times"],
        reason=hit.get("reason") if whole else None,
        conditions=tuple(row["conditions"] or ()) if whole else (),
    )


def _is_secretariat(scope: Scope) -> bool:
    return scope.caller.ncb == SECRETARIAT and "secretariat" in scope.caller.roles


def check_secretariat(scope: Scope) -> None:
    """Raise AccessError for all but the General Secretariat."""
    if not _is_secretariat(scope):
        raise AccessError("Only the General Secretariat may do this, with the role secretariat.")
