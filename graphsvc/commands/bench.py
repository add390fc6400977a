"""``graphsvc bench``: peers and ours in the same run."""

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from graphsvc.errors import SetupError, UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None)

ROOT = Path(__file__).resolve().parents[2]
BENCHES = ("load", "bulk", "links", "visibility", "groups", "trends", "rings")


@app.command()
def bench(
    what: Annotated[str, typer.Argument(help=f"What to measure: {', '.join(BENCHES)}.")],
    size: Annotated[
        int | None, typer.Option(min=1_000, help="How many records; each bench has its own default.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="File for the figures as JSON.")] = None,
    before: Annotated[
        Path | None,
        typer.Option(
            help="Such a file of an earlier run: how often each figure is what it was.", exists=True
        ),
    ] = None,
) -> None:
    """Measure peers and ours in one run, on a private server of its own, and print the ratios.

    Example: graphsvc bench load --size 100000 --json load.json
    """
    if what not in BENCHES:
        raise UsageError(f"There is no bench {what!r}: use one of {', '.join(BENCHES)}.")
    if not (ROOT / "bench" / f"{what}.py").exists():
        raise SetupError(
            "Benchmarks run from a checkout of the repository: clone it and use its own graphsvc."
        )
    sys.path.insert(0, str(ROOT))
    module = importlib.import_module(f"bench.{what}")
    figures = importlib.import_module("bench.figures")
    found = figures.write(module.run(**({} if size is None else {"size": size})), json, before)
    if any(figure.holds is False for figure in found):
        raise typer.Exit(1)
