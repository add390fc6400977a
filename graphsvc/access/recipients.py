"""Recipients: what leaves is computed on what all who will get it may see, is registered, and is called back.

An export or report asks ``Door.view_of_all`` for its view, computes on that, and calls ``hand_out`` before it gives
anything away. A later correction, restriction, block or purge of a record in it tells every recipient.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from graphsvc.access.audit import entry
from graphsvc.access.audit_index import SubjectIndex
from graphsvc.access.caller import Caller, check_speaks
from graphsvc.access.office import Office
from graphsvc.access.scope import Scope, Scopes
from graphsvc.access.sealed import Sealed
from graphsvc.access.view import View
from graphsvc.errors import NotFound, UsageError
from graphsvc.model.handling import Handling
from graphsvc.model.vocabulary import Level
from graphsvc.store.database import Database
from graphsvc.store.decisions import new_id
from graphsvc.store.tell import tell

NO_ONWARD_USE = "no onward use"
NO_USE_IN_COURT = "no use in court"
USES = ("police", "court")
MOST = 200

CONDITIONS = """
UNWIND $ids AS id MATCH (n:Entity {id: id}) MATCH (h:Handling {number: n.handling})
UNWIND h.conditions AS condition RETURN DISTINCT condition ORDER BY condition
"""
CREATE = "CREATE (x:Export) SET x = $export, x.at = datetime()"
RELEASED = "UNWIND $ids AS id CREATE (r:Released {record: id, export: $export})"
SOURCE_OWNER = "MATCH (s:Source {name: $source}) RETURN s.owner AS owner"
EXPORTS_OF = """
MATCH (r:Released {record: $record}) MATCH (x:Export {id: r.export})
RETURN x.id AS id, x.what AS what, x.ncb AS ncb, x.by AS by, x.purpose AS purpose, x.case AS case,
       x.recipients AS recipients, toString(x.at) AS at ORDER BY at DESC, id
