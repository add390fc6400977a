"""Reports in GraphQL: the same that ``graphsvc report`` writes, for named recipients and registered."""

import asyncio
from base64 import b64encode
from typing import Annotated, Any

import msgspec
import strawberry

from graphsvc.access.recipients import Recipient
from graphsvc.analysis.compare import Window
from graphsvc.analysis.selection import Filter
from graphsvc.api.context import Info
from graphsvc.api.fields import argument, operation, told
from graphsvc.api.inputs import taken
from graphsvc.api.likeness import level_of
from graphsvc.api.trends import EventFilter, TimeWindow
from graphsvc.api.types import output
from graphsvc.errors import UsageError
from graphsvc.reports.hand_out import WRITERS, handed_out
from graphsvc.reports.make import KINDS, Request
from graphsvc.reports.trends import COUNTRIES, Asked

MEDIA_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


class Report(msgspec.Struct, frozen=True):
    """A report that was handed out, and under which entry of the register."""

    reference: Annotated[str, told("Reference in the register of exports.")]
    recipients: Annotated[tuple[str, ...], told("Who gets it.")]
    conditions: Annotated[tuple[str, ...], told("Conditions of use of what is in it.")]
    name: Annotated[str, told("Name for the file.")]
    media_type: Annotated[str, told("Media type of the file.")]
    content: Annotated[str, told("The file: HTML as text, PDF in Base64.")]
    as_of: Annotated[str, told("Time for which it holds.")]


async def report(
    info: Info,
    topic: Annotated[str, argument("What it tells of: " + ", ".join(KINDS) + ".")],
    recipients: Annotated[
        list[str], argument("Contributors who will get it; it tells what all of them may see.")
    ],
    level: Annotated[str, argument("Highest confidentiality that the recipients may see.")] = "OFFICIAL",
    format: Annotated[str, argument("html or pdf.")] = "html",
    subjects: Annotated[
        list[strawberry.ID] | None, argument("Records that a network or case report is about.")
    ] = None,
    where: Annotated[Any, argument("Which events a report of trends is about.", EventFilter | None)] = None,
    interval: Annotated[
        str, argument("Length of the intervals: day, week, month, quarter or year.")
    ] = "month",
    before: Annotated[Any, argument("First window of the comparison.", TimeWindow | None)] = None,
    after: Annotated[Any, argument("Second window of the comparison.", TimeWindow | None)] = None,
    assessment: Annotated[str, argument("What the analyst makes of it, in a case report.")] = "",
    release: Annotated[bool, argument("Leave small numbers out, for readers outside police.")] = False,
    places: Annotated[
        str, argument("Where small numbers are left out, what is told of places: countries or routes.")
    ] = COUNTRIES,
) -> Report:
    if format not in WRITERS:
        raise UsageError(f"A report is written as {' or '.join(WRITERS)}.")
    to = [Recipient(ncb.upper(), level_of(level)) for ncb in recipients]
    view = await info.context.leaving(to)
    chosen = taken(Filter, where)
    windows = [None if one is None else taken(Window, one) for one in (before, after)]
    asked = Asked(chosen, interval, windows[0], windows[1], release, places)
    names = tuple(dict.fromkeys(one.ncb for one in to))
    request = Request(
        topic, asked, names, tuple(subjects or ()), assessment, chosen.region or "", level=level_of(level)
    )
    entry, document = await handed_out(info.context.office, view, request, to)
    info.context.given.note(view.noted)
    written = await asyncio.to_thread(WRITERS[format], document)
    return Report(
        entry.id, entry.recipients, document.conditions, f"{topic}.{format}", MEDIA_TYPES[format],
        written.decode() if format == "html" else b64encode(written).decode(), document.as_of,
    )  # fmt: skip


FIELDS = [
    operation(
        "report",
        report,
        output(Report),
        "A report as one HTML file or as PDF/A, for named recipients; registered.",
    ),
]
