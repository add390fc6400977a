"""``graphsvc topology``: build the compact copy of the graph's shape, and check it against Neo4j."""

from typing import Annotated

import typer

app = typer.Typer(help="Build and check the compact copy of the graph's shape that answers link questions.")


@app.command()
def build(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Read the whole shape out of Neo4j and make it the current one. Servers change over to it by themselves.

    Example: graphsvc topology build
    """
    from rich.console import Console
    from rich.progress import Progress

    from graphsvc.settings import settings
    from graphsvc.store.database import Database
    from graphsvc.topology import build as building
    from graphsvc.topology.live import folder
    from graphsvc.topology.snapshot import Snapshot

    given = settings()
    with Database.open(given) as database, Progress(console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("Reading records and links", total=None)
        made = building.build(
            database,
            folder(given),
            progress=lambda done, steps: progress.update(task, completed=done, total=steps),
        )
    if not quiet:
        meta = Snapshot.open(made, room=0).meta
        size = sum(file.stat().st_blocks * 512 for file in made.iterdir())
        directions = meta.lengths["hot"]
        typer.echo(
            f"{meta.lengths['card']:,} records, {directions // 2:,} links, {size / 1e6:,.1f} MB"
            f" ({size / max(directions, 1):.0f} bytes a link direction)"
        )


@app.command()
def check() -> None:
    """Compare the current shape with Neo4j, element by element; exit status 1 when they differ.

    Example: graphsvc topology check
    """
    from graphsvc.settings import settings
    from graphsvc.store.database import Database
    from graphsvc.topology import events_check, events_live
    from graphsvc.topology.check import differences
    from graphsvc.topology.live import folder

    given = settings()
    with Database.open(given) as database:
        found = differences(database, folder(given))
        with database.session() as session:
            found += events_check.differences(
                lambda text: session.run(text).data(), events_live.folder(given)
            )
    for line in found:
        typer.echo(line)
    if found:
        raise typer.Exit(1)
    typer.echo("The topology and the event columns agree with Neo4j.")
