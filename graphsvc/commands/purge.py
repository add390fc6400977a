"""``graphsvc purge``: take out for good what has expired or was withdrawn."""

from typing import Annotated

import typer

from graphsvc.access.results import forget_all
from graphsvc.commands.audit import written
from graphsvc.settings import settings
from graphsvc.store import retention
from graphsvc.store.database import Database

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def purge(
    due: Annotated[
        int | None,
        typer.Option(min=0, help="Purge nothing; show what expires within so many days.", show_default=False),
    ] = None,
    rejects_days: Annotated[int, typer.Option(min=0, help="Keep refused rows of loads so many days.")] = 365,
) -> None:
    """Take out for good what has expired or was withdrawn, with its links and all that was derived from it.

    A keyed hash stays of each, so that no replay brings it back. Owners of links that go with it, and all who were
    given a copy, are told. Run it every night; cut off, the next one goes on.

    Example: graphsvc purge --due 90
    """
    with Database.open(settings()) as database:
        if due is not None:
            _show(retention.due(database, within=due))
            return
        purged = _purge(database, rejects_days)
    if purged.nodes or purged.links:
        forget_all(settings())
    written("purge", records=purged.nodes, links=purged.links, rejects=purged.rejects)
    typer.echo(
        f"purged {purged.nodes:,} records, {purged.links:,} links and {purged.rejects:,} refused rows of old loads"
    )


def _purge(database: Database, rejects_days: int) -> retention.Purged:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("Purging: {task.completed:,.0f} gone"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def heard(purged: retention.Purged) -> None:
            bar.update(task, completed=purged.nodes + purged.links)

        return retention.purge(database, heard=heard, rejects_days=rejects_days)


def _show(found: list[retention.Due]) -> None:
    for one in found:
        typer.echo(f"{one.owner}  {one.kind}  {one.count:,}  from {one.first_day}")
    if not found:
        typer.echo("Nothing expires in that time.")
