"""Oversight in GraphQL: the queue of reviews, decisions, how notices are used, requests of persons, and agreements."""

from typing import Annotated, Any

import msgspec
import strawberry

from graphsvc.access import compliance, hits, owning, patterns, subjects
from graphsvc.access.scope import Scope
from graphsvc.api.context import Info
from graphsvc.api.fields import argument, operation, told
from graphsvc.api.types import output
from graphsvc.errors import UsageError
from graphsvc.store import agreements

MOST = 500
IDS = list[strawberry.ID]
Record = Annotated[strawberry.ID, argument("The record.")]
Reason = Annotated[str, argument("Why; it is kept, and its owner is told.")]


class Property(msgspec.Struct, frozen=True):
    """One property of a record."""

    name: Annotated[str, told("Name.")]
    value: Annotated[str, told("Value; a list as JSON.")]


class DisclosedRecord(msgspec.Struct, frozen=True):
    """A record that its owner disclosed on a person's request."""

    id: Annotated[str, told("Id of the record.")]
    properties: Annotated[tuple[Property, ...], told("All that it holds.")]
    links: Annotated[tuple[str, ...], told("Its links, as JSON.")]


async def _do(info: Info, work: Any, *args: Any, **kwargs: Any) -> Any:
    scope: Scope = (await info.context.view()).scope
    return await info.context.office.do(scope, work, *args, **kwargs)


def _first(first: int) -> int:
    if not 1 <= first <= MOST:
        raise UsageError(f"Ask for 1 to {MOST} at a time.")
    return first


First = Annotated[int, argument(f"How many, {MOST} at most.")]


async def contacts(
    info: Info, keys: Annotated[list[str], argument("Identity keys, as in `keys` of a record.")]
) -> list[hits.Contact]:
    return list(await (await info.context.view()).contacts(keys))


async def review_queue(
    info: Info,
    state: Annotated[str, argument("open, compliant, blocked or needs_information.")] = "open",
    first: First = 100,
) -> list[compliance.Queued]:
    return await compliance.queue(await info.context.view(), state=state, limit=_first(first))


async def review_remarks(info: Info, id: Record) -> list[compliance.Remark]:
    found: list[compliance.Remark] = await _do(info, compliance.remarks, id)
    return found


async def same_facts(info: Info, id: Record) -> list[compliance.Related]:
    return await compliance.same_facts(await info.context.view(), id)


async def notice_patterns(info: Info) -> patterns.NoticePatterns:
    noted = await _do(info, compliance.books)
    return await patterns.notice_patterns(await info.context.view(), noted)


async def subject_requests(info: Info, first: First = 100) -> list[subjects.SubjectPart]:
    found: list[subjects.SubjectPart] = await _do(info, subjects.parts, limit=_first(first))
    return found


async def subject_file(
    info: Info, request: Annotated[strawberry.ID, argument("The request.")]
) -> list[DisclosedRecord]:
    rows: list[subjects.Disclosed] = await _do(info, subjects.disclosed, request)
    return [
        DisclosedRecord(
            row.record["id"],
            tuple(Property(name, _text(value)) for name, value in sorted(row.record.items())),
            tuple(msgspec.json.encode(link).decode() for link in row.links),
        )
        for row in rows
    ]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


async def all_agreements(info: Info) -> list[agreements.Agreement]:
    def work(database: Any, _: Scope) -> list[agreements.Agreement]:
        return agreements.agreements(database)

    found: list[agreements.Agreement] = await _do(info, work)
    return found


async def review_compliance(
    info: Info,
    id: Record,
    decision: Annotated[str, argument("compliant, blocked or needs_information.")],
    reason: Reason,
    also: Annotated[
        IDS | None, argument("Further records on the same facts that are decided with it.")
    ] = None,
) -> list[compliance.Related]:
    related = await compliance.same_facts(await info.context.view(), id) if decision == "blocked" else []
    await _do(info, compliance.review, id, decision, reason, tuple(also or ()))
    return related


async def add_remark(
    info: Info, id: Record, text: Annotated[str, argument("What is added to the file of review.")]
) -> bool:
    await _do(info, compliance.add_remark, id, text)
    return True


