"""A synthetic world is the same for the same seed, of the size asked for, valid, and made at constant memory."""

import hashlib
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from graphsvc.errors import UsageError
from graphsvc.model.keys import identity_keys
from graphsvc.model.record import Link, Record
from graphsvc.sample.make import Made, make
from tests.sample.conftest import SEED, SIZE, read


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.*")):
        found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


def test_the_same_seed_gives_the_same_bytes(world: Made, tmp_path: Path) -> None:
    again = make(tmp_path / "again", SIZE, SEED)
    assert digest(again.folder) == digest(world.folder)


def test_another_seed_gives_another_world(world: Made, tmp_path: Path) -> None:
    other = make(tmp_path / "other", SIZE, SEED + 1)
    assert digest(other.folder) != digest(world.folder)


def test_the_world_has_the_size_asked_for(elements: list[Record | Link]) -> None:
    assert sum(isinstance(element, Record) for element in elements) == SIZE


def test_every_row_is_valid_under_the_declared_types(elements: list[Record | Link]) -> None:
    ids = [element.id for element in elements]
    assert len(set(ids)) == len(ids)


def test_every_link_has_both_ends(elements: list[Record | Link]) -> None:
    there = {element.id for element in elements if isinstance(element, Record)}
    ends = {end for element in elements if isinstance(element, Link) for end in (element.from_, element.to)}
    assert ends <= there


def test_no_link_joins_a_record_to_itself(elements: list[Record | Link]) -> None:
    assert not [element for element in elements if isinstance(element, Link) and element.from_ == element.to]


def test_names_stand_in_several_scripts(elements: list[Record | Link]) -> None:
    people = [element for element in elements if isinstance(element, Record) and element.kind == "Person"]
    signs = "".join(str(name) for person in people for name in person.properties.get("names", []))  # type: ignore[union-attr]
    for low, high in (("а", "я"), ("α", "ω"), ("ا", "ي"), ("一", "鿿")):
        assert any(low <= sign <= high for sign in signs)


def test_degrees_have_a_heavy_tail(elements: list[Record | Link]) -> None:
    degree = Counter(
        end
        for element in elements
        if isinstance(element, Link) and element.kind == "ASSOCIATE_OF"
        for end in (element.from_, element.to)
    )
    ranked = sorted(degree.values())
    assert ranked[-1] > 8 * ranked[len(ranked) // 2]


def test_countries_hold_records_of_one_thing_under_differing_handlings(elements: list[Record | Link]) -> None:
    holders: dict[str, set[object]] = {}
    for element in elements:
        if isinstance(element, Record):
            for key in identity_keys(element.kind, element.properties):
                holders.setdefault(key, set()).add(element.handling)
    shared = [rules for rules in holders.values() if len({rule.contributor for rule in rules}) > 1]  # type: ignore[attr-defined]
    assert len(shared) > 50
    assert any(len({(rule.level, rule.allow, rule.deny) for rule in rules}) > 1 for rules in shared)  # type: ignore[attr-defined]


def test_handlings_are_few(elements: list[Record | Link]) -> None:
    assert len({element.handling for element in elements}) < 300


def test_memory_does_not_grow_with_the_world(tmp_path: Path) -> None:
    make(tmp_path / "warm", 2_000, SEED)
    peaks = []
    for size in (4_000, 40_000):
        tracemalloc.start()
        make(tmp_path / str(size), size, SEED)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 6_000_000


def test_a_world_too_small_for_its_plot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 1,000"):
        make(tmp_path / "w", 999, SEED)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="not empty"):
        make(tmp_path, 1_000, SEED)


def test_a_manifest_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        read(tmp_path)
