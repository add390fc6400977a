"""``graphsvc up``: everything that is needed to answer, and then the service."""

import typer

from graphsvc.commands.serve import Demo, Host, Port, Workers, run
from graphsvc.settings import settings
from graphsvc.store.database import Database

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def up(host: Host = None, port: Port = None, workers: Workers = None, demo: Demo = False) -> None:
    """Start what is missing, bring the schema up to date and serve until Ctrl-C.

    The private Neo4j is started unless GRAPHSVC_NEO4J_URI names a server, and goes on running afterwards.

    Example: graphsvc up --demo
    """
    with Database.open(settings()):
        pass
    run({"HOST": host, "PORT": port, "WORKERS": workers, "DEMO": demo or None})
