"""Many elements of one kind at once, a column for each property: what ``derive`` works out, in a fraction of the time.

A column is a list with one value a row; None stands for absent.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from graphsvc.model import derive, grades
from graphsvc.model.handling import Handling
from graphsvc.model.keys import MAKERS, Joined, identity_keys
from graphsvc.model.kinds import BY_NAME, Kind

T = TypeVar("T")
Columns = dict[str, list[Any]]
ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
"""Signs that JSON writes in another way."""


def rows(columns: Columns, count: int) -> list[dict[str, Any]]:
    """The same by rows, absent values left out."""
    whole = {name: column for name, column in columns.items() if None not in column}
    names = tuple(whole)
    found = [dict(zip(names, values, strict=True)) for values in zip(*whole.values(), strict=True)]
    found = found or [{} for _ in range(count)]
    for name in columns.keys() - whole.keys():
        for row, value in zip(found, columns[name], strict=True):
            if value is not None:
                row[name] = value
    return found


def nodes(
    kind: str,
    ids: list[str],
    given: Columns,
    handlings: Sequence[Handling],
    sequences: list[int | None],
    *,
    source: str,
    owner: str,
) -> Columns:
    """As ``derive.node`` for each record of one kind, given the declared properties."""
    count, declared = len(ids), BY_NAME[kind]
    begin, end = derive.SPANS.get(kind, ("first_seen", "last_seen"))
    found = dict(given)
    found["first_seen"] = _first(count, given, "first_seen", begin)
    found["last_seen"] = _first(count, {**given, "first": found["first_seen"]}, "last_seen", end, "first")
    found |= _days(count, found["first_seen"], found["last_seen"], given.get("retain_until"))
    found |= _owned(kind, ids, source, owner)
    found["keys"] = _keys(kind, given, count)
    found["caption"] = _captions(declared, given, count)
    found["countries"] = _countries(declared, given, count)
    found["search"] = _search(count, given)
    found["sequence"] = sequences
    found["digest"] = _content(([kind] * count, [owner] * count, _digests(handlings)), given, sequences)
    return found


def relationships(
    kind: str,
    ids: list[str],
    ends: tuple[list[str], list[str]],
    given: Columns,
    handlings: Sequence[Handling],
    sequences: list[int | None],
    *,
    source: str,
    owner: str,
) -> Columns:
    """As ``derive.relationship`` for each, given the declared properties."""
    count = len(ids)
    found = dict(given)
    found |= _days(count, given.get("first_seen"), given.get("last_seen"), given.get("retain_until"))
    found["confidence"] = _confidences(count, given)
    found |= _owned(kind, ids, source, owner)
    found["sequence"] = sequences
    found["from"], found["to"] = ends
    parts = ([kind] * count, *ends, [owner] * count, _digests(handlings))
    found["digest"] = _content(parts, given, sequences)
    return found


def _content(parts: Sequence[list[str]], given: Columns, sequences: list[int | None]) -> list[str]:
    """The digest of each row."""
    return _at_once(parts, given, sequences) or [
        derive.digest(*head, row, sequence)
        for *head, row, sequence in zip(*parts, rows(given, len(sequences)), sequences, strict=True)
    ]


def _at_once(parts: Sequence[list[str]], given: Columns, sequences: list[int | None]) -> list[str] | None:
    """The digests of rows that all have the same properties: their JSON comes of one pattern, in half the time."""
    names = sorted(given)
    if any(None in given[name] for name in names):
        return None
    heads, values = [_json(part) for part in parts], [_json(given[name]) for name in names]
    inner = ",".join(f'"{name}":{form}' for name, (form, _) in zip(names, values, strict=True))
    pattern = f"[{','.join(form for form, _ in heads)},{{{inner}}},%s]"
    _, last = _json(sequences, same=False)
    columns = (*(cells for _, cells in (*heads, *values) if cells is not None), last)
    texts = map(pattern.__mod__, zip(*columns, strict=True))
    return [derive.hashed(text.encode()) for text in texts]


def _json(column: Sequence[Any], *, same: bool = True) -> tuple[str, Sequence[Any] | None]:
    """How the values stand in the pattern, and what goes there: nothing when all of them are one and the ``same``."""
    types = set(map(type, column))
    if types == {str}:
        if same and column.count(column[0]) == len(column):
            return derive.encode(column[0]).decode().replace("%", "%%"), None
        if not ESCAPED.search("".join(column)):
            return '"%s"', column
    if types <= {int, type(None)}:
        known = {value: derive.encode(value).decode() for value in set(column)}
        return "%s", [known[value] for value in column]
    return "%s", [derive.encode(value).decode() for value in column]


def _owned(kind: str, ids: list[str], source: str, owner: str) -> Columns:
    same = {"source": source, "owner": owner, "kind": kind}
    return {"id": ids, **{name: [value] * len(ids) for name, value in same.items()}}


def _first(count: int, columns: Columns, *names: str) -> list[Any]:
    """Of each row, the first of these that it has."""
    there = [columns[name] for name in dict.fromkeys(names) if name in columns]
    if len(there) < 2:
        return there[0] if there else [None] * count
    return [next(filter(None, values), None) for values in zip(*there, strict=True)]


def _days(count: int, first: list[Any] | None, last: list[Any] | None, retain: list[Any] | None) -> Columns:
    none = [None] * count
    triples = list(zip(first or none, last or none, retain or none, strict=True))
    names = ("first_day", "last_day", "retain_day")
    known = {triple: tuple(map(derive.day_numbers(*triple).get, names)) for triple in set(triples)}
    return dict(zip(names, map(list, zip(*[known[triple] for triple in triples], strict=True)), strict=True))


def _keys(kind: str, given: Columns, count: int) -> list[list[str]]:
    makers = MAKERS.get(kind, ())
    joined = [maker for maker in makers if isinstance(maker, Joined)]
    if len(joined) < len(makers):
        return [identity_keys(kind, row) for row in rows(given, count)]
    several = [_joined(maker, given) for maker in joined if given.keys() >= {*maker.fields}]
    if not several:
        return [[] for _ in range(count)]
    if len(several) == 1:
        return [[key] if key else [] for key in several[0]]
    return [list(dict.fromkeys(filter(None, keys))) for keys in zip(*several, strict=True)]


def _joined(maker: Joined, given: Columns) -> list[str]:
    """The key of each row, empty where one of its parts is."""
    parts = [
        _each(given[field], lambda value: "" if value is None else maker.spell(value))
        for field in maker.fields
    ]
    return [":".join((maker.scheme, *values)) if all(values) else "" for values in zip(*parts, strict=True)]


def _each(column: Sequence[Any], make: Callable[[Any], T]) -> list[T]:
    """What each value comes to, worked out but once where many are the same."""
    different = set(column)
    if 2 * len(different) > len(column):
        return list(map(make, column))
    known = {value: make(value) for value in different}
    return [known[value] for value in column]


def _captions(kind: Kind, given: Columns, count: int) -> list[str]:
    first = next((given[name] for name in kind.caption if name in given), [])
    if set(map(type, first)) == {str}:
        return first
    shown = {name: given[name] for name in kind.caption if name in given}
    return [derive.caption(kind, row) for row in rows(shown, count)]


def _countries(kind: Kind, given: Columns, count: int) -> list[list[str]]:
    names = [name for name in derive.country_fields(kind) if name in given]
    if not names:
        return [[] for _ in range(count)]
    several = ([tuple(v) if isinstance(v, list) else v for v in given[name]] for name in names)
    rows = list(zip(*several, strict=True))
    known: dict[tuple[Any, ...], list[str]] = {}
    for row in set(rows):
        values = (list(v) if isinstance(v, tuple) else v for v in row)
        known[row] = derive.countries(kind, dict(zip(names, values, strict=True)))
    return [known[row] for row in rows]


def _search(count: int, given: Columns) -> list[list[str]]:
    parts = [_tokens(name, column) for name, column in given.items() if name in derive.TOKENS]
    return list(map(derive.in_order, zip(*parts, strict=True))) if parts else [[] for _ in range(count)]


def _tokens(name: str, column: list[Any]) -> list[Iterable[str]]:
    if not set(map(type, column)) <= {str, type(None)}:
        return [() if value is None else derive.tokens(name, value) for value in column]
    make = derive.TOKENS[name]
    return _each(column, lambda value: make(value) if value else ())


def _confidences(count: int, given: Columns) -> list[Any]:
    graded = given.get("grade", [None] * count)
    known = {grade: grades.confidence(grade or "") for grade in set(graded)}
    told = given.get("confidence", [None] * count)
    return [known[grade] if value is None else value for value, grade in zip(told, graded, strict=True)]


def _digests(handlings: Sequence[Handling]) -> list[str]:
    known = {handling: handling.digest for handling in set(handlings)}
    return [known[handling] for handling in handlings]
