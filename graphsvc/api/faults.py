"""What a caller is told when something fails: our errors as they are, GraphQL's own, and nothing else."""

import secrets
import traceback
from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from graphsvc.errors import (
    AccessError,
    Cancelled,
    Error,
    LimitError,
    StoreTimeout,
    StoreUnavailable,
    TokenError,
    UsageError,
)

log = structlog.get_logger("graphsvc.api")

STATUS: tuple[tuple[type[Error], int], ...] = (
    (TokenError, 401),
    (AccessError, 403),
    (LimitError, 400),
    (StoreUnavailable, 503),
    (StoreTimeout, 504),
    (UsageError, 400),
    (Cancelled, 499),
)


NO_OPERATION = (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError)
"""What Strawberry raises when a text holds no operation, not the one named, or one that is not for here."""


def status_of(error: Error) -> int:
    """The HTTP status of a request that failed as a whole."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def described(error: Error) -> dict[str, Any]:
    """One of our errors, in the shape of a GraphQL error."""
    return {"message": str(error), "extensions": {"code": error.code}}


def make_safe(errors: list[GraphQLError]) -> None:
    """Replace GraphQL errors, in place, with what callers may see of them, each with its code."""
    errors[:] = [_safe(error) for error in errors]


def _safe(error: GraphQLError) -> GraphQLError:
    cause = origin(error)
    if isinstance(cause, GraphQLError) and "code" in (cause.extensions or {}):
        return cause
    if isinstance(cause, Error):
        told = described(cause)
    elif isinstance(cause, NO_OPERATION):
        told = described(UsageError("The text must hold one operation that can be asked here."))
    elif isinstance(cause, GraphQLError):
        told = {"message": cause.message, "extensions": {"code": UsageError.code}}
    else:
        told = masked(cause)
    return GraphQLError(
        told["message"], error.nodes, error.source, error.positions, error.path, extensions=told["extensions"]
    )


def origin(error: GraphQLError) -> BaseException:
    """The exception at the bottom of a GraphQL error, itself when there is none."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def masked(error: BaseException) -> dict[str, Any]:
    """An error that nobody planned: logged by its type and place, never by its text, which may name someone."""
    reference = secrets.token_hex(4)
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
    log.error("unexpected", reference=reference, type=type(error).__name__, places=places)
    message = f"Something went wrong here; tell your operator the reference {reference}."
    return {"message": message, "extensions": {"code": Error.code, "reference": reference}}
