"""Every mutant is put in the place of the service, and asked until an answer differs."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import msgspec

from graphsvc.access.caller import Caller
from graphsvc.access.view import View
from tests.noninterference import changes, queries, requests, shapes
from tests.noninterference.callers import CALLERS
from tests.noninterference.harness import Batch, difference
from tests.noninterference.mutants import BOOKS, Mutant
from tests.noninterference.pools import Pools
from tests.noninterference.servers import Pair, Server, both
from tests.noninterference.worlds import World

TOGETHER = 10
TURNS = (0, 6, 7, 1, 8, 2, 5, 4, 3, 9, 10)
"""The order in which callers ask: those first whom most parts of the rule concern."""
Told = Callable[[str], None]
Ask = Callable[[Server, Caller], Awaitable[bytes]]


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


class Truth(msgspec.Struct):
    """What the service as it is says of one batch without the hidden sets, kept for all mutants."""

    pair: Pair
    batch: Batch
    said: dict[tuple[int, str, str], bytes] = {}
    learned: set[str] = set()
    leaks: set[str] = set()
    """Questions to which the service as it is gives two answers; they count for no mutant."""

    async def learn(self, query: str, told: Told) -> None:
        """Ask both sides everything about a query once, unless that is done."""
        if query in self.learned:
            return
        self.learned.add(query)
        async for world, caller, name, ask in _questions(self.batch, query):
            one, other = await both(ask(side, caller) for side in self.pair.sides)
            self.said[world.number, caller.subject, name] = other
            if one != other:
                self.leaks.add(name)
                told(f"the service itself: {difference(self.batch, world, caller, name, one, other)}")


async def hunt(pair: Pair, mutants: list[Mutant], seed: int, rounds: int, told: Told) -> list[Outcome]:
    """Hunt all mutants through so many batches."""
    outcomes = {mutant.name: Outcome(mutant.name) for mutant in mutants}
    for number, batch in zip(range(rounds), batches(seed), strict=False):
        await pair.fill(batch.worlds, batch.seed)
        truth = Truth(pair, batch)
        for mutant in mutants:
            if not outcomes[mutant.name].caught:
                await truth.learn(mutant.query, told)
                outcomes[mutant.name].caught = await _try(truth, mutant)
        alive = [outcome.name for outcome in outcomes.values() if not outcome.caught]
        told(f"after {number + 1} batches {len(outcomes) - len(alive)} of {len(outcomes)} mutants are caught")
        for name in alive:
            told(f"  alive: {name}")
        if not alive:
            break
    return list(outcomes.values())


async def _try(truth: Truth, mutant: Mutant) -> str:
    """The first answer that gives a mutant away, or nothing."""
    whole = truth.pair.whole
    with mutant.apply():
        whole.forget()
        try:
            async for world, caller, name, ask in _questions(truth.batch, mutant.query):
                other = truth.said[world.number, caller.subject, name]
                one = await ask(whole, caller)
                if one != other and name not in truth.leaks:
                    return str(difference(truth.batch, world, caller, name, one, other))
        except (IndexError, KeyError, ValueError) as error:  # a mutant may break what it lets through
            return f"{type(error).__name__}: {error}"
        finally:
            whole.forget()
    return ""


async def _questions(batch: Batch, query: str) -> AsyncIterator[tuple[World, Caller, str, Ask]]:
    """What is asked about a batch for mutants of one query, or of no query: of the code and the rule."""
    asked = _of_books if query == BOOKS else _through_views
    for world in batch.worlds:
        for caller in batch.group.callers:
            for name, ask in asked(world, query, random.Random(f"{batch.seed}/{world.number}/{query}")):
                yield world, caller, name, ask


def _through_views(world: World, query: str, rng: random.Random) -> Iterator[tuple[str, Ask]]:
    pools = Pools.of(world)
    for name, made in queries.calls(pools, rng, query or "identity/records"):
        yield f"{query or 'code'}: {name} {made}", _seen(partial(queries.ask, name=name, made=made))
    if query:
        return
    yield "events", _seen(shapes.events)
    for name, call in shapes.calls(pools, rng):
        yield name, _seen(partial(shapes.ask, call=call))
    for spec, parallel, directed, cap in shapes.scopes(pools, rng):
        ask = partial(shapes.part, spec=spec, parallel=parallel, directed=directed, key_cap=cap)
        yield f"part {spec} {parallel} {directed} {cap}", _seen(ask)


def _seen(ask: Callable[[View], Awaitable[bytes]]) -> Ask:
    async def asked(server: Server, caller: Caller) -> bytes:
        return await ask(await server.view(caller))

    return asked


def _of_books(world: World, query: str, rng: random.Random) -> Iterator[tuple[str, Ask]]:
    """Changes and reviews of what is hidden, and lists of what is due or can be reached."""
    pools = Pools.of(world)
    for id_ in pools.hidden:
        for name, about in (("openHit", "record"), ("requestToOwner", "about")):
            made = changes.CHANGES[name](pools, rng) | {about: id_}
            yield f"{name} {id_}", partial(_spoken, text=changes.text_of(name, made), made=made)
    lists: list[tuple[str, dict[str, Any]]] = [("reviewRemarks", {"id": id_}) for id_ in pools.hidden]
    for name, made in (*lists, ("retentionDue", {"within": 800}), ("contacts", {"keys": pools.keys})):
        request = requests.Request(name, made, 2)
        yield str(request), partial(_spoken, text=request.text, made=made)


async def _spoken(server: Server, caller: Caller, text: str, made: dict[str, Any]) -> bytes:
    status, body = await server.ask(changes.speaking(caller), text, made)
    return b"%d " % status + requests.plain(body)
