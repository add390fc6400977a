"""How notices are used: for compliance officers only, each finding with its evidence. Nobody is judged by it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.compliance import Noted, check_officer
from graphsvc.access.view import View

BURST_DAYS = 30
BURST_NOTICES = 10
"""Notices of one sender against persons of one nationality within ``BURST_DAYS`` days that are worth a look."""


class Finding(msgspec.Struct, frozen=True):
    """Something that is worth a look, and the records that show it."""

    pattern: Annotated[str, Meta(description="sent again, asylum, refused extradition, political or burst.")]
    issuer: Annotated[str, Meta(description="Sender of the notices.")]
    text: Annotated[str, Meta(description="What was found, in words.")]
    evidence: Annotated[tuple[str, ...], Meta(description="Ids of the notices and persons that show it.")]


class IssuerUse(msgspec.Struct, frozen=True):
    """How one sender uses notices and diffusions."""

    issuer: Annotated[str, Meta(description="Sender.")]
    notices: Annotated[int, Meta(description="Notices and diffusions in all.")]
    diffusions: Annotated[int, Meta(description="How many of them are diffusions.")]
    refused: Annotated[int, Meta(description="Refused at review.")]
    cancelled: Annotated[int, Meta(description="Cancelled or withdrawn.")]
    refusal_rate: Annotated[float, Meta(description="Refused, as a share of all.")]
    cancellation_rate: Annotated[float, Meta(description="Cancelled, as a share of all.")]


class NoticePatterns(msgspec.Struct, frozen=True):
    """The report: rates by sender, highest refusal rate first, and findings."""

    issuers: Annotated[tuple[IssuerUse, ...], Meta(description="Rates by sender.")]
    findings: Annotated[tuple[Finding, ...], Meta(description="What is worth a look.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


class _Notice(msgspec.Struct):
    id: str
    issuer: str
    colour: str
    day: int | None
    diffusion: bool
    refused: bool
    political: bool
    subjects: list[str] = []
    persons: list[str] = []
    nationalities: list[str] = []


async def notice_patterns(view: View, noted: Noted) -> NoticePatterns:
    """The report on what the officer may see. Raises AccessError for all but compliance officers."""
    check_officer(view.scope)
    notices = _read(await view.rows("governance/notices"), noted)
    findings = [*_again(notices), *_facts(notices, noted), *_political(notices), *_bursts(notices)]
    return NoticePatterns(
        tuple(_rates(notices, noted)),
        tuple(sorted(findings, key=lambda f: (f.pattern, f.issuer, f.evidence))),
        view.scope.as_of,
    )


def _read(rows: Iterable[dict[str, Any]], noted: Noted) -> list[_Notice]:
    found: dict[str, _Notice] = {}
    for row in rows:
        notice = found.get(row["id"])
        if notice is None:
            political = any(str(name).startswith("article 3:") for name in row["triggers"] or ())
            refused = row["id"] in noted.refused or row["compliance"] == "blocked"
            notice = found[row["id"]] = _Notice(
                row["id"],
                row["issuer"],
                row["colour"],
                row["day"],
                bool(row["diffusion"]),
                refused,
                political,
            )
        if row["subject"] is not None:
            notice.subjects.append(row["subject"])
            notice.persons.extend(_signs(row))
            notice.nationalities.extend(row["nationalities"] or ())
    return list(found.values())


def _signs(row: dict[str, Any]) -> list[str]:
    """By what a person is known again: record, identity keys, or name with a whole birth date."""
    signs = [row["subject"], *(row["keys"] or ())]
    if row["name"] and len(row["birth_date"] or "") >= 10:
        signs.append(f"{' '.join(sorted(row['name'].casefold().split()))} {row['birth_date']}")
    return signs


def _rates(notices: list[_Notice], noted: Noted) -> list[IssuerUse]:
    total, diffusions, refused, cancelled = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for notice in notices:
        total[notice.issuer] += 1
        diffusions[notice.issuer] += notice.diffusion
        refused[notice.issuer] += notice.refused
        cancelled[notice.issuer] += notice.id in noted.cancelled
    uses = [
        IssuerUse(
            issuer,
            n,
            diffusions[issuer],
            refused[issuer],
            cancelled[issuer],
            round(refused[issuer] / n, 4),
            round(cancelled[issuer] / n, 4),
        )
        for issuer, n in total.items()
    ]
    return sorted(uses, key=lambda use: (-use.refusal_rate, -use.notices, use.issuer))


def _again(notices: list[_Notice]) -> Iterable[Finding]:
    """A later notice or diffusion by the same sender on a person on whom one was refused."""
    refused: dict[tuple[str, str], list[_Notice]] = defaultdict(list)
    for notice in notices:
        if notice.refused:
            for sign in notice.persons:
                refused[notice.issuer, sign].append(notice)
    for notice in notices:
        if notice.refused:
            continue
        before = {
            old.id
            for sign in notice.persons
            for old in refused.get((notice.issuer, sign), ())
            if _later(notice, old)
        }
        if before:
            what = "diffusion" if notice.diffusion else f"{notice.colour} notice"
            text = f"a {what} was sent on somebody on whom {len(before)} had been refused"
            yield Finding("sent again", notice.issuer, text, (notice.id, *sorted(before)))


def _later(notice: _Notice, old: _Notice) -> bool:
    return notice.day is None or old.day is None or notice.day >= old.day


def _facts(notices: list[_Notice], noted: Noted) -> Iterable[Finding]:
    by_person: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for record, kind, country in noted.facts:
        by_person[record].append((kind, country))
    for notice in notices:
        for person in dict.fromkeys(notice.subjects):
            for kind, country in by_person.get(person, ()):
                verb = "gave asylum to" if kind == "asylum" else "refused to extradite"
                yield Finding(kind, notice.issuer, f"{country} {verb} the person sought", (notice.id, person))


def _political(notices: list[_Notice]) -> Iterable[Finding]:
    for notice in notices:
        if notice.political:
            yield Finding(
                "political", notice.issuer, "the charges or facts read as political or similar", (notice.id,)
            )


def _bursts(notices: list[_Notice]) -> Iterable[Finding]:
    """Runs of notices by one sender against one nationality, each as long as it can be."""
    groups: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for notice in notices:
        for nationality in dict.fromkeys(notice.nationalities):
            if notice.day is not None:
                groups[notice.issuer, nationality].append((notice.day, notice.id))
    for (issuer, nationality), dated in sorted(groups.items()):
        dated.sort()
        start = 0
        while start < len(dated):
            end = start
            while end < len(dated) and dated[end][0] < dated[start][0] + BURST_DAYS:
                end += 1
            if end - start >= BURST_NOTICES:
                text = f"{end - start} notices within {BURST_DAYS} days against persons of {nationality}"
                yield Finding("burst", issuer, text, tuple(id for _, id in dated[start:end]))
                start = end
            else:
                start += 1
