"""``graphsvc settings``: the one table of settings."""

from typing import Annotated

import typer
from pydantic import SecretStr

from graphsvc.settings import Settings
from graphsvc.settings import settings as read_settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def settings(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As docs/settings.md, with defaults only.")
    ] = False,
) -> None:
    """Show every setting, its value and its meaning. Settings are read from the environment.

    Example: GRAPHSVC_PORT=8081 graphsvc settings
    """
    if markdown:
        typer.echo(page(), nl=False)
        return
    now = read_settings()
    for name, field in Settings.model_fields.items():
        value = getattr(now, name)
        mark = "" if value == field.default else "  (set)"
        typer.echo(f"GRAPHSVC_{name.upper()} = {_shown(value)}{mark}\n    {field.description}")


def _shown(value: object) -> str:
    if value is None:
        return "unset"
    return "…" if isinstance(value, SecretStr) else str(value)


def page() -> str:
    """``docs/settings.md``, made from the table."""
    rows = [
        f"| `GRAPHSVC_{name.upper()}` | {_cell(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    head = [
        "# Settings",
        "",
        "Read once from the environment; `graphsvc settings` shows what is in force.",
        "This page is made by `graphsvc settings --markdown`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _cell(value: object) -> str:
    return "" if value is None else f"`{value}`"
