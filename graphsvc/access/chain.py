"""The audit's files: lines that each hold the hash of the one before, in segments, under a signed head.

    audit/000000000000.log    one JSON object a line; the name is the number of the first
    audit/000000000000.keys   one key of 32 bytes a line, zeroed when the line's content is lawfully erased
    audit/head                number, hash, segment and size of the last line, signed
    audit/checkpoints         signed heads of the past, to be handed to a witness

A line that the head does not cover was never acknowledged. Written under one lock that all processes share.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from graphsvc.errors import StoreUnavailable
from graphsvc.vault import SIZE, Vault

SEGMENT_BYTES = 64 * 2**20
CHECKPOINT_EVERY = 1_000
HEAD_BYTES = 512
GENESIS = "0" * 64


class Line(msgspec.Struct, frozen=True):
    """One line. ``open`` can be read by whoever holds the file; ``sealed`` only with the line's key."""

    n: int
    at: str
    prev: str
    open: dict[str, Any]
    sealed: str


class Head(msgspec.Struct, frozen=True):
    """The end of the chain at one moment, as a witness keeps it. ``sig`` signs all before it."""

    n: int
    hash: str
    segment: int
    size: int
    at: str
    sig: str = ""

    def signed(self) -> bytes:
        """What the signature covers."""
        return msgspec.json.encode(msgspec.structs.replace(self, sig=""))


class Broken(StoreUnavailable):
    """The audit's files are not as they were left; nothing is answered until somebody has looked."""


class Item(msgspec.Struct):
    """What is to be written: the open part, and the sealed part with its key."""

    open: dict[str, Any]
    key: bytes
    sealed: str


def digest(body: bytes) -> str:
    """Hash of a line without its hash."""
    return hashlib.sha256(body).hexdigest()


def close_line(body: bytes) -> tuple[bytes, str]:
    """The line with its hash, and the hash."""
    hash_ = digest(body)
    return body[:-1] + b',"hash":"' + hash_.encode() + b'"}\n', hash_


TAIL = len(',"hash":""}\n') + 64


def open_line(line: bytes) -> tuple[bytes, str] | None:
    """A line as its body and the hash that it claims; None when it has no such form."""
    body, tail = line[:-TAIL], line[-TAIL:]
    if not tail.startswith(b',"hash":"') or not tail.endswith(b'"}\n'):
        return None
    return body + b"}", tail[9:-3].decode("ascii", "replace")


