"""One small world, made once, and its rows as the loaders' own declared types read them."""

from pathlib import Path

import pytest

from graphsvc.model.record import Link, Record
from graphsvc.sample.make import Made, make
from loaders import world as worlds
from loaders.catalogue import Request

SEED = 7
SIZE = 6_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("world") / "w", SIZE, SEED)


@pytest.fixture(scope="module")
def elements(world: Made) -> list[Record | Link]:
    return read(world.folder)


def read(folder: Path) -> list[Record | Link]:
    """Every record and link of a world; no row may be rejected."""
    found: list[Record | Link] = []
    for loader in worlds.loaders(Request("world", [folder])):
        for parcel in loader.parcels(10_000):
            assert not parcel.rejects, parcel.rejects[0]
            found += parcel.records
            found += parcel.links
    return found
