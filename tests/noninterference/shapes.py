"""The topology's door: paths, identities and what stands behind them, under tight caps and budgets."""

import random
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from graphsvc.access.view import View
from graphsvc.analysis.parts import reading
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.errors import Error
from graphsvc.model.links import LINKS
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question
from tests.noninterference.pools import Pools

Ask = Callable[[Links], Any]
TYPES = [link.name for link in LINKS]


def question(rng: random.Random) -> Question:
    """Which links may be used: often all, often few."""
    narrow = rng.random() < 0.6
    return Question(
        types=frozenset(rng.sample(TYPES, 25)) if narrow and rng.random() < 0.3 else None,
        kinds=frozenset({"Person", "Event", "Document", "Phone"}) if narrow and rng.random() < 0.3 else None,
        since=19_750 if narrow and rng.random() < 0.3 else None,
        until=20_100 if narrow and rng.random() < 0.3 else None,
        least_confidence=rng.choice((0.0, 0.0, 0.5)) if narrow else 0.0,
        hub_cap=rng.choice((2, 3, 5, 5_000)) if narrow else 5_000,
        key_cap=rng.choice((1, 2, 100)),
        budget=rng.choice((3, 10, 30, 2_000_000)) if narrow else 2_000_000,
    )


def calls(pools: Pools, rng: random.Random) -> list[tuple[str, Ask]]:
    """Questions, each with words that say what it is."""
    made: list[tuple[str, Ask]] = [
        ("kinds", lambda links: sorted(links.kinds().items())),
        ("involved", _involved(pools.shown)),
    ]
    for _ in range(4):
        a, b = pools.apart(rng)
        asked, k = question(rng), rng.randint(1, 5)
        made.append((f"shortest {a} {b} {asked}", _shortest(a, b, k, asked)))
        made.append((f"k shortest {a} {b} {k} {asked}", _k_shortest(a, b, k, asked, rng.choice((1, 3, 50)))))
        made.append((f"cluster {a} {asked}", _cluster(a, asked)))
        made.append((f"timed {a} {b} {k} {asked}", timed(a, b, k, asked)))
        terminals = pools.ids(rng, 4)
        seeds, hops, cap = pools.ids(rng, 3), rng.randint(1, 3), rng.choice((2, 4, 1_000))
        made.append((f"surest {a} {b} {asked}", _surest(a, b, asked)))
        made.append((f"connect {terminals} {asked}", _connect(terminals, asked)))
        made.append((f"clusters {seeds}", _clusters([*pools.shown, *pools.hidden])))
        made.append((f"expand {seeds} {hops} {cap} {asked}", _expand(seeds, hops, cap, asked)))
    return made


def _shortest(a: str, b: str, k: int, asked: Question) -> Ask:
    return lambda links: links.shortest(a, b, asked, count=k)


def _surest(a: str, b: str, asked: Question) -> Ask:
    return lambda links: links.surest(a, b, asked)


def _connect(seeds: list[str], asked: Question) -> Ask:
    return lambda links: links.connect(seeds, asked, most=6)


def _involved(ids: list[str]) -> Ask:
    def ask(links: Links) -> list[str]:
        numbers = [links.snapshot.number(id_) for id_ in ids]
        seen = np.array([number for number in numbers if number >= 0 and links.visible(number)], np.int64)
        return sorted(links.snapshot.texts(seen[links.going_out(seen, "INVOLVED_IN")]))

    return ask


def _clusters(ids: list[str]) -> Ask:
    return lambda links: sorted(links.clusters(ids).items())


def timed(a: str, b: str, k: int, asked: Question) -> Ask:
    """The best time-ordered paths."""
    return lambda links: links.timed(a, b, k, asked)


def _cluster(a: str, asked: Question) -> Ask:
    return lambda links: links.cluster(a, asked)


def _k_shortest(a: str, b: str, k: int, asked: Question, most: int) -> Ask:
    def ask(links: Links) -> Any:
        found = links.k_shortest(a, b, k, asked, most=8)
        whole = msgspec.structs.replace(asked, budget=2_000_000)
        return found, [links.explain(path, a, b, whole, most=most) for path in found.paths]

    return ask


def _expand(seeds: list[str], hops: int, cap: int, asked: Question) -> Ask:
    def ask(links: Links) -> Any:
        found = links.expand(seeds, hops, cap, asked)
        name = links.snapshot.id
        size = len(found.records)
        back = links.back_links(found.records, 0, size, asked, most=7)
        joins = sorted(links.back_joins(found.records, 0, size, asked), key=repr)
        return (
            [name(n) for n in found.records.tolist()],
            found.hops.tolist(),
            sorted(name(n) for n in found.held_back.tolist()),
            found.types.tolist(),
            found.kinds.tolist(),
            found.truncated,
            back,
            joins,
        )

    return ask


async def ask(view: View, call: Ask) -> bytes:
    """What the topology shows, errors included."""
    try:
        return repr(call(await view.links())).encode()
    except Error as error:
        return f"{error.code} {error}".encode()
    except (ValueError, IndexError) as error:
        return f"BROKEN {type(error).__name__} {error}".encode()


async def events(view: View) -> bytes:
    """Which events are seen, and which of them are one."""
    found = await view.events()
    rows, groups = found.clusters
    together: dict[int, list[int]] = {}
    for name, group in zip(found.take("name", rows).tolist(), groups.tolist(), strict=True):
        together.setdefault(group, []).append(name)
    seen = [name for part in found.parts for name in part.rows["name"][part.seen].tolist()]
    return repr((sorted(seen), sorted(sorted(names) for names in together.values()))).encode()


def scopes(pools: Pools, rng: random.Random) -> list[tuple[ScopeSpec, str, bool, int]]:
    """Parts of the graph for analyses of groups."""
    seeds = tuple(pools.ids(rng, 3)) if rng.random() < 0.8 else ()
    spec = ScopeSpec(
        kinds=("Person", "Event", "Phone", "Case") if rng.random() < 0.3 else None,
        areas=("CYBER", "DRUGS_ORGANIZED") if rng.random() < 0.4 else (),
        countries=("FR", "BR") if rng.random() < 0.4 else (),
        seeds=seeds,
        hops=rng.randint(1, 3),
        least_confidence=rng.choice((0.0, 0.0, 0.5)),
    )
    return [
        (spec, rng.choice(("counted", "collapsed", "weighted")), rng.random() < 0.5, rng.choice((2, 2, 100)))
    ]


async def part(view: View, spec: ScopeSpec, parallel: str, directed: bool, key_cap: int) -> bytes:
    """The part that an analysis of groups would get, by names."""
    try:
        found = await reading(view, spec, weighted=parallel == "weighted")
    except Error as error:
        return f"{error.code} {error}".encode()
    found.question = msgspec.structs.replace(found.question, key_cap=key_cap)
    try:
        made = found.part(parallel, directed)
    except Error as error:
        return f"{error.code} {error}".encode()
    snapshot = found.snapshot
    links = sorted(
        (snapshot.link(number), pair, first, last)
        for number, pair, first, last in zip(
            made.link.tolist(), made.pair.tolist(), made.first.tolist(), made.last.tolist(), strict=True
        )
    )
    members = [snapshot.id(number) for number in made.member.tolist()]
    arrays = [array.tolist() for array in (made.start, made.source, made.target, made.weight)]
    return repr((members, arrays, links)).encode()
