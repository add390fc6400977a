"""The one secret of a data folder, and the keys that are worked out from it, each for one use."""

import os
import secrets
import threading
from functools import cache, cached_property
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from graphsvc.errors import SetupError

SIZE = 32


class Vault:
    """Keys from ``<folder>/master``, which is made on first use and readable by its owner alone.

    Whoever loses the file can neither read what was sealed nor know again what was hashed with it: keep a copy apart.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "master"

    @cached_property
    def _master(self) -> bytes:
        return _master(self._path)

    def key(self, use: str) -> bytes:
        """The key of 32 bytes for one use. Raises SetupError when the file is no secret of ours."""
        return _derived(self._master, use)


def _master(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_new(path, secrets.token_bytes(SIZE))
    found = path.read_bytes()
    if len(found) != SIZE:
        raise SetupError(f"{path} is damaged; put back the copy that was kept of it.")
    return found


@cache
def _derived(master: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=f"graphsvc {use}".encode()).derive(master)


def write_new(path: Path, content: bytes) -> None:
    """Put a private file there whole, unless another process was first."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
