"""``graphsvc agreement``: names under which contributors let each other see records."""

from typing import Annotated

import typer

from graphsvc.commands.audit import written
from graphsvc.errors import UsageError
from graphsvc.model.countries import codes
from graphsvc.settings import settings
from graphsvc.store import agreements
from graphsvc.store.database import Database

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="Name; records allow it as agreement:NAME.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; it is kept, and every member is told.")]


@app.callback()
def agreement() -> None:
    """Agreements by name. A change counts from the next request on, for all records that name the agreement.

    Example: graphsvc agreement set PRUM --member DE --member FR --reason "signed in 2005"
    """


@app.command("set")
def set_(
    name: Name,
    member: Annotated[list[str], typer.Option(help="A country or entity; repeat for more.")],
    reason: Reason,
) -> None:
    """Make an agreement, or give it other members.

    Example: graphsvc agreement set PRUM --member DE --member FR --reason "signed in 2005"
    """
    members = [one.upper() for one in member]
    if unknown := [one for one in members if len(one) == 2 and one not in codes()]:
        raise UsageError(f"{unknown[0]} is no country; write its two letters, such as FR.")
    with Database.open(settings()) as database:
        made = agreements.set_members(database, name, members, by="operator", reason=reason)
    written("agreement", name=name, members=list(made.members))
    typer.echo(f"{made.name}: {', '.join(made.members)}")


@app.command()
def end(name: Name, reason: Reason) -> None:
    """End an agreement: nobody sees anything by it from the next request on. It can be set again.

    Example: graphsvc agreement end PRUM --reason "denounced"
    """
    with Database.open(settings()) as database:
        agreements.set_members(database, name, [], by="operator", reason=reason)
    written("agreement", name=name, members=[])
    typer.echo(f"{name} has no members now.")


@app.command("list")
def list_(
    history: Annotated[
        str | None, typer.Option(help="How this agreement changed, newest first.", show_default=False)
    ] = None,
) -> None:
    """Show all agreements, or how one changed.

    Example: graphsvc agreement list --history PRUM
    """
    with Database.open(settings()) as database:
        if history is None:
            for one in agreements.agreements(database):
                typer.echo(f"{one.name}: {', '.join(one.members) or 'no members'}")
            return
        for row in agreements.history(database, history):
            after = ", ".join(row["after"]) or "no members"
            typer.echo(f"{row['at'][:19]}  {after}  ({row['by']}: {row['reason']})")
