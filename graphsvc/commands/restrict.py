"""``graphsvc restrict``: an owner narrows, opens, withdraws or takes back, as the API's ``changeHandling`` does."""

from typing import Annotated

import typer

from graphsvc.commands.audit import written
from graphsvc.errors import UsageError
from graphsvc.model.narrowing import Terms
from graphsvc.settings import settings
from graphsvc.store.database import Database
from graphsvc.store.decisions import Decider, Decision, Op, Order, decide, decisions, release
from graphsvc.store.sight import known_to

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Ids = Annotated[list[str], typer.Argument(help="Records and links, as source:local.", show_default=False)]
Owner = Annotated[str, typer.Option(help="Whose records they are; nobody else's are touched.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
Many = Annotated[
    list[str] | None,
    typer.Option(
        help="A country, entity, region:NAME or agreement:NAME; repeat for more.", show_default=False
    ),
]


@app.callback()
def restrict() -> None:
    """Who may see records, changed for a reason and in force from the next request on, until it is taken back.

    Later loads of the owner's file do not undo it.

    Example: graphsvc restrict only fr-nominal:p-17 --owner FR --to DE --reason "case 2024/17 is sealed"
    """


@app.command()
def deny(ids: Ids, owner: Owner, reason: Reason, to: Many = None) -> None:
    """Hide records from some countries, regions or agreements.

    Example: graphsvc restrict deny fr-nominal:p-17 --owner FR --to region:AMERICAS --reason "asked by the court"
    """
    _decide(Op.RESTRICT, ids, owner, reason, Terms(deny=_terms(to)))


@app.command()
def only(ids: Ids, owner: Owner, reason: Reason, to: Many = None) -> None:
    """Leave records to some alone; without --to, to their owner.

    Example: graphsvc restrict only fr-nominal:p-17 --owner FR --to DE --reason "case 2024/17 is sealed"
    """
    _decide(Op.RESTRICT, ids, owner, reason, Terms(only=tuple(to or ())))


@app.command()
def widen(ids: Ids, owner: Owner, reason: Reason, to: Many = None) -> None:
    """Open records to some more.

    Example: graphsvc restrict widen fr-nominal:p-17 --owner FR --to ES --reason "request 2024/31"
    """
    _decide(Op.WIDEN, ids, owner, reason, Terms(also=_terms(to)))


@app.command()
def withdraw(ids: Ids, owner: Owner, reason: Reason) -> None:
    """Take records back from everybody. Until the next purge they can be released; after it they are gone for good.

    Example: graphsvc restrict withdraw fr-nominal:p-17 --owner FR --reason "wrong person"
    """
    _decide(Op.WITHDRAW, ids, owner, reason, Terms())


@app.command("release")
def release_(
    decision: Annotated[str, typer.Argument(help="Id of the decision.", show_default=False)],
    owner: Owner,
    reason: Reason,
) -> None:
    """Take a decision back: what it changed comes back as it was.

    Example: graphsvc restrict release restrict-20240301-1a2b3c4d --owner FR --reason "the case was closed"
    """
    with Database.open(settings()) as database:
        made = release(
            database,
            decision,
            Decider("operator", owner, owner),
            reason,
            ops=frozenset({Op.RESTRICT, Op.WIDEN, Op.WITHDRAW, Op.EXPIRE}),
        )
    written("release", decision=made.id, owner=owner)
    typer.echo(f"{made.id} is released: {_count(made)}.")


@app.command("list")
def list_(
    owner: Annotated[str | None, typer.Option(help="Of one owner only.", show_default=False)] = None,
    about: Annotated[str | None, typer.Option(help="About one record or link.", show_default=False)] = None,
    released: Annotated[bool, typer.Option("--released", help="Also those taken back.")] = False,
) -> None:
    """Show decisions, newest first.

    Example: graphsvc restrict list --about fr-nominal:p-17
    """
    with Database.open(settings()) as database:
        state = None if released else "in force"
        for one in decisions(database, owner=owner, element=about, state=state):
            typer.echo(
                f"{one.id}  {one.op}  {one.owner}  {one.state}  {_count(one)}  ({one.by}: {one.reason})"
            )


def _terms(given: list[str] | None) -> tuple[str, ...]:
    if not given:
        raise UsageError("Say to whom with --to, such as --to DE, --to region:EUROPE or --to agreement:PRUM.")
    return tuple(given)


def _decide(op: Op, ids: list[str], owner: str, reason: str, terms: Terms) -> None:
    with Database.open(settings()) as database:
        decider = Decider("operator", owner, owner, held=known_to(database, owner))
        made = decide(database, Order(op, terms, tuple(ids), reason), decider)
    written(op, decision=made.id, owner=owner)
    typer.echo(f"{made.id}: {_count(made)}; in force from the next request on.")


def _count(decision: Decision) -> str:
    return f"{len(decision.nodes)} records, {len(decision.links)} links"
