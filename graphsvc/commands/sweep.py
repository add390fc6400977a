"""``graphsvc sweep``: what a source's complete batch no longer holds is taken out."""

from pathlib import Path
from typing import Annotated

import typer

from graphsvc.commands.load import reading_of
from graphsvc.settings import settings
from graphsvc.store.database import Database
from loaders import catalogue

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def sweep(
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="As in graphsvc load.")],
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="The complete batch, which was loaded before.")
    ],
    source: Annotated[
        str | None, typer.Option(help="The source; another source's elements are never touched.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Whose source it is.")] = None,
    data: Annotated[
        list[Path] | None, typer.Option(help="For a mapping: the files that it speaks of.")
    ] = None,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="The most that may go, of all that the source has.")
    ] = 0.1,
    sequence: Annotated[
        int | None, typer.Option(help="Number of the batch, as in its load; it need not be said again.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    encoding: Annotated[str, typer.Option(help="Encoding of text files.")] = "utf-8",
    delimiter: Annotated[str | None, typer.Option(help="Sign between cells.")] = None,
) -> None:
    """Take out what a source has in the graph and its complete batch does not hold.

    Load the batch first: a sweep of files that are not the last complete load of the source is refused.

    Example: graphsvc sweep persons persons.csv --source fr-nominal --owner FR --dry-run
    """
    request = catalogue.Request(
        format, paths, data or [], source, owner, None, {}, reading_of(encoding, delimiter), sequence
    )
    loaders = list(catalogue.loaders(request))
    with Database.open(settings()) as database:
        for loader in loaders:
            swept = loader.sweep(database, share=share, sequence=sequence, look=dry_run)
            would = "would go" if swept.told else "are gone"
            typer.echo(
                f"of {swept.there:,} elements of {loader.terms.source}, {swept.gone:,} {would}: "
                f"{swept.nodes:,} records, {swept.links:,} links"
            )
