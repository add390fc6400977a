"""Between owners, in GraphQL: hits, requests, who received what, decisions over one's own records, messages.

What belongs to a contributor as a whole is for those who speak for it, so that no list depends on what a caller of
a lower level may not see.
"""

from typing import Annotated, Any

import msgspec
import strawberry

from graphsvc.access import hits, owning, recipients, requests
from graphsvc.access.scope import Scope
from graphsvc.analysis import search
from graphsvc.api.context import Info
from graphsvc.api.fields import argument, operation
from graphsvc.api.inputs import given, taken
from graphsvc.api.types import NAMES, output
from graphsvc.errors import UsageError
from graphsvc.model.narrowing import Terms
from graphsvc.store import retention

NAMES[search.Hit] = "Candidate"

MOST = 500
IDS = list[strawberry.ID]

HandlingTerms = given(
    Terms,
    "HandlingTerms",
    {
        "level": "Least confidentiality: 1 official, 2 restricted, 3 confidential; 0 leaves it.",
        "only": "Terms that alone may go on seeing it; an empty list keeps it at home.",
        "also": "Terms to whom it is opened beside: FR, region:EUROPE, agreement:NAME.",
        "deny": "Terms that may no longer see it.",
        "units": "Units and case teams that alone may see it.",
        "purposes": "Purposes for which alone it may be used.",
        "conditions": "Conditions of use, added to those that stand.",
        "class_": "Protection: ordinary, minor, victim, blocked or expired; empty leaves it.",
        "hit": "What a match shows to others: open, silent or contact; empty leaves it.",
    },
)


async def _scope(info: Info) -> Scope:
    return (await info.context.view()).scope


def _first(first: int) -> int:
    if not 1 <= first <= MOST:
        raise UsageError(f"Ask for 1 to {MOST} at a time.")
    return first


FIRST = Annotated[int, argument(f"How many, {MOST} at most.")]


async def own_hits(
    info: Info,
    state: Annotated[str | None, argument("unverified, confirmed, false or stale.")] = None,
    first: FIRST = 100,
) -> list[hits.Hit]:
    return await info.context.office.do(await _scope(info), hits.hits, state=state, limit=_first(first))


async def own_requests(info: Info, first: FIRST = 100) -> list[requests.OwnerRequest]:
    return await info.context.office.do(await _scope(info), requests.requests, limit=_first(first))


async def received(
    info: Info,
    id: Annotated[strawberry.ID, argument("A record of the caller's contributor.")],
    first: FIRST = 200,
) -> list[recipients.Receipt]:
    office = info.context.office
    return await office.do(await _scope(info), recipients.received, office.given, id, limit=_first(first))


async def messages(
    info: Info, all: Annotated[bool, argument("Also those that were read.")] = False, first: FIRST = 100
) -> list[owning.Message]:
    return await info.context.office.do(await _scope(info), owning.messages, all=all, limit=_first(first))


async def own_decisions(
    info: Info,
    state: Annotated[str | None, argument("in force or released.")] = None,
    about: Annotated[strawberry.ID | None, argument("A record or link.")] = None,
    first: FIRST = 100,
) -> list[owning.OwnDecision]:
    scope = await _scope(info)
    return await info.context.office.do(
        scope, owning.decisions, state=state, about=about, limit=_first(first)
    )


async def retention_due(
    info: Info, within: Annotated[int, argument("Days from today.")] = 90
) -> list[retention.Due]:
    return await info.context.office.do(await _scope(info), owning.due, within)


async def open_hit(
    info: Info, record: Annotated[strawberry.ID, argument("The record that is taken for a match.")]
) -> str:
    return await info.context.office.do(await _scope(info), hits.open_hit, record)


async def review_hit(
    info: Info,
    id: Annotated[strawberry.ID, argument("The hit.")],
    state: Annotated[str, argument("confirmed, false or stale.")],
    reason: Annotated[str, argument("Why.")],
) -> bool:
    await info.context.office.do(await _scope(info), hits.review_hit, id, state, reason)
    return True


