"""``graphsvc db``: the private Neo4j of this data folder."""

import typer

from graphsvc import localdb
from graphsvc.localdb.jars import jars
from graphsvc.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def db() -> None:
    """Start, stop and look at the private Neo4j, the real thing on this machine alone.

    It lives in GRAPHSVC_DATA_DIR, listens on the loopback only, and has a password of its own. It is not used when
    GRAPHSVC_NEO4J_URI names another server.

    Example: graphsvc db start
    """


@app.command()
def start() -> None:
    """Start it, or find it running; the first time fetches 138 MB of program files.

    Example: GRAPHSVC_NEO4J_HEAP_MB=4096 graphsvc db start
    """
    describe(localdb.start(settings(), say))


@app.command()
def fetch() -> None:
    """Fetch its program files and start nothing, for a machine that will have no network later.

    Example: GRAPHSVC_JARS_DIR=/srv/neo4j-jars graphsvc db fetch
    """
    typer.echo(f"The program files of the private Neo4j are in {jars(settings(), say).lib.parent}.")


@app.command()
def stop() -> None:
    """Stop it cleanly; what it holds stays.

    Example: graphsvc db stop
    """
    typer.echo(
        "The private Neo4j has stopped." if localdb.stop(settings()) else "The private Neo4j was not running."
    )


@app.command()
def status() -> None:
    """Say whether it runs, and where; exit status 3 when it does not.

    Example: graphsvc db status
    """
    server = localdb.status(settings())
    if server is None:
        typer.echo("The private Neo4j is not running; `graphsvc db start` starts it.")
        raise typer.Exit(3)
    describe(server)


def say(step: str) -> None:
    """Print one longer step as it begins."""
    typer.echo(f"{step} …", err=True)


def describe(server: localdb.Server) -> None:
    """Print where it is, never its password."""
    typer.echo(f"The private Neo4j runs at {server.uri} (process {server.pid}).")
    typer.echo(f"  user      {server.user}, password in {server.home / 'password'}")
    typer.echo(f"  log       {server.log}")
