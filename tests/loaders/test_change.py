"""Order and change: whatever order batches come in, and whatever happens on the way, the graph ends the same."""

import hashlib
import json
import os
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphsvc.errors import AccessError, UsageError
from graphsvc.store.database import Database
from graphsvc.store.retractions import retract
from loaders.catalogue import Request, loader
from loaders.frame import Loader
from tests.conftest import empty
from tests.loaders.conftest import Load, names

pytestmark = pytest.mark.neo4j

EXAMPLES = int(os.environ.get("GRAPHSVC_ORDER_SEEDS", "12"))


def picture(database: Database) -> str:
    """Hash of every node and link with its content, and of nothing that depends on the order of arrival."""
    nodes = database.rows("MATCH (n:Entity) RETURN n.id AS id, n.digest AS digest ORDER BY id")
    links = database.rows(
        "MATCH (a:Entity)-[r]->(b:Entity) RETURN r.id AS id, r.digest AS digest, a.id AS one, b.id AS other ORDER BY id"
    )
    return hashlib.sha256(json.dumps([nodes, links]).encode()).hexdigest()


Rows = list[dict[str, Any]]


def write(folder: Path, name: str, rows: Rows) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def make(path: Path, format: str, *, source: str = "fr-file", **more: Any) -> Loader:
    return loader(Request(format, [path], [], source, "FR", **more))


def versions(seed: int) -> tuple[Rows, Rows, list[str]]:
    """Records and links in several versions each, and the ids that are retracted."""
    draw = random.Random(seed)
    people = [
        {"id": f"p-{number}", "name": f"Mara {number} {version}", "sequence": version}
        for number in range(8)
        for version in range(1, draw.randint(2, 4))
    ]
    links = [
        {
            "id": f"l-{number}",
            "kind": "ASSOCIATE_OF",
            "from": f"p-{draw.randrange(8)}",
            "to": f"p-{draw.randrange(8)}",
            "weight": version,
            "sequence": version,
        }
        for number in range(10)
        for version in range(1, draw.randint(2, 4))
    ]
    gone = [f"fr-file:p-{draw.randrange(8)}", f"fr-file:l-{draw.randrange(10)}"]
    return people, links, gone


def play(database: Database, folder: Path, seed: int, order: int) -> str:
    """Load the versions in one order, cut into batches, some of them repeated, with the retraction somewhere."""
    people, links, gone = versions(seed)
    draw = random.Random(order)
    steps: list[tuple[str, Any]] = []
    for format, rows in (("persons", people), ("links", links)):
        mixed = rows[:]
        draw.shuffle(mixed)
        cut = draw.randint(1, len(mixed))
        for part in (mixed[:cut], mixed[cut:]):
            steps += [(format, part)] * draw.randint(1, 2) if part else []
    steps.append(("retract", gone))
    draw.shuffle(steps)
    empty(database)
    for number, (what, part) in enumerate(steps):
        if what == "retract":
            retract(database, source="fr-file", owner="FR", ids=part)
        else:
            make(write(folder, f"{number}.jsonl", part), what).load(database, size=draw.choice([3, 7, 1000]))
    return picture(database)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), order=st.integers(0, 10**6))
def test_any_order_of_batches_ends_in_the_same_graph(
    database: Database, tmp_path: Path, seed: int, order: int
) -> None:
    assert play(database, tmp_path, seed, order) == play(database, tmp_path, seed, order + 1)


def test_the_highest_sequence_wins_and_not_the_last_arrival(load: Load, database: Database) -> None:
    load("persons", "id,name,sequence\np-1,New,2\n")
    load("persons", "id,name,sequence\np-1,Old,1\n")
    assert names(database) == ["New"]


def test_a_batch_number_stands_for_that_of_its_rows(tmp_path: Path, database: Database) -> None:
    make(write(tmp_path, "2.jsonl", [{"id": "p-1", "name": "New"}]), "persons", sequence=2).load(database)
    make(write(tmp_path, "1.jsonl", [{"id": "p-1", "name": "Old"}]), "persons", sequence=1).load(database)
    assert names(database) == ["New"]


def test_a_retraction_is_not_undone_by_a_replay(load: Load, database: Database) -> None:
    text = "id,name\np-1,Mara\np-2,Ivo\n"
    load("persons", text)
    done = retract(database, source="fr-file", owner="FR", ids=["fr-file:p-1", "fr-file:p-9"])
    assert (done.nodes, done.absent) == (1, 1)
    outcome = load("persons", text + "p-9,Late\n", name="again.csv")
    assert names(database) == ["Ivo"]
    assert outcome.account is not None
    assert outcome.account.rejected == 2


def test_a_source_retracts_its_own_only(load: Load, database: Database) -> None:
    load("persons", "id,name\np-1,Mara\n")
    with pytest.raises(AccessError):
        retract(database, source="fr-file", owner="DE", ids=["fr-file:p-1"])
    with pytest.raises(AccessError):
        retract(database, source="de-file", owner="DE", ids=["fr-file:p-1"])
    assert names(database) == ["Mara"]


