"""Every error of the driver, as one of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j import exceptions as neo

from graphsvc.errors import Error, OutcomeUnknown, StoreError, StoreTimeout, StoreUnavailable

MEMORY = ("OutOfMemory", "MemoryLimitExceeded")
TIMEOUT = ("TransactionTimedOut", "TransactionTerminated", "LockClientStopped")


class StoreMemory(StoreError):
    """The transaction was larger than the database's memory allows; a smaller batch may pass."""


def translate(error: Exception) -> Error:
    """The error of ours that an error of the driver means. The driver's own text never leaves through it."""
    match error:
        case neo.IncompleteCommit():
            return OutcomeUnknown("The connection to the database was lost during a commit.")
        case neo.AuthError():
            return StoreUnavailable("The database refused the password; check GRAPHSVC_NEO4J_PASSWORD.")
        case neo.ServiceUnavailable() | neo.SessionExpired():
            return StoreUnavailable("The database cannot be reached; run `graphsvc db status`.")
        case neo.Neo4jError() if any(word in (error.code or "") for word in MEMORY):
            return StoreMemory("The database ran out of memory for this transaction.")
        case neo.Neo4jError() if any(word in (error.code or "") for word in TIMEOUT):
            return StoreTimeout("The database took longer than one question may.")
        case neo.Neo4jError() | neo.DriverError():
            return StoreError("The database refused a statement; see the server's log.")
        case _:
            return StoreError("The database failed.")


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors for the driver's in the block; the driver's stays as the cause."""
    try:
        yield
    except (neo.Neo4jError, neo.DriverError) as error:
        raise translate(error) from error
