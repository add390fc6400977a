"""What those who speak for a contributor do: decide over its records, read what it was told, keep records longer.

What belongs to a contributor as a whole is for them alone, so that no list depends on what a caller of a lower level
may not see.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from graphsvc.access.caller import check_speaks
from graphsvc.access.scope import Scope
from graphsvc.errors import UsageError
from graphsvc.model.narrowing import Terms
from graphsvc.store import agreements, retention, tell
from graphsvc.store import decisions as store
from graphsvc.store.database import Database

OPS = frozenset({"restrict", "widen", "withdraw"})
"""What an owner decides; blocking is for compliance officers, expiring for the calendar."""
LONGEST = 2_000


class Message(msgspec.Struct, frozen=True):
    """What the caller's contributor was told."""

    id: Annotated[str, Meta(description="Id of the message.")]
    at: Annotated[str, Meta(description="When.")]
    op: Annotated[str, Meta(description="What happened.")]
    about: Annotated[str, Meta(description="Record, hit, request or export that it is about.")]
    what: Annotated[str | None, Meta(description="In words.")] = None
    export: Annotated[str | None, Meta(description="The export by which it was received.")] = None
    read: Annotated[bool, Meta(description="It was marked as read.")] = False


class OwnDecision(msgspec.Struct, frozen=True):
    """A decision over records of the caller's contributor."""

    id: Annotated[str, Meta(description="Id of the decision.")]
    op: Annotated[str, Meta(description="restrict, widen, withdraw, block, expire or renew.")]
    state: Annotated[str, Meta(description="in force or released.")]
    by: Annotated[str, Meta(description="Who decided.")]
    by_ncb: Annotated[str, Meta(description="For which contributor.")]
    reason: Annotated[str, Meta(description="Why.")]
    records: Annotated[tuple[str, ...], Meta(description="Records that it is about.")]
    links: Annotated[tuple[str, ...], Meta(description="Links that it is about.")]
    terms: Annotated[str, Meta(description="Its terms, as JSON.")]
    reference: Annotated[str | None, Meta(description="What it refers to.")]
    released_by: Annotated[str | None, Meta(description="Who took it back.")]
    release_reason: Annotated[str | None, Meta(description="Why it was taken back.")]


def messages(database: Database, scope: Scope, *, all: bool = False, limit: int = 100) -> list[Message]:
    """What the contributor was told, newest first; the unread alone unless ``all``."""
    check_speaks(scope.caller)
    return msgspec.convert(tell.messages(database, scope.caller.ncb, all=all, limit=limit), list[Message])


def read_messages(database: Database, scope: Scope, ids: Sequence[str]) -> int:
    """Mark messages as read; how many."""
    check_speaks(scope.caller)
    return tell.mark_read(database, scope.caller.ncb, ids)


def decisions(
    database: Database, scope: Scope, *, state: str | None = None, about: str | None = None, limit: int = 100
) -> list[OwnDecision]:
    """Decisions over the contributor's records, newest first."""
    check_speaks(scope.caller)
    found = store.decisions(database, owner=scope.caller.ncb, state=state, element=about, limit=limit)
    return [_shown(one) for one in found]


def due(database: Database, scope: Scope, within: int) -> list[retention.Due]:
    """The contributor's records that expire within some days, as far as the caller sees them."""
    check_speaks(scope.caller)
    if not 0 <= within <= 3_653:
        raise UsageError("Look 0 to 3653 days ahead.")
    return retention.due(database, within=within, owner=scope.caller.ncb, held=list(scope.held))


def change(
    database: Database, scope: Scope, op: str, ids: Sequence[str], terms: Terms, reason: str, reference: str
) -> OwnDecision:
    """Restrict, widen or withdraw records and links. Raises NotFound for all that is not the contributor's."""
    if op not in OPS:
        raise UsageError("An owner may restrict, widen or withdraw.")
    order = store.Order(store.Op(op), terms, tuple(ids), _said(reason), reference)
    return _shown(store.decide(database, order, _decider(scope)))


def release(database: Database, scope: Scope, id: str, reason: str) -> OwnDecision:
    """Take a decision back. Raises NotFound, ConflictError."""
    return _shown(store.release(database, id, _decider(scope), _said(reason), ops=OPS))


def renew(database: Database, scope: Scope, ids: Sequence[str], until: str, reason: str) -> OwnDecision:
    """Keep records until another day, for a reason. Raises NotFound, UsageError."""
    return _shown(retention.renew(database, ids, until, _said(reason), _decider(scope)))


def leave_agreement(database: Database, scope: Scope, name: str, reason: str) -> list[str]:
    """Take the caller's contributor out of an agreement; those who stay. Raises NotFound."""
    check_speaks(scope.caller)
    caller = scope.caller
    return list(agreements.leave(database, name, caller.ncb, by=caller.subject, reason=reason).members)


def _decider(scope: Scope) -> store.Decider:
    """The caller, over the records of its own contributor that it may see."""
    check_speaks(scope.caller)
    caller = scope.caller
    return store.Decider(caller.subject, caller.ncb, caller.ncb, frozenset(scope.held), scope.today)


def _said(reason: str) -> str:
    if not reason.strip() or len(reason) > LONGEST:
        raise UsageError(f"Say why, in {LONGEST:,} signs at most.")
    return reason


def _shown(decision: store.Decision) -> OwnDecision:
    return OwnDecision(
        decision.id,
        decision.op,
        decision.state,
        decision.by,
        decision.by_ncb,
        decision.reason,
        decision.nodes,
        decision.links,
        decision.terms,
        decision.reference or None,
        decision.released_by or None,
        decision.release_reason or None,
    )
