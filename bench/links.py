"""Link analysis: ours against Cypher, Graph Data Science and networkit on one graph in one run.

The graph stands in a private Neo4j, filled by its own importer; the topology is built from there. One caller holds all
handlings, another every second one. Peers that can't restrict (networkit, Yen's) see everything. Pairs are of visible
records, and reachable unless a figure says otherwise; those that are not are counted apart. Ours is asked thousands of
questions, a slow peer a sample of the same ones.
"""

import resource
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import Figure, at_most, under
from bench.groups import say, served, write_books
from bench.links_graph import World, drawn, held, world
from bench.links_http import over_http
from bench.links_worst import worst
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.topology.build import build
from graphsvc.topology.kernels.space import space
from graphsvc.topology.links import Links
from graphsvc.topology.live import ROOM, folder
from graphsvc.topology.question import Question
from graphsvc.topology.snapshot import Snapshot
from graphsvc.topology.spaces import LOG, Spaces
from graphsvc.topology.warm import warm

SIZE = 1_000_000
TODAY = 20_000
PAIRS, CYPHER, YENS, TENS = 1_000, 100, 10, 100
"""How many questions ours is asked, those of them that Cypher and Yen's get, and how many groups of ten are joined."""
PEER_SECONDS = 60
"""After so long a peer is asked no more."""
OPEN = Question(hub_cap=2**31 - 1, budget=50_000_000)
"""No cap and no budget to speak of, as the peers have none."""

SHORTEST = """
MATCH (a:Entity {id: $a}), (b:Entity {id: $b})
MATCH p = shortestPath((a)-[*..8]-(b))
WHERE all(n IN nodes(p) WHERE n.handling IN $held) AND all(r IN relationships(p) WHERE r.handling IN $held)
RETURN length(p) AS length
"""
PROJECT = "CALL gds.graph.project('bench', 'Entity', {ASSOCIATE_OF: {orientation: 'UNDIRECTED'}})"
YEN = """
MATCH (a:Entity {id: $a}), (b:Entity {id: $b})
CALL gds.shortestPath.yens.stream('bench', {sourceNode: a, targetNode: b, k: 5}) YIELD index
RETURN count(*) AS n
"""

Pair = tuple[str, str]
Ask = Callable[[str, str], Any]


def run(size: int = SIZE) -> Iterator[Figure]:
    """The figures at ``size`` records and four times as many links."""
    say("Compiling the kernels, where this version has never run")
    began = time.perf_counter()
    warm()
    yield Figure("kernels: compiled, or loaded where they were", "s", time.perf_counter() - began)
    graph = world(size)
    yield Figure("graph: links", "", graph.links)
    yield Figure("graph: links of the largest hub", "", int(np.bincount(np.r_[graph.from_, graph.to]).max()))
    with (
        tempfile.TemporaryDirectory(prefix="graphsvc-bench-") as home,
        served(Path(home), graph) as given,
        Database.open(given) as database,
    ):
        write_books(database, graph)
        say("Waiting for the indexes")
        database.rows("CALL db.awaitIndexes(1200)")
        snapshot = yield from topology(given, database, graph)
        say("Projecting the graph for Graph Data Science")
        with database.session() as session:
            session.run(PROJECT).consume()
        for half in (False, True):
            links = Links(snapshot, held(half), TODAY, spaces=Spaces())
            yield from one_caller(database, graph, links, half)
        yield Figure("memory: this process at most, peers in it included", "MB", peak())
        database.rows("CALL gds.graph.drop('bench') YIELD graphName RETURN graphName")
        yield from over_http(given, graph)


def topology(given: Settings, database: Database, graph: World) -> Generator[Figure, None, Snapshot]:
    """Build it from Neo4j and open it; gives it to the one who goes on."""
    say("Building the topology")
    began = time.perf_counter()
    made = build(database, folder(given))
    bar = 30 * max(1.0, graph.links / 4e6)
    yield under("topology: build from Neo4j", "s", time.perf_counter() - began, bar)
    yield Figure("memory: this process at most, while it builds", "MB", peak())
    began = time.perf_counter()
    snapshot = Snapshot.open(made, room=ROOM)
    yield under("topology: open", "s", time.perf_counter() - began, 1)
    disk = sum(file.stat().st_blocks * 512 for file in made.iterdir())
    yield under("topology: a link direction, with texts", "bytes", disk / (2 * graph.links), 60)
    yield Figure("memory: the topology, mapped and shared by all workers", "MB", disk / 2**20)
    scratch = sum(array.nbytes for array in space(snapshot.nodes, LOG))
    yield Figure("memory: room of one walk, as far as it touches it", "MB", scratch / 2**20)
    return snapshot


