"""``graphsvc demo``: from nothing to an answer, on this machine alone."""

import asyncio
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from graphsvc import localdb
from graphsvc.commands.answers import TOLD
from graphsvc.commands.db import say
from graphsvc.commands.serve import Port, listen, run
from graphsvc.errors import SetupError, StoreError, UsageError
from graphsvc.settings import Settings, settings
from graphsvc.store.database import Database

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def demo(
    port: Port = None,
    size: Annotated[int, typer.Option(min=1_000, help="How many records the sample has.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Which sample; the same seed gives the same one.")] = 1,
) -> None:
    """Start the private Neo4j, load a sample, answer three questions, and serve the explorer until Ctrl-C.

    The sample is of invented people. Everything is kept in GRAPHSVC_DATA_DIR, so that a second start is quick.

    Example: graphsvc demo --port 8081
    """
    now = settings().model_copy(update={} if port is None else {"port": port})
    check(now)
    with private_server(now), Database.open(now) as database:
        load_sample(database, now.home / "demo" / f"world-{seed}-{size}")
        asyncio.run(show_answers(now))
        show_token(now)
        run({"PORT": now.port, "DEMO": True})


def check(now: Settings) -> None:
    """Find out at once what would fail at the end."""
    if now.neo4j_uri is not None:
        raise UsageError("The demo loads invented records into a Neo4j of its own; unset GRAPHSVC_NEO4J_URI.")
    try:
        listen(now).close()
    except SetupError:
        other = now.port + 1
        raise SetupError(
            f"Port {now.port} on {now.host} is taken; end what uses it, or run `make demo PORT={other}` "
            f"or `graphsvc demo --port {other}`."
        ) from None


@contextmanager
def private_server(now: Settings) -> Iterator[None]:
    """The private Neo4j runs inside, and stops afterwards unless it ran before; being asked to end is heard too."""
    ran = localdb.status(now) is not None
    localdb.start(now, say)
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        if not ran:
            say("Stopping the private Neo4j")
            localdb.stop(now)


def interrupt(*_: int | FrameType | None) -> NoReturn:
    """End as Ctrl-C does."""
    raise KeyboardInterrupt


def load_sample(database: Database, folder: Path) -> None:
    """Make the sample and load it, unless both are done."""
    mark = folder / "loaded-into"
    graph = database.rows("MATCH (m:Meta {name: 'graph'}) RETURN m.built AS built")[0]["built"]
    if mark.exists() and mark.read_text(encoding="utf-8") == graph:
        typer.echo(f"The sample is loaded already ({folder}).")
        return
    if not folder.exists():
        make_sample(folder)
    refuse_mixing(database, folder)
    load_world(database, folder)
    mark.write_text(graph, encoding="utf-8")


def make_sample(folder: Path) -> None:
    """Write the synthetic world of a folder's name; a half-made one is never left."""
    from graphsvc.sample.make import make

    seed, size = (int(part) for part in folder.name.split("-")[1:])
    unfinished = folder.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    made = make(unfinished, size, seed, lambda _: None)
    unfinished.rename(folder)
    typer.echo(f"Made {made.records:,} records and {made.links:,} links of {made.sources} invented sources.")


def refuse_mixing(database: Database, folder: Path) -> None:
    """Raise UsageError where invented records would come to lie among others."""
    from loaders import world

    invented = [source.name for source in world.read(folder).sources]
    others = database.rows(
        "MATCH (s:Source) WHERE NOT s.name IN $names RETURN s.name AS name ORDER BY name", names=invented
    )
    if others:
        raise UsageError(
            f"This graph holds records of {others[0]['name']}, among which the demo's invented ones would lie; "
            "name another folder for the demo with GRAPHSVC_DATA_DIR."
        )


def load_world(database: Database, folder: Path) -> None:
    """Load a whole world with one account."""
    from rich.console import Console
    from rich.progress import Progress

    from loaders import catalogue
    from loaders.rows import Reading

    request = catalogue.Request("world", [folder], [], None, None, None, {}, Reading("utf-8", None))
    parts = list(catalogue.loaders(request))
    read = written = 0
    with Progress(console=Console(stderr=True), transient=True) as bar:
        for part in bar.track(parts, description="Loading the sample"):
            account = part.load(database).account
            if account is None or part.failed:
                raise StoreError(f"The sample could not be loaded; `graphsvc load world {folder}` says why.")
            read += account.read
            written += account.written
    typer.echo(f"Loaded {read:,} elements, {written:,} of them new.")


async def show_answers(now: Settings) -> None:
    """Ask what the explorer opens with, and print the answers in short."""
    from graphsvc.access.caller import Caller
    from graphsvc.api.explorer import examples
    from graphsvc.commands.query import ask
    from graphsvc.model.vocabulary import Level, Purpose

    caller = Caller(
        "demo", "FR", Level.CONFIDENTIAL, Purpose.INVESTIGATE, "example", frozenset(), frozenset()
    )
    for name, text in examples():
        typer.echo("\n" + "\n".join(asked(text)))
        answer = await ask(now, caller, text, {})
        if "errors" in answer:
            raise StoreError(f"The question was not answered: {answer['errors'][0]['message']}")
        typer.echo("\n".join(f"  {line}" for line in TOLD[name](answer["data"])))


def asked(text: str) -> list[str]:
    """The words of a question: the comment at its top."""
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return [line.lstrip("# ") for line in lines[:first]]


def show_token(now: Settings) -> None:
    """Issue the local token and say what it is."""
    from graphsvc.api.explorer import demo_token

    typer.echo(
        "\nA token for this demo, good for a day on this machine and nowhere else. The explorer has it already; "
        f"others send it as `Authorization: Bearer …`:\n{demo_token(now)}\n"
    )
