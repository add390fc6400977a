"""The one way in: ``graphsvc COMMAND``. Commands are imported when they are used."""

import importlib
import sys
from typing import Any

import click
import typer.main

from graphsvc import __version__
from graphsvc.errors import Error

COMMANDS: dict[str, str] = {
    "db": "Start, stop and look at the private Neo4j.",
    "load": "Load files into the graph.",
    "runs": "Show what the load runs did.",
    "sample": "Make a synthetic world in the loaders' own formats.",
    "serve": "Serve the API and the explorer.",
    "settings": "Show every setting, its value and its meaning.",
    "token": "Sign a token for a caller.",
    "up": "Start what is missing, bring the schema up to date and serve.",
}


class Lazy(click.Group):
    """A group whose commands are imported one at a time, so that ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"graphsvc.commands.{cmd_name}")
        return typer.main.get_command(module.app)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def root(**_: Any) -> None:
    """Criminal network graph analysis over records that stay their owners'."""


def main() -> None:
    """Run the command line; an error of ours is one sentence on standard error and exit status 1."""
    try:
        root(standalone_mode=True)
    except Error as error:
        sys.stderr.write(f"graphsvc: {error}\n")
        raise SystemExit(1) from None
