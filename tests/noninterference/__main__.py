"""``python -m tests.noninterference``: pairs of worlds, and mutants, as ``make noninterference`` runs them."""

import asyncio
import itertools
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import structlog
import typer

from tests.noninterference.changes import CHANGES, LAST
from tests.noninterference.harness import TOGETHER, Answers, Batch, run
from tests.noninterference.servers import pair

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
STORE = "store and topology"
PLAIN = "NUMBA_DISABLE_JIT"
SHOWN = 10


def batches(seed: int, pairs: int, first: int = 0) -> Iterator[Batch]:
    """As many batches as hold so many pairs, from the one of that number on."""
    left = pairs
    for number in itertools.count(first):
        if left <= 0:
            return
        yield Batch.draw(seed, number, min(left, TOGETHER))
        left -= TOGETHER


@app.command()
def main(
    pairs: Annotated[int, typer.Option(help="Pairs for store and topology operations.")] = 12,
    science: Annotated[int, typer.Option(help="Pairs for operations in Graph Data Science.")] = 0,
    mutants: Annotated[int, typer.Option(help="1 hunts every mutant of queries, kernels and rule.")] = 0,
    only: Annotated[
        str, typer.Option(help="Mutants whose name holds this text, or one of several, with commas between.")
    ] = "",
    rounds: Annotated[int, typer.Option(help="Batches of worlds that mutants are hunted through.")] = 33,
    seed: Annotated[int, typer.Option(help="Seed of the worlds.")] = 1,
    first: Annotated[int, typer.Option(help="Batch of worlds to begin with, as a difference names it.")] = 0,
    home: Annotated[
        Path | None, typer.Option(help="Folder of the two servers; a passing one unless given.")
    ] = None,
) -> None:
    """Ask pairs of worlds the same; exit status 1 when anything differs.

    Example: python -m tests.noninterference --pairs 100
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        place = home or Path(folder)
        wrong = asyncio.run(both(place, seed, pairs, science, first)) if pairs or science else 0
        if mutants:
            wrong += _hunted(place, seed, rounds, only)
    raise typer.Exit(1 if wrong else 0)


async def both(folder: Path, seed: int, pairs: int, science: int, first: int) -> int:
    """Run what was asked for; the exit status."""
    started = time.monotonic()
    shown = 0

    def show(answers: Answers) -> None:
        nonlocal shown
        for one in answers.differences[shown:]:
            typer.echo(str(one))
        shown = len(answers.differences)

    def told(done: int, answers: Answers) -> None:
        show(answers)
        if done % TOGETHER == 0:
            seconds = time.monotonic() - started
            typer.echo(
                f"{done} pairs, {answers.asked} answers, {len(answers.differences)} differences, {seconds:.0f} s"
            )

    wrong = 0
    async with pair(folder) as servers:
        for what, count in ((STORE, pairs), ("Graph Data Science", science)):
            if not count:
                continue
            shown = 0
            answers = await run(servers, batches(seed, count, first), science=what != STORE, told=told)
            wrong += len(answers.differences)
            show(answers)
            typer.echo(
                f"{what}: {count} pairs, {answers.asked} answers, {len(answers.differences)} differences"
            )
            if what == STORE:
                came = [f"{name} {answers.reached[name]}" for name in (*CHANGES, *LAST)]
                typer.echo(f"changes that came through: {', '.join(came)}")
            for broken in answers.broken[:SHOWN]:
                typer.echo(f"broken on both sides: {broken}")
    return 1 if wrong else 0


def _hunted(folder: Path, seed: int, rounds: int, only: str) -> int:
    """Hunt in a process whose kernels are plain Python, so that one can be changed while it runs."""
    if os.environ.get(PLAIN) == "1":
        return asyncio.run(hunted(folder, seed, rounds, only))
    warnings = (
        "ignore::RuntimeWarning"  # hashes are worked out modulo 2**64, of which only numpy's scalars warn
    )
    given = ["--pairs", "0", "--mutants", "1", "--seed", str(seed), "--rounds", str(rounds), "--only", only]
    command = [sys.executable, "-m", "tests.noninterference", *given, "--home", str(folder)]
    return subprocess.run(
        command, env=os.environ | {PLAIN: "1", "PYTHONWARNINGS": warnings}, check=False
    ).returncode


async def hunted(folder: Path, seed: int, rounds: int, only: str) -> int:
    """Hunt the mutants; how many survive."""
    from tests.noninterference.hunt import hunt
    from tests.noninterference.mutants import mutants

    chosen = [mutant for mutant in mutants() if any(text in mutant.name for text in only.split(","))]
    for name, module in sys.modules.items():
        if name.startswith("graphsvc.topology") and "CALM" in vars(module):
            vars(module)["CALM"] = 2  # so that small worlds have records that count as large
    async with pair(folder) as servers:
        outcomes = await hunt(servers, chosen, seed, rounds, typer.echo)
    for outcome in outcomes:
        typer.echo(f"{'caught  ' if outcome.caught else 'SURVIVED'} {outcome.seconds:5.1f} s  {outcome.name}")
    survivors = sum(not outcome.caught for outcome in outcomes)
    typer.echo(f"mutants: {len(outcomes)}, caught {len(outcomes) - survivors}, survived {survivors}")
    return survivors


if __name__ == "__main__":
    app()
