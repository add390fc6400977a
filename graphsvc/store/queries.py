"""Named queries: each Cypher text that people read is a file in ``cypher/`` with a header."""

import re
from functools import cache
from pathlib import Path

import msgspec

from graphsvc.errors import UsageError
from graphsvc.store.restrictions import Predicate, restrictions
from graphsvc.store.tokens import QueryRefused

HEADER = re.compile(r"^//\s*(\w+):\s*(.*)$")


class Query(msgspec.Struct, frozen=True):
    """``cypher/<name>.cypher``; ``header`` maps purpose, parameters, columns, index and books to their texts.

    ``predicates`` are the predicates that restrict what it binds; ``books`` the labels that it reads without any.
    """

    name: str
    text: str
    header: dict[str, str]
    predicates: tuple[Predicate, ...]
    books: frozenset[str]


def root() -> Path:
    """The folder of the queries: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "cypher"
    return inside if inside.is_dir() else package.parent / "cypher"


def parse(name: str, text: str) -> Query:
    """A query from the text of its file; comment lines before the statement make the header.

    Raises QueryRefused unless it restricts every node and link that it binds.
    """
    header: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        if match := HEADER.match(line):
            last = match[1].lower()
            header[last] = match[2].strip()
        elif last:
            header[last] += " " + line.lstrip("/ ").strip()
    try:
        books = _books(header)
        return Query(name, text, header, tuple(restrictions(text, books)), books)
    except QueryRefused as error:
        raise QueryRefused(f"cypher/{name}.cypher cannot be registered: {error}.") from None


def _books(header: dict[str, str]) -> frozenset[str]:
    """The labels of a header ``books: Label, Label - why no caller learns from it what is hidden``."""
    if "books" not in header:
        return frozenset()
    labels, _, why = header["books"].partition(" - ")
    if not why.strip():
        raise QueryRefused("its header names books, and gives no reason why")
    return frozenset(label.strip() for label in labels.split(","))


@cache
def named(name: str) -> Query:
    """The query of that name, such as ``links/evidence``."""
    path = root() / f"{name}.cypher"
    if not path.is_file():
        raise UsageError(f"There is no query named {name}.")
    return parse(name, path.read_text(encoding="utf-8"))


def all_names() -> list[str]:
    """Names of all queries that answer questions; migrations are not among them."""
    folder = root()
    names = (path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.cypher"))
    return sorted(name for name in names if not name.startswith("migrations/"))
