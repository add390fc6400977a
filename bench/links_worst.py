"""The slowest of 10,000 random questions of all kinds with their default limits, to hubs and unreachable ends too."""

import random
import time
from collections.abc import Callable, Iterator

from bench.figures import Figure, under
from bench.groups import say
from bench.links_graph import World, drawn, held, id_
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question

QUESTIONS, TO_HUBS, HUBS = 10_000, 1_000, 100
BAR = 250
ASKED = Question()


def worst(graph: World, links: Links, half: bool) -> Iterator[Figure]:
    """Of each kind of question, and of all."""
    mask = held(half)
    draw = random.Random(2)
    pairs = drawn(graph, mask, QUESTIONS - TO_HUBS, seed=3)
    hubs = [
        id_(n) for n in range(HUBS) if mask[graph.handling[n]]
    ]  # the first records are those with most links
    pairs += [(a, draw.choice(hubs)) for a, _ in drawn(graph, mask, TO_HUBS, seed=4)]
    asks: dict[str, Callable[[str, str], object]] = {
        "one path": lambda a, b: links.shortest(a, b, ASKED),
        "five paths": lambda a, b: links.k_shortest(a, b, 5, ASKED),
        "all shortest paths": lambda a, b: links.shortest(a, b, ASKED, count=25),
        "surest path": lambda a, b: links.surest(a, b, ASKED),
        "paths in order of time": lambda a, b: links.timed(a, b, 3, ASKED),
        "two hops": lambda a, b: links.expand([b], 2, 500, ASKED),
        "connecting network": lambda a, b: links.connect([a, b], ASKED),
    }
    slowest = dict.fromkeys(asks, 0.0)
    for name in asks:
        asks[name](*pairs[0])  # compiled, and what is remembered of hubs worked out
    for a, b in pairs:
        name = draw.choice(list(asks))
        began, worked = time.perf_counter(), time.process_time()
        asks[name](a, b)
        taken = (time.perf_counter() - began) * 1000
        slowest[name] = max(slowest[name], taken)
        if taken > BAR:
            say(
                f"{name} from {a} to {b}: {taken:.0f} ms, {(time.process_time() - worked) * 1000:.0f} of them at work"
            )
    who = "half" if half else "all"
    for name, taken in slowest.items():
        yield Figure(f"{who}: worst {name}", "ms", taken)
    yield under(f"{who}: worst of {QUESTIONS:,} questions", "ms", max(slowest.values()), BAR)
