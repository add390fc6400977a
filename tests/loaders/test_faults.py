"""Loaders killed, servers killed, connections lost: nothing is lost, nothing is doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import neo4j
import psutil
import pytest

from graphsvc.localdb import server as localdb
from graphsvc.settings import Settings
from graphsvc.store.database import DRIVER, Database
from loaders.catalogue import Request, loader
from tests.conftest import empty
from tests.loaders.proxy import Proxy
from tests.loaders.stages import STAGES
from tests.loaders.test_change import picture

pytestmark = pytest.mark.neo4j

TIMES = int(os.environ.get("GRAPHSVC_FAULT_TIMES", "3"))
SERVER_TIMES = int(os.environ.get("GRAPHSVC_FAULT_TIMES", "1"))
SEED = int(os.environ.get("GRAPHSVC_FAULT_SEED", "1"))
LOST_COMMITS = int(os.environ.get("GRAPHSVC_LOST_COMMITS", "6"))
"""How often each fault is tried; ``make faults`` sets them to what is promised."""
MOST = dict.fromkeys(STAGES, 18) | {"begin": 2, "finish": 2, "finishing": 2, "shaping": 20, "between": 40}
"""How often a load of both files comes to each stage."""


def world(folder: Path, count: int = 400) -> list[tuple[str, Path]]:
    """Persons, and links between them, of which some stand before their ends."""
    draw = random.Random(5)
    people = folder / "persons.csv"
    people.write_text("id,name\n" + "".join(f"p-{n},Mara {n}\n" for n in range(count)), encoding="utf-8")
    rows = (f"l-{n},ASSOCIATE_OF,p-{draw.randrange(count)},p-{draw.randrange(count)}\n" for n in range(count))
    links = folder / "links.csv"
    links.write_text("id,kind,from,to\n" + "".join(rows), encoding="utf-8")
    return [("links", links), ("persons", people)]


def load(database: Database, files: list[tuple[str, Path]], size: int = 40) -> None:
    for format, path in files:
        loader(Request(format, [path], [], "fr-file", "FR")).load(database, size=size)


def undisturbed(database: Database, files: list[tuple[str, Path]]) -> str:
    load(database, files)
    seen = picture(database)
    empty(database)
    return seen


def test_a_commit_whose_answer_is_lost_is_neither_lost_nor_doubled(
    database: Database, open_server: Settings, tmp_path: Path
) -> None:
    files = world(tmp_path)
    expected = undisturbed(database, files)
    with connected(open_server) as (driver, proxy, times):
        load(Database(driver, "neo4j", database.vault), files, size=10)
        assert proxy.dropped == times
    assert picture(database) == expected
    (counts,) = database.rows(
        "MATCH (r:Run) RETURN sum(r.read) AS read, sum(r.rejected) AS rejected, count(r) AS runs"
    )
    assert counts == {"read": 800, "rejected": 0, "runs": 2}


class connected:
    """A driver that speaks through a proxy."""

    def __init__(self, given: Settings) -> None:
        self.server = localdb.start(given)
        self.times = LOST_COMMITS

    def __enter__(self) -> tuple[neo4j.Driver, Proxy, int]:
        address = urlsplit(self.server.uri)
        self.proxy = Proxy(address.hostname or "", address.port or 0, self.times)
        uri = f"bolt://127.0.0.1:{self.proxy.port}"
        self.driver = neo4j.GraphDatabase.driver(uri, auth=(self.server.user, self.server.password), **DRIVER)
        return self.driver, self.proxy, self.times

    def __exit__(self, *_: object) -> None:
        self.driver.close()
        self.proxy.close()


LOADER = """
import sys
from pathlib import Path
from graphsvc.errors import Error
from graphsvc.settings import settings
from graphsvc.store.database import Database
from loaders.catalogue import Request, loader
from tests.loaders.stages import die_at
stage, times, *files = sys.argv[1:]
if stage:
    die_at(stage, int(times))
with Database.open(settings()) as database:
    for format, path in zip(files[::2], files[1::2]):
        def heard(progress):
            print(progress.counts.read, flush=True)
        try:
            loader(Request(format, [Path(path)], [], "fr-file", "FR")).load(database, size=40, heard=heard)
        except Error as error:
            sys.exit(str(error))
