"""The words of a Cypher text. What is not understood is refused."""

import re

import msgspec

from graphsvc.errors import StoreError


class QueryRefused(StoreError):
    """A query that does not prove that it restricts what it binds, or that is written in a way not understood."""


class Token(msgspec.Struct, frozen=True):
    """``kind`` is name, parameter, number, text or sign; ``start`` and ``end`` are places in the text."""

    kind: str
    text: str
    start: int
    end: int


SHAPES = re.compile(
    r"""
    (?P<space>\s+ | //[^\r\n]* | /\*.*?\*/)
  | (?P<parameter>\$[A-Za-z_]\w*)
  | (?P<number>\d+(?:\.\d+)?(?![\w.]) | \d+(?=\.\.))
  | (?P<name>[A-Za-z_]\w*)
  | (?P<text>'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*")
  | (?P<sign><= | >= | <> | =~ | \.\. | \|\| | [-+*/%^=<>()\[\]{},.:;|&!$])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
OPENING = {"(": ")", "[": "]", "{": "}"}


def tokens(text: str) -> list[Token]:
    """All tokens but white space and comments. Raises QueryRefused."""
    if "\\u" in text:
        raise QueryRefused("escapes are turned into signs before anything is read, so none may be used")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = SHAPES.match(text, at)
        if match is None:
            raise QueryRefused(f"the sign {text[at]!r} at {place(text, at)} is not understood")
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match[0], at, match.end()))
        at = match.end()
    return found


def place(text: str, at: int) -> str:
    """Where something stands, for people."""
    return f"line {text.count(chr(10), 0, at) + 1}"


def closing(tokens: list[Token], opening: int) -> int:
    """The index of the bracket that closes the one at ``opening``. Raises QueryRefused."""
    open_: list[str] = []
    for at in range(opening, len(tokens)):
        token = tokens[at]
        if token.kind != "sign":
            continue
        if token.text in OPENING:
            open_.append(OPENING[token.text])
        elif token.text in OPENING.values():
            if open_.pop() != token.text:
                break
            if not open_:
                return at
    raise QueryRefused(f"the bracket {tokens[opening].text!r} is not closed")


def split(tokens: list[Token], *separators: str) -> list[list[Token]]:
    """Parts between separators (words in upper case, or signs) that stand in no bracket."""
    parts: list[list[Token]] = [[]]
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "sign" and token.text in OPENING:
            end = closing(tokens, at)
            parts[-1].extend(tokens[at : end + 1])
            at = end + 1
            continue
        if (token.text if token.kind == "sign" else word(tokens, at)) in separators:
            parts.append([])
        else:
            parts[-1].append(token)
        at += 1
    return parts


def word(tokens: list[Token], at: int) -> str:
    """The name at ``at`` in upper case where it can be a word of the language, else nothing."""
    if at >= len(tokens) or tokens[at].kind != "name":
        return ""
    if at and (tokens[at - 1].text in (".", ":") or word(tokens, at - 1) == "AS"):
        return ""
    return tokens[at].text.upper()
