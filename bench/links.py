"""Link analysis: ours against Cypher, Graph Data Science and networkit on one graph in one run.

The graph stands in a private Neo4j, filled by its own importer; the topology is built from there. A caller holds all
handlings or every second one; peers that can't restrict (networkit, Yen's) see everything. Pairs are visible ones, and
reachable unless a figure says otherwise.
"""

import csv
import os
import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import Figure, under
from bench.links_graph import HANDLINGS, World, held, id_, world
from graphsvc.localdb import server as localdb
from graphsvc.localdb.jars import find_java, jars
from graphsvc.settings import Settings, settings
from graphsvc.store.database import Database
from graphsvc.topology.build import build
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question
from graphsvc.topology.snapshot import Snapshot
from graphsvc.topology.spaces import Spaces

TODAY = 20_000
PAIRS, SLOW = 200, 10
OPEN = Question(hub_cap=2**31 - 1, budget=50_000_000)

SHORTEST = """
MATCH (a:Entity {id: $a}), (b:Entity {id: $b})
MATCH p = shortestPath((a)-[*..8]-(b))
WHERE all(n IN nodes(p) WHERE n.handling IN $held) AND all(r IN relationships(p) WHERE r.handling IN $held)
RETURN length(p) AS length
"""
YENS = """
MATCH (a:Entity {id: $a}), (b:Entity {id: $b})
CALL gds.shortestPath.yens.stream('bench', {sourceNode: a, targetNode: b, k: 5}) YIELD index
RETURN count(*) AS n
"""

Ask = Callable[[str, str], Any]


def files(graph: World, folder: Path) -> list[Path]:
    """The graph as the importer wants it."""
    nodes, links = folder / "nodes.csv", folder / "links.csv"
    with nodes.open("w", newline="", encoding="ascii") as stream:
        table = csv.writer(stream)
        table.writerow((":ID", "id", "no:long", "kind", "handling:long", ":LABEL"))
        table.writerows(
            (n, id_(n), n, "Person", handling, "Entity;Person")
            for n, handling in enumerate(graph.handling.tolist())
        )
    with links.open("w", newline="", encoding="ascii") as stream:
        table = csv.writer(stream)
        table.writerow((":START_ID", ":END_ID", "id", "handling:long", "kind", ":TYPE"))
        handling = graph.handling[graph.from_].tolist()
        for n, (one, other) in enumerate(zip(graph.from_.tolist(), graph.to.tolist(), strict=True)):
            table.writerow((one, other, f"bench:l-{n:08d}", handling[n], "ASSOCIATE_OF", "ASSOCIATE_OF"))
    return [nodes, links]