def one_caller(database: Database, graph: World, links: Links, half: bool) -> Iterator[Figure]:
    """All figures of the Python call for one who holds all, or half."""
    who = "half" if half else "all"
    say(f"Asking as one who holds {who}")
    pairs = drawn(graph, held(half), PAIRS, seed=1)
    joined = {pair: bool(links.shortest(*pair, OPEN).paths) for pair in pairs}
    reachable = [pair for pair in pairs if joined[pair]]
    unreachable = [pair for pair in pairs if not joined[pair]]
    yield Figure(f"{who}: reachable pairs of those asked for", "", len(reachable))
    yield from one_path(database, graph, links, who, reachable)
    if unreachable:
        lost = times(lambda a, b: links.shortest(a, b, OPEN), unreachable)
        yield Figure(f"{who}: unreachable pairs, p95", "ms", p(lost, 95))
    yield from five_paths(database, links, who, reachable)
    two = times(lambda a, _: links.expand([a], 2, 500, OPEN), pairs)
    yield under(f"{who}: two hops with a cap of 500, p95", "ms", p(two, 95), 20)
    tens = [[a for a, _ in drawn(graph, held(half), 10, seed=100 + n)] for n in range(TENS)]
    networks = times(lambda n, _: links.connect(tens[int(n)], OPEN), [(str(n), "") for n in range(TENS)])
    yield under(f"{who}: connecting network of 10, p95", "ms", p(networks, 95), 200)
    yield from worst(graph, links, half)


def one_path(database: Database, graph: World, links: Links, who: str, pairs: list[Pair]) -> Iterator[Figure]:
    """One shortest path: ours, Cypher under the same restriction, networkit under none."""
    numbers = np.flatnonzero(held(who == "half")).tolist()
    ours = times(lambda a, b: links.shortest(a, b, OPEN), pairs)
    cypher = times(lambda a, b: database.rows(SHORTEST, a=a, b=b, held=numbers), pairs[:CYPHER])
    few = ours[: len(cypher)]
    for percent in (50, 95):
        name = f"{who}: shortest path, p{percent}"
        yield at_most(name, "ms", p(few, percent), p(cypher, percent), "Cypher shortestPath", 0.1)
    free = times(networkit(graph), pairs)
    bar = 3 if who == "half" else 5
    yield at_most(
        f"{who}: shortest path, p50", "ms", p(ours, 50), p(free, 50), "networkit, unrestricted", bar
    )
    yield Figure(f"{who}: shortest path, p95", "ms", p(ours, 95), p(free, 95), "networkit, unrestricted")


def five_paths(database: Database, links: Links, who: str, pairs: list[Pair]) -> Iterator[Figure]:
    """The five shortest loopless paths: ours, and Yen's on a projection, which sees everything."""
    five = times(lambda a, b: links.k_shortest(a, b, 5, OPEN), pairs)
    yield under(f"{who}: five shortest loopless paths, p95", "ms", p(five, 95), 100)
    yen = times(lambda a, b: database.rows(YEN, a=a, b=b), pairs[:YENS], first=1)
    for percent in (50, 95):
        name = f"{who}: five shortest loopless paths, p{percent}"
        yield at_most(name, "ms", p(five, percent), p(yen, percent), "gds yens, unrestricted", 0.02)


def networkit(graph: World) -> Ask:
    """The unrestricted two-sided search of networkit, over the whole graph."""
    import networkit as nk

    ends = graph.from_.astype(np.uint64), graph.to.astype(np.uint64)
    whole = nk.GraphFromCoo(ends, n=graph.size, directed=False)

    def ask(a: str, b: str) -> Any:
        search = nk.distance.BidirectionalBFS(whole, int(a[-8:]), int(b[-8:]), True)
        search.run()
        return search.getPath()

    return ask


def times(ask: Ask, pairs: list[Pair], *, first: int = 3) -> list[float]:
    """Milliseconds of each question, after a few to warm up; no more are asked when it takes too long."""
    for a, b in pairs[:first]:
        ask(a, b)
    found: list[float] = []
    for a, b in pairs:
        began = time.perf_counter()
        ask(a, b)
        found.append((time.perf_counter() - began) * 1000)
        if sum(found) > PEER_SECONDS * 1000:
            break
    return found


def p(values: list[float], percent: int) -> float:
    """A percentile."""
    return float(np.percentile(values, percent))


def peak() -> float:
    """Memory of this process at most, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
