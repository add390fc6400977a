"""Groups at size: from a scoped request to its stored result, beside Graph Data Science by hand and other libraries.

The graph is that of the link bench: blocks of about fifty records and a heavy tail of hubs. A link carries the
handling of the record that it goes from. Neo4j imports it by itself, so that the server holds it in order of ids, and
the one who works by hand gets the same order.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bench.figures import Figure, at_most, under
from bench.links_graph import HANDLINGS, World, id_, world
from graphsvc.access.caller import Caller
from graphsvc.access.view import Door
from graphsvc.analysis.centrality import ranking
from graphsvc.analysis.groups import communities
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.localdb import server as localdb
from graphsvc.localdb.jars import find_java, jars
from graphsvc.model.handling import make
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings, settings
from graphsvc.store.database import Database

T = TypeVar("T")

SIZE = 1_000_000
SOURCES = 100


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


def run(size: int = SIZE, sources: int = SOURCES) -> Iterator[Figure]:
    """All figures. ``sources`` is how many vertices stand for all in sampled betweenness."""
    graph = world(size)
    with (
        tempfile.TemporaryDirectory(prefix="graphsvc-bench-") as folder,
        served(Path(folder), graph) as given,
        Database.open(given) as database,
    ):
        write_books(database, graph)
        yield from figures(given, database, graph, sources)


@contextmanager
def served(folder: Path, graph: World) -> Iterator[Settings]:
    """A private server that holds the graph."""
    given = Settings(
        data_dir=folder,
        bolt_port=0,
        neo4j_heap_mb=4096,
        neo4j_page_cache_mb=max(1024, graph.links // 2_500),
        query_seconds=600,
        jars_dir=settings().jars_home,
    )
    imported(given, graph)
    localdb.start(given, say)
    try:
        yield given
    finally:
        localdb.stop(given)


def imported(given: Settings, graph: World) -> None:
    """Bring the graph in before the first start."""
    home = localdb.home_of(given)
    localdb.prepare_folders(home)
    java, kept = find_java(), jars(given, say)
    say(f"Writing {graph.size:,} records and {graph.links:,} links")
    files = home / "import"
    write_nodes(files / "nodes.csv", graph)
    write_links(files / "links.csv", graph)
    say("Importing")
    command = [
        java, "-Xmx2g", "-cp", f"{kept.lib}/*", "org.neo4j.cli.AdminTool", "database", "import", "full", "neo4j",
        "--id-type=integer", "--array-delimiter=|", f"--report-file={files / 'report'}",
        f"--nodes=Entity:Person={files / 'nodes.csv'}",
        f"--relationships=ASSOCIATE_OF={files / 'links.csv'}",
    ]  # fmt: skip
    variables = os.environ | {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the import failed: {(done.stderr or done.stdout)[-2000:]}")


def write_nodes(path: Path, graph: World) -> None:
    """Records, with what a load would give them as far as groups ask for it."""
    with path.open("w", encoding="ascii") as file:
        file.write(":ID,id,no:long,handling:long,caption,owner,source,kind,countries:string[]\n")
        for number, handling in enumerate(graph.handling.tolist()):
            file.write(f"{number},{id_(number)},{number},{handling},P {number},FR,bench,Person,FR\n")


def write_links(path: Path, graph: World) -> None:
    """Links, each with the handling of the record that it goes from."""
    handling = graph.handling[graph.from_].tolist()
    with path.open("w", encoding="ascii") as file:
        file.write(":START_ID,:END_ID,id,handling:long,from,to,owner,source,kind\n")
        ends = zip(graph.from_.tolist(), graph.to.tolist(), handling, strict=True)
        for number, (one, other, of) in enumerate(ends):
            named = f"bench:l-{number},{of},{id_(one)},{id_(other)},FR,bench,ASSOCIATE_OF"
            file.write(f"{one},{other},{named}\n")


def write_books(database: Database, graph: World) -> None:
    """Handlings, every second of which the Germans do not hold, and the head of the feed."""
    say("Writing the books")
    rows = []
    for number in range(HANDLINGS):
        made = make("FR", allow={"*"} if number % 2 else {"FR"}, conditions={f"rule {number}"})
        names = {"class_": "class"}
        fields = {names.get(name, name): getattr(made, name) for name in made.__struct_fields__}
        rows.append({**fields, "number": number, "digest": made.digest})
    with database.session() as session:
        session.run("UNWIND $rows AS row CREATE (h:Handling) SET h = row", rows=rows).consume()
        session.run(
            "MATCH (m:Meta {name: 'graph'}) SET m.handlings = $handlings, m.next_no = $size",
            handlings=HANDLINGS,
            size=graph.size,
        ).consume()


def figures(given: Settings, database: Database, graph: World, sources: int) -> Iterator[Figure]:
    """Everything in one run."""
    by_hand, project, quality = hand(database)
    say(f"By hand: projection {project:.1f} s and Leiden {by_hand - project:.1f} s, modularity {quality:.4f}")
    ours = asyncio.run(scoped(given))
    name = "gds by hand, unrestricted"
    yield at_most(
        "scoped Leiden, holds half, request to stored result", "s", ours["DE"][0], by_hand, name, 1.2
    )
    yield at_most(
        "scoped Leiden, holds all, request to stored result", "s", ours["FR"][0], by_hand, name, 1.7
    )
    yield under("stored answer, holds half", "s", ours["DE"][1], 0.05)
    yield under("stored answer, holds all", "s", ours["FR"][1], 0.05)
    for peer, seconds, found in (("igraph", *igraph_leiden(graph)), ("networkit", *networkit_leiden(graph))):
        figure = f"scoped Leiden, holds all, modularity {ours['FR'][2]:.4f} beside {found:.4f}"
        yield Figure(figure, "s", ours["FR"][0], seconds, peer)
    rank = asyncio.run(ranked(given))
    yield Figure(
        f"sampled betweenness, {sources} sources", "s", rank, hand_betweenness(database, sources), name
    )
    yield Figure(
        f"sampled betweenness, {sources} sources",
        "s",
        rank,
        networkit_betweenness(graph, sources),
        "networkit",
    )


def hand(database: Database) -> tuple[float, float, float]:
    """What one who knows Graph Data Science would type: seconds in all and of the projection, and modularity."""
    with database.session() as session:
        project, _ = timed(
            lambda: session.run(
                "CALL gds.graph.project('hand', 'Entity', {ALL: {type: '*', orientation: 'UNDIRECTED'}})"
            ).consume()
        )
        leiden, row = timed(
            lambda: session.run(
                "CALL gds.leiden.mutate('hand', {randomSeed: 1, concurrency: 1, mutateProperty: 'g'}) "
                "YIELD modularity RETURN modularity"
            ).single(strict=True)
        )
        session.run("CALL gds.graph.drop('hand') YIELD graphName RETURN graphName").consume()
    return project + leiden, project, row["modularity"]


async def scoped(given: Settings) -> dict[str, tuple[float, float, float]]:
    """For one who holds half and one who holds all: seconds of the first and of the repeated answer, modularity."""
    say("Building the topology")
    door = await Door.open(given)
    found = {}
    try:
        # a small question first, so that kernels are compiled
        await communities(await door.view(caller("FR")), ScopeSpec(seeds=(id_(0),), hops=1))
        for ncb in ("DE", "FR"):
            start = time.perf_counter()
            answer = await communities(await door.view(caller(ncb)))
            first = time.perf_counter() - start
            again = []
            for _ in range(5):
                start = time.perf_counter()
                await communities(await door.view(caller(ncb)))
                again.append(time.perf_counter() - start)
            say(
                f"{ncb}: {answer.links:,} links between {answer.identities:,}, {answer.total:,} groups, {first:.1f} s"
            )
            found[ncb] = first, float(np.median(again)), answer.modularity
    finally:
        await door.close()
    return found


async def ranked(given: Settings) -> float:
    """Seconds of a rank by sampled betweenness for one who holds all."""
    door = await Door.open(given)
    try:
        start = time.perf_counter()
        await ranking(await door.view(caller("FR")))
        return time.perf_counter() - start
    finally:
        await door.close()


def caller(ncb: str) -> Caller:
    """An analyst of a country."""
    return Caller("bench", ncb, Level.CONFIDENTIAL, Purpose.TRENDS)


def hand_betweenness(database: Database, sources: int) -> float:
    """The same by hand, projection included."""
    with database.session() as session:
        seconds, _ = timed(
            lambda: [
                session.run(text, sources=sources).consume()
                for text in (
                    "CALL gds.graph.project('hand', 'Entity', {ALL: {type: '*', orientation: 'UNDIRECTED'}})",
                    "CALL gds.betweenness.mutate('hand', {samplingSize: $sources, samplingSeed: 1, concurrency: 1, "
                    "mutateProperty: 'b'}) YIELD computeMillis RETURN computeMillis",
                )
            ]
        )
        session.run("CALL gds.graph.drop('hand') YIELD graphName RETURN graphName").consume()
    return seconds


def igraph_leiden(graph: World) -> tuple[float, float]:
    """igraph from arrays in memory to groups: seconds and modularity."""
    import igraph

    say("igraph")

    def work() -> float:
        made = igraph.Graph(n=graph.size, edges=np.stack((graph.from_, graph.to), axis=1))
        return float(made.community_leiden(objective_function="modularity", n_iterations=2).modularity)

    return timed(work)


def networkit_graph(graph: World) -> Any:
    """The graph for networkit."""
    import networkit

    ends = graph.from_.astype(np.uint64), graph.to.astype(np.uint64)
    return networkit.GraphFromCoo((np.ones(graph.links), ends), n=graph.size, directed=False)


def networkit_leiden(graph: World) -> tuple[float, float]:
    """networkit from arrays in memory to groups: seconds and modularity."""
    import networkit

    say("networkit")
    networkit.setNumberOfThreads(1)

    def work() -> float:
        made = networkit_graph(graph)
        found = networkit.community.ParallelLeiden(made)
        found.run()
        return float(networkit.community.Modularity().getQuality(found.getPartition(), made))

    return timed(work)


def networkit_betweenness(graph: World, sources: int) -> float:
    """networkit's estimate from as many sources, from arrays in memory."""
    import networkit

    def work() -> None:
        networkit.centrality.EstimateBetweenness(networkit_graph(graph), sources, False, False).run()

    return timed(work)[0]
