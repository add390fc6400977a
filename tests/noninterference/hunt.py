"""Every mutant is put in the place of the service, and asked until an answer differs."""

import random
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec

from graphsvc.access.caller import Caller
from tests.noninterference import queries, shapes
from tests.noninterference.callers import CALLERS
from tests.noninterference.harness import Batch, difference
from tests.noninterference.mutants import Mutant
from tests.noninterference.pools import Pools
from tests.noninterference.servers import Pair
from tests.noninterference.worlds import World

TOGETHER = 10
TURNS = (0, 7, 8, 2, 1, 3, 4, 5, 6, 9, 10)
"""The order in which callers ask: those first whom most parts of the rule concern."""
Told = Callable[[str], None]


class Outcome(msgspec.Struct):
    """What became of a mutant; ``caught`` is the first answer that gave it away."""

    name: str
    caught: str = ""


def batches(seed: int) -> Iterator[Batch]:
    """Batches without end, asked by one caller after another."""
    number = 0
    while True:
        caller = CALLERS[TURNS[number % len(TURNS)]]
        yield Batch.draw(seed, 10_000 + number, TOGETHER, (caller,))
        number += 1


async def hunt(pair: Pair, mutants: list[Mutant], seed: int, rounds: int, told: Told) -> list[Outcome]:
    """Hunt all mutants through so many batches. Questions by which the service itself differs count for no mutant."""
    outcomes = {mutant.name: Outcome(mutant.name) for mutant in mutants}
    for number, batch in zip(range(rounds), batches(seed), strict=False):
        await pair.fill(batch.worlds, batch.seed)
        known = await _own(pair, batch, told)
        for mutant in mutants:
            if not outcomes[mutant.name].caught:
                outcomes[mutant.name].caught = await _try(pair, batch, mutant, known)
        alive = [outcome.name for outcome in outcomes.values() if not outcome.caught]
        told(f"after {number + 1} batches {len(outcomes) - len(alive)} of {len(outcomes)} mutants are caught")
        for name in alive:
            told(f"  alive: {name}")
        if not alive:
            break
    return list(outcomes.values())


async def _own(pair: Pair, batch: Batch, told: Told) -> set[str]:
    """Questions to which the service as it is gives two answers: leaks, which are told."""
    found: set[str] = set()
    for world in batch.worlds:
        for caller in batch.group.callers:
            async for name, one, other in _questions(pair, batch, world, caller, None):
                if one != other:
                    found.add(name)
                    told(f"the service itself: {difference(batch, world, caller, name, one, other)}")
    return found


async def _try(pair: Pair, batch: Batch, mutant: Mutant, known: set[str]) -> str:
    with mutant.apply():
        for server in (pair.whole, pair.part):
            server.forget()
        try:
            return await _first(pair, batch, mutant, known)
        finally:
            for server in (pair.whole, pair.part):
                server.forget()


async def _first(pair: Pair, batch: Batch, mutant: Mutant, known: set[str]) -> str:
    """The first difference, or nothing."""
    for world in batch.worlds:
        for caller in batch.group.callers:
            try:
                async for name, one, other in _questions(pair, batch, world, caller, mutant):
                    if one != other and name not in known:
                        return str(difference(batch, world, caller, name, one, other))
            except (IndexError, KeyError, ValueError) as error:  # a mutant may break what it lets through
                return f"world {world.number}, {caller.subject}: {type(error).__name__}"
    return ""


async def _questions(
    pair: Pair, batch: Batch, world: World, caller: Caller, mutant: Mutant | None
) -> AsyncIterator[tuple[str, bytes, bytes]]:
    rng = random.Random(f"{batch.seed}/{world.number}/mutants")
    pools = Pools.of(world)
    whole, part = await pair.whole.view(caller), await pair.part.view(caller)
    query = "identity/records" if mutant is None else mutant.query or "identity/records"
    for name, made in queries.calls(pools, rng, query):
        yield f"{name} {made}", await queries.ask(whole, name, made), await queries.ask(part, name, made)
    if mutant is not None and mutant.query:
        return
    yield "events", await shapes.events(whole), await shapes.events(part)
    for name, call in shapes.calls(pools, rng):
        yield name, await shapes.ask(whole, call), await shapes.ask(part, call)
    for spec in shapes.scopes(pools, rng):
        yield f"part {spec}", await shapes.part(whole, *spec), await shapes.part(part, *spec)
