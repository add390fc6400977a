"""Loading: files through the loaders, against the plain driver doing the same UNWIND of ready-made rows.

Both write to the same private server, emptied in between, from the same rows, in batches of the same size, in turns.
The plain driver gets its rows ready-made and merges by id, as a script that must not double anything does; it keeps
no books. Ours reads, checks and shapes the files, and keeps the ledger and the feed.
"""

import csv
import gc
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from neo4j import ManagedTransaction

from bench.figures import Figure, at_least, middle, under
from graphsvc.localdb import server as localdb
from graphsvc.settings import Settings, settings
from graphsvc.store.batch import shaped_links, shaped_nodes
from graphsvc.store.database import Database
from loaders.catalogue import Request, loader
from loaders.frame import Loader

BATCH = 10_000
SOURCE, OWNER = "bench", "FR"
ROUNDS = 3

GIVEN = ("Mara", "Ivo", "Zoe", "Timo", "Lena", "Omar", "Aya", "Nils", "Rosa", "Emil", "Dina", "Paul")
FAMILY = (
    "Invented",
    "Madeup",
    "Fabel",
    "Nonesuch",
    "Fictor",
    "Imagine",
    "Phantom",
    "Dreamer",
    "Storey",
    "Mythos",
)
NATIONS = ("FR", "DE", "ES", "IT", "MA", "TN", "PL", "RO", "BR", "JP")

PEER_NODES = "UNWIND $rows AS row MERGE (n:Entity {id: row.id}) SET n = row, n:Person"
PEER_LINKS = """
UNWIND $rows AS row MATCH (a:Entity {id: row.from}) MATCH (b:Entity {id: row.to})
MERGE (a)-[r:ASSOCIATE_OF {id: row.id}]->(b) SET r = row
"""


def persons(path: Path, count: int) -> None:
    """A file of invented persons with twelve properties each."""
    draw = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(
            ("id", "name", "given_name", "family_name", "birth_date", "sex", "nationalities", "birth_country",
             "birth_place", "national_id", "occupation", "recorded_at")
        )  # fmt: skip
        for number in range(count):
            given, family = draw.choice(GIVEN), draw.choice(FAMILY) + str(draw.randrange(10_000))
            nation = draw.choice(NATIONS)
            born = f"{draw.randrange(1950, 2005)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
            table.writerow(
                (f"p-{number:08d}", f"{given} {family}", given, family, born, draw.choice("FM"), nation, nation,
                 f"Town {draw.randrange(2_000)}", f"{draw.randrange(10**9):09d}", "driver", "2024-03-01")
            )  # fmt: skip


def links(path: Path, count: int, ends: int) -> None:
    """A file of links between them."""
    draw = random.Random(2)
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(("id", "kind", "from", "to", "role", "weight", "first_seen", "grade"))
        for number in range(count):
            one, other = draw.randrange(ends), draw.randrange(ends)
            day = f"2024-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
            row = (
                f"l-{number:08d}",
                "ASSOCIATE_OF",
                f"p-{one:08d}",
                f"p-{other:08d}",
                "associate",
                draw.randrange(9),
                day,
            )
            table.writerow((*row, "B2"))


def shuffled(path: Path, target: Path) -> Path:
    """The same rows in another order."""
    head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(3).shuffle(rows)
    target.write_text(head + "".join(rows), encoding="utf-8")
    return target


def make(format: str, path: Path) -> Loader:
    """The loader of one file."""
    return loader(Request(format, [path], [], SOURCE, OWNER))


def ready(format: str, path: Path) -> list[list[dict[str, Any]]]:
    """The rows that our loader would write, in batches, with every number given."""
    batches, number = [], 0
    for parcel in make(format, path).parcels(BATCH):
        terms = {"source": SOURCE, "owner": OWNER}
        shaped = [*shaped_nodes(parcel.records, **terms), *shaped_links(parcel.links, **terms)]
        rows = []
        for row, _, _ in shaped:
            rows.append(
                {**row, "handling": 0, "run": "peer", **({"no": number} if format == "persons" else {})}
            )
            number += 1
        batches.append(sorted(rows, key=lambda row: str(row["id"])))
    return batches


def send(tx: ManagedTransaction, statement: str, rows: list[dict[str, Any]]) -> None:
    """One batch."""
    tx.run(statement, rows=rows).consume()


def plain(database: Database, statement: str, batches: list[list[dict[str, Any]]]) -> float:
    """Seconds of the plain driver."""
    began = time.perf_counter()
    with database.driver.session(database=database.name) as session:
        for rows in batches:
            session.execute_write(send, statement, rows)
    return time.perf_counter() - began


