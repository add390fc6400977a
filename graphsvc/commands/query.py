"""``graphsvc query``: ask a question in a file, without a server."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from graphsvc.commands.token import LEVEL, NCB, ROLES, UNITS, read_level, read_purpose
from graphsvc.errors import UsageError
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings, settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def query(
    file: Annotated[Path, typer.Argument(help="A file with one GraphQL question; - reads standard input.")],
    ncb: NCB,
    purpose: Annotated[
        str, typer.Option(help=f"Why it is asked: {', '.join(Purpose)}.")
    ] = Purpose.TRENDS.value,
    case: Annotated[str, typer.Option(help="Reference of the case that it serves.")] = "",
    level: LEVEL = Level.OFFICIAL.name,
    role: ROLES = None,
    unit: UNITS = None,
    variables: Annotated[str, typer.Option(help="Variables as JSON.")] = "{}",
) -> None:
    """Ask a question and print the answer as JSON; exit status 1 when it holds errors.

    Example: graphsvc query question.graphql --ncb FR --purpose INVESTIGATE --case 2024/17 --level RESTRICTED
    """
    from graphsvc.access.caller import Caller, check_purpose

    wanted = read_purpose(purpose)
    check_purpose(wanted, case, (wanted,))
    caller = Caller(
        "operator", ncb.upper(), read_level(level), wanted, case, frozenset(role or ()), frozenset(unit or ())
    )
    answer = asyncio.run(ask(settings(), caller, _text(file), _variables(variables)))
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n")
    if "errors" in answer:
        raise typer.Exit(1)


async def ask(now: Settings, caller: Any, text: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The answer to a question, through the same schema and the same door as the API."""
    from graphsvc.access.view import Door
    from graphsvc.api.accounting import ANSWERED, Asked, account
    from graphsvc.api.context import Context
    from graphsvc.api.limits import Limits
    from graphsvc.api.schema import make_schema

    door = await Door.open(now)
    try:
        context = Context(caller, door, Limits.of(now))
        result = await make_schema().execute(text, variable_values=variables, context_value=context)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        outcome = ",".join(sorted({error["extensions"]["code"] for error in answer.get("errors", ())}))
        body = msgspec.json.encode(answer)
        asked = Asked(text, variables)
        await account(door.office, caller, context.scope(), context.given, asked, outcome or ANSWERED, body)
    finally:
        await door.close()
    return answer


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None


def _variables(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise UsageError('The variables must be a JSON object, such as {"id": "fr-file:p-17"}.') from None