class Chain:
    """The files of one data folder."""

    def __init__(self, home: Path, vault: Vault, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = home / "audit"
        self._vault = vault
        self._segment_bytes = segment_bytes

    @property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._vault.key("audit signature"))

    @property
    def public(self) -> Ed25519PublicKey:
        """The key by which a witness checks what was handed over."""
        return self._signer.public_key()

    def public_text(self) -> str:
        """The public key as hexadecimal digits."""
        return self.public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def genuine(self, head: Head) -> bool:
        """Whether the head was signed here."""
        try:
            self.public.verify(bytes.fromhex(head.sig), head.signed())
        except (InvalidSignature, ValueError):
            return False
        return True

    # files

    def log(self, segment: int) -> Path:
        """The lines of a segment."""
        return self.folder / f"{segment:012}.log"

    def keys(self, segment: int) -> Path:
        """The keys of a segment."""
        return self.folder / f"{segment:012}.keys"

    def segments(self) -> list[int]:
        """The numbers of the first lines of all segments, ascending."""
        return sorted(int(path.stem) for path in self.folder.glob("*.log") if path.stem.isdigit())

    def head(self) -> Head | None:
        """The signed end; None when nothing was ever written. Raises Broken."""
        try:
            text = (self.folder / "head").read_bytes()
        except FileNotFoundError:
            if self.segments():
                raise Broken("The audit has lost its head; run `graphsvc audit verify`.") from None
            return None
        head = _read_head(text.rstrip(b" \n"))
        if head is None or text != _padded(head):
            raise Broken("The audit's head is damaged; run `graphsvc audit verify`.")
        if not self.genuine(head):
            raise Broken("The audit's head was not signed here; run `graphsvc audit verify`.")
        return head

    def checkpoints(self) -> list[Head | None]:
        """All signed heads of the past; None for one that cannot be read."""
        path = self.folder / "checkpoints"
        return read_heads(path.read_bytes()) if path.exists() else []

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among all threads and processes that write."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    # writing

    def append(self, items: Sequence[Item]) -> Head:
        """Write all items, in order, and make them last. Raises Broken, OSError."""
        with self.locked():
            head = self.head()
            at = datetime.now(UTC).isoformat(timespec="microseconds")
            before = head or Head(-1, GENESIS, 0, 0, at)
            if before.size >= self._segment_bytes:
                before = msgspec.structs.replace(before, segment=before.n + 1, size=0)
            lines, hash_ = self._lines(items, before, at)
            keys = b"".join(item.key for item in items)
            fresh = before.size == 0
            place = (before.n + 1 - before.segment) * SIZE
            with (
                _placed(self.keys(before.segment), place, keys) as one,
                _placed(self.log(before.segment), before.size, lines) as other,
            ):
                os.fdatasync(one)  # both are written by now, so that the second has little left to wait for
                os.fdatasync(other)
            if fresh:
                self._sync_folder()
            after = self.sign(
                Head(before.n + len(items), hash_, before.segment, before.size + len(lines), at)
            )
            self._write_head(after)
            if (before.n + 1) // CHECKPOINT_EVERY != (after.n + 1) // CHECKPOINT_EVERY:
                self.keep_checkpoint(after)
            return after

    def _lines(self, items: Sequence[Item], before: Head, at: str) -> tuple[bytes, str]:
        lines, prev = [], before.hash
        for n, item in enumerate(items, before.n + 1):
            line, prev = close_line(msgspec.json.encode(Line(n, at, prev, item.open, item.sealed)))
            lines.append(line)
        return b"".join(lines), prev

    def _sync_folder(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _write_head(self, head: Head) -> None:
        descriptor = os.open(self.folder / "head", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fresh = os.fstat(descriptor).st_size == 0
            os.pwrite(descriptor, _padded(head), 0)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        if fresh:
            self._sync_folder()

    def sign(self, head: Head) -> Head:
        """The head with its signature."""
        return msgspec.structs.replace(head, sig=self._signer.sign(head.signed()).hex())

    def keep_checkpoint(self, head: Head) -> None:
        """Add a signed head to those of the past."""
        with (self.folder / "checkpoints").open("ab") as file:
            file.write(msgspec.json.encode(head) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def erase_keys(self, numbers: Sequence[int]) -> None:
        """Zero the keys of lines, so that nobody can ever read their sealed parts."""
        with self.locked():
            segments = self.segments()
            for n in numbers:
                segment = max(first for first in segments if first <= n)
                descriptor = os.open(self.keys(segment), os.O_WRONLY)
                try:
                    os.pwrite(descriptor, bytes(SIZE), (n - segment) * SIZE)
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)

    # reading

    def read(self, start: int = 0) -> Iterator[tuple[Line, bytes]]:
        """Acknowledged lines from number ``start``, each with its key."""
        head = self.head()
        if head is None:
            return
        segments = [s for s in self.segments() if s <= head.segment]
        first = max((s for s in segments if s <= start), default=0)
        for segment in (s for s in segments if s >= first):
            yield from self._read_segment(segment, start, head)

    def _read_segment(self, segment: int, start: int, head: Head) -> Iterator[tuple[Line, bytes]]:
        keys = self.keys(segment).read_bytes()
        with self.log(segment).open("rb") as file:
            for raw in file:
                opened = open_line(raw)
                if opened is None:
                    return
                line = msgspec.json.decode(opened[0], type=Line)
                if line.n > head.n:
                    return
                if line.n >= start:
                    place = (line.n - segment) * SIZE
                    yield line, keys[place : place + SIZE]


@contextmanager
def _placed(path: Path, at: int, content: bytes) -> Iterator[int]:
    """The file with the content written at a place, yet to be synced. What lies beyond was never acknowledged; what is
    missing before was cut. Raises Broken, OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size < at:
            raise Broken("The audit was cut; run `graphsvc audit verify`.")
        if size > at:
            os.ftruncate(descriptor, at)
        if os.pwrite(descriptor, content, at) != len(content):
            raise OSError("short write")
        yield descriptor
    finally:
        os.close(descriptor)


def read_heads(text: bytes) -> list[Head | None]:
    """Signed heads from lines of text; None for a line that is none."""
    return [_read_head(row) for row in text.splitlines()]


def _read_head(text: bytes) -> Head | None:
    """A signed head in the one form in which it is written; None for anything else."""
    try:
        head = msgspec.json.decode(text, type=Head)
    except (msgspec.MsgspecError, ValueError):
        return None
    return head if msgspec.json.encode(head) == text and head.sig == head.sig.lower() else None


def _padded(head: Head) -> bytes:
    return msgspec.json.encode(head).ljust(HEAD_BYTES - 1) + b"\n"
