"""The way of the data is the way of the imports: dependencies point one way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphsvc.store.queries import all_names, named

ROOT = Path(__file__).resolve().parent.parent

FORBIDDEN = {
    "graphsvc/model": (
        "neo4j",
        "graphsvc.store",
        "graphsvc.access",
        "graphsvc.analysis",
        "graphsvc.api",
        "loaders",
    ),
    "graphsvc/store": (
        "graphsvc.access",
        "graphsvc.analysis",
        "graphsvc.api",
        "graphsvc.topology",
        "loaders",
    ),
    "graphsvc/topology": ("graphsvc.analysis", "graphsvc.api", "loaders", "strawberry"),
    "graphsvc/access": ("graphsvc.analysis", "graphsvc.api", "loaders", "strawberry"),
    "graphsvc/analysis": (
        "neo4j",
        "graphsvc.store.reader",
        "graphsvc.store.database",
        "graphsvc.store.runs",
        "graphsvc.api",
        "graphsvc.topology.live",
        "strawberry",
        "loaders",
    ),
    "graphsvc/api": (
        "neo4j",
        "graphsvc.store.database",
        "graphsvc.store.reader",
        "graphsvc.store.runs",
        "loaders",
    ),
    "loaders": ("graphsvc.access", "graphsvc.analysis", "graphsvc.api", "graphsvc.topology", "neo4j"),
}
HEAVY = (
    "numba",
    "pandas",
    "graphdatascience",
    "statsmodels",
    "pyarrow",
    "networkx",
    "scipy",
    "altair",
    "typst",
)


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_dependencies_point_one_way(folder: str) -> None:
    found = modules(folder)
    assert found
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in found
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if any(name == bad or name.startswith(bad + ".") for bad in FORBIDDEN[folder])
    ]
    assert wrong == []


def test_the_command_line_starts_without_heavy_imports() -> None:
    import subprocess
    import sys

    code = "import sys, graphsvc.cli, loaders, graphsvc.model.derive; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert set(loaded.split()) & set(HEAVY) == set()


def test_every_query_says_what_it_is_for() -> None:
    assert all_names()
    for name in all_names():
        header = named(name).header
        missing = {"purpose", "parameters", "columns", "index"} - set(header)
        assert not missing, f"cypher/{name}.cypher has no {', '.join(sorted(missing))} line"


def test_every_query_is_used() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in modules("graphsvc"))
    assert [name for name in all_names() if f'"{name}"' not in texts] == []
