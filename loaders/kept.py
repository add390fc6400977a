"""What is kept of a refused row, so that it can be mended: nothing of what must not come in.

A row is kept as a JSON object of the cells that are known, with the triggers that its dropped ones raise. Where cells
can't be told apart, it is kept as it stands, unless its columns or words speak of what must not come in.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from loaders.screen import TRIGGERS, carried, says
from loaders.sensitive import categories, category, hidden
from loaders.text import LOST

MOST_TEXT = 10_000
"""Characters of a row that can't be read."""
MOST_KEYS = 10_000
DEPTH = 20
"""How deep objects are kept within each other."""
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
BYTES = re.compile("[\udc80-\udcff]")


def values(given: dict[str, Any]) -> str:
    """The row, by column, without its sensitive ones and those of templates, within objects too."""
    found = set(carried(given))
    rest = _rest({name: value for name, value in given.items() if name != TRIGGERS}, found, DEPTH)
    return _text(rest, found)


def cells(columns: Sequence[str], found: Sequence[str], raw: str) -> str:
    """A row of a table. With too many cells or too few, those that may be of a hidden column are left out."""
    if not any(map(hidden, columns)):
        return raw
    lacking = len(columns) - len(found)
    if not lacking:
        return values(dict(zip(columns, found, strict=True)))
    known = {}
    for place, (column, cell) in enumerate(zip(columns, found, strict=False)):
        first, last = sorted((place, place + lacking))
        if not any(map(hidden, columns[max(first, 0) : last + 1])):
            known[column] = cell
    return _text(known, _sensitive(columns))


def unreadable(columns: Sequence[str], raw: str) -> str:
    """A row of a table whose cells can't be told apart."""
    return _text({}, _sensitive(columns)) if any(map(hidden, columns)) else raw


class Seen:
    """The keys of the objects of a file so far, which tell what a damaged one may hold."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.hidden: set[str] = set()

    def learn(self, given: dict[str, Any]) -> None:
        """Look at the keys of one more."""
        if given.keys() <= self.keys or len(self.keys) > MOST_KEYS:
            return
        new = given.keys() - self.keys
        self.keys |= new
        self.hidden |= {key for key in new if hidden(key)}


def json_text(raw: str, seen: Seen | None = None) -> str:
    """An object that can't be taken as it is written. Where others hold what must not come in, it may under a damaged
    key, so that only what stands under their keys is kept; where none was read yet, nothing under such a key is."""
    text = LOST.sub("", BYTES.sub(_sign, raw))
    told = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if not hidden(told) and not (seen and seen.hidden):
        return "" if seen and not seen.keys and not _clear(raw) else raw[:MOST_TEXT]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return _text({}, {*categories(told), *(_sensitive(seen.hidden) if seen else ())})
    if seen and seen.hidden:
        value = {key: part for key, part in value.items() if key in seen.keys}
    return values(value)


def _clear(raw: str) -> bool:
    """Whether its keys are whole."""
    try:
        value = json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and not any(map(LOST.search, value))


def _sign(byte: re.Match[str]) -> str:
    """A byte that is no UTF-8, as most files that are none mean it."""
    return bytes([ord(byte[0]) - 0xDC00]).decode("cp1252", "replace")


def _rest(value: Any, dropped: set[str], depth: int) -> Any:
    if isinstance(value, dict):
        found = {}
        for name, part in value.items():
            if not hidden(str(name)):
                found[name] = _rest(part, dropped, depth - 1) if depth else None
            elif (kind := category(str(name))) is not None and says(part):
                dropped.add(kind)
        return found
    if isinstance(value, list | tuple):
        return [_rest(part, dropped, depth - 1) if depth else None for part in value]
    return value


def _sensitive(columns: Iterable[str]) -> set[str]:
    return {name for column in columns if (name := category(column)) is not None}


def _text(rest: dict[str, Any], dropped: set[str]) -> str:
    if dropped:
        rest = {TRIGGERS: [f"dropped:{name}" for name in sorted(dropped)], **rest}
    return json.dumps(rest, ensure_ascii=False, default=str) if rest else ""
