"""``graphsvc load``: files into the graph, through a load run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from graphsvc.commands import lean as lean  # first, for its effect
from graphsvc.errors import UsageError
from graphsvc.settings import settings
from loaders import catalogue
from loaders.frame import Loader, Outcome, Progress
from loaders.rejects import Mending
from loaders.rows import Reading, Rejected, checked

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from graphsvc.store.batch import Counts
    from graphsvc.store.database import Database
    from graphsvc.store.runs import Account

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Text = Annotated[str | None, typer.Option()]
NOTHING_STORED = "there is no database yet, so all of it is new"


class Show(Protocol):
    """Shows how far a load is."""

    def __call__(self, progress: Progress, step: str | None = None) -> None: ...


def option(text: str) -> str | None:
    return typer.Option(None, help=text, show_default=False)  # type: ignore[no-any-return]


@app.command(epilog=catalogue.listing())
def load(
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="What the files hold; the list is below.")],
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Files, folders or zip files; .gz too.")
    ],
    source: str | None = option("Name of the source, such as fr-nominal; ids are unique within it."),
    owner: str | None = option("Whose records these are: a country such as FR, or an entity such as IPSG."),
    data: Annotated[
        list[Path] | None, typer.Option(help="For a mapping: the folder, zip or files that it speaks of.")
    ] = None,
    level: str | None = option("Confidentiality: official, restricted or confidential."),
    allow: str | None = option("Who may see it, parted by semicolons: *, FR, region:EUROPE, agreement:NAME."),
    deny: str | None = option("Who may not, in the same form; stronger than --allow."),
    unit: str | None = option("Units and case teams that alone may see it."),
    purpose_limit: str | None = option("Purposes for which alone it may be used."),
    condition: str | None = option("Conditions of use, shown with every answer."),
    class_: Annotated[
        str | None, typer.Option("--class", help="Protection: ordinary, minor or victim.", show_default=False)
    ] = None,
    grade: str | None = option("Grading of rows that give none, such as B2."),
    encoding: str = typer.Option("utf-8", help="Encoding of text files; a byte order mark wins over it."),
    delimiter: str | None = option("Sign between cells; found from the header unless given. A tab is \\t."),
    sequence: Annotated[
        int | None,
        typer.Option(
            help="Number of this batch; of two versions of a row the higher wins.", show_default=False
        ),
    ] = None,
    bulk: bool = typer.Option(
        False, "--bulk", help="Into an empty database, through Neo4j's offline importer; all or nothing."
    ),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Check everything, tell what a load would do, and write nothing."
    ),
    rejects: Annotated[
        Path | None,
        typer.Option(help="File for refused rows, to be mended and loaded again.", show_default=False),
    ] = None,
    batch_size: int | None = typer.Option(None, min=1, max=100_000, help="Elements in one transaction."),
) -> None:
    """Load files into the graph.

    A row that can't be taken is kept with its reason, and the rest goes on. A load that was cut off is gone on with
    by the same command; one that is repeated changes nothing.

    Example: graphsvc load persons persons.csv --source fr-nominal --owner FR --level restricted
    """
    reading = reading_of(encoding, delimiter)
    handling = {
        "level": level,
        "allow": allow,
        "deny": deny,
        "units": unit,
        "purposes": purpose_limit,
        "conditions": condition,
        "class": class_,
    }
    request = catalogue.Request(format, paths, data or [], source, owner, grade, handling, reading, sequence)
    from graphsvc.store import books
    from graphsvc.store.database import Database

    size = batch_size or settings().batch_size
    several = list(catalogue.loaders(request))
    mending = Mending(rejects, (given.path for loader in several for given in loader.inputs))
    if dry_run:
        with _stored(bulk=bulk) as stored:
            _dry(stored, several, mending, size)
        return
    loaded = _bulk(several) if bulk else []
    failed = False
    with Database.open(settings()) as database:
        for at, loader in enumerate(several):
            outcome = loaded[at] if bulk else _run(database, loader, size)
            if len(several) > 1:
                typer.echo(f"{loader.terms.source} {loader.name}: ", nl=False)
            tell(loader, outcome)
            account = outcome.account
            if rejects is not None and account is not None:
                with mending.adding(loader) as add:
                    for reject in books.rejects(database, account.run):
                        add(Rejected(**reject))
            failed |= account is None or _failed(outcome, account)
    if failed:
        raise typer.Exit(1)


def reading_of(encoding: str, delimiter: str | None) -> Reading:
    """How tables are read, from what stands on the command line. Raises UsageError."""
    return checked(Reading(encoding, delimiter.replace("\\t", "\t") if delimiter else None))


@contextmanager
def _stored(*, bulk: bool) -> "Iterator[Database | None]":
    """The database that a dry run asks; none where there is none yet. Raises ConflictError where bulk has no place."""
    from graphsvc.localdb import server as localdb
    from graphsvc.store import aside
    from graphsvc.store.database import Database

    if settings().neo4j_uri is None and not localdb.made(settings()):
        yield None
        return
    with Database.open(settings()) as database:
        if bulk:
            with database.session() as session:
                session.execute_read(aside.refuse_filled)
        yield database


def _dry(database: "Database | None", loaders: list[Loader], mending: Mending, size: int) -> None:
    from graphsvc.store.rehearsal import Rehearsal
    from loaders.rehearse import rehearse

    bad = False
    rehearsal = Rehearsal(database)
    for loader in loaders:
        with mending.adding(loader) as add, _shown(f"Checking {loader.name}", loader.total_bytes()) as show:
            found = rehearse(loader, rehearsal, size=size, heard=show, refused=add)
        would = found.would
        typer.echo(
            f"{loader.terms.source} {loader.name}, nothing written: read {would.read:,}: would be written "
            f"{would.written:,} (new {would.new:,}), unchanged {would.unchanged:,}, waiting {would.waiting:,}, "
            f"accepted {would.accepted:,}, rejected {would.rejected:,}"
        )
        _tell_notes(found.notes)
        _tell_rejects(found.rejects)
        if would.rejected > len(found.rejects):
            typer.echo(f"all {would.rejected:,} rejects: give --rejects a file", err=True)
        bad |= _failed(found, would)
    if database is None:
        typer.echo(NOTHING_STORED, err=True)
    if bad:
        raise typer.Exit(1)


def _failed(outcome: Outcome, account: "Account | Counts") -> bool:
    """A file can't be read, or nothing could be taken."""
    return bool(outcome.failed) or 0 < account.read == account.rejected