async def request_to_owner(
    info: Info,
    kind: Annotated[str, argument("verify, widen or contact.")],
    about: Annotated[strawberry.ID, argument("A record, or the reference of a contact.")],
    reason: Annotated[str, argument("Why.")],
    deadline: Annotated[str, argument("Day by which an answer is needed.")],
) -> list[str]:
    work = requests.request_to_owner
    return list(await info.context.office.do(await _scope(info), work, kind, about, reason, deadline))


async def answer_request(
    info: Info,
    id: Annotated[strawberry.ID, argument("The request.")],
    granted: Annotated[bool, argument("Whether it is granted.")],
    answer: Annotated[str, argument("The answer in words.")],
) -> bool:
    work = requests.answer_request
    await info.context.office.do(await _scope(info), work, id, granted=granted, answer=answer)
    return True


async def forward_answer(
    info: Info,
    reference: Annotated[strawberry.ID, argument("Reference of the contact.")],
    answer: Annotated[str, argument("What the one who asked is told.")],
) -> bool:
    await info.context.office.do(await _scope(info), requests.forward_answer, reference, answer)
    return True


async def change_handling(
    info: Info,
    op: Annotated[str, argument("restrict, widen or withdraw.")],
    ids: Annotated[IDS, argument("Records and links of the caller's contributor.")],
    reason: Annotated[str, argument("Why.")],
    terms: Annotated[Any, argument("What changes; nothing for withdraw.", HandlingTerms | None)] = None,
    reference: Annotated[str, argument("What it refers to.")] = "",
) -> owning.OwnDecision:
    scope, changed = await _scope(info), taken(Terms, terms)
    return await info.context.office.do(scope, owning.change, op, ids, changed, reason, reference)


async def release_decision(
    info: Info,
    id: Annotated[strawberry.ID, argument("The decision.")],
    reason: Annotated[str, argument("Why it is taken back.")],
) -> owning.OwnDecision:
    return await info.context.office.do(await _scope(info), owning.release, id, reason)


async def renew_retention(
    info: Info,
    ids: Annotated[IDS, argument("Records and links of the caller's contributor.")],
    until: Annotated[str, argument("New last day.")],
    reason: Annotated[str, argument("Why they are still needed.")],
) -> owning.OwnDecision:
    return await info.context.office.do(await _scope(info), owning.renew, ids, until, reason)


async def read_messages(info: Info, ids: Annotated[IDS, argument("Messages that were read.")]) -> int:
    return await info.context.office.do(await _scope(info), owning.read_messages, ids)


def many(struct: type[msgspec.Struct]) -> Any:
    """A list of the GraphQL type of a struct."""
    return list[output(struct)]  # type: ignore[misc]


QUERIES = [
    operation("hits", own_hits, many(hits.Hit), "Hits on your records, and those of your own questions."),
    operation(
        "requests", own_requests, many(requests.OwnerRequest), "Requests that you made or must answer."
    ),
    operation(
        "received", received, many(recipients.Receipt), "Who received a record of yours, when and why."
    ),
    operation("messages", messages, many(owning.Message), "What your contributor was told."),
    operation("decisions", own_decisions, many(owning.OwnDecision), "Decisions over your records."),
    operation("retentionDue", retention_due, many(retention.Due), "Your records that expire soon."),
]
MUTATIONS = [
    operation(
        "openHit", open_hit, str, "Ask the source to verify that a record is a match; the id of the hit."
    ),
    operation("reviewHit", review_hit, bool, "Say of a hit on your record what it is."),
    operation(
        "requestToOwner", request_to_owner, list[str], "Ask an owner to verify, widen or contact; the ids."
    ),
    operation(
        "answerRequest",
        answer_request,
        bool,
        "Answer a request; a granted one to widen takes effect at once.",
    ),
    operation(
        "forwardAnswer",
        forward_answer,
        bool,
        "As the General Secretariat, tell the one who asked through it.",
    ),
    operation(
        "changeHandling",
        change_handling,
        output(owning.OwnDecision),
        "Restrict, widen or withdraw your records.",
    ),
    operation(
        "releaseDecision",
        release_decision,
        output(owning.OwnDecision),
        "Take a decision over your records back.",
    ),
    operation(
        "renewRetention",
        renew_retention,
        output(owning.OwnDecision),
        "Keep your records longer, for a reason.",
    ),
    operation("readMessages", read_messages, int, "Mark messages as read; how many."),
]
