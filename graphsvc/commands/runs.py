"""``graphsvc runs``: what the load runs did."""

from typing import Annotated, Any

import typer

from graphsvc.settings import settings
from graphsvc.store import books
from graphsvc.store.database import Database
from loaders.rejects import mendable

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COUNTS = ("read", "written", "unchanged", "waiting", "accepted", "rejected")


@app.command()
def runs(
    run: Annotated[str | None, typer.Argument(help="One run, in full.")] = None,
    rejects: Annotated[
        bool, typer.Option("--rejects", help="The refused rows of that run, as JSON lines.")
    ] = False,
    source: Annotated[str | None, typer.Option(help="Runs of one source only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 20,
) -> None:
    """Show what the load runs did.

    Refused rows come in the loaders' own form: mend them, and load the file again under the same source.

    Example: graphsvc runs 20240301T120000-1a2b3c4d --rejects > mend.jsonl
    """
    with Database.open(settings()) as database:
        if run is None:
            _table(books.runs(database, source=source, limit=limit))
        elif rejects:
            books.run(database, run)
            for row in books.rejects(database, run):
                typer.echo(mendable(row))
        else:
            for name, value in sorted(books.run(database, run).items()):
                typer.echo(f"{name:12} {_shown(value)}")


def _table(found: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("run", "source", "owner", "loader", "state", *COUNTS, "seconds", box=None)
    for run in found:
        counts = [f"{run.get(name, 0):,}" for name in COUNTS]
        seconds = f"{run.get('seconds', 0):.1f}"
        table.add_row(run["id"], run["source"], run["owner"], run["loader"], run["state"], *counts, seconds)
    Console(width=None if Console().is_terminal else 200).print(table)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
