"""Values of a row as a mapping makes them: where they come from, and what is done to them, step by step."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from graphsvc.errors import RowError
from graphsvc.model.dates import from_pattern
from loaders.mapping_spec import Source, Sources

Values = dict[str, Any]
Getter = Callable[[Values, dict[str, str]], list[str]]
Property = Callable[[Values, dict[str, str]], list[str] | str | None]
"""From a row and the ids of its entities to what a property holds."""

PLACE = re.compile(r"{{([^{}]*)}}")


class Skip(Exception):
    """An optional entity or link that this row does not give."""


def as_text(raw: Any) -> str:
    """A cell as text, empty where there is none."""
    return "" if raw is None else str(raw).strip()


def compiled(properties: Sources, many: set[str]) -> list[tuple[str, Property]]:
    """Each property by name; those that are ``many`` hold lists."""
    return [(name, _property(name, sources, many=name in many)) for name, sources in properties.items()]


def _property(name: str, sources: tuple[Source, ...], *, many: bool) -> Property:
    getters = [_getter(name, source) for source in sources]

    def get(values: Values, ids: dict[str, str]) -> list[str] | str | None:
        found = [text for getter in getters for text in getter(values, ids)]
        if not found:
            return None
        if many:
            return found
        if len(found) > 1:
            raise RowError(
                f"{name}: has {len(found)} values and takes one: use join in the mapping", field=name
            )
        return found[0]

    return get


def _getter(name: str, source: Source) -> Getter:
    """One source as a function of the row, its steps in the order of the fields of ``Source``."""
    steps = [
        step
        for make in (_pattern, _join, _split, _values, _as, _case, _format)
        if (step := make(name, source))
    ]

    def get(values: Values, ids: dict[str, str]) -> list[str]:
        if source.entity is not None:
            return [ids[source.entity]] if source.entity in ids else []
        found = [text for text in _raw(source, values) if text and text not in source.nulls]
        for step in steps:
            found = step(found)
        if source.required and not found:
            raise Skip
        return found

    return get


def _raw(source: Source, values: Values) -> Iterator[str]:
    yield from source.literals
    if source.template is not None:
        filled = PLACE.sub(lambda place: as_text(values.get(place.group(1))), source.template)
        yield filled.strip()
    for column in source.columns:
        raw = values.get(column)
        if isinstance(raw, list):
            yield from map(as_text, raw)
        else:
            yield as_text(raw)


Step = Callable[[list[str]], list[str]]


def _pattern(name: str, source: Source) -> Step | None:
    if source.pattern is None:
        return None
    pattern = re.compile(source.pattern)
    return lambda texts: [
        found.group(1 if pattern.groups else 0).strip() for text in texts for found in pattern.finditer(text)
    ]


def _join(name: str, source: Source) -> Step | None:
    if source.join is None:
        return None
    joiner = source.join
    return lambda texts: [joiner.join(texts)] if texts else []


def _split(name: str, source: Source) -> Step | None:
    if source.split is None:
        return None
    mark = source.split
    return lambda texts: [part.strip() for text in texts for part in text.split(mark) if part.strip()]


def _values(name: str, source: Source) -> Step | None:
    if source.values is None:
        return None
    table, unmapped = source.values, source.unmapped

    def step(texts: list[str]) -> list[str]:
        found: list[str] = []
        for text in texts:
            if text in table:
                found += table[text] or ()
            elif unmapped == "keep":
                found.append(text)
            elif unmapped == "reject":
                raise RowError(
                    f"{name}: the mapping does not say what {text[:60]!r} means: add it to values", field=name
                )
        return found

    return step


def _as(name: str, source: Source) -> Step | None:
    if not source.as_:
        return None
    instead = source.as_
    return lambda texts: list(instead) if texts else []


def _case(name: str, source: Source) -> Step | None:
    if source.case is None:
        return None
    turn = str.upper if source.case == "upper" else str.lower
    return lambda texts: [turn(text) for text in texts]


def _format(name: str, source: Source) -> Step | None:
    if not source.format and source.precision is None:
        return None
    patterns, length = source.format, source.precision

    def step(texts: list[str]) -> list[str]:
        try:
            dates = [from_pattern(text, patterns) for text in texts] if patterns else texts
        except ValueError as error:
            raise RowError(f"{name}: {error}", field=name) from None
        return [text[:length] for text in dates]

    return step
