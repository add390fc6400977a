"""Rows out of JSON lines, and JSON values read strictly."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from graphsvc.errors import UsageError
from loaders import kept
from loaders.files import Input
from loaders.rows import Item, Reading, Rejected, Row
from loaders.text import UNWANTED, Lines, why_unwanted


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands there twice: remove one")
    return found


def _constant(text: str) -> None:
    raise ValueError(f"{text} is not a number that can be kept: leave it out")


DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)


def decode(text: str) -> Any:
    """A JSON value, with duplicate keys, NaN and depths that no record has refused. Raises ValueError."""
    try:
        value = DECODER.decode(text)
        if "\\u" in text:
            refuse_unwanted(value)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"is not JSON at sign {error.colno} ({error.msg}): mend it, or send the file again"
        ) from None
    except RecursionError:
        raise ValueError("is nested deeper than any record: check where it comes from") from None
    except ValueError as error:
        raise ValueError(plainly(error)) from None
    return value


def plainly(error: ValueError) -> str:
    """What is wrong with a JSON value, without Python's own words."""
    if "integer string conversion" in str(error):
        return "holds a number with thousands of digits: write it as text if it is an id"
    return str(error)


def refuse_unwanted(value: Any) -> None:
    """Raises ValueError when a text in it holds what no value may hold."""
    if isinstance(value, str):
        if found := UNWANTED.search(value):
            raise ValueError(why_unwanted(found.group(), "utf-8"))
    elif isinstance(value, dict):
        for key, part in value.items():
            refuse_unwanted(key)
            refuse_unwanted(part)
    elif isinstance(value, list):
        for part in value:
            refuse_unwanted(part)


class JsonRows:
    """The objects of a file with one JSON object a line."""

    def __init__(self, source: Input, stream: BinaryIO, reading: Reading) -> None:
        self.source = source
        self.reading = reading
        self.stream = stream
        self.lines: Lines | None = None
        self._seen = kept.Seen()

    def __iter__(self) -> Iterator[Item]:
        name = self.source.name
        self.lines = lines = Lines(self.stream, self.reading.encoding, name)
        lines.begin()
        seen = False
        for line in lines:
            text = line.strip()
            if text == "{" and not seen:
                raise UsageError(
                    f"{name}, line {lines.number}: an object stands on several lines: write one object a line, or "
                    "all of them as one list in brackets"
                )
            if text:
                seen = True
                yield self._row(lines, name, text)
            lines.begin()
        if not seen:
            raise UsageError(f"{name} is empty: send it again with one JSON object a line")

    def _row(self, lines: Lines, name: str, text: str) -> Item:
        if lines.reason:
            return Rejected(name, lines.number, lines.reason, kept.json_text(text, self._seen))
        try:
            value = decode(text)
        except ValueError as error:
            return Rejected(name, lines.number, str(error), kept.json_text(text, self._seen))
        if not isinstance(value, dict):
            why = "is not a JSON object: write one object a line"
            return Rejected(name, lines.number, why, kept.json_text(text, self._seen))
        self._seen.learn(value)
        return Row(name, lines.number, value)
