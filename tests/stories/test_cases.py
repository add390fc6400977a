"""The cases of docs/cases, walked as their pages say: page, files and code can't part."""

from pathlib import Path

import pytest

from tests.stories.pages import ROOT, Run, check

pytestmark = pytest.mark.neo4j

PAGES = sorted((ROOT / "docs" / "cases").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_case_is_walked_as_its_page_says(page: Path, command: Run) -> None:
    check(page, command)


def test_there_is_a_case_of_each_kind() -> None:
    assert {page.stem for page in PAGES} >= {"cyber", "trafficking", "organised-crime"}
