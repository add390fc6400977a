"""A dry run tells what the load then does, to the row, and leaves everything as it was."""

import contextlib
import json
import os
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from typer.testing import CliRunner

from graphsvc.commands.load import app
from graphsvc.errors import AccessError, ConflictError, UsageError
from graphsvc.store import books
from graphsvc.store.database import Database
from graphsvc.store.rehearsal import Rehearsal, Would
from graphsvc.store.retractions import retract
from loaders.catalogue import Request, loader, loaders
from loaders.frame import Loader
from loaders.rehearse import rehearse
from tests.conftest import empty
from tests.loaders.conftest import Load
from tests.loaders.test_change import Rows, picture, stamp, write

pytestmark = pytest.mark.neo4j

EXAMPLES = int(os.environ.get("GRAPHSVC_ORDER_SEEDS", "12"))
SOURCES = {"fr-file": "FR", "fr-more": "FR", "de-file": "DE"}
KINDS = ("ASSOCIATE_OF", "FAMILY_OF")
ACCOUNT = ("read", "written", "unchanged", "waiting", "accepted", "rejected")


def rows_of(draw: random.Random, format: str, earlier: Rows) -> Rows:
    """Versions, repeats (of earlier files too) and contradictions, some with nothing that tells the newer; in some
    files also what no load takes."""
    rows: Rows = [draw.choice(earlier) for _ in range(draw.randint(0, 5)) if earlier]
    bad = draw.choice((0.0, 0.0, 0.2))
    for _ in range(draw.randint(1, 9)):
        version = draw.randint(1, 3)
        row = stamp(draw, version) if draw.random() < 0.5 else {}
        if format == "links":
            ends = {name: f"{draw.choice(list(SOURCES))}:p-{draw.randrange(6)}" for name in ("from", "to")}
            row |= {"id": f"l-{draw.randrange(6)}", "kind": draw.choice(KINDS), "weight": version, **ends}
        else:
            row |= {"id": f"p-{draw.randrange(6)}", "name": f"Mara {version}"}
        rows.append(row if draw.random() >= bad else {**row, "id": "a:b"})
    draw.shuffle(rows)
    earlier += rows
    return [*rows, *draw.sample(rows, draw.choice((0, 0, len(rows))))]


def rehearsed(database: Database, loader: Loader, size: int) -> tuple[Would, list[tuple[int, str]]]:
    """What a dry run tells: the account, and the refused rows by line."""
    refused: list[tuple[int, str]] = []
    before = picture(database), database.head()
    found = rehearse(
        loader,
        Rehearsal(database),
        size=size,
        refused=lambda reject: refused.append((reject.line, reject.reason)),
    )
    assert (picture(database), database.head()) == before
    return found.would, sorted(refused)


def play(database: Database, path: Path, draw: random.Random, format: str) -> None:
    """Rehearse a load, then do it, and now and then sweep."""
    source, sequence = draw.choice(list(SOURCES)), draw.choice((None, draw.randrange(4)))
    first, second = (
        loader(Request(format, [path], [], source, SOURCES[source], sequence=sequence)) for _ in range(2)
    )
    size = draw.choice((2, 5, 1000))
    would, refused = rehearsed(database, first, size)
    outcome = second.load(database, size=size)
    assert outcome.account is not None
    assert {name: getattr(would, name) for name in ACCOUNT} == {
        name: getattr(outcome.account, name) for name in ACCOUNT
    }
    assert refused == sorted(
        (row["line"], row["reason"]) for row in books.rejects(database, outcome.account.run)
    )
    if draw.random() < 0.3:
        with contextlib.suppress(ConflictError, UsageError):
            second.sweep(database, share=1)


@hypothesis.settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(seed=st.integers(0, 10**6))
def test_a_dry_run_has_the_account_of_the_load(database: Database, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    empty(database)
    earlier: dict[str, Rows] = defaultdict(list)
    for number in range(6):
        if draw.random() < 0.2:
            gone = [f"fr-file:p-{draw.randrange(6)}", f"fr-file:l-{draw.randrange(6)}"]
            retract(database, source="fr-file", owner="FR", ids=gone)
        format = draw.choice(("persons", "links", "persons", "links", "organizations"))
        rows = rows_of(draw, format, earlier[format])
        play(database, write(tmp_path, f"{number}.jsonl", rows), draw, format)


def test_a_dry_run_of_a_world_knows_what_its_other_files_bring(database: Database, tmp_path: Path) -> None:
    sources = [
        {"name": "fr-file", "owner": "FR", "files": {"persons": "persons.csv"}},
        {"name": "fr-links", "owner": "FR", "files": {"links": "links.csv"}},
    ]
    (tmp_path / "world.yml").write_text(json.dumps({"sources": sources}), encoding="utf-8")
    (tmp_path / "persons.csv").write_text("id,name\np-1,Mara\np-2,Ivo\n", encoding="utf-8")
    ends = ("fr-file:p-1,fr-file:p-2", "fr-file:p-1,fr-file:p-9", "fr-file:p-1,de-file:p-1")
    links = "".join(f"l-{number},FAMILY_OF,{pair}\n" for number, pair in enumerate(ends))
    (tmp_path / "links.csv").write_text(f"id,kind,from,to\n{links}", encoding="utf-8")
    several = list(loaders(Request("world", [tmp_path])))
    for store in (database, None):
        rehearsal = Rehearsal(store)
        found = [rehearse(one, rehearsal).would for one in several]
        assert found[0] == Would(read=2, written=2, new=2)
        assert found[1] == Would(read=3, written=1, new=1, waiting=1, accepted=1)


def test_a_dry_run_says_whose_the_source_is(load: Load, given: Any, database: Database) -> None:
    load("persons", "id,name\np-1,Mara\n", source="de-file", owner="DE")
    with pytest.raises(AccessError, match="belongs to DE"):
        rehearse(given("persons", "id,name\np-1,Mara\n", source="de-file"), Rehearsal(database))


@pytest.mark.usefixtures("own_server")
def test_the_command_asks_the_database(tmp_path: Path, load: Load) -> None:
    load("persons", "id,name\np-1,Mara\np-2,Ivo\n")
    path = tmp_path / "persons.csv"
    path.write_text("id,name\np-1,Mara\np-2,Iva\np-3,Ada\n", encoding="utf-8")
    command = ["persons", str(path), "--source", "fr-file", "--owner", "FR", "--dry-run"]
    told = CliRunner().invoke(app, command)
    bulk = CliRunner().invoke(app, [*command, "--bulk"])
    assert told.exit_code == 0, told.output
    assert "read 3: would be written 2 (new 1), unchanged 1, waiting 0, accepted 0, rejected 0" in told.output
    assert "is not empty" in str(bulk.exception)
