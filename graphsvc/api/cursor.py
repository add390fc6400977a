"""Keyset cursors: the sort key of the last element of a page, bound to the question that it came from.

A cursor holds nothing but what its caller has already seen, and can only move the start of the next page within
what the caller may see, so it needs no secret.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeVar

import msgspec

from graphsvc.errors import UsageError

T = TypeVar("T")


def question(*parts: object) -> str:
    """A short name of a question, the same for the same arguments."""
    return hashlib.blake2b(msgspec.json.encode(parts, order="deterministic"), digest_size=9).hexdigest()


def write(asked: str, position: object) -> str:
    """The cursor of a position in the answer to a question."""
    return urlsafe_b64encode(msgspec.msgpack.encode((asked, position))).rstrip(b"=").decode()


def read(asked: str, cursor: str | None, position: type[T]) -> T | None:
    """The position, None for the first page. Raises UsageError for a cursor of another question."""
    if cursor is None:
        return None
    try:
        packed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        of, found = msgspec.msgpack.decode(packed, type=tuple[str, Any])
        if of == asked:
            return msgspec.convert(found, position)
    except (ValueError, msgspec.MsgspecError):
        pass
    raise UsageError("This cursor belongs to another question; ask for the first page again.")
