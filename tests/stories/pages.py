"""Pages that walk from files to answers, run as they stand: their commands, and the answers that they show.

A page holds blocks ``sh`` with commands of the program; a ``graphsvc query - … <<'END'`` is followed by a block
``json`` with its answer. Ids that are drawn at random stand as ``request-…``. With ``GRAPHSVC_WRITE_PAGES=1`` in the
environment the answers are written anew.
"""

import json
import os
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ASKED = re.compile(r"(.*) <<'END'\n(.*)^END$", re.DOTALL | re.MULTILINE)
DRAWN = re.compile(r"\b(request|contact)-[0-9a-f-]+\b")
WIDTH = 118
Run = Callable[[list[str], str], str]


class Step(msgspec.Struct):
    """One command of a page, and the answer shown for it, if it has one."""

    words: list[str]
    asked: str
    shown: str | None
    span: tuple[int, int]


def steps(text: str) -> Iterator[Step]:
    """The commands of a page in order."""
    last: Step | None = None
    for block in BLOCK.finditer(text):
        if block[1] == "json":
            assert last is not None, "an answer stands before any question"
            yield msgspec.structs.replace(last, shown=block[2], span=block.span(2))
            last = None
            continue
        assert last is None, f"a question has no answer: {last}"
        question = ASKED.search(block[2])
        if question is not None:
            last = Step(_words(question[1]), question[2], None, (0, 0))
        else:
            for line in block[2].replace("\\\n", " ").splitlines():
                yield Step(_words(line), "", None, (0, 0))
    assert last is None, f"a question has no answer: {last}"


def _words(line: str) -> list[str]:
    words = shlex.split(line.replace("\\\n", " "))
    assert words[0] == "graphsvc", f"a page runs the program alone, not {words[0]}"
    return words[1:]


def check(page: Path, run: Run) -> None:
    """Run a page; every answer must be the one that it shows, or is written into it when that was asked for."""
    text = page.read_text(encoding="utf-8")
    drawn: dict[str, str] = {}
    answers: list[tuple[tuple[int, int], Any]] = []
    for step in steps(text):
        asked = step.asked
        for kind, id_ in drawn.items():
            asked = asked.replace(f"{kind}-…", id_)
        printed = run(step.words, asked)
        if step.shown is not None:
            drawn |= {found[1]: found[0] for found in DRAWN.finditer(printed)}
            answers.append((step.span, json.loads(DRAWN.sub(r"\1-…", printed))))
    if os.environ.get("GRAPHSVC_WRITE_PAGES"):
        for (begin, end), answer in reversed(answers):
            text = text[:begin] + pretty(answer) + "\n" + text[end:]
        page.write_text(text, encoding="utf-8")
        return
    for (begin, end), answer in answers:
        assert json.loads(text[begin:end]) == answer


def pretty(value: Any, indent: int = 0) -> str:
    """JSON for a page: what fits on a line stands on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= WIDTH or not isinstance(value, dict | list):
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {pretty(one, indent + 2)}" for key, one in value.items()]
        signs = "{}"
    else:
        parts, signs = [pretty(one, indent + 2) for one in value], "[]"
    return f"{signs[0]}\n{inner}" + f",\n{inner}".join(parts) + f"\n{' ' * indent}{signs[1]}"


def with_data(run: Run, find: Callable[..., Path]) -> Run:
    """The same commands, where ``DATA/…`` stands for a public data set; the test is skipped where it is absent."""

    def located(words: list[str], text: str) -> str:
        return run(
            [str(find(*word.split("/")[1:])) if word.startswith("DATA/") else word for word in words], text
        )

    return located
