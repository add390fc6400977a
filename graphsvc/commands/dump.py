"""``graphsvc dump``: what a source holds, as FollowTheMoney."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from graphsvc.commands import lean as lean  # first, for its effect
from graphsvc.settings import settings
from graphsvc.store.database import Database
from graphsvc.store.dump import elements
from loaders.ftm_out import entities

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def dump(
    path: Annotated[Path, typer.Argument(help="File for FollowTheMoney entities, one JSON object a line.")],
    source: Annotated[str, typer.Option(help="The source whose records are written.")],
    owner: Annotated[str, typer.Option(help="Whose source it is.")],
) -> None:
    """Write a source's own records and links as FollowTheMoney entities.

    Only what the source itself loaded is written; kinds without a schema there, and links to them, are left out and
    counted. Handling is not written: give it again where the file is loaded.

    Example: graphsvc dump fr-nominal.ftm.json --source fr-nominal --owner FR
    """
    import json

    written = 0
    left: Counter[str] = Counter()
    with Database.open(settings()) as database, path.open("w", encoding="utf-8") as stream:
        for made in entities(elements(database, source, owner), left):
            stream.write(json.dumps(made, ensure_ascii=False) + "\n")
            written += 1
    typer.echo(f"{written:,} entities in {path}")
    if left:
        told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(left.items()))
        typer.echo(f"left out, since FollowTheMoney has no schema for them: {told}")
