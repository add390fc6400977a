"""``graphsvc report``: reports that people can hand over."""

import asyncio
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphsvc.commands.token import LEVEL, NCB, UNITS, read_level, read_purpose
from graphsvc.errors import UsageError
from graphsvc.model.vocabulary import Level, Purpose

if TYPE_CHECKING:
    from graphsvc.access.caller import Caller
    from graphsvc.analysis.compare import Window
    from graphsvc.reports.document import Document
    from graphsvc.reports.make import Request

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def option(text: str) -> str | None:
    return typer.Option(None, help=text, show_default=False)  # type: ignore[no-any-return]


@app.command()
def report(
    kind: Annotated[str, typer.Argument(help="trends, country, maritime, network, case or cyber.")],
    ncb: NCB,
    out: Annotated[
        list[Path], typer.Option("--out", "-o", help="File to write, .html or .pdf; repeat for both.")
    ],
    to: Annotated[
        list[str] | None,
        typer.Option(help="Who gets it: it is computed on what all of them may see; repeat for more."),
    ] = None,
    purpose: Annotated[str, typer.Option(help="Why it is asked for.")] = Purpose.TRENDS.value,
    case: Annotated[str, typer.Option(help="Reference of the case that it serves.")] = "",
    level: LEVEL = Level.OFFICIAL.name,
    unit: UNITS = None,
    interval: Annotated[str, typer.Option(help="day, week, month, quarter or year.")] = "month",
    area: str | None = option("Crime area."),
    commodity: str | None = option("What was moved or seized."),
    country: str | None = option("Where it happened."),
    region: str | None = option("Regional desk, such as EUROPE."),
    since: str | None = option(
        "First day, as an ISO 8601 prefix; of a cyber advisory, the day of the last one."
    ),
    until: str | None = option("Last day, as an ISO 8601 prefix."),
    before: str | None = option("First window of the comparison, such as 2015 or 2015-01/2015-06."),
    after: str | None = option("Second window of the comparison."),
    subject: Annotated[
        list[str] | None,
        typer.Option(help="Id of a record that a network or case report is about; repeat for more."),
    ] = None,
    text: Annotated[
        Path | None, typer.Option(help="File with the analyst's assessment, for a case report.")
    ] = None,
    release: Annotated[
        bool, typer.Option("--release", help="Leave small numbers out, for readers outside police.")
    ] = False,
    places: Annotated[
        str,
        typer.Option(help="Where small numbers are left out, what is told of places: countries or routes."),
    ] = "countries",
) -> None:
    """Write a report as one HTML file or as PDF/A.

    Example: graphsvc report trends --ncb FR --to FR --to ES --commodity cocaine -o cocaine.html -o cocaine.pdf
    """
    from graphsvc.access.caller import Caller, check_purpose
    from graphsvc.analysis.selection import Filter
    from graphsvc.reports.hand_out import WRITERS
    from graphsvc.reports.make import Request
    from graphsvc.reports.trends import Asked

    wrong = [path for path in out if path.suffix[1:] not in WRITERS]
    if wrong:
        raise UsageError(f"{wrong[0]} is neither .html nor .pdf: name the file so")
    wanted = read_purpose(purpose)
    check_purpose(wanted, case, (wanted,))
    caller = Caller(
        "operator", ncb.upper(), read_level(level), wanted, case, frozenset(), frozenset(unit or ())
    )
    where = Filter(
        area=area,
        commodity=commodity,
        country=country,
        region=None if kind == "cyber" else region,
        since=since,
        until=until,
    )
    asked = Asked(where, interval, window(before), window(after), release, places)
    command = shlex.join(["graphsvc", *sys.argv[1:]])
    told = "" if text is None else text.read_text(encoding="utf-8")
    request = Request(
        kind, asked, tuple(to or (caller.ncb,)), tuple(subject or ()), told, region or "", command
    )
    document = asyncio.run(made(caller, request))
    for path in out:
        path.write_bytes(WRITERS[path.suffix[1:]](document))
        typer.echo(f"{path} ({path.stat().st_size / 1024:,.0f} KiB)")


def window(text: str | None) -> "Window | None":
    """``2015`` or ``2015-01/2015-06`` as a window."""
    from graphsvc.analysis.compare import Window

    if text is None:
        return None
    since, _, until = text.partition("/")
    return Window(since, until or since)


async def made(caller: "Caller", request: "Request") -> "Document":
    """The report, on what the caller and all recipients may see."""
    from graphsvc.access.recipients import Recipient
    from graphsvc.access.view import Door
    from graphsvc.reports.hand_out import handed_out
    from graphsvc.settings import settings

    async def handed() -> "Document":
        door = await Door.open(settings())
        try:
            recipients = [Recipient(ncb.upper(), caller.level) for ncb in request.recipients]
            view = await door.view_of_all(caller, recipients)
            return (await handed_out(door.office, view, request, recipients))[1]
        finally:
            await door.close()

    _, document = await asyncio.gather(asyncio.to_thread(loaded, request.kind), handed())
    return document


def loaded(kind: str) -> None:
    """Load what takes seconds to load, while the database answers."""
    from graphsvc.analysis.warm import warm
    from graphsvc.reports import charts
    from graphsvc.reports.make import OF_EVENTS

    charts.warm()
    if kind in OF_EVENTS:
        warm()
