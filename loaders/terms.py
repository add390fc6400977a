"""On which terms a file is loaded: whose it is, and the handling that its rows have unless they say otherwise."""

import re
from typing import Any

import msgspec

from graphsvc.errors import RowError, UsageError
from graphsvc.model.countries import codes
from graphsvc.model.handling import HIT_MODES, Handling, make
from graphsvc.model.vocabulary import Class, Level, Purpose
from loaders.values import LARGEST, SMALLEST, SOURCE, plain

COLUMNS = ("level", "allow", "deny", "units", "purposes", "conditions", "class", "on_hit")
"""Columns of every table, all optional, that give one row a handling of its own. Lists stand between semicolons."""

FIELDS = {"class": "class_", "on_hit": "hit"}
"""Columns that the handling knows by another name."""

ENTITY = re.compile(r"[A-Z][A-Z0-9-]{2,31}")
TERM = re.compile(r"\*|[A-Z]{2}|[A-Z][A-Z0-9-]{2,31}|(?:region|agreement):[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")
LEVELS = {**{level.name.lower(): level for level in Level}, **{str(int(level)): level for level in Level}}


class Terms(msgspec.Struct, frozen=True):
    """Whose records these are and what holds for them unless a row says otherwise. ``sequence`` numbers the batch."""

    source: str
    owner: str
    handling: Handling
    grade: str | None = None
    sequence: int | None = None


def terms(
    source: str, owner: str, *, grade: str | None = None, sequence: int | None = None, **columns: str | None
) -> Terms:
    """Terms from text as it stands on the command line: ``level="restricted"``, ``allow="FR;region:EUROPE"`` …

    Raises UsageError.
    """
    if SOURCE.fullmatch(source) is None:
        raise UsageError(
            f"{source!r} cannot name a source: use up to 64 of a-z, 0-9, dot, dash and underscore"
        )
    code = codes().get(owner, owner if ENTITY.fullmatch(owner) else None)
    if code is None:
        raise UsageError(f"{owner!r} is no contributor: give a country such as FR, or an entity such as IPSG")
    if sequence is not None and not SMALLEST <= sequence <= LARGEST:
        raise UsageError(f"The sequence {str(sequence)[:40]} is past 64 bits: give a smaller number")
    given = {name: text for name, text in columns.items() if text}
    try:
        return Terms(source, code, handling(make(code), given), grade, sequence)
    except RowError as error:
        raise UsageError(str(error)) from None


def handling(default: Handling, columns: dict[str, Any]) -> Handling:
    """The default with what the columns say in its place. Raises RowError."""
    changes: dict[str, Any] = {}
    for name, raw in columns.items():
        if raw is None or raw == "":
            continue
        try:
            changes[FIELDS.get(name, name)] = _READ[name](raw)
        except ValueError as error:
            raise RowError(f"{name}: {error}", field=name) from None
    if not changes:
        return default
    return msgspec.structs.replace(default, **changes)


def _parts(raw: Any) -> tuple[str, ...]:
    parts = raw.split(";") if isinstance(raw, str) else raw if isinstance(raw, list) else [raw]
    return tuple(sorted({plain(part) for part in parts} - {""}))


def _level(raw: Any) -> int:
    level = LEVELS.get(str(raw).strip().lower())
    if level is None:
        raise ValueError(f"{raw!r} is no level: write official, restricted or confidential")
    return int(level)


def _terms(raw: Any) -> tuple[str, ...]:
    for part in _parts(raw):
        known = len(part) != 2 or codes().get(part) == part
        if TERM.fullmatch(part) is None or not known:
            raise ValueError(f"{part!r} is neither a country, region:NAME, agreement:NAME, an entity, nor *")
    return _parts(raw)


def _purposes(raw: Any) -> tuple[str, ...]:
    found = tuple(sorted(part.upper() for part in _parts(raw)))
    unknown = [part for part in found if part not in Purpose.__members__]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no purpose: write one of {', '.join(Purpose)}")
    return found


def _class(raw: Any) -> str:
    text = str(raw).strip().lower()
    if text not in set(Class):
        raise ValueError(f"{raw!r} is no class: write one of {', '.join(Class)}")
    return text


def _hit(raw: Any) -> str:
    text = str(raw).strip().lower()
    if text not in HIT_MODES:
        raise ValueError(f"{raw!r} is not known: write one of {', '.join(HIT_MODES)}")
    return text


_READ = {
    "level": _level,
    "allow": _terms,
    "deny": _terms,
    "units": _parts,
    "purposes": _purposes,
    "conditions": _parts,
    "class": _class,
    "on_hit": _hit,
}


class Handlings:
    """The handlings of one load, each made once."""

    def __init__(self, terms: Terms) -> None:
        self.default = terms.handling
        self._made: dict[tuple[Any, ...], Handling] = {}

    def of(self, columns: dict[str, Any]) -> Handling:
        """The handling of a row with these columns. Raises RowError."""
        if not columns:
            return self.default
        key = tuple((name, str(value)) for name, value in columns.items())
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = handling(self.default, columns)
            if len(self._made) > 10_000:
                self._made.clear()
        return found