def fill(given: Settings, graph: World, folder: Path) -> None:
    """Import the graph into the private server, which must not run."""
    localdb.start(given)
    localdb.stop(given)
    home = localdb.home_of(given)
    nodes, links = files(graph, folder)
    command = [
        find_java(), "-Xmx2g", "-cp", f"{jars(given, lambda _: None).lib}/*", "org.neo4j.cli.AdminTool", "database",
        "import", "full", given.neo4j_database, "--overwrite-destination=true", f"--nodes={nodes}",
        f"--relationships={links}",
    ]  # fmt: skip
    variables = os.environ | {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    subprocess.run(command, env=variables, check=True, capture_output=True)


def books(database: Database, graph: World) -> None:
    """What a load would have written beside the records."""
    rows = [{"number": n, "digest": f"{n:05d}", "contributor": "FR"} for n in range(HANDLINGS)]
    with database.session() as session:
        session.run("UNWIND $rows AS row CREATE (h:Handling) SET h = row", rows=rows).consume()
        session.run(
            "MATCH (m:Meta {name: 'graph'}) SET m.next_no = $size, m.handlings = $handlings",
            size=graph.size, handlings=HANDLINGS,
        ).consume()  # fmt: skip
        session.run("CALL db.awaitIndexes(600)").consume()


def times(ask: Ask, pairs: list[tuple[str, str]]) -> list[float]:
    """Milliseconds of each question, after a few to warm up."""
    for a, b in pairs[:3]:
        ask(a, b)
    found = []
    for a, b in pairs:
        began = time.perf_counter()
        ask(a, b)
        found.append((time.perf_counter() - began) * 1000)
    return found


def p(values: list[float], percent: int) -> float:
    """A percentile."""
    return float(np.percentile(values, percent))


def against(name: str, ours: float, peer: float, peer_name: str, bar: float) -> Figure:
    """Ours in milliseconds, at most ``bar`` times the peer's."""
    return Figure(name, "ms", ours, peer, peer_name, f"at most {bar:g} times", ours <= bar * peer)


def run(size: int = 1_000_000) -> Iterator[Figure]:
    """The figures at ``size`` records and four times as many links."""
    with tempfile.TemporaryDirectory(prefix="graphsvc-bench-") as name:
        folder = Path(name)
        given = Settings(
            data_dir=folder / "server", bolt_port=0, neo4j_heap_mb=3072, neo4j_page_cache_mb=2048,
            jars_dir=settings().jars_home,
        )  # fmt: skip
        graph = world(size)
        fill(given, graph, folder)
        localdb.start(given)
        try:
            with Database.open(given) as database:
                books(database, graph)
                yield from measure(database, graph, folder)
        finally:
            localdb.stop(given)


def measure(database: Database, graph: World, folder: Path) -> Iterator[Figure]:
    """Build the topology, then ask everything of everybody."""
    began = time.perf_counter()
    made = build(database, folder / "topology")
    yield under(
        "topology: build from Neo4j", "s", time.perf_counter() - began, 30 * max(1.0, graph.links / 4e6)
    )
    began = time.perf_counter()
    snapshot = Snapshot.open(made, room=4_000_000)
    yield under("topology: open", "s", time.perf_counter() - began, 1)
    disk = sum(file.stat().st_blocks * 512 for file in made.iterdir())
    yield under("topology: a link direction", "bytes", disk / (2 * graph.links), 60)
    spaces = Spaces()
    with database.session() as session:
        session.run(
            "CALL gds.graph.project('bench', 'Entity', {ASSOCIATE_OF: {orientation: 'UNDIRECTED'}})"
        ).consume()
    for half in (False, True):
        links = Links(snapshot, held(half), TODAY, spaces=spaces)
        yield from one_caller(database, graph, links, half)
    yield Figure("memory of the process", "MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def drawn(graph: World, mask: np.ndarray[Any, Any], count: int, seed: int) -> list[tuple[str, str]]:
    """Pairs of records that may be seen."""
    draw = random.Random(seed)
    found: list[tuple[str, str]] = []
    while len(found) < count:
        a, b = draw.randrange(graph.size), draw.randrange(graph.size)
        if a != b and mask[graph.handling[a]] and mask[graph.handling[b]]:
            found.append((id_(a), id_(b)))
    return found


def one_caller(database: Database, graph: World, links: Links, half: bool) -> Iterator[Figure]:
    """All figures for one who holds all, or half."""
    mask, who = held(half), "half" if half else "all"
    pairs = drawn(graph, mask, PAIRS, 1)
    reachable = [pair for pair in pairs if links.shortest(*pair, OPEN).paths]
    yield Figure(f"{who}: unreachable pairs", "of " + str(PAIRS), PAIRS - len(reachable))
    ours = times(lambda a, b: links.shortest(a, b, OPEN), reachable)
    numbers = np.flatnonzero(mask).tolist()

    def cypher(a: str, b: str) -> Any:
        return database.rows(SHORTEST, a=a, b=b, held=numbers)

    plain = times(cypher, reachable[:60])
    for percent in (50, 95):
        yield against(
            f"{who}: shortest path, p{percent}",
            p(ours, percent),
            p(plain, percent),
            "Cypher shortestPath",
            0.1,
        )
    free = times(networkit(graph), reachable)
    yield against(
        f"{who}: shortest path, p50", p(ours, 50), p(free, 50), "networkit, unrestricted", 3 if half else 5
    )
    five = times(lambda a, b: links.k_shortest(a, b, 5, OPEN), reachable)
    yield under(f"{who}: five shortest paths, p95", "ms", p(five, 95), 100)
    if not half:
        slow = times(lambda a, b: database.rows(YENS, a=a, b=b), reachable[:SLOW])
        yield against("five shortest paths, p95", p(five, 95), p(slow, 95), "gds yens", 0.02)
    two = times(lambda a, _: links.expand([a], 2, 500, OPEN), pairs)
    yield under(f"{who}: two hops with a cap of 500, p95", "ms", p(two, 95), 20)
    ten = [[a for a, _ in pairs[at : at + 10]] for at in range(0, PAIRS, 10)]
    joined = times(lambda a, b: links.connect(ten[int(a)], OPEN), [(str(n), "") for n in range(len(ten))])
    yield under(f"{who}: connecting network of 10, p95", "ms", p(joined, 95), 200)
    yield under(f"{who}: worst of 10,000 questions", "ms", worst(graph, links, mask), 250)


def worst(graph: World, links: Links, mask: np.ndarray[Any, Any]) -> float:
    """Milliseconds of the slowest of 10,000 random questions of all kinds with their default limits, hubs included."""
    asked, draw, slowest = Question(), random.Random(2), 0.0
    pairs = drawn(graph, mask, 9_000, 3) + [
        (a, id_(b)) for b in range(100) if mask[graph.handling[b]] for a, _ in drawn(graph, mask, 20, b)
    ]
    for a, b in pairs[:10_000]:
        kind = draw.randrange(4)
        began = time.perf_counter()
        if kind == 0:
            links.shortest(a, b, asked)
        elif kind == 1:
            links.k_shortest(a, b, 3, asked)
        elif kind == 2:
            links.expand([a], 2, 500, asked)
        else:
            links.connect([a, b], asked)
        slowest = max(slowest, (time.perf_counter() - began) * 1000)
    return slowest


def networkit(graph: World) -> Ask:
    """The unrestricted two-sided search of networkit, over the whole graph."""
    import networkit as nk

    whole = nk.GraphFromCoo(
        (graph.from_.astype(np.uint64), graph.to.astype(np.uint64)), n=graph.size, directed=False
    )

    def ask(a: str, b: str) -> Any:
        search = nk.distance.BidirectionalBFS(whole, int(a[-8:]), int(b[-8:]), True)
        search.run()
        return search.getPath()

    return ask
