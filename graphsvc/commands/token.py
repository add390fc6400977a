"""``graphsvc token``: sign a token for a caller with the key of this data folder."""

import time
from typing import Annotated

import typer

from graphsvc.errors import SetupError, UsageError
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

NCB = Annotated[str, typer.Option(help="The contributor for whom they ask: a country such as FR, or IPSG.")]
LEVEL = Annotated[str, typer.Option(help="Highest confidentiality: OFFICIAL, RESTRICTED or CONFIDENTIAL.")]
ROLES = Annotated[
    list[str] | None, typer.Option("--role", help="A role, such as compliance; repeat for more.")
]
UNITS = Annotated[list[str] | None, typer.Option("--unit", help="A unit or case team; repeat for more.")]


@app.command()
def token(
    ncb: NCB,
    purpose: Annotated[
        list[str], typer.Option(help=f"What they may ask for; repeat for more: {', '.join(Purpose)}.")
    ],
    level: LEVEL = Level.OFFICIAL.name,
    subject: Annotated[str, typer.Option(help="The person or program that asks.")] = "operator",
    role: ROLES = None,
    unit: UNITS = None,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 366, help="How long it is valid.")] = 8.0,
) -> None:
    """Sign a token and print it alone on a line, to be sent as `Authorization: Bearer …`.

    Every request also says why it is made, in the header Graphsvc-Purpose, unless the token allows one purpose only;
    and for INVESTIGATE, ARREST and FORENSIC which case it serves, in the header Graphsvc-Case.

    Example: graphsvc token --ncb FR --level CONFIDENTIAL --purpose INVESTIGATE --hours 8
    """
    from graphsvc.access.tokens import Claims, issue

    now = settings()
    if now.token_keys is not None:
        raise SetupError("GRAPHSVC_TOKEN_KEYS names another issuer, which alone can sign tokens.")
    purposes = tuple(read_purpose(name) for name in purpose)
    claims = Claims(
        sub=subject,
        ncb=ncb.upper(),
        exp=time.time() + hours * 3600,
        level=read_level(level).name,
        purposes=purposes,
        roles=tuple(role or ()),
        units=tuple(unit or ()),
    )
    typer.echo(issue(now, claims))


def read_purpose(name: str) -> Purpose:
    """A purpose by its name in any case. Raises UsageError."""
    try:
        return Purpose(name.upper())
    except ValueError:
        raise UsageError(f"There is no purpose {name}; choose from {', '.join(Purpose)}.") from None


def read_level(name: str) -> Level:
    """A level by its name in any case. Raises UsageError."""
    try:
        return Level[name.upper()]
    except KeyError:
        raise UsageError(f"There is no level {name}; choose from {', '.join(Level.__members__)}.") from None
