"""Building the topology from Neo4j: whole or not at all, compared element by element, and small."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from graphsvc.store.database import Database
from graphsvc.topology import layout
from graphsvc.topology.build import build
from graphsvc.topology.check import differences
from tests.topology.worlds import Link, Node, World
from tests.world import File

BYTES = 60


def friends(database: Database, *names: str) -> None:
    file = File("FR")
    for name in names:
        file.person(name)
    for one, other in pairwise(names):
        file.link(one, "ASSOCIATE_OF", other)
    file.load(database)


@pytest.mark.neo4j
def test_a_build_agrees_with_the_store_until_the_store_changes(database: Database, tmp_path: Path) -> None:
    friends(database, "ana", "ben", "cem")
    build(database, tmp_path)
    assert differences(database, tmp_path) == []
    friends(database, "dora", "eve")
    assert differences(database, tmp_path) != []
    build(database, tmp_path)
    assert differences(database, tmp_path) == []


@pytest.mark.neo4j
def test_a_check_finds_one_wrong_number(database: Database, tmp_path: Path) -> None:
    friends(database, "ana", "ben", "cem")
    hot = build(database, tmp_path) / "hot.bin"
    entries = np.fromfile(hot, np.int32)
    entries[layout.PACKED] ^= 1 << layout.CONFIDENCE_AT
    entries.tofile(hot)
    assert differences(database, tmp_path) == ["hot: 1 differ"]


@pytest.mark.neo4j
def test_a_build_that_is_cut_off_is_never_seen(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    friends(database, "ana", "ben")
    whole = build(database, tmp_path)
    friends(database, "cem", "dora")
    monkeypatch.setattr("graphsvc.topology.layout.os.fsync", cut_off)
    with pytest.raises(KeyboardInterrupt):
        build(database, tmp_path)
    assert layout.current(tmp_path) == whole
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [whole]


def cut_off(_: int) -> None:
    raise KeyboardInterrupt


def test_a_link_direction_takes_sixty_bytes_at_the_most(tmp_path: Path) -> None:
    """With the texts of ids as long as those of a national file, and four links a record."""
    size = 5_000
    world = World(
        tuple(Node(f"fr-nominal:p-{n:08}") for n in range(size)),
        tuple(
            Link(
                f"fr-nominal:l-{n:08}",
                "CALLED",
                f"fr-nominal:p-{n % size:08}",
                f"fr-nominal:p-{n * 7 % size:08}",
            )
            for n in range(1, 4 * size)
            if n % size != n * 7 % size
        ),
    )
    folder = layout.write(tmp_path, world.arrays(), world.snapshot().meta)
    assert sum(file.stat().st_size for file in folder.iterdir()) / (2 * len(world.links)) <= BYTES
