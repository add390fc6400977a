"""Operation 11 in GraphQL: communities."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import msgspec
import strawberry

from graphsvc.access.jobs import Job
from graphsvc.analysis import groups
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.api import cursor
from graphsvc.api.context import Info
from graphsvc.api.fields import AFTER, FIRST, argument, operation, told
from graphsvc.api.inputs import given, taken
from graphsvc.api.types import output

T = TypeVar("T")

SCOPE = "Which part of what you may see; all of it when it is left out."
ALGORITHM = "leiden, louvain, label_propagation, components or strong_components."
SEED = "The same seed on the same visible records gives the same groups."
RESOLUTION = "Above 1 for smaller groups, below for larger ones; 0 estimates it from the data."
FRESH = "Work it out anew where something that you see was added since; otherwise `run.aged` says so."
PARALLEL = "What several links between the same two count: counted, collapsed or weighted."

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


class CommunitiesPage(msgspec.Struct, frozen=True):
    """One page of groups, the largest first."""

    found: Annotated[groups.Communities, told("The groups and the division as a whole.")]
    next: Annotated[str | None, told("Cursor of the next page; null on the last one.")]


async def worked(work: Callable[[Job], Awaitable[T]]) -> T:
    """The outcome of long work, which ends when the question is given up."""
    job = Job()
    try:
        return await work(job)
    except asyncio.CancelledError:
        job.cancel()
        raise


async def communities(
    info: Info,
    scope: Annotated[Any, argument(SCOPE, GraphScope | None)] = None,
    algorithm: Annotated[str, argument(ALGORITHM)] = "leiden",
    seed: Annotated[int, argument(SEED)] = 1,
    resolution: Annotated[float, argument(RESOLUTION)] = 1.0,
    parallel: Annotated[str, argument(PARALLEL)] = "counted",
    first: Annotated[int, argument(FIRST)] = 20,
    after: Annotated[str | None, argument(AFTER)] = None,
    fresh: Annotated[bool, argument(FRESH)] = False,
) -> CommunitiesPage:
    part = taken(ScopeSpec, scope)
    asked = cursor.question("communities", part, algorithm, seed, resolution, parallel)
    rank = cursor.read(asked, after, int) or 0
    view = await info.context.view()
    found = await worked(
        lambda job: groups.communities(
            view,
            part,
            algorithm=algorithm,
            seed=seed,
            resolution=resolution,
            parallel=parallel,
            first=first,
            after=rank,
            fresh=fresh,
            job=job,
        )
    )
    last = found.groups[-1].rank if found.groups else found.total
    return CommunitiesPage(found, cursor.write(asked, last) if last < found.total else None)


async def community(
    info: Info,
    id: Annotated[strawberry.ID, argument("A record of the group.")],
    scope: Annotated[Any, argument(SCOPE, GraphScope | None)] = None,
    algorithm: Annotated[str, argument(ALGORITHM)] = "leiden",
    seed: Annotated[int, argument(SEED)] = 1,
    resolution: Annotated[float, argument(RESOLUTION)] = 1.0,
    parallel: Annotated[str, argument(PARALLEL)] = "counted",
    members: Annotated[int, argument("How many members to name.")] = 100,
    fresh: Annotated[bool, argument(FRESH)] = False,
) -> groups.Group:
    view = await info.context.view()
    return await worked(
        lambda job: groups.community(
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
    )


FIELDS = [
    operation(
        "communities",
        communities,
        output(CommunitiesPage),
        "Groups that have more to do with each other than with the rest, and where they reach.",
    ),
    operation("community", community, output(groups.Group), "The group that a record is in."),
]