async def set_publication(
    info: Info, id: Record, publication: Annotated[str, argument("draft, published, cancelled or withdrawn.")]
) -> bool:
    await _do(info, compliance.set_publication, id, publication)
    return True


async def note_fact(
    info: Info,
    person: Annotated[strawberry.ID, argument("The person.")],
    kind: Annotated[str, argument("asylum or refused extradition.")],
    country: Annotated[str, argument("Country that gave or refused it.")],
    since: Annotated[str, argument("Since when, as an ISO 8601 prefix.")] = "",
) -> str:
    found: str = await _do(info, compliance.add_fact, person, kind, country, since)
    return found


async def subject_request(
    info: Info,
    kind: Annotated[str, argument("access, correction or deletion.")],
    applicant: Annotated[str, argument("Reference of the application; it names nobody.")],
    name: Annotated[str, argument("Name of the person.")] = "",
    birth_date: Annotated[str | None, argument("Birth date, as precisely as is known.")] = None,
    keys: Annotated[list[str] | None, argument("Identity keys of the person and its documents.")] = None,
) -> str:
    found: str = await _do(
        info,
        subjects.open_request,
        kind,
        applicant,
        name=name,
        birth_date=birth_date,
        keys=tuple(keys or ()),
    )
    return found


async def answer_subject_request(
    info: Info,
    id: Annotated[strawberry.ID, argument("The part that your contributor must answer.")],
    answer: Annotated[str, argument("disclosed, corrected, deleted or refused.")],
    reason: Annotated[str, argument("Why.")],
) -> bool:
    await _do(info, subjects.answer_part, id, answer, reason)
    return True


async def leave_agreement(
    info: Info, name: Annotated[str, argument("The agreement.")], reason: Reason
) -> list[str]:
    found: list[str] = await _do(info, owning.leave_agreement, name, reason)
    return found


def _many(struct: type[msgspec.Struct]) -> Any:
    return list[output(struct)]  # type: ignore[misc]


QUERIES = [
    operation(
        "contacts",
        contacts,
        _many(hits.Contact),
        "Where somebody holds a hidden record on an identifier and wants to be reached.",
    ),
    operation("agreements", all_agreements, _many(agreements.Agreement), "Agreements and their members."),
    operation(
        "reviewQueue",
        review_queue,
        _many(compliance.Queued),
        "For compliance officers: what is to be reviewed.",
    ),
    operation(
        "reviewRemarks",
        review_remarks,
        _many(compliance.Remark),
        "For compliance officers: a file of review.",
    ),
    operation(
        "sameFacts",
        same_facts,
        _many(compliance.Related),
        "For compliance officers: what the sender of a notice holds beside it on the same facts.",
    ),
    operation(
        "noticePatterns",
        notice_patterns,
        output(patterns.NoticePatterns),
        "For compliance officers: how notices are used, with evidence.",
    ),
    operation(
        "subjectRequests",
        subject_requests,
        _many(subjects.SubjectPart),
        "Requests of persons about themselves that you must answer.",
    ),
    operation(
        "subjectFile",
        subject_file,
        _many(DisclosedRecord),
        "For officers for such requests: all that owners disclosed.",
    ),
]
MUTATIONS = [
    operation(
        "reviewCompliance",
        review_compliance,
        _many(compliance.Related),
        "Decide on a record; a block answers with the sender's other records on the same facts.",
    ),
    operation("addRemark", add_remark, bool, "Add to a file of review."),
    operation("setPublication", set_publication, bool, "Note whether a notice is out, apart from review."),
    operation(
        "noteFact", note_fact, str, "Note asylum or a refused extradition, for compliance officers only."
    ),
    operation(
        "subjectRequest", subject_request, str, "Look for a person in every file; the id of the request."
    ),
    operation(
        "answerSubjectRequest", answer_subject_request, bool, "Answer a person's request for your records."
    ),
    operation("leaveAgreement", leave_agreement, list[str], "Leave an agreement; those who stay in it."),
]
