"""``graphsvc dump``: what a source holds, as FollowTheMoney."""

from pathlib import Path
from typing import Annotated

import typer

from graphsvc.commands import lean as lean  # first, for its effect
from graphsvc.settings import settings
from graphsvc.store.database import Database
from graphsvc.store.dump import elements
from loaders import ftm

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def dump(
    path: Annotated[Path, typer.Argument(help="File for FollowTheMoney entities, one JSON object a line.")],
    source: Annotated[str, typer.Option(help="The source whose records are written.")],
    owner: Annotated[str, typer.Option(help="Whose source it is.")],
) -> None:
    """Write a source's own records and links as FollowTheMoney entities.

    Only what the source itself loaded is written; kinds and links without a schema there are left out and counted.

    Example: graphsvc dump fr-nominal.ftm.json --source fr-nominal --owner FR
    """
    import json

    written = left = 0
    with Database.open(settings()) as database, path.open("w", encoding="utf-8") as stream:
        for element in elements(database, source, owner):
            made = next(ftm.entities([element]), None)
            if made is None:
                left += 1
                continue
            stream.write(json.dumps(made, ensure_ascii=False) + "\n")
            written += 1
    typer.echo(
        f"{written:,} entities in {path}; {left:,} records and links have no schema there and are left out"
    )
