"""Operation 11 in GraphQL: communities."""

from typing import Annotated, Any

import msgspec
import strawberry

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis import groups
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.api import cursor
from graphsvc.api.fields import AFTER, FIRST, argument, told
from graphsvc.api.inputs import given, taken
from graphsvc.api.long import Long

GraphScope = given(
    ScopeSpec,
    "GraphScope",
    {
        "kinds": "Kinds of record.",
        "link_types": "Types of link.",
        "since": "Only links known on or after this day, as an ISO 8601 prefix; undated ones are left out.",
        "until": "Only links known on or before this day.",
        "areas": "Only links with an end in one of these crime areas.",
        "countries": "Only links with an end that names one of these countries.",
        "bases": "Only ties that rest on one of these, such as kinship.",
        "seeds": "Only what stands around these records.",
        "hops": "How far around the seeds.",
        "least_confidence": "Least confidence of a link, between 0 and 1.",
    },
)

Part = Annotated[
    Any, argument("Which part of what you may see; all of it when it is left out.", GraphScope | None)
]
Algorithm = Annotated[str, argument("leiden, louvain, label_propagation, components or strong_components.")]
Seed = Annotated[int, argument("The same seed on the same visible records gives the same answer.")]
Resolution = Annotated[
    float, argument("Above 1 for smaller groups, below for larger ones; 0 estimates it from the data.")
]
Parallel = Annotated[
    str, argument("What several links between the same two count: counted, collapsed or weighted.")
]
First = Annotated[int, argument(FIRST)]
Fresh = Annotated[
    bool,
    argument("Work it out anew where something that you see was added since; otherwise `run.aged` says so."),
]


class CommunitiesPage(msgspec.Struct, frozen=True):
    """One page of groups, the largest first."""

    found: Annotated[groups.Communities, told("The groups and the division as a whole.")]
    next: Annotated[str | None, told("Cursor of the next page; null on the last one.")]


async def communities(
    view: View,
    job: Job,
    scope: Part = None,
    algorithm: Algorithm = "leiden",
    seed: Seed = 1,
    resolution: Resolution = 1.0,
    parallel: Parallel = "counted",
    first: First = 20,
    after: Annotated[str | None, argument(AFTER)] = None,
    fresh: Fresh = False,
) -> CommunitiesPage:
    part = taken(ScopeSpec, scope)
    asked = cursor.question("communities", part, algorithm, seed, resolution, parallel)
    found = await groups.communities(
        view,
        part,
        algorithm=algorithm,
        seed=seed,
        resolution=resolution,
        parallel=parallel,
        first=first,
        after=cursor.read(asked, after, int) or 0,
        fresh=fresh,
        job=job,
    )
    last = found.groups[-1].rank if found.groups else found.total
    return CommunitiesPage(found, cursor.write(asked, last) if last < found.total else None)


async def community(
    view: View,
    job: Job,
    id: Annotated[strawberry.ID, argument("A record of the group.")],
    scope: Part = None,
    algorithm: Algorithm = "leiden",
    seed: Seed = 1,
    resolution: Resolution = 1.0,
    parallel: Parallel = "counted",
    members: Annotated[int, argument("How many members to name.")] = 100,
    fresh: Fresh = False,
) -> groups.Group:
    return await groups.community(
        view,
        id,
        taken(ScopeSpec, scope),
        algorithm=algorithm,
        seed=seed,
        resolution=resolution,
        parallel=parallel,
        members=members,
        fresh=fresh,
        job=job,
    )


LONG = (
    Long(
        "communities",
        communities,
        CommunitiesPage,
        "Groups that have more to do with each other than with the rest, and where they reach.",
    ),
    Long("community", community, groups.Group, "The group that a record is in."),
)
FIELDS = [question.asked() for question in LONG]
