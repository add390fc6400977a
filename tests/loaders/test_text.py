"""Lines of text come out as Python's own reader gives them, wherever the bytes are cut."""

import io
import random

import pytest

from graphsvc.errors import UsageError
from loaders import text
from loaders.text import Lines

PARTS = ("a", "é", "\n", "\r", "\r\n", "bcd", ",", '"', "\x0b", "\x0c")
ENCODINGS = ("utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32")


def lines_of(content: bytes, encoding: str) -> Lines:
    return Lines(io.BufferedReader(io.BytesIO(content)), encoding, "file")


def some_ahead(lines: Lines, draw: random.Random) -> list[str]:
    """All lines, some of them read ahead and then dropped or handed out."""
    found: list[str] = []
    while there := lines.ahead(draw.randrange(1, 9)):
        if draw.random() < 0.5:
            found += lines._back
            lines.drop()
        else:
            found += [next(lines) for _ in range(draw.randrange(1, there + 1))]
    assert lines.number == len(found)
    return found


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64, 1 << 16])
def test_lines_are_those_of_python(encoding: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "PIECE", piece)
    for seed in range(100):
        draw = random.Random(f"{encoding} {piece} {seed}")
        content = "".join(draw.choices(PARTS, k=draw.randrange(60))).encode(encoding)
        wanted = list(io.TextIOWrapper(io.BytesIO(content), encoding, newline=""))
        assert list(lines_of(content, encoding)) == wanted
        assert some_ahead(lines_of(content, encoding), draw) == wanted


def test_a_line_without_an_end_is_refused_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "PIECE", 16)
    monkeypatch.setattr(text, "LONGEST", 50)
    for long, whole in ((b"x" * 49 + b"\n", 5), (b"x" * 50, 3), (b"x" * 50 + b"\ny", 2), (b"x" * 500, 2)):
        lines = lines_of(b"one\ntwo\n" + long + (b"\nend" if long.endswith(b"\n") else b""), "utf-8")
        there = lines.ahead(10)
        assert there == whole, long
        if whole == 2:
            lines.drop()
            with pytest.raises(UsageError, match="line 3, is longer than 50 characters"):
                next(lines)
