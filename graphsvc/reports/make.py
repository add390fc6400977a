"""From a question to a report: which sections it has, and what stands on each of its pages."""

import msgspec

from graphsvc.access.view import View
from graphsvc.analysis.selection import Filter
from graphsvc.errors import UsageError
from graphsvc.reports import trends
from graphsvc.reports.document import Document, Section

KINDS = ("trends", "country", "maritime", "network", "case", "cyber")


class Request(msgspec.Struct, frozen=True):
    """What report is asked for. ``subjects`` are ids: of a case, or of records that a network joins."""

    kind: str
    trends: trends.Asked
    recipients: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    text: str = ""
    region: str = ""
    command: str = ""


async def make(view: View, request: Request, *, conditions: tuple[str, ...] = ()) -> Document:
    """The report on what the view shows. Raises UsageError, and NotFound for a subject that may not be seen."""
    title, subtitle, sections = await _sections(view, request)
    caller = view.scope.caller
    recipients = request.recipients or (caller.ncb,)
    banner = f"{caller.level.name} - for {', '.join(recipients)} only - purpose {caller.purpose}"
    return Document(
        title, subtitle, banner, recipients, view.scope.as_of, request.command, sections, conditions
    )


async def _sections(view: View, request: Request) -> tuple[str, str, tuple[Section, ...]]:
    asked = request.trends
    match request.kind:
        case "trends":
            return "Trends", told(asked.where), await trends.sections(view, asked)
        case "country":
            if asked.where.country is None:
                raise UsageError("a country report needs the country: add --country ES")
            return (
                f"Country report {asked.where.country}",
                told(asked.where),
                await trends.sections(view, asked),
            )
        case "maritime":
            where = msgspec.structs.replace(asked.where, area="MARITIME")
            return (
                "Maritime report",
                told(where),
                await trends.sections(view, msgspec.structs.replace(asked, where=where)),
            )
        case "network":
            from graphsvc.reports import network

            return (
                "Network report",
                ", ".join(request.subjects),
                await network.sections(view, request.subjects),
            )
        case "case":
            from graphsvc.reports import case

            return (
                "Case report",
                ", ".join(request.subjects),
                await case.sections(view, request.subjects, request.text),
            )
        case "cyber":
            from graphsvc.reports import cyber

            return "Cyber advisory", request.region or "all desks", await cyber.sections(view, request.region)
        case _:
            raise UsageError(f"there is no report {request.kind!r}: ask for one of {', '.join(KINDS)}")


def told(where: Filter) -> str:
    """The filter in words."""
    parts = [f"{name} {value}" for name, value in msgspec.to_builtins(where).items() if value is not None]
    return ", ".join(parts) or "all events"