def _tell_notes(notes: list[str]) -> None:
    for note in notes:
        typer.echo(f"note: {note}", err=True)


def _tell_rejects(rejects: list[Rejected]) -> None:
    for reject in rejects:
        line = f", line {reject.line}" if reject.line else ""
        place = "" if reject.reason.startswith(reject.file) else f"{reject.file}{line}: "
        typer.echo(f"rejected: {place}{reject.reason}", err=True)


def _bulk(loaders: list[Loader]) -> list[Outcome]:
    from loaders import bulk

    total = sum(loader.total_bytes() for loader in loaders)
    with _shown("Beginning", total) as show:
        return bulk.load(settings(), loaders, lambda step, progress: show(progress, step))


def _progress() -> "Bar":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import (
        Progress as Bar,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[elements]:,} at {task.fields[rate]:,.0f}/s"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    return Bar(*columns, console=Console(stderr=True), transient=True)


def _run(database: "Database", loader: Loader, size: int) -> Outcome:
    with _shown(f"Loading {loader.name}", loader.total_bytes()) as show:
        return loader.load(database, size=size, heard=show)


@contextmanager
def _shown(what: str, total: int) -> Iterator["Show"]:
    """A bar of so many bytes; what it gives shows how far it is, and at which step where that changes."""
    with _progress() as bar:
        task = bar.add_task(what, total=total, elements=0, rate=0.0)

        def show(progress: Progress, step: str | None = None) -> None:
            elapsed = bar.tasks[task].elapsed or 0.0
            done = progress.counts.read
            rate = done / elapsed if elapsed else 0.0
            bar.update(task, description=step, completed=progress.read, elements=done, rate=rate)

        yield show


def tell(loader: Loader, outcome: Outcome) -> None:
    """The closing account, the first rejects and every remark."""
    account = outcome.account
    if account is None:
        raise UsageError("Nothing was loaded.")
    rate = account.read / account.seconds if account.seconds else 0.0
    typer.echo(
        f"read {account.read:,}: written {account.written:,}, unchanged {account.unchanged:,}, "
        f"waiting {account.waiting:,}, accepted {account.accepted:,}, rejected {account.rejected:,} "
        f"({account.seconds:.1f} s, {rate:,.0f}/s; run {account.run})"
    )
    if outcome.repeated:
        typer.echo("the same input was loaded before and nothing was loaded into the source since", err=True)
    _tell_notes(outcome.notes)
    _tell_rejects(outcome.rejects)
    if account.rejected > len(outcome.rejects):
        typer.echo(f"all {account.rejected:,} rejects: graphsvc runs {account.run} --rejects", err=True)
