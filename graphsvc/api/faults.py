"""What a caller is told when something fails: our errors as they are, GraphQL's own, and nothing else."""

import secrets
import traceback
from collections.abc import Iterable
from typing import Any

import structlog
from graphql import GraphQLError

from graphsvc.errors import (
    AccessError,
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
)


def status_of(error: Error) -> int:
    """The HTTP status of a request that failed as a whole."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def described(error: Error) -> dict[str, Any]:
    """One of our errors, in the shape of a GraphQL error."""
    return {"message": str(error), "extensions": {"code": error.code}}


def formatted(errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    """GraphQL errors as callers may see them, each with its code."""
    return [_formatted(error) for error in errors]


def _formatted(error: GraphQLError) -> dict[str, Any]:
    cause = origin(error)
    shape: dict[str, Any] = {}
    if error.locations:
        shape["locations"] = [location.formatted for location in error.locations]
    if error.path:
        shape["path"] = list(error.path)
    if isinstance(cause, Error):
        return described(cause) | shape
    if isinstance(cause, GraphQLError):
        return {"message": cause.message, "extensions": {"code": UsageError.code}} | shape
    return masked(cause) | shape


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
