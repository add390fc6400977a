"""Batches that are written while the one before commits end as if each had waited for its turn."""

from collections.abc import Iterator
from typing import Any

import pytest

from graphsvc.model.handling import make
from graphsvc.store.batch import Batch
from graphsvc.store.database import Database
from graphsvc.store.pipeline import Attempt
from graphsvc.store.runs import Run
from graphsvc.store.writing import Head
from tests.conftest import empty
from tests.store.test_runs import everything
from tests.world import File

pytestmark = pytest.mark.neo4j


@pytest.fixture
def confirmed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The batches that were written ahead and stood."""
    stood: list[str] = []
    confirm = Attempt.confirm

    def seen(attempt: Attempt) -> None:
        confirm(attempt)
        stood.append(attempt.batch.id)

    monkeypatch.setattr(Attempt, "confirm", seen)
    return stood


def begin(database: Database, source: str = "fr-file") -> Run:
    return Run.begin(database, source=source, owner="FR", loader="test", files=[], fingerprint=source)


def people(first: int, last: int, source: str = "fr-file", **properties: Any) -> File:
    file = File("FR", source)
    for number in range(first, last):
        file.person(f"p-{number:03d}", **properties)
    return file


def ties(*pairs: tuple[int, int]) -> File:
    file = File("FR")
    for one, other in pairs:
        file.link(f"p-{one:03d}", "ASSOCIATE_OF", f"p-{other:03d}")
    return file


def prepared(run: Run, files: list[File]) -> Iterator[Batch]:
    for file in files:
        yield run.prepare(file.records, file.links)


def in_turn(database: Database, files: list[File]) -> object:
    run = begin(database)
    for batch in prepared(run, files):
        run.commit(batch)
    run.finish()
    seen = everything(database)
    empty(database)
    return seen


def told(database: Database) -> list[int]:
    return [row["seq"] for row in database.rows("MATCH (c:Change) RETURN c.seq AS seq ORDER BY seq")]


def test_batches_written_ahead_end_as_those_written_in_turn(database: Database, confirmed: list[str]) -> None:
    files = [people(n, n + 10) for n in range(0, 50, 10)]
    files += [ties((0, 11), (3, 42)), ties((5, 6), (7, 20)), ties((8, 9))]
    expected = in_turn(database, files)
    run = begin(database)
    counts = list(run.commit_all(prepared(run, files)))
    assert [count.written for count in counts] == [10, 10, 10, 10, 10, 2, 2, 1]
    assert run.finish().written == 55
    assert everything(database) == expected
    assert told(database) == list(range(1, 9))
    assert confirmed


def test_what_is_loaded_again_is_read_for_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    foresee = Attempt.foresee

    def seen(attempt: Attempt, head: Head) -> None:
        tried.append(attempt.batch.id)
        foresee(attempt, head)

    monkeypatch.setattr(Attempt, "foresee", seen)
    files = [people(n, n + 10) for n in range(0, 50, 10)]
    for run in (begin(database), begin(database)):
        list(run.commit_all(prepared(run, files)))
        run.finish()
    assert len(tried) == 4  # of the first
    more = [people(0, 10), people(50, 60), people(60, 70), people(70, 80)]
    counts = list(run.commit_all(prepared(run, more)))
    assert [(count.written, count.unchanged) for count in counts] == [(0, 10), *[(10, 0)] * 3]
    assert len(tried) == 6


def test_another_writer_in_between_is_noticed(database: Database) -> None:
    others = begin(database, "fr-other")

    def overtaken(run: Run) -> Iterator[Batch]:
        for number, batch in enumerate(prepared(run, [people(n, n + 10) for n in range(0, 50, 10)])):
            yield batch
            file = people(number, number + 1, "fr-other")
            others.write(file.records, file.links)

    run = begin(database)
    assert sum(count.written for count in run.commit_all(overtaken(run))) == 50
    numbers = [row["no"] for row in database.rows("MATCH (n:Entity) RETURN n.no AS no ORDER BY no")]
    assert numbers == list(range(55))
    assert told(database) == list(range(1, 11))


def test_what_hangs_on_the_batch_before_waits_for_it(database: Database) -> None:
    files = [people(0, 10), people(5, 15, sex="F"), ties((12, 14)), people(10, 12, note="later")]
    expected = in_turn(database, files)
    run = begin(database)
    counts = list(run.commit_all(prepared(run, files)))
    assert [(count.written, count.rejected) for count in counts] == [(10, 0), (5, 5), (1, 0), (0, 2)]
    assert everything(database) == expected


def test_a_rule_that_is_new_is_numbered_under_the_lock(database: Database) -> None:
    files = [people(0, 10), people(10, 20), people(20, 30)]
    files[1].records[0].handling = make("FR", level=3)
    expected = in_turn(database, files)
    run = begin(database)
    list(run.commit_all(prepared(run, files)))
    assert everything(database) == expected


def test_a_failure_of_the_reading_leaves_what_was_committed_and_nothing_half_written(
    database: Database,
) -> None:
    def broken(run: Run) -> Iterator[Batch]:
        yield from prepared(run, [people(0, 10), people(10, 20)])
        raise OSError("the disk is gone")

    run = begin(database)
    with pytest.raises(OSError, match="the disk is gone"):
        list(run.commit_all(broken(run)))
    again = begin(database)
    assert again.id == run.id
    list(again.commit_all(prepared(again, [people(0, 10), people(10, 20), people(20, 30)])))
    assert again.finish().written == 30
    assert len(everything(database)[0]) == 30
