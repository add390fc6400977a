"""``graphsvc retract``: take back for good."""

from pathlib import Path
from typing import Annotated

import typer

from graphsvc.commands.load import reading_of
from graphsvc.errors import UsageError
from graphsvc.settings import settings
from graphsvc.store.database import Database
from graphsvc.store.retractions import retract as take_back
from loaders.retractions import ids_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def retract(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Files with a column id: records and links.")
    ],
    source: Annotated[str, typer.Option(help="The source that takes them back.")],
    owner: Annotated[str, typer.Option(help="Whose source it is.")],
    encoding: Annotated[str, typer.Option(help="Encoding of text files.")] = "utf-8",
    delimiter: Annotated[str | None, typer.Option(help="Sign between cells.")] = None,
) -> None:
    """Take records and links of a source back for good.

    They are taken out, whether they have arrived or not, and no file that is loaded later brings them back: a keyed
    hash of each id stays, and nothing else of it.

    Example: graphsvc retract withdrawn.csv --source fr-nominal --owner FR
    """
    ids, rejects = ids_of(paths, source, reading_of(encoding, delimiter))
    for reject in rejects[:10]:
        typer.echo(f"rejected: {reject.file}, line {reject.line}: {reject.reason}", err=True)
    if not ids:
        raise UsageError("The files name no id that could be taken back.")
    with Database.open(settings()) as database:
        done = take_back(database, source=source, owner=owner, ids=ids)
    typer.echo(
        f"{done.nodes:,} records and {done.links:,} links are taken out, {done.absent:,} were not there and will not "
        f"come; {len(rejects):,} rows rejected"
    )