"""


def start(
    given: Settings, files: list[tuple[str, Path]], stage: str = "", times: int = 0
) -> subprocess.Popen[str]:
    """A process that loads the files; at the how-manieth time that it comes to a stage it ends itself."""
    environment = {
        **os.environ,
        "GRAPHSVC_DATA_DIR": str(given.home),
        "GRAPHSVC_JARS_DIR": str(given.jars_home),
    }
    arguments = [stage, str(times), *(part for format, path in files for part in (format, str(path)))]
    return subprocess.Popen(
        [sys.executable, "-c", LOADER, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_eight_processes_given_the_same_batch_at_once_load_it_once(
    database: Database, open_server: Settings, tmp_path: Path
) -> None:
    files = world(tmp_path)
    expected = undisturbed(database, files)
    processes = [start(open_server, files) for _ in range(8)]
    assert [process.communicate()[0] is None or process.returncode for process in processes] == [0] * 8
    assert picture(database) == expected
    (meta,) = database.rows("MATCH (m:Meta {name: 'graph'}) RETURN m.next_no AS next")
    assert meta["next"] == 400
    for row in database.rows("MATCH (r:Run) RETURN r.read AS read, r.state AS state"):
        assert row == {"read": 400, "state": "complete"}
    (feed,) = database.rows(
        "MATCH (c:Change) UNWIND c.nodes AS id RETURN count(id) AS n, count(DISTINCT id) AS ids"
    )
    assert feed == {"n": 400, "ids": 400}


@pytest.mark.parametrize("time_", range(max(TIMES, len(STAGES))))
def test_a_loader_killed_at_any_stage_is_gone_on_with(
    database: Database, open_server: Settings, tmp_path: Path, time_: int
) -> None:
    files = world(tmp_path)
    expected = undisturbed(database, files)
    stage = list(STAGES)[time_ % len(STAGES)]
    process = start(open_server, files, stage, random.Random(SEED + time_).randint(1, MOST[stage]))
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    load(database, files)
    assert picture(database) == expected
    assert database.rows("MATCH (r:Run {state: 'running'}) RETURN r.id AS id") == []


@pytest.mark.parametrize("time_", range(TIMES))
def test_a_loader_killed_at_any_moment_is_gone_on_with(
    database: Database, open_server: Settings, tmp_path: Path, time_: int
) -> None:
    files = world(tmp_path)
    expected = undisturbed(database, files)
    draw = random.Random(SEED + time_)
    process = start(open_server, files)
    assert process.stdout is not None
    for _ in range(draw.randint(1, 19)):
        process.stdout.readline()
    time.sleep(draw.uniform(0, 0.05))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    load(database, files)
    assert picture(database) == expected
    assert database.rows("MATCH (r:Run {state: 'running'}) RETURN r.id AS id") == []


def test_a_database_killed_during_a_load_is_gone_on_with(
    database: Database, open_server: Settings, tmp_path: Path
) -> None:
    """The loader lives on: it waits for the server and ends its load, or says in one sentence that it could not."""
    files = world(tmp_path)
    expected = undisturbed(database, files)
    given = Settings(
        data_dir=tmp_path / "own",
        bolt_port=localdb.free_port(0),
        neo4j_heap_mb=512,
        neo4j_page_cache_mb=128,
        jars_dir=open_server.jars_dir,
    )
    try:
        for time_ in range(SERVER_TIMES):
            killed_under_a_load(given, files, random.Random(SEED + time_))
            with Database.open(given) as again:
                load(again, files)
                assert picture(again) == expected
                assert again.rows("MATCH (r:Run {state: 'running'}) RETURN r.id AS id") == []
    finally:
        localdb.stop(given)


def killed_under_a_load(given: Settings, files: list[tuple[str, Path]], draw: random.Random) -> None:
    """Kill the server while a loader is at work, start it again, and hear how the loader ends."""
    own = localdb.start(given)
    with Database.open(given) as fresh:
        empty(fresh)
    process = start(given, files)
    assert process.stdout is not None
    for _ in range(draw.randint(1, 18)):
        process.stdout.readline()
    time.sleep(draw.uniform(0, 0.02))
    server = psutil.Process(own.pid)
    server.kill()
    server.wait(60)  # or its port is not free yet
    assert localdb.start(given).port == own.port
    _, said = process.communicate(timeout=200)
    assert process.returncode in (0, 1), said
    if process.returncode:
        assert "Traceback" not in said
        assert len(said.splitlines()) == 1
