"""Operations 12 to 15 in GraphQL: overlapping groups, key players, rankings, and how a part hangs together."""

from typing import Annotated

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis import centrality, keyplayers, overlap
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.api.fields import argument
from graphsvc.api.groups import First, Fresh, Parallel, Part, Seed
from graphsvc.api.inputs import taken
from graphsvc.api.long import Long
from graphsvc.api.types import NAMES

NAMES[keyplayers.Step] = "Removed"


async def overlapping_groups(
    view: View,
    job: Job,
    scope: Part = None,
    method: Annotated[str, argument("cliques or propagation.")] = "cliques",
    k: Annotated[int, argument("Size of the cliques.")] = 3,
    seed: Seed = 1,
    first: First = 20,
    fresh: Fresh = False,
) -> overlap.OverlappingGroups:
    part = taken(ScopeSpec, scope)
    return await overlap.overlapping_groups(
        view, part, method=method, k=k, seed=seed, first=first, fresh=fresh, job=job
    )


async def key_players(
    view: View,
    job: Job,
    scope: Part = None,
    k: Annotated[int, argument("How many.")] = 3,
    goal: Annotated[str, argument("fragment, distance or reach.")] = "fragment",
    seed: Seed = 1,
    fresh: Fresh = False,
) -> keyplayers.KeyPlayers:
    part = taken(ScopeSpec, scope)
    return await keyplayers.key_players(view, part, k=k, goal=goal, seed=seed, fresh=fresh, job=job)


async def removal(
    view: View,
    job: Job,
    scope: Part = None,
    rule: Annotated[str, argument("degree, betweenness, key_players or random.")] = "degree",
    steps: Annotated[int, argument("How many to take out.")] = 10,
    seed: Seed = 1,
    fresh: Fresh = False,
) -> keyplayers.Removal:
    part = taken(ScopeSpec, scope)
    return await keyplayers.removal(view, part, rule=rule, steps=steps, seed=seed, fresh=fresh, job=job)


async def ranking(
    view: View,
    job: Job,
    scope: Part = None,
    measure: Annotated[
        str, argument("By what they are ranked, such as betweenness, degree or constraint.")
    ] = "betweenness",
    directed: Annotated[bool, argument("Whether the direction of links counts.")] = False,
    parallel: Parallel = "counted",
    seed: Seed = 1,
    first: First = 20,
    fresh: Fresh = False,
) -> centrality.Ranking:
    return await centrality.ranking(
        view,
        taken(ScopeSpec, scope),
        measure=measure,
        directed=directed,
        parallel=parallel,
        seed=seed,
        first=first,
        fresh=fresh,
        job=job,
    )


async def brokers(
    view: View,
    job: Job,
    scope: Part = None,
    parallel: Parallel = "counted",
    seed: Seed = 1,
    first: First = 20,
    fresh: Fresh = False,
) -> centrality.Ranking:
    part = taken(ScopeSpec, scope)
    return await centrality.brokers(
        view, part, parallel=parallel, seed=seed, first=first, fresh=fresh, job=job
    )


async def core_structure(
    view: View, job: Job, scope: Part = None, first: First = 50, fresh: Fresh = False
) -> centrality.CoreStructure:
    return await centrality.core_structure(view, taken(ScopeSpec, scope), first=first, fresh=fresh, job=job)


LONG = (
    Long("overlappingGroups", overlapping_groups, overlap.OverlappingGroups, "Groups that share members."),
    Long(
        "keyPlayers",
        key_players,
        keyplayers.KeyPlayers,
        "The few without whom a network falls apart, or who reach most of it.",
    ),
    Long("removal", removal, keyplayers.Removal, "What is left when one after another is taken out."),
    Long(
        "brokers",
        brokers,
        centrality.Ranking,
        "Who stands between others, and between how many groups.",
    ),
    Long("ranking", ranking, centrality.Ranking, "Who comes first by a measure."),
    Long(
        "coreStructure",
        core_structure,
        centrality.CoreStructure,
        "The core, and the records and links that hold the parts together.",
    ),
)
FIELDS = [question.asked() for question in LONG]
