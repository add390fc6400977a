"""The one way in: ``graphsvc COMMAND``. Commands are imported when they are used."""

import importlib
import signal
import sys
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from graphsvc import __version__
from graphsvc.errors import Error

COMMANDS: dict[str, str] = {
    "agreement": "Name those who let each other see records.",
    "audit": "Prove the audit, and see who received a record.",
    "bench": "Measure peers and ours in one run.",
    "db": "Start, stop and look at the private Neo4j.",
    "demo": "Start the private Neo4j, load a sample, answer three questions and serve the explorer.",
    "dump": "Write what a source holds as FollowTheMoney.",
    "load": "Load files into the graph.",
    "purge": "Take out for good what has expired or was withdrawn.",
    "query": "Ask a question that is in a file.",
    "report": "Write a report as HTML or PDF/A.",
    "restrict": "Change who may see records, and take it back.",
    "retract": "Take records of a source back for good.",
    "runs": "Show what the load runs did.",
    "sample": "Make a synthetic world in the loaders' own formats.",
    "serve": "Serve the API and the explorer.",
    "settings": "Show every setting, its value and its meaning.",
    "sweep": "Take out what a source's complete batch no longer holds.",
    "token": "Sign a token for a caller.",
    "topology": "Build and check the compact copy of the graph's shape.",
    "up": "Start what is missing, bring the schema up to date and serve.",
}


class Lazy(TyperGroup):
    """A group whose commands are imported one at a time, so that ``--help`` stays quick."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"graphsvc.commands.{cmd_name}")
        return typer.main.get_command(module.app)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


root = typer.Typer(
    cls=Lazy,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        typer.echo(f"graphsvc {__version__}")
        raise typer.Exit


@root.callback()
def graphsvc(
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Criminal network graph analysis over records that stay their owners'."""


def main() -> None:
    """Run the command line; an error of ours is one sentence on standard error and exit status 1.

    A request to end lets every command put away what it began: servers of a benchmark, a load's progress.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        root()
    except Error as error:
        sys.stderr.write(f"graphsvc: {error}\n")
        raise SystemExit(1) from None
