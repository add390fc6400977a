"""Order and change: whatever order batches come in, and whatever happens on the way, the graph ends the same."""

import contextlib
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
from typer.testing import CliRunner

from graphsvc.errors import AccessError, ConflictError, UsageError
from graphsvc.store.database import Database
from graphsvc.store.retention import remove
from graphsvc.store.retractions import retract
from graphsvc.store.runs import Run
from loaders.catalogue import Request, loader, loaders
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


DAYS = (None, "2024-02", "2024-03-01", "2024-03-02")


def stamp(draw: random.Random, version: int) -> dict[str, Any]:
    """What tells one version from another: a sequence, a date or both, now and then those of another version."""
    sequence, day = draw.choice([None, version, version, 1]), draw.choice(DAYS)
    if sequence is None and day is None:
        sequence = version
    given = {"sequence": sequence, "recorded_at": day}
    return {name: value for name, value in given.items() if value is not None}


def person(draw: random.Random, number: int, version: int) -> dict[str, Any]:
    return {"id": f"p-{number}", "name": f"Mara {number} {version}", **stamp(draw, version)}


def link(draw: random.Random, number: int, version: int) -> dict[str, Any]:
    ends = {"from": f"fr-file:p-{draw.randrange(8)}", "to": f"fr-file:p-{draw.randrange(8)}"}
    return {
        "id": f"l-{number}",
        "kind": "ASSOCIATE_OF",
        "weight": version,
        **ends,
        **stamp(draw, version),
    }


def versions(seed: int) -> tuple[Rows, Rows, list[str]]:
    """Records and links in several versions each, and the ids that are retracted."""
    draw = random.Random(seed)
    people = [person(draw, n, version) for n in range(8) for version in range(1, draw.randint(2, 4))]
    links = [link(draw, n, version) for n in range(10) for version in range(1, draw.randint(2, 4))]
    gone = [f"fr-file:p-{draw.randrange(8)}", f"fr-file:l-{draw.randrange(10)}"]
    return people, links, gone


def batches(seed: int) -> tuple[list[Rows], Rows, list[str]]:
    """Complete batches of records, the first numbered 1; links in several versions, and what is retracted."""
    draw = random.Random(seed)
    complete = [
        [{"id": f"p-{n}", "name": f"Mara {n} {draw.randrange(3)}"} for n in range(8) if draw.random() < 0.7]
        for _ in range(3)
    ]
    return complete, versions(seed)[1], [f"fr-file:p-{draw.randrange(8)}"]


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


def play_complete(database: Database, folder: Path, seed: int, order: int) -> str:
    """Load complete batches in one order, each swept at once, links from another source and a retraction between."""
    complete, links, gone = batches(seed)
    draw = random.Random(order)
    steps: list[tuple[str, Any]] = [("links", links), ("retract", gone)]
    steps += [("complete", (number, rows)) for number, rows in enumerate(complete, 1) if rows]
    draw.shuffle(steps)
    empty(database)
    for at, (what, part) in enumerate(steps):
        if what == "retract":
            retract(database, source="fr-file", owner="FR", ids=part)
        elif what == "links":
            make(write(folder, f"{at}.jsonl", part), "links", source="fr-links").load(database)
        else:
            number, rows = part
            loader = make(write(folder, f"{at}.jsonl", rows), "persons", sequence=number)
            loader.load(database)
            with contextlib.suppress(ConflictError):  # a later batch was swept before
                loader.sweep(database, share=1)
    return picture(database)


ORDERS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = {"seed": st.integers(0, 10**6), "order": st.integers(0, 10**6)}


@ORDERS
@given(**SEEDS)
def test_any_order_of_batches_ends_in_the_same_graph(
    database: Database, tmp_path: Path, seed: int, order: int
) -> None:
    assert play(database, tmp_path, seed, order) == play(database, tmp_path, seed, order + 1)


@ORDERS
@given(**SEEDS)
def test_any_order_of_complete_batches_ends_in_the_same_graph(
    database: Database, tmp_path: Path, seed: int, order: int
) -> None:
    ends = [play_complete(database, tmp_path, seed, order + more) for more in (0, 1)]
    assert ends[0] == ends[1]


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


def test_what_was_retracted_is_no_longer_called_unchanged(load: Load, database: Database) -> None:
    text = "id,name\np-1,Mara\np-2,Ivo\n"
    load("persons", text)
    retract(database, source="fr-file", owner="FR", ids=["fr-file:p-1"])
    told, again = load("persons", text), load("persons", text)
    assert not told.repeated
    assert again.repeated
    for outcome in (told, again):
        assert outcome.account is not None
        assert (outcome.account.read, outcome.account.unchanged, outcome.account.rejected) == (2, 1, 1)


