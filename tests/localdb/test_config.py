"""What the server is told, as text."""

from pathlib import Path

import pytest

from graphsvc.localdb import config
from graphsvc.localdb.server import free_port
from graphsvc.settings import Settings


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (1_024, config.Memory(heap=512, page_cache=256)),
        (24_000, config.Memory(heap=6_000, page_cache=6_000)),
        (1_000_000, config.Memory(heap=16_384, page_cache=65_536)),
    ],
    ids=["small", "middling", "large"],
)
def test_memory_follows_the_machine(machine: int, expected: config.Memory) -> None:
    assert config.memory(Settings(neo4j_heap_mb=None, neo4j_page_cache_mb=None), machine) == expected


def test_memory_follows_the_settings_first() -> None:
    chosen = Settings(neo4j_heap_mb=700, neo4j_page_cache_mb=70)
    assert config.memory(chosen, 24_000) == config.Memory(heap=700, page_cache=70)


def test_a_containers_limit_counts_as_the_machine(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(f"{300 << 20}\n")
    assert config.machine_mb(limit) == 300


def test_no_limit_is_the_whole_machine(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("max\n")
    assert config.machine_mb(limit) == config.machine_mb(tmp_path / "absent")


def test_a_taken_port_gives_another(taken_port: int) -> None:
    assert free_port(taken_port) != taken_port


def test_a_free_port_is_kept() -> None:
    wanted = free_port(0)
    assert free_port(wanted) == wanted
