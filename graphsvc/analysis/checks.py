"""Operations 3 to 5: many items at once against what the caller may see. A match is no proof; only its source says so.

All items of a check share two questions to the store, one by identity keys and one by exact terms. An item of which
only hidden records are held is answered as one of which there are none.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.hits import Contact, Stand
from graphsvc.access.view import View
from graphsvc.analysis.search import judged
from graphsvc.errors import UsageError
from graphsvc.identity.sought import Person, Sought, read
from graphsvc.identity.terms import quoted
from graphsvc.model.derive import words
from graphsvc.model.keys import compact
from graphsvc.model.kinds import BY_NAME
from graphsvc.model.vocabulary import Level

MOST = 1_000
MOST_PERSONS = 200
MOST_MATCHES = 20
MOST_CANDIDATES = 500
NO_HIT, CANDIDATES, HIT = "NO_HIT", "CANDIDATES", "HIT"
UNVERIFIED, REFUTED = "unverified", "false"
ENDED = frozenset({"recovered"})
NOT_REVIEWED = "not yet reviewed"
IN_WORDS = frozenset({"make", "colour", "calibre", "name"})
"""Fields that agree when their words do."""


class CheckMatch(msgspec.Struct, frozen=True):
    """A record that is, or may be, what was asked for, with the terms on which it may be used."""

    id: Annotated[str, Meta(description="Id of the record.")]
    kind: Annotated[str, Meta(description="Kind of record.")]
    caption: Annotated[str, Meta(description="One line for people.")]
    owner: Annotated[str, Meta(description="Contributor whose record it is, and who alone can confirm it.")]
    status: Annotated[
        str | None, Meta(description="Why it is reported: stolen, lost, revoked …; null if it is not.")
    ]
    exact: Annotated[
        bool, Meta(description="It carries an identifier that was asked for; else it is a candidate.")
    ]
    score: Annotated[float, Meta(description="Between 0 and 1; no probability.")]
    reasons: Annotated[tuple[str, ...], Meta(description="What agrees with what was asked for.")]
    differs: Annotated[
        tuple[str, ...], Meta(description="Fields that say something else than what was asked for.")
    ]
    conditions: Annotated[tuple[str, ...], Meta(description="Conditions of use that its owner set.")]
    level: Annotated[str, Meta(description="Confidentiality: OFFICIAL, RESTRICTED or CONFIDENTIAL.")]
    state: Annotated[
        str,
        Meta(
            description="unverified until its source says confirmed or false; stale when it has changed since."
        ),
    ]
    hit: Annotated[
        str | None, Meta(description="Id of the hit that was opened for this case; null before `openHit`.")
    ]


class Noticed(msgspec.Struct, frozen=True):
    """A notice on a record that matched, or on somebody who holds or used it: the thing itself may well be valid."""

    record_id: Annotated[str, Meta(description="The record that matched.")]
    person_id: Annotated[
        str | None, Meta(description="Who holds or used it; null when the notice is on the record itself.")
    ]
    id: Annotated[str, Meta(description="Id of the notice.")]
    colour: Annotated[str, Meta(description="Colour of the notice.")]
    issuer: Annotated[str, Meta(description="Who asked for it.")]
    mark: Annotated[
        str | None, Meta(description="`not yet reviewed` for a diffusion that nobody has reviewed.")
    ]
    conditions: Annotated[tuple[str, ...], Meta(description="Conditions of use that its owner set.")]


class CheckAnswer(msgspec.Struct, frozen=True):
    """The answer for one item. An item that nobody holds and one that is held out of sight look the same."""

    number: Annotated[int, Meta(description="Place of the item in the question, from 0.")]
    outcome: Annotated[
        str,
        Meta(
            description="NO_HIT, CANDIDATES (somebody must look), or HIT (an identifier that its owner reports)."
        ),
    ]
    readable: Annotated[bool, Meta(description="False when nothing was looked for; the findings say why.")]
    findings: Annotated[
        tuple[str, ...], Meta(description="What the identifier tells by itself: check digits, form.")
    ]
    matches: Annotated[tuple[CheckMatch, ...], Meta(description="Records, exact ones first.")]
    valid: Annotated[
        tuple[CheckMatch, ...],
        Meta(
            description="Records of it that nobody reports, apart because a notice is on whoever holds or used it."
        ),
    ]
    noticed: Annotated[
        tuple[Noticed, ...], Meta(description="Notices on these records and on those who hold them.")
    ]
    contacts: Annotated[
        tuple[Contact, ...],
        Meta(description="Somebody holds something and wants to be reached through the General Secretariat."),
    ]
    truncated: Annotated[bool, Meta(description="There are more records; ask more narrowly.")]


class Checks(msgspec.Struct, frozen=True):
    """Answers in the order of the items."""

    answers: Annotated[tuple[CheckAnswer, ...], Meta(description="One for each item.")]
    as_of: Annotated[str, Meta(description="Time for which they hold.")]


async def check(view: View, items: Sequence[msgspec.Struct]) -> Checks:
    """Look for all items at once. Raises UsageError for none or too many."""
    most = MOST_PERSONS if items and isinstance(items[0], Person) else MOST
    if not 1 <= len(items) <= most:
        raise UsageError(f"Check 1 to {most:,} items at a time.")
    sought = [read(item) for item in items]
    by_key, by_terms = await _by_key(view, sought), await _by_terms(view, sought)
    found = await asyncio.to_thread(
        lambda: [_found(one, by_key.get(at, []), by_terms.get(at, [])) for at, one in enumerate(sought)]
    )
    shown = [_Shown(some[:MOST_MATCHES], len(some) > MOST_MATCHES) for some in found]
    ids = sorted({one.record["id"] for some in shown for one in some.found})
    stands, notices = await view.stands(ids), await _notices(view, ids)
    contacts: dict[str, Contact] = {
        one.key: one for one in await view.contacts([key for one in sought for key in (*one.keys, *one.near)])
    }
    answers = tuple(
        _answer(view, at, one, some, stands, notices, contacts)
        for at, (one, some) in enumerate(zip(sought, shown, strict=True))
    )
    return Checks(answers, view.scope.as_of)


class _Found(msgspec.Struct, frozen=True):
    """A record with how it was found."""

    record: dict[str, Any]
    exact: bool
    score: float
    reasons: tuple[str, ...]
    differs: tuple[str, ...]


class _Shown(msgspec.Struct, frozen=True):
    found: list[_Found]
    more: bool


async def _by_key(view: View, sought: Sequence[Sought]) -> dict[int, list[dict[str, Any]]]:
    asked = [
        {"number": at, "keys": one.keys, "terms": " OR ".join(map(quoted, one.keys))}
        for at, one in enumerate(sought)
        if one.keys
    ]
    return await _rows(view, "checks/keys", asked, MOST_CANDIDATES)


async def _by_terms(view: View, sought: Sequence[Sought]) -> dict[int, list[dict[str, Any]]]:
    asked = [
        {
            "number": at,
            "terms": one.wanted,
            "kinds": one.kinds,
            "words": one.words,
            "born_from": one.born[0],
            "born_to": one.born[1],
        }
        for at, one in enumerate(sought)
        if one.wanted
    ]
    return await _rows(view, "checks/candidates", asked, MOST_CANDIDATES)


async def _rows(
    view: View, query: str, asked: list[dict[str, Any]], most: int
) -> dict[int, list[dict[str, Any]]]:
    rows = await view.rows(query, asked=asked, most=most) if asked else []
    return {row["number"]: row["found"] for row in rows}


def _found(sought: Sought, keyed: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[_Found]:
    """The records of one item, exact and reported ones first, then by score, equals in order of their ids."""
    found = {row["id"]: _exact(sought, row["record"]) for row in keyed}
    for row in others:
        if row["id"] not in found and (one := _candidate(sought, row)):
            found[row["id"]] = one
    return sorted(
        found.values(),
        key=lambda one: (not one.exact, not _reported(one.record), -one.score, one.record["id"]),
    )


def _exact(sought: Sought, record: dict[str, Any]) -> _Found:
    shared = tuple(key for key in sought.keys if key in record["keys"])
    agrees, differs = _compared(sought.asked, record)
    return _Found(record, True, 1.0, (*shared, *(f"same {name}" for name in agrees)), differs)


def _candidate(sought: Sought, row: dict[str, Any]) -> _Found | None:
    record = row["record"]
    agrees, differs = _compared(sought.asked, record)
    reasons: tuple[str, ...] = tuple(f"same {name}" for name in agrees)
    score = len(agrees) / (len(agrees) + len(differs)) if agrees or differs else 0.5
    if sought.name is not None:
        hits = judged(sought.name, row)
        if not hits:
            return None
        score, reasons = hits[0][0], (*hits[0][1].reasons, *(one for one in reasons if one != "same name"))
        if "birth_date" in sought.asked and "birth_date" not in record:
            reasons = (*reasons, "its birth date is not known")
    return _Found(record, False, round(score, 4), reasons or ("holds the number",), differs)


def _compared(asked: Mapping[str, str], record: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields that agree with what was asked for, and fields that say something else."""
    both = [
        (name, text, str(record[name])) for name, text in asked.items() if isinstance(record.get(name), str)
    ]
    agrees = tuple(name for name, text, held in both if _same(name, text, held))
    return agrees, tuple(name for name, _, _ in both if name not in agrees and name != "name")


