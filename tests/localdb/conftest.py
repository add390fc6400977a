"""Two private servers of these tests' own, beside the session's: ``alpha`` and ``beta`` never share a data folder.

Their program files are those of the session (``GRAPHSVC_JARS_DIR``), so nothing is fetched twice.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j import Driver, GraphDatabase

from graphsvc import localdb
from graphsvc.settings import Settings

REPOSITORY = Path(__file__).parents[2]


def small(data_dir: Path, port: int = 0) -> Settings:
    """Settings for a small server in ``data_dir``."""
    return Settings(
        data_dir=data_dir,
        jars_dir=Path(os.environ.get("GRAPHSVC_JARS_DIR", REPOSITORY / ".graphsvc" / "neo4j-jars")),
        bolt_port=port,
        neo4j_uri=None,
        neo4j_heap_mb=512,
        neo4j_page_cache_mb=64,
    )


@pytest.fixture(scope="package")
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture(scope="package")
def alpha_settings(tmp_path_factory: pytest.TempPathFactory, taken_port: int) -> Settings:
    """Alpha wants a port that it cannot have."""
    return small(tmp_path_factory.mktemp("alpha"), taken_port)


@pytest.fixture(scope="package")
def alpha(alpha_settings: Settings) -> Iterator[localdb.Server]:
    """A server that runs throughout."""
    yield localdb.start(alpha_settings)
    localdb.stop(alpha_settings)


@pytest.fixture(scope="package")
def alpha_driver(alpha: localdb.Server) -> Iterator[Driver]:
    """A driver on alpha."""
    with GraphDatabase.driver(alpha.uri, auth=(alpha.user, alpha.password)) as driver:
        yield driver


@pytest.fixture(scope="package")
def beta_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Beta is stopped and killed by the tests; each starts it for itself, which costs nothing while it runs."""
    settings = small(tmp_path_factory.mktemp("beta"))
    yield settings
    localdb.stop(settings)
