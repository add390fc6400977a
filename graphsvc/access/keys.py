"""The public keys by which tokens are checked: a set made in the data folder, or one from a file or an address."""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from graphsvc.errors import SetupError, StoreUnavailable

ALGORITHM = "ES256"
SIZE_LIMIT = 1_000_000
REFRESH_SECONDS = 600.0
RETRY_SECONDS = 30.0


def signing_key(folder: Path) -> ECKey:
    """The private key of this data folder, made on first use and readable by its owner alone."""
    path = folder / "signing.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_new(path, ECKey.generate_key("P-256", parameters={"use": "sig"}, auto_kid=True))
    return ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))


def _write_new(path: Path, key: ECKey) -> None:
    """Put the key there whole, unless another process was first."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(key.as_dict(private=True), file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def read_key_set(location: str) -> KeySet:
    """A JSON Web Key Set from a file or an ``https`` address (``http`` on the loopback)."""
    try:
        text = _download(location) if "://" in location else Path(location).read_bytes()
        return KeySet.import_key_set(json.loads(text))
    except (OSError, URLError) as error:
        raise StoreUnavailable(
            f"The key set {location} cannot be read; check GRAPHSVC_TOKEN_KEYS."
        ) from error
    except (ValueError, KeyError, TypeError, JoseError) as error:
        raise SetupError(f"{location} is not a JSON Web Key Set; check GRAPHSVC_TOKEN_KEYS.") from error


def _download(address: str) -> bytes:
    if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise SetupError(f"The key set {address} must be a file or an https address.")
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310 - checked above
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        text: bytes = answer.read(SIZE_LIMIT + 1)
    if len(text) > SIZE_LIMIT:
        raise ValueError("too large")
    return text


class Keys:
    """A key set that is read again when it grows old, and when a token names a key that it does not hold.

    The last good set is kept while its source cannot be read. Reading blocks, so call from a thread.
    """

    def __init__(self, read: Callable[[], KeySet], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._held: KeySet | None = None
        self._tried = float("-inf")

    def current(self, kid: str | None) -> KeySet:
        """The set to check a token with that names ``kid``."""
        with self._lock:
            if self._held is None or self._due(self._held, kid):
                self._refresh()
            assert self._held is not None
            return self._held

    def _due(self, held: KeySet, kid: str | None) -> bool:
        age = self._clock() - self._tried
        known = kid is not None and any(key.kid == kid for key in held.keys)
        return age >= REFRESH_SECONDS or (not known and age >= RETRY_SECONDS)

    def _refresh(self) -> None:
        self._tried = self._clock()
        try:
            self._held = self._read()
        except (StoreUnavailable, SetupError):
            if self._held is None:
                raise


def local_keys(folder: Path) -> Keys:
    """The set of one key that this data folder signs with."""
    return Keys(lambda: KeySet([ECKey.import_key(signing_key(folder).as_dict(private=False))]))


def keys_at(location: str) -> Keys:
    """The set that another issuer publishes."""
    return Keys(lambda: read_key_set(location))