def ours(database: Database, format: str, path: Path) -> float:
    """Seconds of our loader, from the file on."""
    began = time.perf_counter()
    account = make(format, path).load(database, size=BATCH).account
    assert account is not None
    assert account.rejected == account.waiting == 0
    return time.perf_counter() - began


def empty(database: Database) -> None:
    """Take everything out but the schema."""
    with database.session() as session:
        session.run(
            "MATCH (n) WHERE NOT n:Migration AND NOT n:Meta CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
        ).consume()
        session.run("MATCH (m:Meta {name: 'graph'}) SET m.seq = 0, m.next_no = 0, m.handlings = 0").consume()


def server(folder: Path) -> Settings:
    """Settings of a private server for one benchmark."""
    jars = settings().jars_home
    return Settings(data_dir=folder, bolt_port=0, neo4j_heap_mb=2048, neo4j_page_cache_mb=1024, jars_dir=jars)


def memory(given: Settings, path: Path) -> float:
    """The most memory, in MB, of a load of one file as a command of its own."""
    told = {"GRAPHSVC_DATA_DIR": str(given.home), "GRAPHSVC_JARS_DIR": str(given.jars_home)}
    command = [
        sys.executable,
        "-m",
        "graphsvc",
        "load",
        "persons",
        str(path),
        "--source",
        "memory",
        "--owner",
        OWNER,
    ]
    process = subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit("The load whose memory is measured has failed.")
    return peak


def resident(pid: int) -> float:
    """The most memory, in MB, that a running process has held; ``ru_maxrss`` would count what its parent held too."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next(
        (int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0
    )


class Times(msgspec.Struct):
    """Seconds, a value for each round."""

    plain_nodes: list[float] = []
    plain_links: list[float] = []
    nodes: list[float] = []
    links: list[float] = []
    again: list[float] = []
    reordered: list[float] = []


def run(size: int = 100_000, progress: Callable[[str], None] = print) -> Iterator[Figure]:
    """The figures at ``size`` records and as many links."""
    with tempfile.TemporaryDirectory(prefix="graphsvc-bench-") as name:
        folder = Path(name)
        given = server(folder / "server")
        localdb.start(given)
        try:
            with Database.open(given) as database:
                times = rounds(database, folder, size, progress)
                empty(database)  # the plain driver's rows were the last
                peak = memory(given, folder / "persons.csv")
        finally:
            localdb.stop(given)
    rate = {
        name: size / middle(getattr(times, name)) for name in ("plain_nodes", "plain_links", "nodes", "links")
    }
    yield at_least("new records", "records/s", rate["nodes"], rate["plain_nodes"], "plain driver", 0.9)
    yield at_least("new links", "links/s", rate["links"], rate["plain_links"], "plain driver", 0.9)
    first = middle(times.nodes)
    yield at_least("the same file again", "times as fast", first / middle(times.again), 1, "first load", 20)
    yield under(f"memory of the loader at {size:,} records", "MB", peak, 300)
    yield at_least(
        "its rows in another order", "times as fast", first / middle(times.reordered), 1, "first load", 2
    )


def rounds(database: Database, folder: Path, size: int, progress: Callable[[str], None]) -> Times:
    """Both ways in turns, after a small round that warms the server."""
    people, ties = folder / "persons.csv", folder / "links.csv"
    times = Times()
    for count in (min(size, 20_000), size):
        persons(people, count)
        links(ties, count, count)
        rows, edges = ready("persons", people), ready("links", ties)
        gc.collect()
        gc.freeze()  # rows that are held for the plain driver are no burden on ours
        other = shuffled(people, folder / "reordered.csv")
        for number in range(1 if count != size else ROUNDS):
            one = Times()
            for way in ("plain", "ours") if number % 2 else ("ours", "plain"):
                empty(database)
                if way == "plain":
                    one.plain_nodes.append(plain(database, PEER_NODES, rows))
                    one.plain_links.append(plain(database, PEER_LINKS, edges))
                else:
                    one.nodes.append(ours(database, "persons", people))
                    one.again.append(ours(database, "persons", people))
                    one.reordered.append(ours(database, "persons", other))
                    one.links.append(ours(database, "links", ties))
            progress(f"round of {count:,}: {msgspec.json.encode(one).decode()}")
            if count == size:
                for field in Times.__struct_fields__:
                    getattr(times, field).extend(getattr(one, field))
    return times
