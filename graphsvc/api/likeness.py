"""Groups as files, and what records have in common: exports for named recipients, likeness, missing links."""

import hashlib
from typing import Annotated

import msgspec
import strawberry

from graphsvc.access.jobs import Job
from graphsvc.access.recipients import Recipient, hand_out
from graphsvc.access.view import View
from graphsvc.analysis import similarity
from graphsvc.analysis.partitions import Method
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.api.context import Info
from graphsvc.api.fields import argument, operation, told
from graphsvc.api.groups import Algorithm, First, Fresh, Parallel, Part, Resolution, Seed
from graphsvc.api.inputs import taken
from graphsvc.api.long import Long, worked
from graphsvc.api.types import NAMES, output
from graphsvc.errors import UsageError
from graphsvc.exports.formats import File
from graphsvc.exports.groups import exported
from graphsvc.model.vocabulary import Level

NAMES[File] = "ExportedFile"


class Exported(msgspec.Struct, frozen=True):
    """What was handed out, and under which entry of the register."""

    id: Annotated[str, told("Id in the register of exports.")]
    recipients: Annotated[tuple[str, ...], told("Who gets it.")]
    conditions: Annotated[tuple[str, ...], told("Conditions of use of what is in it.")]
    files: Annotated[tuple[File, ...], told("The files.")]
    as_of: Annotated[str, told("Time for which it holds.")]


async def export_groups(
    info: Info,
    format: Annotated[str, argument("graphml, gexf, csv, cytoscape or stix.")],
    recipients: Annotated[
        list[str], argument("Contributors who will get it; it holds what all of them may see.")
    ],
    level: Annotated[str, argument("Highest confidentiality that the recipients may see.")] = "OFFICIAL",
    scope: Part = None,
    algorithm: Algorithm = "leiden",
    seed: Seed = 1,
    resolution: Resolution = 1.0,
    parallel: Parallel = "counted",
    first: First = 10,
) -> Exported:
    to = [Recipient(ncb.upper(), level_of(level)) for ncb in recipients]
    # one view to work on, another for what leaves: the register holds the records that are handed out and no others
    view, leaving = await info.context.leaving(to), await info.context.leaving(to)
    method, part = Method(algorithm, seed, resolution), taken(ScopeSpec, scope)
    files = await worked(
        lambda job: exported(
            view, leaving, part, format=format, method=method, parallel=parallel, first=first, job=job
        )
    )
    digest = hashlib.sha256(msgspec.msgpack.encode(files)).hexdigest()
    entry = await hand_out(info.context.office, leaving, f"export: groups as {format}", to, digest)
    return Exported(entry.id, entry.recipients, entry.conditions, tuple(files), leaving.scope.as_of)


def level_of(name: str) -> Level:
    """The level of that name. Raises UsageError."""
    if name not in Level.__members__:
        raise UsageError(f"There is no level {name!r}; use one of {', '.join(Level.__members__)}.")
    return Level[name]


class Likes(msgspec.Struct, frozen=True):
    """Who has the same contacts, most alike first."""

    found: Annotated[tuple[similarity.Like, ...], told("The most alike, equals in order of ids.")]
    as_of: Annotated[str, told("Time for which the answer holds.")]


async def similar(
    info: Info,
    id: Annotated[strawberry.ID, argument("The record.")],
    scope: Part = None,
    first: First = 20,
) -> Likes:
    view = await info.context.view()
    return Likes(await similarity.similar(view, id, taken(ScopeSpec, scope), first=first), view.scope.as_of)


async def missing_links(
    view: View,
    job: Job,
    scope: Part = None,
    seed: Annotated[
        int, argument("Draws the links that are held back to tell how good the guesses are.")
    ] = 1,
    first: First = 20,
    fresh: Fresh = False,
) -> similarity.MissingLinks:
    part = taken(ScopeSpec, scope)
    return await similarity.missing_links(view, part, first=first, seed=seed, fresh=fresh, job=job)


LONG = (
    Long(
        "missingLinks",
        missing_links,
        similarity.MissingLinks,
        "Links that are likely to be missing, and how often such guesses are right here.",
    ),
)
FIELDS = [
    operation("exportGroups", export_groups, output(Exported), "Groups as files, for named recipients."),
    operation("similar", similar, output(Likes), "Who has the same contacts as a record."),
    *(question.asked() for question in LONG),
]
