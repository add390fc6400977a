"""The objects of a long JSON list, one at a time, without holding the document."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from graphsvc.errors import UsageError
from loaders import kept
from loaders.files import BROKEN, Input
from loaders.jsonrows import DECODER, plainly, refuse_unwanted
from loaders.rows import Item, Rejected, Row
from loaders.text import UNWANTED, Lines, why_unwanted

LENIENT = json.JSONDecoder(parse_int=str)
"""Finds the end of what can't be taken."""
LONGEST = 16 << 20
"""Characters of one object."""


class _Text:
    """A sliding window over decoded text that knows its line."""

    def __init__(self, source: Input, stream: BinaryIO, encoding: str = "utf-8") -> None:
        self._name = source.name
        self._encoding = encoding
        self._stream = stream
        self._lines: Lines | None = None
        self.text = ""
        self.line = 1
        self.ended = False

    def more(self) -> bool:
        """Read as much again as is there, so that a long object is looked at a few times only; false at the end.

        Raises UsageError when a packed file breaks off.
        """
        if self.ended:
            return False
        try:
            self._lines = self._lines or Lines(self._stream, self._encoding, self._name)
            piece = self._lines.piece()
            while piece and len(piece) < len(self.text) and (further := self._lines.piece()):
                piece += further
        except BROKEN as error:
            raise UsageError(
                f"{self._name}, line {self.line}: the packed file is cut or damaged from here on ({error}): "
                "send it again"
            ) from error
        self.ended = not piece
        self.text += piece
        return bool(piece)

    def drop(self, length: int) -> None:
        """Forget what was dealt with."""
        self.line += self.text.count("\n", 0, length)
        self.text = self.text[length:]

    def skip(self, signs: str) -> str:
        """The next sign that is none of these, left in place; empty at the end."""
        while True:
            rest = self.text.lstrip(signs)
            if rest:
                self.drop(len(self.text) - len(rest))
                return rest[0]
            self.drop(len(self.text))
            if not self.more():
                return ""


def objects(source: Input, stream: BinaryIO, key: str, encoding: str = "utf-8") -> Iterator[Item]:
    """The objects of the list under ``key``, or of a bare list, as rows with the lines they begin on.

    Raises UsageError when there is no such list, when it breaks off, or when a bare list is not all.
    """
    text = _Text(source, stream, encoding)
    bare = not _find(source, text, key)
    while True:
        sign = text.skip(" \t\r\n,")
        if sign == "]":
            text.drop(1)
            if bare and text.skip(" \t\r\n"):
                raise UsageError(
                    f"{source.name}, line {text.line}: something stands after the list: write one list of objects, "
                    "or one object a line"
                )
            return
        if not sign:
            raise UsageError(
                f"{source.name}, line {text.line}: the list is cut off here: send the file again"
            )
        line, raw, value = _next(source, text)
        why = _why_not(raw, value)
        if why or not isinstance(value, dict):
            yield Rejected(source.name, line, why, kept.json_text(raw))
        else:
            yield Row(source.name, line, value)


def head(source: Input, stream: BinaryIO, key: str) -> dict[str, Any]:
    """What stands in the document before the list under ``key``; empty for a bare list. Raises UsageError."""
    text = _Text(source, stream)
    before = _find(source, text, key)
    try:
        return DECODER.decode(before + "]}") if before else {}
    except (ValueError, RecursionError):
        raise UsageError(f"{source.name}, line 1: is not JSON before its {key}: send it again") from None


def _why_not(raw: str, value: object) -> str:
    """Why an object can't be taken; empty when it can."""
    if isinstance(value, ValueError):
        return plainly(value)
    if found := UNWANTED.search(raw):
        return why_unwanted(found.group(), "utf-8")
    if not isinstance(value, dict):
        return "is not an object: remove it"
    try:
        refuse_unwanted(value if "\\u" in raw else "")
    except ValueError as error:
        return str(error)
    return ""


def _find(source: Input, text: _Text, key: str) -> str:
    """Pass over everything up to the list, and give it back; empty for a bare one."""
    if text.skip(" \t\r\n\ufeff") == "[":
        text.drop(1)
        return ""
    mark = f'"{key}"'
    while True:
        place = text.text.find(mark)
        start = text.text.find("[", place) if place >= 0 else -1
        if start >= 0 and not text.text[place + len(mark) : start].strip(" \t\r\n:"):
            before = text.text[: start + 1]
            text.drop(start + 1)
            return before
        if not text.more() or len(text.text) > LONGEST:
            raise UsageError(f"{source.name} has no list named {key!r}: it is empty or of another format")


def _next(source: Input, text: _Text) -> tuple[int, str, object]:
    """The line, the text and the value of what comes next; in the place of a value that can't be taken, why not."""
    while True:
        try:
            value, end = _decoded(text.text)
        except RecursionError:
            raise UsageError(
                f"{source.name}, line {text.line}: is nested deeper than any object: check the file"
            ) from None
        except json.JSONDecodeError as error:
            if len(text.text) < LONGEST and text.more():
                continue
            raise UsageError(
                f"{source.name}, line {text.line}: is not JSON from here on ({error.msg}): send it again"
            ) from None
        line, raw = text.line, text.text[:end]
        text.drop(end)
        return line, raw, value


def _decoded(text: str) -> tuple[object, int]:
    try:
        return DECODER.raw_decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        return error, LENIENT.raw_decode(text)[1]