def _same(name: str, text: str, held: str) -> bool:
    if name == "birth_date":
        return held.startswith(text) or text.startswith(held)
    return words(text) == words(held) if name in IN_WORDS else compact(text) == compact(held)


def _reported(record: Mapping[str, Any]) -> bool:
    """Whether its owner reports it; what has no state to report is of interest by being there."""
    if BY_NAME[record["kind"]].field("status") is None:
        return True
    return bool(record.get("status")) and record["status"] not in ENDED


async def _notices(view: View, ids: list[str]) -> dict[str, list[Noticed]]:
    notices: dict[str, list[Noticed]] = defaultdict(list)
    for row in await view.rows("checks/noticed", ids=ids) if ids else ():
        notices[row["of"]].append(
            Noticed(
                row["of"],
                row["through"],
                row["id"],
                row["colour"],
                row["issuer"],
                mark(row["diffusion"], row["compliance"]),
                view.handling(row["handling"]).conditions,
            )
        )
    return notices


def mark(diffusion: bool, compliance: str | None) -> str | None:
    """What must stand beside a diffusion that nobody has reviewed."""
    return NOT_REVIEWED if diffusion and compliance in (None, "not_reviewed") else None


def _answer(
    view: View,
    at: int,
    sought: Sought,
    shown: _Shown,
    stands: Mapping[str, Stand],
    notices: Mapping[str, list[Noticed]],
    contacts: Mapping[str, Contact],
) -> CheckAnswer:
    matches = [_match(view, one, stands.get(one.record["id"])) for one in shown.found]
    reported = {one.record["id"] for one in shown.found if _reported(one.record)}
    valid = [
        one
        for one in matches
        if one.kind == "Document" and one.exact and one.id not in reported and one.id in notices
    ]
    kept = [one for one in matches if one not in valid]
    theirs = tuple(contacts[key] for key in (*sought.keys, *sought.near) if key in contacts)
    sure = any(one.exact and one.id in reported and one.state != REFUTED for one in kept)
    return CheckAnswer(
        at,
        HIT if sure else CANDIDATES if matches or theirs else NO_HIT,
        sought.readable,
        sought.findings,
        tuple(kept),
        tuple(valid),
        tuple(notice for one in matches for notice in notices.get(one.id, ())),
        theirs,
        shown.more,
    )


def _match(view: View, found: _Found, stand: Stand | None) -> CheckMatch:
    record, handling = found.record, view.handling(found.record["handling"])
    return CheckMatch(
        record["id"],
        record["kind"],
        record["caption"],
        record["owner"],
        record.get("status"),
        found.exact,
        found.score,
        found.reasons,
        found.differs,
        handling.conditions,
        Level(handling.level).name,
        _state(record, stand),
        stand.id if stand else None,
    )


def _state(record: Mapping[str, Any], stand: Stand | None) -> str:
    if stand is None:
        return UNVERIFIED
    changed = stand.state in (UNVERIFIED, "confirmed") and record["digest"] != stand.digest
    return "stale" if changed else stand.state
