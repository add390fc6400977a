"""What an entry of the audit keeps to itself: arguments and returned ids, under a key of its own."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from graphsvc.vault import SIZE, Vault

ERASED = bytes(SIZE)
NONCE = bytes(12)  # each key seals one text only


class Sealed(msgspec.Struct, frozen=True):
    """``returned`` are ids of records and links; ``digest`` is the SHA-256 of the answer as it was sent."""

    arguments: Any = None
    returned: tuple[str, ...] = ()
    digest: str = ""


class Unreadable(ValueError):
    """The text does not open with its key."""


class Seals:
    """Seals and opens. The key beside a line opens it only together with the secret of the data folder."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, content: Sealed) -> tuple[bytes, str]:
        """A fresh key, and the sealed text."""
        key = secrets.token_bytes(SIZE)
        text = AESGCM(self._whole(key)).encrypt(NONCE, msgspec.msgpack.encode(content), None)
        return key, b64encode(text).decode()

    def open(self, key: bytes, sealed: str) -> Sealed:
        """What was sealed. Raises Unreadable."""
        try:
            text = AESGCM(self._whole(key)).decrypt(NONCE, b64decode(sealed, validate=True), None)
            return msgspec.msgpack.decode(text, type=Sealed)
        except (InvalidTag, ValueError, msgspec.MsgspecError):
            raise Unreadable from None

    def _whole(self, key: bytes) -> bytes:
        return hmac.digest(self._vault.key("audit content"), key, hashlib.sha256)

    def tag(self, id: str) -> bytes:
        """What stands for a record in the index: the same for the same id, and no way back without the secret."""
        return hmac.digest(self._vault.key("audit index"), id.encode(), hashlib.sha256)[:16]
