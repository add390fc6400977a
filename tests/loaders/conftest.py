"""``load`` writes a file and loads it as a command would: ``load("persons", "id,name\\np-1,Mara")``."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphsvc.settings import Settings, settings
from graphsvc.store.database import Database
from loaders.catalogue import Request, loader
from loaders.frame import Loader, Outcome
from loaders.parcel import Parcel
from loaders.rows import Reading

Load = Callable[..., Outcome]
Read = Callable[..., Parcel]


@pytest.fixture
def given(tmp_path: Path) -> Callable[..., Loader]:
    """The loader of text or bytes as a file of a format; options as on the command line."""

    def make(
        format: str,
        content: str | bytes,
        *,
        name: str = "",
        source: str = "fr-file",
        owner: str = "FR",
        reading: Reading | None = None,
        **handling: Any,
    ) -> Loader:
        path = tmp_path / (name or f"{format}.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return loader(Request(format, [path], [], source, owner, None, handling, reading or Reading()))

    return make


@pytest.fixture
def no_database(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands find a data folder in which there is none yet."""
    monkeypatch.setenv("GRAPHSVC_DATA_DIR", str(tmp_path_factory.mktemp("home")))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def own_server(open_server: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands find the server of this session."""
    monkeypatch.setenv("GRAPHSVC_DATA_DIR", str(open_server.data_dir))
    monkeypatch.setenv("GRAPHSVC_JARS_DIR", str(open_server.jars_dir))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def load(database: Database, given: Callable[..., Loader]) -> Load:
    """Load it into the database."""

    def run(format: str, content: str | bytes, **options: Any) -> Outcome:
        return given(format, content, **options).load(database)

    return run


@pytest.fixture
def read(given: Callable[..., Loader]) -> Read:
    """Everything that the file gives, in one parcel."""

    def run(format: str, content: str | bytes, **options: Any) -> Parcel:
        whole = Parcel()
        for parcel in given(format, content, **options).parcels(10_000):
            whole.records += parcel.records
            whole.links += parcel.links
            whole.rejects += parcel.rejects
        return whole

    return run


def names(database: Database) -> list[str]:
    """Captions of everything that is there."""
    return sorted(row["name"] for row in database.rows("MATCH (n:Entity) RETURN n.caption AS name"))
