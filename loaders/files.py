"""Opening what people send: plain files, gzip and zip, read as streams and never unpacked to disk."""

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

import msgspec

from graphsvc.errors import UsageError

GROWTH = 200
FREE = 64 * 2**20
"""A packed file may unpack to 64 MiB whatever its size, beyond that to 200 times its size."""

BROKEN = (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, lzma.LZMAError)
"""What a cut or damaged packed file raises while it is read."""

GZIP = b"\x1f\x8b"
TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet")


class Input(msgspec.Struct, frozen=True):
    """One stream of data: a file, or a member of a zip file. ``name`` is what people are told."""

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        """``persons.csv``, or ``all.zip/persons.csv`` for a member."""
        return self.path.name if self.member is None else f"{self.path.name}/{self.member}"

    @property
    def suffix(self) -> str:
        """The last ending before ``.gz``, lower case, which says the format."""
        name = PurePosixPath(self.member or self.path.name)
        return (name.with_suffix("") if name.suffix.lower() == ".gz" else name).suffix.lower()


class Counted(io.RawIOBase):
    """A stream that tells how much was read from it."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int], None]) -> None:
        self._stream = stream
        self._tell = tell

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: object) -> int:
        count = self._stream.readinto(buffer)  # type: ignore[attr-defined]
        self._tell(count)
        return int(count)

    def close(self) -> None:
        self._stream.close()
        super().close()


class Guarded(io.RawIOBase):
    """An unpacking stream that stops at a zip bomb."""

    def __init__(self, stream: IO[bytes], below: BinaryIO, limit: int, name: str) -> None:
        self._stream = stream
        self._below = below
        self._read = cast(io.BufferedIOBase, stream).read1  # what stands before a damage comes out before it
        self._left = limit
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        chunk = self._piece(len(view))
        self._left -= len(chunk)
        if self._left < 0:
            raise UsageError(
                f"{self._name} unpacks to more than {GROWTH} times its size, as a zip bomb does: "
                "unpack it yourself and load what comes out, if you trust it"
            )
        view[: len(chunk)] = chunk
        return len(chunk)

    def _piece(self, length: int) -> bytes:
        try:
            return self._read(length)
        except BROKEN:
            raise
        except OSError as error:
            if error.errno is not None:
                raise
            raise zipfile.BadZipFile(str(error)) from error  # what bzip2 raises has no type of its own

    def close(self) -> None:
        self._stream.close()
        self._below.close()
        super().close()


def broken(source: Input, error: Exception) -> str:
    """One sentence on why a stream could not be read to its end, and what to do."""
    if isinstance(error, BROKEN):
        return f"{source.name} is cut or damaged: send it again"
    if isinstance(error, OSError):
        return f"{source.name} cannot be read ({error.strerror or error}): check the file and the disk"
    return str(error)


def expand(paths: list[Path], suffixes: tuple[str, ...] = TABLES) -> list[Input]:
    """The streams in files, folders and zip files, in the order of their names.

    Raises UsageError for what is not there or holds none.
    """
    found: list[Input] = []
    for path in paths:
        there = within(path, suffixes)
        if not there:
            raise UsageError(
                f"{path} holds nothing to load: it is searched for files that end in {', '.join(suffixes)}, also "
                "packed; save others, such as .xls, as one of these"
            )
        found += there
    return found


def within(path: Path, suffixes: tuple[str, ...] = TABLES) -> list[Input]:
    """The streams in a file, folder or zip file, perhaps none. Raises UsageError for what is not there."""
    if path.is_dir():
        wanted = sorted(part for part in path.iterdir() if _wanted(part.name, suffixes))
        return [found for part in wanted for found in within(part, suffixes)]
    if not path.exists():
        raise UsageError(f"{path} does not exist: give the path of a file, folder or zip file")
    if path.suffix.lower() == ".zip":
        return [Input(path, member) for member in members(path) if _wanted(member, suffixes)]
    return [Input(path)]


def _wanted(name: str, suffixes: tuple[str, ...]) -> bool:
    return name.lower().removesuffix(".gz").endswith((*suffixes, ".zip"))


def members(path: Path) -> list[str]:
    """Names of the files in a zip file. Raises UsageError when it is no zip file."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sorted(item.filename for item in archive.infolist() if not item.is_dir())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UsageError(f"{path.name} is not a whole zip file ({error}): send it again") from error


def open_stream(source: Input, tell: Callable[[int], None] = lambda _: None) -> BinaryIO:
    """The unpacked bytes as a stream. ``tell`` hears how many bytes of the file itself were read."""
    try:
        size = source.path.stat().st_size
        plain: BinaryIO = io.BufferedReader(Counted(source.path.open("rb", buffering=0), tell))
    except OSError as error:
        raise UsageError(
            f"{source.name} cannot be read ({error.strerror}): check the path and the rights"
        ) from error
    limit = max(FREE, size * GROWTH)
    if source.member is not None:
        return io.BufferedReader(Guarded(_member(plain, source), plain, limit, source.name))
    if source.path.suffix.lower() == ".gz":
        return io.BufferedReader(Guarded(_unzipped(plain, source), plain, limit, source.name))
    return plain


def _unzipped(stream: IO[bytes], source: Input) -> IO[bytes]:
    try:
        head = cast(io.BufferedReader, stream).peek(2)[:2]
    except BROKEN as error:
        raise UsageError(broken(source, error)) from error
    if head and head != GZIP:
        raise UsageError(
            f"{source.name} is not packed with gzip, as its name says: rename it, or send it again"
        )
    return cast(IO[bytes], gzip.GzipFile(fileobj=cast(BinaryIO, stream)))


def _member(plain: BinaryIO, source: Input) -> IO[bytes]:
    if source.suffix == ".zip":
        raise UsageError(f"{source.name} is packed twice, a zip file within another: unpack it once")
    try:
        stream = zipfile.ZipFile(plain).open(source.member or "")  # noqa: SIM115
    except KeyError:
        raise UsageError(f"{source.path.name} holds no file named {source.member}") from None
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UsageError(f"{source.name} cannot be unpacked ({error}): send it again") from error
    except RuntimeError as error:
        raise UsageError(f"{source.name} is encrypted: unpack it yourself and load what comes out") from error
    packed = source.suffix != Path(source.member or "").suffix.lower()
    return _unzipped(stream, source) if packed else stream


def size(source: Input) -> int:
    """Bytes to be read for this stream, for progress."""
    if source.member is None:
        return source.path.stat().st_size
    with zipfile.ZipFile(source.path) as archive:
        return archive.getinfo(source.member).compress_size


def chunks(stream: BinaryIO, length: int = 1 << 20) -> Iterator[bytes]:
    """The stream in pieces."""
    while piece := stream.read(length):
        yield piece


def check_growth(source: Input, stream: IO[bytes]) -> None:
    """Raises UsageError when what a zip file says of its members is what a zip bomb says; rewinds the stream."""
    stream.seek(0, 2)
    limit = max(FREE, stream.tell() * GROWTH)
    try:
        total = sum(item.file_size for item in zipfile.ZipFile(stream).infolist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UsageError(f"{source.name} is cut or damaged ({error}): send it again") from error
    if total > limit:
        raise UsageError(
            f"{source.name} unpacks to {total:,} bytes, as a zip bomb does: send it in smaller pieces"
        )
    stream.seek(0)
