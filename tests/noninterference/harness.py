"""Both worlds of a pair are asked the same; whatever differs is a leak."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec

from graphsvc.access.caller import Caller
from graphsvc.access.view import View
from tests.noninterference import changes, queries, requests, shapes
from tests.noninterference.callers import CALLERS, Group
from tests.noninterference.pools import Pools
from tests.noninterference.servers import Pair, both
from tests.noninterference.worlds import World, make

TOGETHER = 20
"""Worlds that are loaded at once: each is a pair with its own hidden set, and the others stand around it."""
CALLERS_A_PAIR = 3
PAGES = 3
OPERATIONS = 8
"""Operations, and named queries, that a caller asks about one pair; over a few pairs every caller asks all."""


CHANGED = 4
"""Worlds of a batch about which changes are asked, and files made."""


class Difference(msgspec.Struct, frozen=True):
    """One answer that is not the same with and without what is hidden."""

    world: str
    caller: str
    question: str
    whole: str
    part: str

    def __str__(self) -> str:
        return f"{self.world}, {self.caller}: {self.question}\n  with    {self.whole}\n  without {self.part}"


class Answers(msgspec.Struct):
    """How many answers were compared, and the differences."""

    asked: int = 0
    broken: list[str] = []
    """Questions that ended in an error that nobody planned, the same on both sides."""
    differences: list[Difference] = []
    reached: Counter[str] = msgspec.field(default_factory=Counter)
    """How often each change came through."""

    def compare(
        self, batch: "Batch", world: World, caller: Caller, name: str, one: bytes, other: bytes
    ) -> None:
        """Count one answer, and keep it when the two are not the same."""
        self.asked += 1
        if one.startswith(b"BROKEN") or b'"INTERNAL"' in one:
            self.broken.append(f"{caller.subject}: {name}")
        if one != other:
            self.differences.append(difference(batch, world, caller, name, one, other))


class Batch(msgspec.Struct, frozen=True):
    """Worlds that are loaded together, and who asks about them."""

    seed: str
    group: Group
    worlds: list[World]

    @classmethod
    def draw(
        cls,
        seed: int,
        number: int,
        size: int = TOGETHER,
        callers: tuple[Caller, ...] = (),
        *,
        both_ways: bool = False,
    ) -> "Batch":
        """The batch of that number among those of a seed, with some callers unless they are given."""
        rng = random.Random(f"{seed}:{number}")
        group = Group(callers or tuple(rng.sample(CALLERS, CALLERS_A_PAIR)))
        numbers = range(number * TOGETHER, number * TOGETHER + size)
        return cls(f"{seed}:{number}", group, [make(seed, at, group, both_ways=both_ways) for at in numbers])


async def questions(
    pair: Pair, batch: Batch, world: World, *, science: bool = False
) -> AsyncIterator[tuple[Caller, str, bytes, bytes]]:
    """Every question about a world: who asks it, what it is, and the answers with and without what is hidden."""
    rng = random.Random(f"{batch.seed}/{world.number}/questions")
    pools = Pools.of(world)
    for caller in batch.group.callers:
        if not science:
            views = await both(side.view(caller) for side in pair.sides)
            async for name, one, other in through_views(views, pools, rng):
                yield caller, name, one, other
        names = requests.names(science=science)
        for request in requests.requests(pools, rng, rng.sample(names, min(OPERATIONS, len(names)))):
            async for name, one, other in over_http(pair, caller, request):
                yield caller, name, one, other


async def through_views(
    views: tuple[View, View], pools: Pools, rng: random.Random, only: str = ""
) -> AsyncIterator[tuple[str, bytes, bytes]]:
    """Questions at the door itself: named queries, the topology, and parts of the graph for groups."""
    calls = queries.calls(pools, rng, only)
    for name, made in calls if only else rng.sample(calls, min(OPERATIONS, len(calls))):
        yield f"{name} {made}", *await both(queries.ask(view, name, made) for view in views)
    if only:
        return
    for name, call in shapes.calls(pools, rng):
        yield name, *await both(shapes.ask(view, call) for view in views)
    yield "events", *await both(map(shapes.events, views))
    for spec in shapes.scopes(pools, rng):
        yield f"part {spec}", *await both(shapes.part(view, *spec) for view in views)


async def at_the_end(
    pair: Pair, batch: Batch, *, science: bool = False
) -> AsyncIterator[tuple[World, Caller, str, bytes, bytes]]:
    """What is asked once about a batch: files for recipients, events of one who watches, and then every change."""
    rng = random.Random(f"{batch.seed}/end")
    if science:
        caller = rng.choice(batch.group.callers)
        world = batch.worlds[0]
        yield world, caller, "progress", *await changes.progress(pair, world, caller)
        return
    some = rng.sample(batch.worlds, min(CHANGED, len(batch.worlds)))
    for world in some:
        async for caller, name, one, other in changes.files(
            pair, world, rng.choice(batch.group.callers), rng
        ):
            yield world, caller, name, one, other
    async for caller, name, one, other in changes.events(pair, some, rng.choice(batch.group.callers)):
        yield some[0], caller, name, one, other
    for world in some:
        async for caller, name, one, other in changes.changes(pair, world, batch.group.callers, rng):
            yield world, caller, name, one, other
    async for caller, name, one, other in changes.the_last(pair, batch.group.callers):
        yield some[0], caller, name, one, other


async def over_http(
    pair: Pair, caller: Caller, request: requests.Request
) -> AsyncIterator[tuple[str, bytes, bytes]]:
    """A question over HTTP, and the pages that follow its answer."""
    after: str | None = None
    for _ in range(PAGES):
        variables = request.variables | ({"after": after} if after else {})
        one, other = await both(side.ask(caller, request.text, variables) for side in pair.sides)
        bodies = requests.plain(one[1]), requests.plain(other[1])
        yield f"{request} after {after}", b"%d " % one[0] + bodies[0], b"%d " % other[0] + bodies[1]
        after = requests.next_cursor(bodies[1])
        if after is None:
            return


async def run(
    pair: Pair,
    batches: Iterator[Batch],
    *,
    science: bool = False,
    told: Callable[[int, Answers], None] | None = None,
    most: int = 20,
) -> Answers:
    """Fill and ask batch after batch; ends early after ``most`` differences."""
    answers = Answers()
    done = 0
    for batch in batches:
        await pair.fill(batch.worlds, batch.seed)
        for world in batch.worlds:
            async for caller, name, one, other in questions(pair, batch, world, science=science):
                answers.compare(batch, world, caller, name, one, other)
            done += 1
            if told is not None:
                told(done, answers)
            if len(answers.differences) >= most:
                return answers
        async for world, caller, name, one, other in at_the_end(pair, batch, science=science):
            answers.compare(batch, world, caller, name, one, other)
            if b'"errors"' not in one:
                answers.reached[name.partition(" ")[0]] += 1
            if len(answers.differences) >= most:
                return answers
    return answers


def difference(batch: Batch, world: World, caller: Caller, name: str, one: bytes, other: bytes) -> Difference:
    """A difference with the two answers cut to where they part."""
    at = next(
        (i for i, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other))
    )
    cut = slice(max(0, at - 60), at + 140)
    return Difference(
        f"seed {batch.seed} world {world.number}",
        caller.subject,
        name,
        one[cut].decode(errors="replace"),
        other[cut].decode(errors="replace"),
    )
