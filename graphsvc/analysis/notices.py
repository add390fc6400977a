"""Operation 6: notices and diffusions by what they say, latest first, a page at a time."""

from typing import Annotated

import msgspec
from msgspec import Meta

from graphsvc.access.compliance import PUBLICATIONS
from graphsvc.access.compliance import STATES as DECIDED
from graphsvc.access.view import View
from graphsvc.analysis.checks import mark
from graphsvc.errors import UsageError
from graphsvc.model import days
from graphsvc.model.vocabulary import AREAS, COLOURS

MOST = 200
COMPLIANCE = ("not_reviewed", *DECIDED[1:])


class NoticeFilter(msgspec.Struct, frozen=True):
    """Narrows the notices; None leaves a part open. ``since`` and ``until`` are ISO 8601 prefixes of the day of
    publication, ``charge`` a part of a charge."""

    colours: tuple[str, ...] | None = None
    issuers: tuple[str, ...] | None = None
    charge: str | None = None
    areas: tuple[str, ...] | None = None
    compliance: tuple[str, ...] | None = None
    publications: tuple[str, ...] | None = None
    diffusion: bool | None = None
    since: str | None = None
    until: str | None = None


class NoticeLine(msgspec.Struct, frozen=True):
    """A notice or diffusion."""

    id: Annotated[str, Meta(description="Id of the notice.")]
    colour: Annotated[str, Meta(description="Colour.")]
    reference: Annotated[str | None, Meta(description="Reference.")]
    issuer: Annotated[str, Meta(description="Who asked for it.")]
    owner: Annotated[str, Meta(description="Contributor whose record it is.")]
    charges: Annotated[tuple[str, ...], Meta(description="Charges.")]
    areas: Annotated[tuple[str, ...], Meta(description="Crime areas.")]
    published_at: Annotated[str | None, Meta(description="When it was published.")]
    diffusion: Annotated[bool, Meta(description="Sent by the country itself, before review.")]
    compliance: Annotated[str, Meta(description="not_reviewed, compliant, needs_information or blocked.")]
    publication: Annotated[
        str, Meta(description="draft, published, cancelled or withdrawn: apart from review.")
    ]
    mark: Annotated[
        str | None, Meta(description="`not yet reviewed` for a diffusion that nobody has reviewed.")
    ]
    conditions: Annotated[tuple[str, ...], Meta(description="Conditions of use that its owner set.")]
    subject_ids: Annotated[
        tuple[str, ...], Meta(description="Whom or what it is about, as far as it may be seen.")
    ]


class NoticesFound(msgspec.Struct, frozen=True):
    """One page, latest first, equals in order of ids. ``last`` is the day and id of the last of the page."""

    notices: tuple[NoticeLine, ...]
    last: tuple[int, str] | None


async def notices(
    view: View, where: NoticeFilter, *, first: int = 50, after: tuple[int, str] | None = None
) -> NoticesFound:
    """Notices that fit. ``after`` is the ``last`` of the page before. Raises UsageError."""
    if not 1 <= first <= MOST:
        raise UsageError(f"Ask for 1 to {MOST} notices a page.")
    _known("colour", where.colours, COLOURS)
    _known("crime area", where.areas, AREAS)
    _known("state of review", where.compliance, COMPLIANCE)
    _known("state of publication", where.publications, PUBLICATIONS)
    rows = await view.rows(
        "checks/notices",
        colours=where.colours,
        issuers=where.issuers,
        charge=where.charge.lower() if where.charge else None,
        areas=where.areas,
        compliance=where.compliance,
        publications=where.publications,
        diffusion=where.diffusion,
        since=_day(where.since, last=False),
        until=_day(where.until, last=True),
        after_day=after[0] if after else None,
        after_id=after[1] if after else None,
        most=first + 1,
    )
    page = rows[:first]
    lines = tuple(
        NoticeLine(
            row["id"],
            row["colour"],
            row["reference"],
            row["issuer"],
            row["owner"],
            tuple(row["charges"] or ()),
            tuple(row["areas"] or ()),
            row["published_at"],
            row["diffusion"],
            row["compliance"],
            row["publication"],
            mark(row["diffusion"], row["compliance"]),
            view.handling(row["handling"]).conditions,
            tuple(row["subjects"]),
        )
        for row in page
    )
    return NoticesFound(lines, (page[-1]["day"], page[-1]["id"]) if len(rows) > first else None)


def _known(what: str, given: tuple[str, ...] | None, known: tuple[str, ...]) -> None:
    for name in given or ():
        if name not in known:
            raise UsageError(f"There is no {what} {name}; use one of {', '.join(known)}.")


def _day(prefix: str | None, *, last: bool) -> int | None:
    if prefix is None:
        return None
    try:
        return days.last_day(prefix) if last else days.first_day(prefix)
    except (ValueError, IndexError, OverflowError):
        raise UsageError("A day looks like 2024, 2024-03 or 2024-03-01.") from None
