"""The documented forms are those of the declared types, and every example loads."""

from pathlib import Path

import pytest

from loaders.catalogue import Request, formats, loader
from loaders.forms import files
from tests.loaders.conftest import Read

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES = sorted(name for name in files() if name.startswith("examples/"))


def test_pages_and_examples_are_as_made() -> None:
    for name, text in files().items():
        assert (DOCS / "formats" / name).read_text(encoding="utf-8") == text, (
            f"run python -m loaders.forms: {name}"
        )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_loads_whole(name: str) -> None:
    path = DOCS / "formats" / name
    (parcel,) = loader(Request(path.stem, [path], [], "fr-example", "FR")).parcels(1000)
    assert parcel.rejects == []
    assert len(parcel.records) + len(parcel.links) >= 1


def test_both_forms_of_an_example_say_the_same(read: Read) -> None:
    for stem in {Path(name).stem for name in EXAMPLES}:
        both = []
        for suffix in (".csv", ".jsonl"):
            path = DOCS / "formats" / "examples" / f"{stem}{suffix}"
            (parcel,) = loader(Request(stem, [path], [], "fr-example", "FR")).parcels(1000)
            both.append([(element.id, element.properties) for element in parcel.elements()])
        assert both[0] == both[1], stem


def test_every_format_is_in_the_guide() -> None:
    guide = (DOCS / "loading.md").read_text(encoding="utf-8")
    for name in formats():
        assert f"`{name}`" in guide, name
