"""A link to a record of another owner is accepted, and nothing ever tells its owner whether that record is there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from graphsvc.errors import NotFound
from graphsvc.model.narrowing import Terms
from graphsvc.model.vocabulary import Level
from graphsvc.store import books
from graphsvc.store.database import Database
from graphsvc.store.decisions import Decider, Op, Order, decide
from graphsvc.store.dump import elements
from graphsvc.store.retention import purge
from graphsvc.store.retractions import retract
from graphsvc.store.sight import known_to
from loaders.catalogue import Request, loader
from loaders.frame import Loader
from tests.conftest import empty
from tests.world import File

pytestmark = pytest.mark.neo4j

HEADER = "id,kind,from,to,retain_until\n"
OWN = "l-2,ASSOCIATE_OF,fr-file:p-1,fr-file:p-2,\n"
LATE = "l-3,ASSOCIATE_OF,fr-file:p-1,fr-file:p-9,\n"
LINKS = f"""{HEADER}l-1,ASSOCIATE_OF,fr-file:p-1,de-file:carl,
{OWN}{LATE}l-4,ASSOCIATE_OF,fr-file:p-9,de-file:carl,
"""
OLD = f"{HEADER}{OWN}l-1,ASSOCIATE_OF,fr-file:p-1,de-file:carl,2020-01-01\n"
PASSING = ("id", "run", "seconds", "started_at", "ended_at", "repeated_at")


def french(folder: Path, text: str) -> Loader:
    path = folder / "links.csv"
    path.write_text(text, encoding="utf-8")
    return loader(Request("links", [path], [], "fr-links", "FR"))


def told(database: Database, loaded: Loader) -> dict[str, Any]:
    """The account of a load and all that the books say of its run."""
    outcome = loaded.load(database)
    assert outcome.account is not None
    row = books.run(database, outcome.account.run) | msgspec.to_builtins(outcome.account)
    return {name: value for name, value in row.items() if name not in PASSING}


def german() -> File:
    file = File("DE", level=Level.CONFIDENTIAL, allow={"DE"})
    file.person("carl")
    return file


def loads(database: Database, folder: Path) -> Any:
    return [told(database, french(folder, LINKS)) for _ in range(3)]


def sweeps(database: Database, folder: Path) -> Any:
    french(folder, LINKS).load(database)
    fewer = french(folder, HEADER + OWN)
    fewer.load(database)
    return [fewer.sweep(database, share=1, look=look) for look in (True, False, False)]


def dumps(database: Database, folder: Path) -> Any:
    french(folder, LINKS).load(database)
    found = [msgspec.to_builtins(element) for element in elements(database, "fr-links", "FR")]
    assert len(found) == 4
    return found


def retracts(database: Database, folder: Path) -> Any:
    french(folder, LINKS).load(database)
    done = retract(database, source="fr-links", owner="FR", ids=["fr-links:l-1", "fr-links:l-8"])
    return done, told(database, french(folder, LINKS))


def outlives(database: Database, folder: Path) -> Any:
    """The link's own day comes, whether it waits or not."""
    french(folder, OLD).load(database)
    purge(database)
    return told(database, french(folder, OLD))


def decides(database: Database, folder: Path) -> Any:
    french(folder, LINKS).load(database)
    decider = Decider("operator", "FR", "FR", held=known_to(database, "FR"))
    with pytest.raises(NotFound) as refused:
        decide(database, Order(Op.WITHDRAW, Terms(), ("fr-links:l-1",), "wrong"), decider)
    return str(refused.value)


def purges(database: Database, folder: Path) -> Any:
    """The record that the link leads to is withdrawn and purged, if it was there."""
    french(folder, LINKS).load(database)
    if database.rows("MATCH (n:Entity {id: 'de-file:carl'}) RETURN n.id AS id"):
        order = Order(Op.WITHDRAW, Terms(), ("de-file:carl",), "wrong person")
        decide(database, order, Decider("operator", "DE", "DE"))
    purge(database)
    heard = database.rows("MATCH (m:Message {to: 'FR'}) RETURN m.op AS op")
    return heard, told(database, french(folder, LINKS)), dumps(database, folder), sweeps(database, folder)


@pytest.mark.parametrize("story", [loads, sweeps, dumps, retracts, outlives, decides, purges])
def test_whether_it_is_there_is_told_nowhere(
    database: Database, tmp_path: Path, story: Callable[[Database, Path], Any]
) -> None:
    seen = []
    for there in (False, True):
        empty(database)
        own = File("FR")
        own.person("p-1")
        own.person("p-2")
        own.load(database)
        if there:
            german().load(database)
        seen.append(story(database, tmp_path))
    assert seen[0] == seen[1]


def test_a_load_that_others_waited_for_says_nothing_of_it(database: Database, tmp_path: Path) -> None:
    seen = []
    for waited in (False, True):
        empty(database)
        own = File("FR")
        own.person("p-1")
        own.load(database)
        if waited:
            french(tmp_path, LINKS).load(database)
        account = german().load(database)
        row = books.run(database, account.run)
        seen.append({name: value for name, value in row.items() if name not in PASSING})
    assert seen[0] == seen[1]


def test_a_link_to_a_purged_record_waits_for_what_will_never_come(database: Database, tmp_path: Path) -> None:
    own = File("FR")
    own.person("p-1")
    own.load(database)
    german().load(database)
    french(tmp_path, LINKS).load(database)
    decide(database, Order(Op.WITHDRAW, Terms(), ("de-file:carl",), "wrong"), Decider("operator", "DE", "DE"))
    purge(database)
    assert german().load(database).rejected == 1
    assert database.rows("MATCH ()-[r]->() RETURN r.id AS id") == []
    account = french(tmp_path, LINKS).load(database).account
    assert account is not None
    assert (account.accepted, account.rejected) == (2, 0)
