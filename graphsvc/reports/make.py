"""From a question to a report: which sections it has, and what stands on each of its pages."""

import shlex

import msgspec
import numpy as np

from graphsvc.access.caller import Caller
from graphsvc.access.recipients import conditions_of
from graphsvc.access.view import View
from graphsvc.analysis.selection import Filter, select
from graphsvc.errors import UsageError
from graphsvc.model.vocabulary import Level
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
    level: Level | None = None
    """Highest confidentiality of the recipients; that of the caller when it is left out."""


OF_EVENTS = ("trends", "country", "maritime")


async def make(view: View, request: Request) -> Document:
    """The report on what the view shows. Raises UsageError, and NotFound for a subject that may not be seen.

    ``conditions`` of the document are those of events that it counts; those of records that it names one by one come
    from the register when it is handed out.
    """
    title, subtitle, sections = await _sections(view, request)
    conditions = await _conditions(view, request.trends.where) if request.kind in OF_EVENTS else ()
    caller = view.scope.caller
    recipients = request.recipients or (caller.ncb,)
    level = min(caller.level, request.level or caller.level)
    banner = f"{level.name} - for {', '.join(recipients)} only - purpose {caller.purpose}"
    command = request.command or command_of(caller, request)
    return Document(title, subtitle, banner, recipients, view.scope.as_of, command, sections, conditions)


async def _conditions(view: View, where: Filter) -> tuple[str, ...]:
    """Conditions of use of the events that may be counted, at any time: windows go beyond the time asked for."""
    events = await view.events()
    found = select(events, msgspec.structs.replace(where, since=None, until=None))
    numbers = np.unique(found.take("handling", found.reports))
    return conditions_of(view.handling(number) for number in numbers.tolist())


def command_of(caller: Caller, request: Request) -> str:
    """The command that makes a report again."""
    asked, where = request.trends, request.trends.where
    options: list[tuple[str, str | None]] = [
        ("ncb", caller.ncb),
        *(("to", ncb) for ncb in request.recipients),
    ]
    options += [
        ("purpose", str(caller.purpose)),
        ("case", caller.case),
        ("level", (request.level or caller.level).name),
    ]
    options += [(name, getattr(where, name)) for name in ("area", "commodity", "country", "since", "until")]
    options += [("region", where.region or request.region), ("interval", asked.interval)]
    windows = (("before", asked.before), ("after", asked.after))
    options += [(name, f"{one.since}/{one.until}") for name, one in windows if one is not None]
    options += [("places", asked.places if asked.places != trends.COUNTRIES else None)]
    options += [("subject", id_) for id_ in request.subjects]
    options += [("unit", unit) for unit in sorted(caller.units)]
    options += [("text", "assessment.txt" if request.text else ""), ("out", f"{request.kind}.html")]
    given = [f"--{name}={value}" for name, value in options if value]
    return shlex.join(["graphsvc", "report", request.kind, *given, *(["--release"] if asked.release else [])])


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

            return (
                "Cyber advisory",
                request.region or "all desks",
                await cyber.sections(view, request.region, asked.where.since),
            )
        case _:
            raise UsageError(f"there is no report {request.kind!r}: ask for one of {', '.join(KINDS)}")


def told(where: Filter) -> str:
    """The filter in words."""
    parts = [f"{name} {value}" for name, value in msgspec.to_builtins(where).items() if value is not None]
    return ", ".join(parts) or "all events"
