"""``graphsvc sample``: synthetic worlds."""

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: graphsvc sample worlds/small --size 20000 --seed 7")
def sample(
    folder: Annotated[Path, typer.Argument(help="New or empty folder to write into.", show_default=False)],
    size: Annotated[int, typer.Option(help="How many records; links come on top.", min=1)] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.", min=0)] = 1,
) -> None:
    """Make a synthetic world of invented people in the loaders' own formats, with the truth beside it."""
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

    from graphsvc.sample.make import make

    begin = perf_counter()
    shown = (SpinnerColumn(), "{task.description}", MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*shown, transient=True) as progress:
        task = progress.add_task("rows written", total=None)
        made = make(folder, size, seed, lambda rows: progress.advance(task, rows))
    typer.echo(
        f"{made.records:,} records and {made.links:,} links of {made.sources} sources in {folder} "
        f"({perf_counter() - begin:.1f} s). Load them with: graphsvc load world {folder}"
    )
