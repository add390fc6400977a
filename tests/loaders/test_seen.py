"""An id that stands twice with other content: the second is refused in every load of its file, not only the first."""

import random
from pathlib import Path
from typing import Any

import pytest

from graphsvc.store.database import Database
from graphsvc.store.runs import Account
from graphsvc.store.seen import Seen
from tests.loaders.test_change import Rows, make, picture, write

PERSONS = [{"id": f"p-{number}", "name": f"Mara {number}"} for number in range(9)]
LINKS = [
    {"id": f"l-{number}", "kind": "ASSOCIATE_OF", "from": f"p-{number}", "to": f"p-{number + 1}"}
    for number in range(8)
]


def load(database: Database, path: Path, format: str, **more: Any) -> Account:
    account = make(path, format).load(database, size=3, **more).account
    assert account is not None
    return account


def other(database: Database, folder: Path) -> None:
    """Something else of the source, so that the load before it is not its last."""
    load(database, write(folder, "other.jsonl", [{"id": "p-99", "name": "Ivo"}]), "persons")


@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("format", "rows"),
    [
        ("persons", [*PERSONS, {"id": "p-0", "name": "Zoe"}]),
        ("links", [*LINKS, {**LINKS[0], "role": "driver"}]),
    ],
)
def test_the_second_is_refused_whatever_batch_it_is_in(
    database: Database, tmp_path: Path, format: str, rows: Rows
) -> None:
    load(database, write(tmp_path, "people.jsonl", PERSONS), "persons")
    path = write(tmp_path, "twice.jsonl", rows)
    load(database, path, format)
    first = picture(database)
    other(database, tmp_path)
    before = picture(database)
    again = load(database, path, format)
    assert (again.written, again.unchanged, again.rejected) == (0, len(rows) - 1, 1)
    assert picture(database) == before != first


@pytest.mark.neo4j
def test_a_load_that_is_gone_on_with_remembers_what_it_brought(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "twice.jsonl", [*PERSONS, {"id": "p-0", "name": "Zoe"}])
    load(database, path, "persons")
    other(database, tmp_path)
    before = picture(database)

    def cut(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(database, path, "persons", heard=cut)
    again = load(database, path, "persons")
    assert (again.written, again.unchanged, again.rejected) == (0, 9, 1)
    assert picture(database) == before


@pytest.mark.neo4j
@pytest.mark.parametrize("size", [1, 100])
def test_a_waiting_link_that_stands_twice_waits_once(database: Database, tmp_path: Path, size: int) -> None:
    link = {"id": "l-1", "kind": "ASSOCIATE_OF", "from": "p-1", "to": "p-2"}
    path = write(tmp_path, "links.jsonl", [link, link])
    for _ in range(2):
        account = make(path, "links").load(database, size=size).account
        assert account is not None
        assert (account.written, account.unchanged, account.waiting) == (0, 1, 1)
        other(database, tmp_path)


def test_what_was_added_is_found_among_others() -> None:
    draw, seen = random.Random(1), Seen()
    assert seen.among(["a"]) == set()
    there: set[str] = set()
    for _ in range(20):
        new = {f"p-{draw.randrange(1_000)}" for _ in range(draw.randrange(30))}
        seen.add(new)
        there |= new
        asked = {f"p-{draw.randrange(1_000)}" for _ in range(50)}
        assert seen.among(asked) == asked & there


@pytest.mark.neo4j
def test_a_link_waits_for_a_source_that_has_become_the_owners(database: Database, tmp_path: Path) -> None:
    link = {"id": "l-1", "kind": "ASSOCIATE_OF", "from": "fr-more:p-1", "to": "fr-more:p-2"}
    first = load(database, write(tmp_path, "1.jsonl", [link]), "links")
    assert (first.accepted, first.waiting) == (1, 0)
    make(write(tmp_path, "2.jsonl", PERSONS[:1]), "persons", source="fr-more").load(database)
    other(database, tmp_path)
    again = load(database, write(tmp_path, "3.jsonl", [link]), "links")
    assert (again.accepted, again.waiting, again.written) == (0, 1, 0)
