"""Fixtures that every test may use.

``database``     a Database on a private Neo4j that this test session started, migrated and emptied before each test.
``open_server``  its settings, for tests that start the program itself.
``public_data``  the folder of public data sets, or the test is skipped and says why.

The server is the real one with Graph Data Science. It is started once, on a free port, in a folder that goes away
with the session, and every emptying first proves that the server is ours.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graphsvc.settings import Settings
from graphsvc.store.database import Database

ROOT = Path(__file__).resolve().parent.parent

# A server that lives for minutes never earns back what the second compiler costs: a third less time in all.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")


LONG = (
    "noninterference/test_noninterference.py", "loaders/test_bulk.py", "loaders/test_faults.py",
    "analysis/groups/test_killed.py", "stories/test_public_data.py", "stories/test_rings.py",
    "loaders/test_public_data.py", "loaders/test_change.py", "commands/test_demo.py",
)  # fmt: skip
"""Files that take longest: they go first, so that no process is left with one when the others are through."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; the others keep their order."""
    places = {name: place for place, name in enumerate(LONG)}
    here = Path(__file__).parent
    items.sort(key=lambda item: places.get(item.path.relative_to(here).as_posix(), len(LONG)))


def pytest_sessionstart() -> None:
    """A session that is asked to end stops its servers first."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("asked to end", returncode=143))


@pytest.fixture(scope="session")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a private server with little memory, stopped when the session ends."""
    from graphsvc.localdb import server as localdb

    home = tmp_path_factory.mktemp("graphsvc")
    given = Settings(data_dir=home, bolt_port=0, neo4j_heap_mb=1024, neo4j_page_cache_mb=256, jars_dir=jars())
    localdb.start(given)
    yield given
    localdb.stop(given)


def jars() -> Path:
    """Where the server's jars are kept between sessions of this checkout."""
    given = os.environ.get("GRAPHSVC_JARS_DIR")
    return Path(given) if given else ROOT / ".graphsvc" / "neo4j-jars"


@pytest.fixture(scope="session")
def server_database(open_server: Settings) -> Iterator[Database]:
    with Database.open(open_server) as database:
        yield database


@pytest.fixture
def database(server_database: Database) -> Database:
    """The session's database, empty."""
    empty(server_database)
    return server_database


def empty(database: Database) -> None:
    """Take everything out but the schema, and start the books anew."""
    with database.session() as session:
        session.run(
            "MATCH (n) WHERE NOT n:Migration AND NOT n:Meta "
            "CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
        ).consume()
        session.run(
            "MATCH (m:Meta {name: 'graph'}) SET m.seq = 0, m.next_no = 0, m.handlings = 0, m.built = randomUUID()"
        ).consume()


@pytest.fixture
def public_data() -> Callable[..., Path]:
    """``public_data('pole')`` is the folder of that data set."""
    folder = Path(os.environ.get("GRAPHSVC_PUBLIC_DATA", ROOT.parent / "shared" / "data"))

    def find(*parts: str) -> Path:
        path = folder.joinpath(*parts)
        if not path.exists():
            pytest.skip(
                f"public data set {'/'.join(parts)} is not beside the repository; set GRAPHSVC_PUBLIC_DATA"
            )
        return path

    return find
