"""Text out of bytes, line by line, so that one broken line costs itself and not the file."""

import codecs
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, cast

from graphsvc.errors import UsageError

LONGEST = 8 * 2**20
"""Characters in one physical line."""

PIECE = 1 << 16
"""Bytes that are read at once."""
HEAD = 256
"""Bytes at the beginning that say what a file is."""

MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

NO_TEXT: tuple[tuple[bytes, str], ...] = (
    (
        b"PK\x03\x04",
        "a zip file or a spreadsheet: let its name end in .zip or .xlsx, or unpack it if it is packed twice",
    ),
    (b"\x1f\x8b", "packed with gzip: let its name end in .gz, or unpack it if it is packed twice"),
    (b"\xfd7zXZ", "packed with xz: unpack it, or pack it with gzip"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet: save it as XLSX or CSV"),
    (b"PAR1", "a Parquet file: let its name end in .parquet"),
)
"""First bytes of what people send under a name of text."""

UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
LOST = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


NO_FILES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
"""What Python calls encodings and no file is written in."""


def known_encoding(name: str) -> str:
    """The encoding, when Python knows it as one of text. Raises UsageError."""
    try:
        found = codecs.lookup(name).name
        "x".encode(found)
    except (LookupError, UnicodeError, ValueError):
        found = ""
    if not found or found.replace("_", "-") in NO_FILES:
        raise UsageError(f"{name!r} is not an encoding: give one such as utf-8, latin-1, cp1252 or utf-16")
    return found


def unmarked(encoding: str, head: bytes) -> str:
    """UTF-16 and UTF-32 without a byte order mark, by where the zeros of plain signs stand."""
    if encoding not in ("utf-16", "utf-32"):
        return encoding
    width = int(encoding[-2:]) // 8
    big = head[::width].count(0) > head[width - 1 :: width].count(0)
    return f"{encoding}-{'be' if big else 'le'}"


def why_unwanted(sign: str, encoding: str) -> str:
    """One sentence on a character that no value may hold, and what to do."""
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:
        return (
            f"byte 0x{code - 0xDC00:02X} is not {encoding.upper()} text: "
            "give the file's own encoding, such as --encoding latin-1 or cp1252"
        )
    if 0xD800 <= code <= 0xDFFF:
        return f"holds half of a character (lone surrogate U+{code:04X}): export the file again as UTF-8"
    if code == 0xFFFD:
        return f"holds bytes that are not {encoding.upper()} text: send the file again"
    if code == 0:
        return "holds a NUL character: remove it, or give the file's own encoding, such as --encoding utf-16"
    if code >= 0x2000:
        return (
            f"holds a character that turns the reading direction (U+{code:04X}), as forgeries do: remove it"
        )
    if code >= 0x80:
        return (
            f"holds a control character (U+{code:04X}), as cp1252 text does that is read as latin-1: "
            "give --encoding cp1252 if that is what the file is in, or remove it"
        )
    return f"holds a control character (U+{code:04X}): remove it"


class Lines:
    """Decoded lines of a stream. Those handed out since ``begin`` can be given back, all but the first.

    ``number`` is the line handed out last, ``bad`` the first unwanted character since ``begin``.
    """

    def __init__(self, stream: BinaryIO, encoding: str, name: str) -> None:
        raw = io.BufferedReader(stream) if isinstance(stream, io.RawIOBase) else stream
        head = raw.peek(HEAD)[:HEAD] if isinstance(raw, io.BufferedReader) else b""
        for mark, what in NO_TEXT:
            if head.startswith(mark):
                raise UsageError(f"{name} is {what}")
        marked = next((code for mark, code in MARKS if head.startswith(mark)), None)
        self.encoding = marked or unmarked(known_encoding(encoding), head)
        wide = self.encoding.startswith(("utf-16", "utf-32"))
        self._pattern = LOST if wide else UNWANTED
        errors = "replace" if wide else "surrogateescape"
        self._raw = cast(io.BufferedIOBase, raw)
        self._decoder = codecs.getincrementaldecoder(self.encoding)(errors)
        self._over = False
        self._rest = ""
        self._ready: deque[str] = deque()
        self._name = name
        self._back: deque[str] = deque()
        self._kept: list[str] = []
        self._ended: Exception | None = None
        self.number = 0
        self.first = 1
        self.bad: str | None = None

    def begin(self) -> None:
        """A new record starts with the next line."""
        self._kept.clear()
        self.bad = None
        self.first = self.number + 1

    def give_back(self) -> None:
        """Hand the lines since ``begin`` out again, all but the first, which is lost."""
        self._back.extendleft(reversed(self._kept[1:]))
        self.number = self.first

    @property
    def reason(self) -> str | None:
        """Why the lines since ``begin`` can't be taken, or nothing."""
        return None if self.bad is None else why_unwanted(self.bad, self.encoding.removesuffix("-sig"))

    def ahead(self, count: int) -> int:
        """Read so many lines ahead; how many there are. Whatever ends the stream is raised after the last of them."""
        try:
            while (missing := count - len(self._back)) > 0:
                if not self._ready:
                    self._fill()
                if missing >= len(self._ready):
                    self._back.extend(self._ready)
                    self._ready.clear()
                else:
                    self._back.extend(self._ready.popleft() for _ in range(missing))
        except StopIteration:
            pass
        except Exception as error:
            self._ended = error
        return len(self._back)

    def holds(self, sign: str) -> bool:
        """Whether one of the lines that were read ahead holds the sign."""
        return any(sign in line for line in self._back)

    def plain(self) -> list[str] | None:
        """The lines that were read ahead without their ends, unless a quote or an unwanted character is among them."""
        text = "".join(self._back).replace("\r\n", "\n")
        if '"' in text or "\r" in text:
            return None
        lines = text.removesuffix("\n").split("\n")
        fine = all(map(str.isprintable, lines)) or not self._pattern.search(text)
        return lines if fine else None

    def drop(self) -> None:
        """Pass over the lines that were read ahead."""
        self.number += len(self._back)
        self._back.clear()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._read()
        self.number += 1
        self._kept.append(line)
        if self.bad is None and (found := self._pattern.search(line)):
            self.bad = found.group()
        return line

    def piece(self) -> str:
        """The next characters, whatever lines they are on; none at the end."""
        while not self._over:
            raw = self._raw.read1(PIECE)
            self._over = not raw
            try:
                if text := self._decoder.decode(raw, final=self._over):
                    return text
            except UnicodeError:
                raise self._other(self._next()) from None
        return ""

    def _next(self) -> int:
        return self.number + len(self._back) + 1

    def _other(self, line: int) -> UsageError:
        return UsageError(
            f"{self._name} is not {self.encoding.upper()} text from about line {line} on: give the file's own "
            "encoding, such as --encoding utf-8 or cp1252"
        )

    def _read(self) -> str:
        if self._ended is not None:
            raise self._ended
        if not self._ready:
            self._fill()
        return self._ready.popleft()

    def _fill(self) -> None:
        """Make lines of the next characters. Raises StopIteration at the end."""
        while not self._ready:
            lines = list(io.StringIO(self._stretch(), newline=""))
            if not lines:
                raise StopIteration
            if len(lines[0]) > LONGEST:
                raise UsageError(
                    f"{self._name}, line {self._next()}, is longer than {LONGEST:,} characters: "
                    "check that it is a table with line ends"
                )
            # a line may go on, and so may \r with \n
            self._rest = "" if self._over or lines[-1].endswith("\n") else lines.pop()
            self._ready.extend(lines)

    def _stretch(self) -> str:
        """What is left of the last line, and more up to where one ends or is too long."""
        parts, length = [self._rest], len(self._rest)
        while length <= LONGEST and (piece := self.piece()):
            parts.append(piece)
            length += len(piece)
            if "\n" in piece or "\r" in piece:
                break
        return "".join(parts)
