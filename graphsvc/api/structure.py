"""Operations 12 to 15 in GraphQL: overlapping groups, key players, rankings, and how a part hangs together."""

from typing import Annotated, Any

from graphsvc.analysis import centrality, keyplayers, overlap
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.api.context import Info
from graphsvc.api.fields import FIRST, argument, operation
from graphsvc.api.groups import FRESH, PARALLEL, SCOPE, GraphScope, worked
from graphsvc.api.inputs import taken
from graphsvc.api.types import NAMES, output

NAMES[keyplayers.Step] = "Removed"

MEASURE = "By what they are ranked, such as betweenness, degree or constraint."
DIRECTED = "Whether the direction of links counts."
Part = Annotated[Any, argument(SCOPE, GraphScope | None)]
Seed = Annotated[int, argument("The same seed on the same visible records gives the same answer.")]
First = Annotated[int, argument(FIRST)]
Fresh = Annotated[bool, argument(FRESH)]


async def overlapping_groups(
    info: Info,
    scope: Part = None,
    method: Annotated[str, argument("cliques or propagation.")] = "cliques",
    k: Annotated[int, argument("Size of the cliques.")] = 3,
    seed: Seed = 1,
    first: First = 20,
    fresh: Fresh = False,
) -> overlap.OverlappingGroups:
    view, part = await info.context.view(), taken(ScopeSpec, scope)
    return await worked(
        lambda job: overlap.overlapping_groups(
            view, part, method=method, k=k, seed=seed, first=first, fresh=fresh, job=job
        )
    )


async def key_players(
    info: Info,
    scope: Part = None,
    k: Annotated[int, argument("How many.")] = 3,
    goal: Annotated[str, argument("fragment, distance or reach.")] = "fragment",
    seed: Seed = 1,
    fresh: Fresh = False,
) -> keyplayers.KeyPlayers:
    view, part = await info.context.view(), taken(ScopeSpec, scope)
    return await worked(
        lambda job: keyplayers.key_players(view, part, k=k, goal=goal, seed=seed, fresh=fresh, job=job)
    )


async def removal(
    info: Info,
    scope: Part = None,
    rule: Annotated[str, argument("degree, betweenness, key_players or random.")] = "degree",
    steps: Annotated[int, argument("How many to take out.")] = 10,
    seed: Seed = 1,
    fresh: Fresh = False,
) -> keyplayers.Removal:
    view, part = await info.context.view(), taken(ScopeSpec, scope)
    return await worked(
        lambda job: keyplayers.removal(view, part, rule=rule, steps=steps, seed=seed, fresh=fresh, job=job)
    )


async def ranking(
    info: Info,
    scope: Part = None,
    measure: Annotated[str, argument(MEASURE)] = "betweenness",
    directed: Annotated[bool, argument(DIRECTED)] = False,
    parallel: Annotated[str, argument(PARALLEL)] = "counted",
    seed: Seed = 1,
    first: First = 20,
    fresh: Fresh = False,
) -> centrality.Ranking:
    view, part = await info.context.view(), taken(ScopeSpec, scope)
    return await worked(
        lambda job: centrality.ranking(
            view,
            part,
            measure=measure,
            directed=directed,
            parallel=parallel,
            seed=seed,
            first=first,
            fresh=fresh,
            job=job,
        )
    )


async def brokers(
    info: Info,
    scope: Part = None,
    parallel: Annotated[str, argument(PARALLEL)] = "counted",
    seed: Seed = 1,
    first: First = 20,
    fresh: Fresh = False,
) -> centrality.Ranking:
    view, part = await info.context.view(), taken(ScopeSpec, scope)
    return await worked(
        lambda job: centrality.brokers(
            view, part, parallel=parallel, seed=seed, first=first, fresh=fresh, job=job
        )
    )


async def core_structure(
    info: Info, scope: Part = None, first: First = 50, fresh: Fresh = False
) -> centrality.CoreStructure:
    view, part = await info.context.view(), taken(ScopeSpec, scope)
    return await worked(lambda job: centrality.core_structure(view, part, first=first, fresh=fresh, job=job))


FIELDS = [
    operation(
        "overlappingGroups",
        overlapping_groups,
        output(overlap.OverlappingGroups),
        "Groups that share members.",
    ),
    operation(
        "keyPlayers",
        key_players,
        output(keyplayers.KeyPlayers),
        "The few without whom a network falls apart, or who reach most of it.",
    ),
    operation(
        "removal", removal, output(keyplayers.Removal), "What is left when one after another is taken out."
    ),
    operation(
        "brokers",
        brokers,
        output(centrality.Ranking),
        "Who stands between others, and between how many groups.",
    ),
    operation("ranking", ranking, output(centrality.Ranking), "Who comes first by a measure."),
    operation(
        "coreStructure",
        core_structure,
        output(centrality.CoreStructure),
        "The core, and the records and links that hold the parts together.",
    ),
]
