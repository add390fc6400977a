"""``graphsvc audit``: prove the audit, hand a checkpoint to a witness, see who received a record, erase lawfully."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from graphsvc.access.audit import Auditor, entry
from graphsvc.access.audit_index import SubjectIndex
from graphsvc.access.caller import Caller
from graphsvc.access.chain import read_heads
from graphsvc.access.verify import verify as verify_chain
from graphsvc.errors import UsageError
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Record = Annotated[str, typer.Argument(help="Id of the record, as source:local.", show_default=False)]


def operator() -> Caller:
    """The one at this machine's keyboard, for the audit."""
    return Caller("operator", "IPSG", Level.CONFIDENTIAL, Purpose.COMPLIANCE, roles=frozenset({"compliance"}))


@app.callback()
def audit() -> None:
    """Prove the audit and use it. It stands in the data folder, beside the keys that open it.

    Example: graphsvc audit verify --witness kept-elsewhere.txt
    """


@app.command()
def verify(
    witness: Annotated[
        list[Path] | None,
        typer.Option(help="File of checkpoints that a witness kept; repeat for more.", show_default=False),
    ] = None,
) -> None:
    """Look for any edit, deletion, reordering or cut; exit status 1 when there is one.

    What the service itself can't show, that everything was put back to an earlier state, is shown by a witness.

    Example: graphsvc audit verify --witness kept-elsewhere.txt
    """
    auditor = Auditor(settings())
    heads = [head for path in witness or [] for head in read_heads(_read(path))]
    verdict = verify_chain(auditor.chain, auditor.seals, heads)
    typer.echo(
        f"{verdict.lines:,} entries, {verdict.erased:,} of them lawfully erased, "
        f"{verdict.checkpoints:,} checkpoints; public key {auditor.chain.public_text()}"
    )
    for finding in verdict.findings:
        typer.echo(f"found: {finding}", err=True)
    if verdict.findings:
        raise typer.Exit(1)
    typer.echo("The audit is whole.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


@app.command()
def checkpoint() -> None:
    """Print the signed end of the audit, one line, for a witness to keep elsewhere.

    Example: graphsvc audit checkpoint >> /mnt/witness/graphsvc.txt
    """
    chain = Auditor(settings()).chain
    with chain.locked():
        head = chain.head()
        if head is None:
            raise UsageError("Nothing has been asked yet, so there is nothing to sign.")
        chain.keep_checkpoint(head)
    typer.echo(msgspec.json.encode(head).decode())


@app.command()
def who(
    record: Record, last: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 100
) -> None:
    """Show who received a record, when and why, as JSON lines.

    Example: graphsvc audit who fr-nominal:p-17
    """
    for given in SubjectIndex(Auditor(settings())).given(record, last=last):
        fields = ("who", "ncb", "purpose", "case", "operation")
        told = {name: getattr(given.entry, name) for name in fields}
        sys.stdout.write(msgspec.json.encode({"n": given.n, "at": given.at, **told}).decode() + "\n")
    written("audit.who")


@app.command()
def erase(
    record: Record,
    reason: Annotated[str, typer.Option(help="Why it is lawful; kept in the audit.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Destroy the keys of all entries that returned a record: nobody can read what was asked or returned there again.

    Who asked, when and why stays, and so does the proof that nothing else was changed.

    Example: graphsvc audit erase fr-nominal:p-17 --reason "subject request 2026/17" --yes
    """
    index = SubjectIndex(Auditor(settings()))
    count = len(index.entries(record))
    if count and not yes:
        typer.confirm(f"The contents of {count} entries will be lost for ever. Go on?", abort=True)
    typer.echo(f"{len(index.erase(operator(), record, reason))} entries erased.")


def written(operation: str, **about: object) -> None:
    """Have the audit know what the operator did."""
    auditor = Auditor(settings())
    auditor.write_now(entry(operator(), operation, "answered", about=about))
    auditor.close()