def test_what_was_swept_or_purged_meanwhile_is_loaded_again(load: Load, database: Database) -> None:
    load("persons", "id,name\np-1,Mara\np-2,Ivo\n")
    links = "id,kind,from,to\nl-1,ASSOCIATE_OF,fr-file:p-1,fr-file:p-2\n"
    load("links", links, source="fr-links")
    assert load("links", links, source="fr-links").repeated
    remove(database, ["fr-file:p-2"], "purge", "retention")
    outcome = load("links", links, source="fr-links")
    assert outcome.account is not None
    assert (outcome.account.unchanged, outcome.account.rejected) == (0, 1)
    assert not load("persons", "id,name\np-1,Mara\np-2,Ivo\n").repeated


def test_a_run_that_another_overtook_is_read_again(load: Load, given: Any, database: Database) -> None:
    first = given("persons", "id,name\np-1,Mara\n", name="1.csv")
    run = Run.begin(database, **first.facts())
    load("persons", "id,name\np-1,Ivo\n", name="2.csv")
    run.finish()
    assert not load("persons", "id,name\np-1,Ivo\n", name="2.csv").repeated


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


def test_a_sweep_needs_not_be_told_the_terms_of_the_load(tmp_path: Path, database: Database) -> None:
    make(write(tmp_path, "1.jsonl", people(1, 2)), "persons").load(database)
    path = write(tmp_path, "2.jsonl", people(1))
    terms: dict[str, Any] = {
        "grade": "B2",
        "handling": {"level": "restricted", "class": "victim"},
        "sequence": 4,
    }
    make(path, "persons", **terms).load(database)
    with pytest.raises(UsageError, match="loaded with --sequence 4"):
        make(path, "persons").sweep(database, share=1, sequence=5)
    assert make(path, "persons").sweep(database, share=1).nodes == 1
    assert database.rows("MATCH (s:Source) RETURN s.complete AS n") == [{"n": 4}]
    other = write(tmp_path, "3.jsonl", people(2))
    with pytest.raises(UsageError, match="not its last complete load"):
        make(other, "persons", **terms).sweep(database, share=1)


def test_a_batch_with_a_row_that_cannot_be_read_sweeps_nothing(tmp_path: Path, database: Database) -> None:
    make(write(tmp_path, "1.jsonl", people(1, 2)), "persons").load(database)
    second = make(write(tmp_path, "2.jsonl", [*people(1), {"name": "Nobody"}]), "persons")
    second.load(database)
    with pytest.raises(UsageError, match=r"line 2 of 2\.jsonl was refused"):
        second.sweep(database, share=1)


def test_a_batch_with_a_retracted_record_is_complete_all_the_same(tmp_path: Path, database: Database) -> None:
    make(write(tmp_path, "1.jsonl", people(1, 2, 3)), "persons").load(database)
    retract(database, source="fr-file", owner="FR", ids=["fr-file:p-1"])
    second = make(write(tmp_path, "2.jsonl", people(1, 2)), "persons")
    second.load(database)
    assert second.sweep(database, share=0.5).nodes == 1
    assert names(database) == ["Mara 2"]


@pytest.mark.usefixtures("own_server")
def test_a_world_is_swept_source_by_source(tmp_path: Path, database: Database) -> None:
    from graphsvc.commands.sweep import app

    sources = [
        {"name": name, "owner": "FR", "files": {"persons": f"{name}.csv"}} for name in ("fr-a", "fr-b")
    ]
    (tmp_path / "world.yml").write_text(json.dumps({"sources": sources}), encoding="utf-8")
    for rows in ("p-1,Mara\np-2,Ivo\n", "p-1,Mara\n"):
        for source in sources:
            (tmp_path / f"{source['name']}.csv").write_text(f"id,name\n{rows}", encoding="utf-8")
        for one in loaders(Request("world", [tmp_path])):
            one.load(database)
    told = CliRunner().invoke(app, ["world", str(tmp_path), "--share", "0.5"])
    assert told.exit_code == 0, told.output
    assert [line.partition(":")[0] for line in told.output.splitlines()] == [
        f"of 2 elements of {name}, 1 are gone" for name in ("fr-a", "fr-b")
    ]
    assert names(database) == ["Mara", "Mara"]


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
