"""Every command of docs/loading.md that loads a public data set does so, with an account that adds up."""

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from graphsvc.store.database import Database
from tests.stories.pages import ROOT, Run

pytestmark = [pytest.mark.neo4j, pytest.mark.data]

COMMANDS = re.findall(
    r"^    graphsvc (load .+)$",
    (ROOT / "docs" / "loading.md")
    .read_text(encoding="utf-8")
    .split("public data sets of the same names:")[1],
    re.MULTILINE,
)
LARGE = ("enron", "epinions", "pole", "unodc", "ofac", "us-crime")
"""Sets of tens and hundreds of thousands of records."""
FIGURE = re.compile(r"(read|written|unchanged|waiting|accepted|rejected) ([\d,]+)")
HELD = "RETURN COUNT { MATCH (:Entity) } + COUNT { MATCH (:Entity)-->(:Entity) } AS n"


def located(root: Path, word: str) -> str:
    """The word, or the path of the public file or folder of that name."""
    name = word.rstrip("/")
    found = [
        path for path in (*root.glob(name), *root.glob(f"*/{name}")) if "." in name or word.endswith("/")
    ]
    return str(found[0]) if found else word


@pytest.mark.parametrize("line", COMMANDS)
@pytest.mark.timeout(1800)
def test_a_public_data_set_loads_by_its_command(
    line: str, command: Run, database: Database, public_data: Callable[..., Path]
) -> None:
    if any(name in line for name in LARGE) and not os.environ.get("GRAPHSVC_ALL_EXAMPLES"):
        pytest.skip("large sets: run make examples")
    said = command([located(public_data(), word) for word in shlex.split(line)], "")
    account = {name: int(count.replace(",", "")) for name, count in FIGURE.findall(said)}
    assert account["read"] > 0
    assert account["read"] == sum(account.values()) - account["read"]
    assert account["rejected"] == 0
    assert database.rows(HELD)[0]["n"] == account["written"]


def test_every_public_set_is_told_of(public_data: Callable[..., Path]) -> None:
    text = (ROOT / "docs" / "loading.md").read_text(encoding="utf-8")
    for folder in public_data().iterdir():
        if folder.is_dir():
            names = {folder.name, *(path.name for path in folder.iterdir())}
            assert any(name in text for name in names), folder.name