def people(*numbers: int) -> Rows:
    return [{"id": f"p-{number}", "name": f"Mara {number}"} for number in numbers]


def test_a_complete_batch_sweeps_what_it_no_longer_holds(tmp_path: Path, database: Database) -> None:
    make(write(tmp_path, "1.jsonl", people(1, 2, 3)), "persons").load(database)
    other = make(write(tmp_path, "x.jsonl", people(7)), "persons", source="fr-other")
    other.load(database)
    second = make(write(tmp_path, "2.jsonl", people(1, 2)), "persons")
    second.load(database)
    assert second.sweep(database, share=0.5, look=True).nodes == 1
    assert len(names(database)) == 4
    assert second.sweep(database, share=0.5).nodes == 1
    assert names(database) == ["Mara 1", "Mara 2", "Mara 7"]


def test_a_sweep_of_too_much_is_refused(tmp_path: Path, database: Database) -> None:
    make(write(tmp_path, "1.jsonl", people(1, 2, 3)), "persons").load(database)
    second = make(write(tmp_path, "2.jsonl", people(1)), "persons")
    second.load(database)
    with pytest.raises(UsageError, match="2 of 3 elements of fr-file are not in this batch"):
        second.sweep(database, share=0.5)


def test_a_sweep_needs_the_last_complete_load(tmp_path: Path, database: Database) -> None:
    first = make(write(tmp_path, "1.jsonl", people(1, 2)), "persons")
    first.load(database)
    make(write(tmp_path, "2.jsonl", people(3)), "persons").load(database)
    with pytest.raises(UsageError, match="not its last complete load"):
        first.sweep(database, share=1)


def test_a_late_older_batch_brings_nothing_back_that_a_later_one_swept(
    tmp_path: Path, database: Database
) -> None:
    second = make(write(tmp_path, "2.jsonl", people(1)), "persons", sequence=2)
    second.load(database)
    second.sweep(database, share=1, sequence=2)
    make(write(tmp_path, "1.jsonl", people(1, 2)), "persons", sequence=1).load(database)
    assert names(database) == ["Mara 1"]


def test_links_of_others_to_a_swept_record_wait_for_it(tmp_path: Path, database: Database) -> None:
    make(write(tmp_path, "1.jsonl", people(1, 2)), "persons").load(database)
    link = {"kind": "ASSOCIATE_OF", "from": "fr-file:p-1", "to": "fr-file:p-2"}
    make(write(tmp_path, "l.jsonl", [link]), "links", source="fr-links").load(database)
    second = make(write(tmp_path, "2.jsonl", people(1)), "persons")
    second.load(database)
    second.sweep(database, share=1)
    assert database.rows("MATCH ()-[r:ASSOCIATE_OF]->() RETURN r.id AS id") == []
    make(write(tmp_path, "3.jsonl", people(1, 2)), "persons").load(database)
    assert len(database.rows("MATCH ()-[r:ASSOCIATE_OF]->() RETURN r.id AS id")) == 1


def test_eight_loaders_of_one_batch_load_it_once(tmp_path: Path, database: Database) -> None:
    path = write(tmp_path, "1.jsonl", people(*range(300)))
    errors: list[BaseException] = []

    def run() -> None:
        try:
            make(path, "persons").load(database, size=50)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(names(database)) == 300
    (head,) = database.rows("MATCH (m:Meta {name: 'graph'}) RETURN m.next_no AS next")
    assert head["next"] == 300


def test_the_same_file_again_is_not_read(load: Load, database: Database) -> None:
    load("persons", "id,name\np-1,Mara\n")
    head = database.head()
    outcome = load("persons", "id,name\np-1,Mara\n")
    assert outcome.repeated
    assert outcome.account is not None
    assert (outcome.account.read, outcome.account.unchanged) == (1, 1)
    assert database.head() == head


def test_a_file_is_read_again_when_another_came_in_between(load: Load, database: Database) -> None:
    load("persons", "id,name\np-1,Mara\n")
    load("persons", "id,name\np-1,Ivo\n")
    assert not load("persons", "id,name\np-1,Mara\n").repeated
    assert names(database) == ["Mara"]


def test_what_a_source_holds_comes_out_as_followthemoney(load: Load, database: Database) -> None:
    from graphsvc.store.dump import elements
    from loaders.ftm_out import entities

    load("persons", "id,name,associates\np-1,Mara,p-2\np-2,Ivo,\n")
    load("persons", "id,name\np-9,Other\n", source="fr-other")
    found = list(entities(elements(database, "fr-file", "FR")))
    assert sorted(entity["schema"] for entity in found) == ["Person", "Person", "UnknownLink"]
    with pytest.raises(AccessError):
        next(elements(database, "fr-file", "DE"))
