"""Every mutant is put in the place of the service, and asked until an answer differs."""

import random
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import msgspec

from graphsvc.access.caller import Caller
from graphsvc.access.view import View
from graphsvc.topology.question import Question
from tests.noninterference import changes, queries, requests, shapes
from tests.noninterference.callers import CALLERS
from tests.noninterference.harness import Batch, difference
from tests.noninterference.motifs import MOTIFS
from tests.noninterference.mutants import BOOKS, Mutant
from tests.noninterference.pools import Pools
from tests.noninterference.servers import Pair, Server, both
from tests.noninterference.worlds import World, owner_of

TOGETHER = len(MOTIFS)
TURNS = ((1, 7), (8, 0), (6,), (2, 3), (4, 9), (5, 10))
"""Who asks about a batch: those first whom most parts of the rule concern, and together those from whom the same is
hidden for different reasons."""
SOME = 4
"""Hidden records of a world that changes and reviews are asked about."""
Told = Callable[[str], None]
Ask = Callable[[Server, Caller], Awaitable[bytes]]


class Outcome(msgspec.Struct):
    """What became of a mutant; ``caught`` is the first answer that gave it away."""

    name: str
    caught: str = ""
    seconds: float = 0.0
    """What hunting it took."""


def batches(seed: int) -> Iterator[Batch]:
    """Batches without end, each with every motif."""
    number = 0
    while True:
        callers = tuple(CALLERS[at] for at in TURNS[number % len(TURNS)])
        yield Batch.draw(seed, 10_000 + number, TOGETHER, callers, both_ways=True)
        number += 1


class Truth(msgspec.Struct):
    """What the service as it is says of one batch without the hidden sets, kept for all mutants."""

    pair: Pair
    batch: Batch
    said: dict[tuple[int, str, str], bytes] = {}
    learned: set[tuple[int, str]] = set()
    leaks: set[str] = set()
    """Questions to which the service as it is gives two answers; they count for no mutant."""

    async def learn(self, world: World, query: str, told: Told) -> None:
        """Ask both sides everything about a world for a query once, unless that is done."""
        if (world.number, query) in self.learned:
            return
        self.learned.add((world.number, query))
        for caller, name, ask in _questions(self.batch, world, query):
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
        told(
            f"batch {number + 1} is filled, asked by {', '.join(one.subject for one in batch.group.callers)}"
        )
        truth = Truth(pair, batch)
        for mutant in mutants:
            outcome = outcomes[mutant.name]
            if not outcome.caught:
                await _try(truth, mutant, outcome, told)
        alive = [outcome.name for outcome in outcomes.values() if not outcome.caught]
        told(f"after {number + 1} batches {len(outcomes) - len(alive)} of {len(outcomes)} mutants are caught")
        for name in alive:
            told(f"  alive: {name}")
        if not alive:
            break
    return list(outcomes.values())


async def _try(truth: Truth, mutant: Mutant, outcome: Outcome, told: Told) -> None:
    """Ask about world after world until an answer gives a mutant away."""
    for world in truth.batch.worlds:
        await truth.learn(world, mutant.query, told)
        began = time.monotonic()
        outcome.caught = await _given_away(truth, mutant, world)
        outcome.seconds += time.monotonic() - began
        if outcome.caught:
            return


async def _given_away(truth: Truth, mutant: Mutant, world: World) -> str:
    """The first answer about a world that gives a mutant away, or nothing."""
    whole = truth.pair.whole
    with mutant.apply():
        whole.forget()
        try:
            for caller, name, ask in _questions(truth.batch, world, mutant.query):
                other = truth.said[world.number, caller.subject, name]
                one = await ask(whole, caller)
                if one != other and name not in truth.leaks:
                    return str(difference(truth.batch, world, caller, name, one, other))
        except (IndexError, KeyError, ValueError) as error:  # a mutant may break what it lets through
            return f"{type(error).__name__}: {error}"
        finally:
            whole.forget()
    return ""


def _questions(batch: Batch, world: World, query: str) -> Iterator[tuple[Caller, str, Ask]]:
    """What is asked about a world for mutants of one query, or of no query: of the code and the rule."""
    asked = _of_books if query == BOOKS else _through_views
    for caller in batch.group.callers:
        rng = random.Random(f"{batch.seed}/{world.number}/{query}")
        for name, ask in asked(world, caller, query, rng):
            yield caller, name, ask


def _through_views(world: World, caller: Caller, query: str, rng: random.Random) -> Iterator[tuple[str, Ask]]:
    pools = Pools.of(world)
    for name, made in queries.calls(pools, rng, query or "identity/records"):
        yield f"{query or 'code'}: {name} {made}", _seen(partial(queries.ask, name=name, made=made))
    if query:
        return
    yield "events", _seen(shapes.events)
    for copy in world.shapes:
        yield (
            f"timed {copy[0]} {copy[-1]}",
            _seen(partial(shapes.ask, call=shapes.timed(copy[0], copy[-1], 3, Question()))),
        )
    for name, call in shapes.calls(pools, rng):
        yield name, _seen(partial(shapes.ask, call=call))
    for spec, parallel, directed, cap in shapes.scopes(pools, rng):
        ask = partial(shapes.part, spec=spec, parallel=parallel, directed=directed, key_cap=cap)
        yield f"part {spec} {parallel} {directed} {cap}", _seen(ask)


def _seen(ask: Callable[[View], Awaitable[bytes]]) -> Ask:
    async def asked(server: Server, caller: Caller) -> bytes:
        return await ask(await server.view(caller))

    return asked


def _of_books(world: World, caller: Caller, query: str, rng: random.Random) -> Iterator[tuple[str, Ask]]:
    """Changes and reviews of what is hidden, and lists of what is due or can be reached."""
    pools = Pools.of(world)
    some = rng.sample(pools.hidden, min(SOME, len(pools.hidden)))
    own = [
        id_ for id_ in (*world.hidden_ids, *(k.id for k in world.hidden_links)) if owner_of(id_) == caller.ncb
    ]
    asked: list[tuple[str, dict[str, Any]]] = [
        *(("openHit", changes.CHANGES["openHit"](pools, rng) | {"record": id_}) for id_ in some),
        *(("requestToOwner", changes.CHANGES["requestToOwner"](pools, rng) | {"about": id_}) for id_ in some),
        *(
            ("changeHandling", {"op": "restrict", "ids": [id_], "reason": "over", "terms": {"level": 2}})
            for id_ in own
        ),
        *(("reviewRemarks", {"id": id_}) for id_ in some if "compliance" in caller.roles),
        ("retentionDue", {"within": 2_000}),
        ("contacts", {"keys": pools.keys}),
    ]
    for name, made in asked:
        yield f"{name} {made}", partial(_spoken, text=changes.text_of(name, made), made=made)


async def _spoken(server: Server, caller: Caller, text: str, made: dict[str, Any]) -> bytes:
    status, body = await server.ask(changes.speaking(caller), text, made)
    return b"%d " % status + requests.plain(body)
