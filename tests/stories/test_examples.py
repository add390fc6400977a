"""The pages of docs/examples: published data, from its files to answers through GraphQL."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stories.pages import ROOT, Run, check, with_data

pytestmark = [pytest.mark.neo4j, pytest.mark.data]

FOLDER = ROOT / "docs" / "examples"
LARGE = frozenset({"enron", "epinions"})
"""Sets of several hundred thousand elements, loaded with --bulk into a database of their own."""
ELSEWHERE = "pole"
"""Its page is run where POLE is loaded already: in ``test_public_data``."""
PAGES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem not in ("README", ELSEWHERE))


@pytest.mark.parametrize("name", [name for name in PAGES if name not in LARGE])
def test_published_data_answers_as_its_page_says(
    name: str, command: Run, public_data: Callable[..., Path]
) -> None:
    check(FOLDER / f"{name}.md", with_data(command, public_data))


@pytest.mark.skipif(not os.environ.get("GRAPHSVC_ALL_EXAMPLES"), reason="large sets: run make examples")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", [name for name in PAGES if name in LARGE])
def test_a_large_set_answers_as_its_page_says(
    name: str, own_command: Run, public_data: Callable[..., Path]
) -> None:
    check(FOLDER / f"{name}.md", with_data(own_command, public_data))