"""


class Recipient(msgspec.Struct, frozen=True):
    """One who will get it, with what they may see. A report for the public names nobody and is not made here."""

    ncb: str
    level: Level = Level.OFFICIAL
    units: frozenset[str] = frozenset()


class Registered(msgspec.Struct, frozen=True):
    """An entry of the register; ``conditions`` stand on every page of what is handed out."""

    id: Annotated[str, Meta(description="Id in the register of exports.")]
    recipients: Annotated[tuple[str, ...], Meta(description="Who gets it.")]
    conditions: Annotated[tuple[str, ...], Meta(description="Conditions of use of what is in it.")]


class Receipt(msgspec.Struct, frozen=True):
    """One time that a record was given to somebody."""

    at: Annotated[str, Meta(description="When.")]
    ncb: Annotated[str, Meta(description="Contributor to whom.")]
    who: Annotated[str, Meta(description="Person or program who asked.")]
    purpose: Annotated[str, Meta(description="Why.")]
    case: Annotated[str, Meta(description="For which case.")]
    operation: Annotated[str, Meta(description="The question, or the export that it was part of.")]


async def scope_of_all(
    scopes: Scopes, caller: Caller, recipients: Sequence[Recipient], use: str = "police"
) -> Scope:
    """What the caller and every recipient may see, under the conditions for passing it on. Raises UsageError.

    A record under ``no onward use`` goes to its owner and the caller's own contributor only; one under ``no use in
    court`` is left out of what is made for a court.
    """
    if not 1 <= len(recipients) <= MOST:
        raise UsageError(f"Name 1 to {MOST} recipients.")
    if use not in USES:
        raise UsageError(f"What leaves is for {' or '.join(USES)}.")
    scope = await scopes.of(caller)
    held = set(scope.held)
    for recipient in recipients:
        other = Caller(
            "recipient",
            recipient.ncb,
            recipient.level,
            caller.purpose,
            caller.case,
            frozenset(),
            recipient.units,
        )
        held &= set((await scopes.of(other)).held)
    receiving = {recipient.ncb for recipient in recipients}
    kept = (n for n in sorted(held) if _may_leave(scopes.handling(n), caller.ncb, receiving, use))
    return msgspec.structs.replace(scope, held=tuple(kept))


def _may_leave(handling: Handling, giver: str, receiving: set[str], use: str) -> bool:
    conditions = set(map(_plain, handling.conditions))
    if use == "court" and NO_USE_IN_COURT in conditions and giver != handling.contributor:
        return False
    onward = giver != handling.contributor and not receiving <= {giver, handling.contributor}
    return not (onward and NO_ONWARD_USE in conditions)


def _plain(condition: str) -> str:
    """``NO_ONWARD-USE`` as ``no onward use``."""
    return " ".join(condition.replace("_", " ").replace("-", " ").casefold().split())


def register(
    database: Database,
    scope: Scope,
    what: str,
    recipients: Sequence[Recipient],
    records: Iterable[str],
    *,
    digest: str,
    use: str = "police",
) -> Registered:
    """Write down what goes to whom, before it goes. ``records`` are the ids of all records and links in it."""
    ids = sorted(set(records))
    names = sorted({recipient.ncb for recipient in recipients})
    if not names:
        raise UsageError("Name at least one recipient.")
    caller = scope.caller
    export = {
        "id": new_id("export"),
        "what": what,
        "by": caller.subject,
        "ncb": caller.ncb,
        "purpose": str(caller.purpose),
        "case": caller.case,
        "recipients": names,
        "use": use,
        "digest": digest,
        "objects": len(ids),
    }
    with database.session() as session, session.begin_transaction() as tx:
        conditions = [row["condition"] for row in tx.run(CONDITIONS, ids=ids).data()]
        tx.run(CREATE, export={**export, "conditions": conditions}).consume()
        tx.run(RELEASED, ids=ids, export=export["id"]).consume()
        for ncb in names:
            if ncb != caller.ncb:
                tell(tx, ncb, "export", str(export["id"]), what)
        tx.commit()
    return Registered(str(export["id"]), tuple(names), tuple(conditions))


async def hand_out(
    office: Office,
    view: View,
    what: str,
    recipients: Sequence[Recipient],
    digest: str,
    *,
    use: str = "police",
) -> Registered:
    """Register and audit what was made on a view of ``Door.view_of_all``; only then may it be handed out.

    ``digest`` is the SHA-256 of its content. Raises StoreUnavailable when it cannot be written down.
    """
    registered = await office.do(view.scope, register, what, recipients, view.noted, digest=digest, use=use)
    about = {"export": registered.id, "recipients": list(registered.recipients)}
    made = entry(
        view.scope.caller, "export", "answered", scope=view.scope, objects=len(view.noted), about=about
    )
    await office.auditor.write(made, Sealed(what, view.noted, digest))
    return registered


def received(
    database: Database, scope: Scope, index: SubjectIndex, record: str, *, limit: int = 200
) -> list[Receipt]:
    """Who was given a record of the caller's contributor, by an answer or an export, newest first.

    It goes by the owner of the source, so that it can be asked of blocked and purged records too. Raises NotFound.
    """
    check_speaks(scope.caller)
    owner = database.rows(SOURCE_OWNER, source=record.partition(":")[0])
    if not owner or owner[0]["owner"] != scope.caller.ncb:
        raise NotFound("There is no such record, or none of yours.")
    given = [
        Receipt(one.at, one.entry.ncb, one.entry.who, one.entry.purpose, one.entry.case, one.entry.operation)
        for one in index.given(record, last=limit)
    ]
    exported = [
        Receipt(row["at"], ncb, row["by"], row["purpose"], row["case"], f"export {row['id']}: {row['what']}")
        for row in database.rows(EXPORTS_OF, record=record)
        for ncb in row["recipients"]
    ]
    return sorted([*given, *exported], key=lambda receipt: receipt.at, reverse=True)[:limit]


def conditions_of(handlings: Iterable[Handling]) -> tuple[str, ...]:
    """All conditions of use, each once, for the banner of what is handed out."""
    return tuple(sorted({condition for handling in handlings for condition in handling.conditions}))
