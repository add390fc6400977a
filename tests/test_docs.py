"""What is promised is written down: every setting, question, field, error code and query."""

import importlib.util
import shlex
from pathlib import Path
from types import ModuleType

import pytest
import typer.main
from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from graphsvc.api.schema import make_schema
from graphsvc.commands import report
from graphsvc.settings import Settings
from graphsvc.store.queries import all_names, named

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def make_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date(make_docs: ModuleType) -> None:
    stale = [
        path.name
        for path, text in make_docs.pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]

    assert not stale, "run `python tools/make_docs.py`"


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_type_field_and_argument_says_what_it_is() -> None:
    untold = []
    for name, one in make_schema()._schema.type_map.items():
        if name.startswith("__") or not isinstance(
            one, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType
        ):
            continue
        untold += [name] if not one.description else []
        for field_name, field in one.fields.items():
            untold += [f"{name}.{field_name}"] if not field.description else []
            for argument, given in getattr(field, "args", {}).items():
                untold += [f"{name}.{field_name}({argument})"] if not given.description else []

    assert untold == []


def test_every_query_says_what_it_is() -> None:
    for name in all_names():
        assert {"purpose", "parameters", "columns", "index"} <= named(name).header.keys(), name


def test_documented_reports_can_be_asked_for() -> None:
    """Those of crontabs and systemd units too."""
    lines = (ROOT / "docs" / "trends.md").read_text(encoding="utf-8").splitlines()
    told = [
        line.split("graphsvc report ")[1]
        for line in lines
        if "graphsvc report " in line and line[:4] == " " * 4
    ]
    command = typer.main.get_command(report.app)
    kinds = [command.make_context("report", shlex.split(words)).params["kind"] for words in told]
    assert kinds == ["trends", "cyber", "case", "trends", "cyber", "trends"]
