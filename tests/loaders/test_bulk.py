"""Bulk and ordinary loads of the same files end in the same graph, property for property."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphsvc.errors import AccessError, ConflictError, UsageError
from graphsvc.localdb import exchange
from graphsvc.localdb import server as localdb
from graphsvc.sample.make import make
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.retractions import retract
from loaders import bulk, catalogue
from loaders.catalogue import Request
from loaders.frame import Loader
from tests.conftest import empty

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(4_800)]  # servers come and go

OWN = {"no", "run", "handling"}
"""What says in which run, order or number something came, and not what it is."""

PERSONS = """id,name,birth_date,sequence,note,recorded_at
p-1,Mara Invented,1980,2,"two
lines, ""quotes"" too",2024-03-01
p-2,Ivo Nonesuch,1981-02,1,,2024-03-01
p-3,Zoe Phantom,2012-05-06,,,2024-03-01
p-1,Mara Older,1980,1,,2024-03-01
p-1,Mara Newer,1980,3,,2024-03-01
p-2,Ivo Nonesuch,1981-02,1,,2024-03-01
p-4,Dina Twice,1990,,,
p-4,Dina Other,1990,,,
,Nobody,1990,,,
p-5,  ,,,,
"""
LINKS = """id,kind,from,to,role,weight,sequence
l-1,ASSOCIATE_OF,p-1,p-2,associate,4,
l-2,ASSOCIATE_OF,p-2,p-9,associate,,
l-3,FAMILY_OF,p-2,de-file:x-1,,,
l-4,FAMILY_OF,p-2,de-file:x-2,,,
l-5,ASSOCIATE_OF,p-1,p-3,,1.5,1
l-5,ASSOCIATE_OF,p-2,p-3,,2,2
l-1,FAMILY_OF,p-1,p-2,,,
l-6,NOTHING,p-1,p-2,,,
"""
NOTICES = """id,colour,reference,title,charges,facts,compliance,subjects
n-1,red,2024/1,Wanted,apostasy,short,compliant,p-1
n-2,blue,2024/2,Sought,,,,p-2
"""
DOCUMENTS = """id,type,number,country,status
d-1,passport,12AB34567,FR,revoked
d-2,passport,12AB34568,DE,stolen
"""


def files(folder: Path) -> list[Loader]:
    """Two sources that quote each other, with all that a bulk load must put aside."""
    found = []
    texts = (
        ("persons", PERSONS, "fr-file", "FR"),
        ("links", LINKS, "fr-file", "FR"),
        ("notices", NOTICES, "fr-file", "FR"),
        ("documents", DOCUMENTS, "fr-file", "FR"),
        ("persons", "id,name,level\nx-1,Emil Storey,confidential\n", "de-file", "DE"),
    )
    for number, (format, text, source, owner) in enumerate(texts):
        path = folder / f"{number}-{format}.csv"
        path.write_text(text, encoding="utf-8")
        found.append(catalogue.loader(Request(format, [path], [], source, owner)))
    return found


@pytest.fixture
def own(tmp_path: Path, open_server: Settings) -> Iterator[Settings]:
    """A data folder in which nothing was ever started."""
    given = open_server.model_copy(update={"data_dir": tmp_path / "own", "jars_dir": open_server.jars_home})
    yield given
    localdb.stop(given)


def told(row: dict[str, Any], rules: dict[int, str], *without: str) -> str:
    kept = {name: value for name, value in row.items() if name not in OWN and name not in without}
    if "handling" in row:
        kept["handling"] = rules[row["handling"]]
    return json.dumps(kept, sort_keys=True, default=str)


def graph(database: Database) -> dict[str, Counter[str]]:
    """Everything that is there, told without order, numbers and times."""
    rules = {r["n"]: r["d"] for r in database.rows("MATCH (h:Handling) RETURN h.number AS n, h.digest AS d")}
    records = database.rows("MATCH (n:Entity) RETURN labels(n) AS labels, properties(n) AS row")
    links = database.rows(
        "MATCH (a:Entity)-[r]->(b:Entity) RETURN type(r) AS kind, a.id AS one, b.id AS other, properties(r) AS row"
    )
    waiting = database.rows("MATCH (w:WaitingLink) RETURN properties(w) AS row")
    rejects = database.rows("MATCH (r:Reject) RETURN r.file AS file, r.line AS line, r.reason AS reason")
    reviews = database.rows("MATCH (v:Review) RETURN v.record AS record, v.state AS state")
    triggers = database.rows("MATCH (t:Trigger) RETURN t.id AS id")
    schema = database.rows(
        "SHOW INDEXES YIELD name, type, labelsOrTypes, properties, owningConstraint, state "
        "WHERE type <> 'LOOKUP' RETURN *"
    )
    changed = database.rows("MATCH (c:Change) UNWIND c.nodes + c.links AS id RETURN DISTINCT c.op AS op, id")
    return {
        "records": Counter(f"{sorted(r['labels'])} {told(r['row'], rules)}" for r in records),
        "links": Counter(f"{r['kind']} {r['one']} {r['other']} {told(r['row'], rules)}" for r in links),
        "waiting": Counter(told(r["row"], rules, "payload") for r in waiting),
        **{
            name: Counter(json.dumps(row, sort_keys=True) for row in rows)
            for name, rows in (("rejects", rejects), ("reviews", reviews), ("triggers", triggers),
                               ("schema", schema), ("changed", changed))
        },
    }  # fmt: skip


def compare(first: dict[str, Counter[str]], second: dict[str, Counter[str]]) -> None:
    for name, expected in first.items():
        assert (second[name] - expected, expected - second[name]) == (Counter(), Counter()), name


def test_files_full_of_exceptions_end_as_an_ordinary_load_of_them(
    database: Database, own: Settings, tmp_path: Path
) -> None:
    accounts = [loader.load(database).account for loader in files(tmp_path)]
    expected = graph(database)
    bulked = [outcome.account for outcome in bulk.load(own, files(tmp_path))]
    with Database.open(own) as built:
        compare(expected, graph(built))
        for one, other in zip(accounts, bulked, strict=True):
            assert one is not None
            assert other is not None
            assert (one.read, one.rejected, one.accepted) == (other.read, other.rejected, other.accepted)
            total = other.written + other.unchanged + other.waiting + other.accepted + other.rejected
            assert other.read == total
        before = {name: graph(built)[name] for name in ("records", "links", "waiting", "schema", "changed")}
        for loader in files(tmp_path):
            account = loader.load(built).account
            assert account is not None
            assert account.written == 0
        compare(before, graph(built))
        with pytest.raises(ConflictError, match="not empty"):
            bulk.load(own, files(tmp_path))
        assert not (own.home / exchange.ASIDE).exists()
        compare(before, graph(built))


def test_a_world_in_bulk_is_the_world(database: Database, own: Settings, tmp_path: Path) -> None:
    made = make(tmp_path / "world", 2_000, 3)
    request = Request("world", [made.folder])
    for loader in catalogue.loaders(request):
        loader.load(database)
    bulk.load(own, list(catalogue.loaders(request)))
    with Database.open(own) as built:
        expected, found = graph(database), graph(built)
        for name in ("records", "links", "waiting", "rejects", "schema"):
            compare({name: expected[name]}, {name: found[name]})
        again = [loader.load(built).account for loader in catalogue.loaders(request)]
        assert sum(account.written for account in again if account) == 0
        runs = built.rows("MATCH (r:Run) RETURN r.source AS source, count(*) AS n")
        assert {row["n"] for row in runs} == {1}
    empty(database)


BULK = """
import sys
from pathlib import Path
from graphsvc.settings import settings
from loaders import bulk
from tests.loaders.test_bulk import files
bulk.load(settings(), files(Path(sys.argv[1])), lambda step, _: print(step, flush=True))
"""
STEPS = ("Indexing", "Shaping", "Sorting", "Importing")
TIMES = int(os.environ.get("GRAPHSVC_FAULT_TIMES", "1"))
LONGEST = 0.5
"""Seconds after a step began; no load gets from the last of them to its end in so little."""


def kill(given: Settings, folder: Path, step: str, delay: float) -> None:
    """Kill a bulk load so many seconds after it says that it is at a step; what it started goes on without it."""
    told = {"GRAPHSVC_DATA_DIR": str(given.home), "GRAPHSVC_JARS_DIR": str(given.jars_home)}
    told |= {"GRAPHSVC_NEO4J_HEAP_MB": "512", "GRAPHSVC_BOLT_PORT": "0"}
    command = [sys.executable, "-c", BULK, str(folder)]
    with subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while (said := process.stdout.readline().strip()) != step:
            assert said
        time.sleep(delay)
        process.kill()


def test_a_bulk_load_that_is_killed_leaves_the_empty_database_whole_and_its_books_go_on(
    own: Settings, tmp_path: Path
) -> None:
    with Database.open(own) as before:
        retract(before, source="fr-file", owner="FR", ids=["fr-file:p-2"])
        before.write(lambda tx: tx.run("CREATE (:Agreement {name: 'kept'})").consume())
        seq = before.head()
    draw = random.Random(1)
    for time_ in range(TIMES):
        kill(own, tmp_path, STEPS[time_ % len(STEPS)], draw.uniform(0, LONGEST))
        with Database.open(own) as after:
            assert after.rows("MATCH (n:Entity) RETURN count(n) AS n") == [{"n": 0}]
            assert after.head() == seq
        assert not (own.home / exchange.ASIDE).exists()
    bulk.load(own, files(tmp_path))
    with Database.open(own) as built:
        assert built.rows("MATCH (n:Entity {id: 'fr-file:p-2'}) RETURN n") == []
        assert built.rows("MATCH (t:Tombstone) RETURN count(t) AS n") == [{"n": 1}]
        assert built.rows("MATCH (a:Agreement) RETURN a.name AS name") == [{"name": "kept"}]
        assert built.head() > seq


SHAPING = """
import sys
from pathlib import Path
from graphsvc.settings import settings
from loaders import bulk, catalogue
request = catalogue.Request("persons", [Path(sys.argv[1])], [], "fr-file", "FR")
bulk.load(settings(), [catalogue.loader(request)], lambda step, _: print(step, flush=True))
"""


def test_the_processes_of_a_killed_load_end_and_let_the_lock_go(own: Settings, tmp_path: Path) -> None:
    path, told = tmp_path / "persons.csv", {"GRAPHSVC_DATA_DIR": str(own.home)}
    path.write_text("id,name\n" + "".join(f"p-{n},Mara Invented {n}\n" for n in range(150_000)))
    with subprocess.Popen(
        [sys.executable, "-c", SHAPING, str(path)],
        env={**os.environ, **told, "GRAPHSVC_JARS_DIR": str(own.jars_home)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Shaping\n"
        process.kill()
    with localdb.held(own):
        pass
    ended = time.monotonic() + 20
    while (left := alive(process.pid)) and time.monotonic() < ended:
        time.sleep(0.1)
    assert not left


def alive(group: int) -> bool:
    """Whether some process of the group is there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_exchange_that_was_begun_is_finished_by_whoever_comes_next(tmp_path: Path) -> None:
    home = tmp_path / "neo4j"
    for old, new in (("data", "data.next"), ("data.before", "data.next"), ("data.before", "data")):
        for name, text in ((old, "old"), (new, "new")):
            (home / name).mkdir(parents=True)
            (home / name / "is").write_text(text)
        exchange.settle(home)
        assert [path.name for path in home.iterdir()] == ["data"]
        assert (home / "data" / "is").read_text() == "new"
        (home / "data" / "is").unlink()
        (home / "data").rmdir()


def test_only_the_private_database_is_loaded_in_bulk(tmp_path: Path) -> None:
    given = Settings(data_dir=tmp_path, neo4j_uri="bolt://127.0.0.1:1")
    with pytest.raises(UsageError, match="GRAPHSVC_NEO4J_URI"):
        bulk.load(given, [])


def test_a_source_has_one_owner_in_bulk_too(own: Settings, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name\np-1,Mara\n", encoding="utf-8")
    several = [catalogue.loader(Request("persons", [path], [], "a-file", owner)) for owner in ("FR", "DE")]
    with pytest.raises(AccessError, match="belongs to FR"):
        bulk.load(own, several)
