"""Every error that graphsvc raises on purpose.

Error
├── UsageError            BAD_INPUT        what was asked cannot be, and what to do
│   └── RowError          BAD_ROW          one row of a file, with file and line; the rest goes on
├── NotFound              NOT_FOUND        no such thing, or none that the caller may see (never told apart)
├── AccessError           FORBIDDEN        the caller may not do this at all
│   └── TokenError        UNAUTHENTICATED  no valid token
├── LimitError            LIMIT            the question is larger than one question may be
├── ConflictError         CONFLICT         another writer or a later version came first
├── StoreError            STORE            the database refused or failed
│   ├── StoreUnavailable  UNAVAILABLE      it cannot be reached, or is not ours
│   ├── StoreTimeout      TIMEOUT          it took longer than a question may
│   └── OutcomeUnknown    OUTCOME_UNKNOWN  the connection was lost during a commit
├── Cancelled             CANCELLED        the one who asked went away
└── SetupError            SETUP            something is missing on this machine, and what brings it
"""

from typing import ClassVar


class Error(Exception):
    """Base of the tree. ``code`` is part of the API; the text is one sentence that says what to do."""

    code: ClassVar[str] = "INTERNAL"


class UsageError(Error):
    """What was asked cannot be done as it was asked."""

    code = "BAD_INPUT"


class RowError(UsageError):
    """One row or record of an input file is refused; ``field`` names the column where one is to blame."""

    code = "BAD_ROW"

    def __init__(self, reason: str, *, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class NotFound(Error):
    """Absent and hidden look the same."""

    code = "NOT_FOUND"


class AccessError(Error):
    """The caller is known, and may not do this."""

    code = "FORBIDDEN"


class TokenError(AccessError):
    """No token, or one that is not valid here and now."""

    code = "UNAUTHENTICATED"


class LimitError(Error):
    """Larger than one question may be."""

    code = "LIMIT"


class ConflictError(Error):
    """Another writer came first."""

    code = "CONFLICT"


class StoreError(Error):
    """The database refused or failed; the driver's error is the cause and is never shown to callers."""

    code = "STORE"


class StoreUnavailable(StoreError):
    """The database cannot be reached, or is not the one that it should be."""

    code = "UNAVAILABLE"


class StoreTimeout(StoreError):
    """The database took longer than the question may."""

    code = "TIMEOUT"


class OutcomeUnknown(StoreError):
    """The connection was lost during a commit; read the ledger before trying again."""

    code = "OUTCOME_UNKNOWN"


class Cancelled(Error):
    """The one who asked went away."""

    code = "CANCELLED"


class SetupError(Error):
    """Something that this machine needs is missing; the text names the package that brings it."""

    code = "SETUP"
