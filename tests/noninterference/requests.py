"""The API's door: questions made from the schema, so that an operation is covered from the day it is there.

Arguments are drawn by their names and types from what the world holds; the selection takes every field. Answers are
compared as bytes; the one thing put aside is the time for which they hold.
"""

import json
import random
import re
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
)

from graphsvc.api.schema import make_schema
from tests.noninterference.pools import CHOICES, DATES, Pools

MOMENT = re.compile(rb'"asOf":\s*"[^"]*"')
REFERENCE = re.compile(rb"(reference[ \":]*)[0-9a-f]{8}")
"""By which an operator finds an error that nobody planned; drawn at random."""
NEW_ID = re.compile(
    rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(hit|contact)-[0-9a-f]{20,24}|"
    rb"(request|decision|subject|fact|export|contact|review|[a-z]+)-2\d{7}-[0-9a-f]{16}(-\d+)?"
)
"""Ids of the books, which nobody can guess: drawn at random, or from the keys of each side."""
FILED = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)")
"""The time for which a file holds, within it."""
DEPTHS = (2, 2, 2, 5)
"""How deep a selection goes, the deepest now and then."""
DEFAULTS = 0.75
"""How often an argument that has a default is left to it."""
ID_NAMES = frozenset(
    {"id", "a", "b", "from", "to", "one", "other", "person", "record", "entity", "seed", "start"}
)
ID_LISTS = frozenset({"ids", "seeds", "members", "records", "persons", "entities", "between"})
SKIPPED = frozenset({"me", "reviewQueue"})
"""Who asks; and reviews in the order in which they were opened, which is that of the load on each side. What the queue
holds is compared through its query."""
SCIENCE = frozenset(
    {
        "communities",
        "community",
        "overlappingGroups",
        "keyPlayers",
        "brokers",
        "coreStructure",
        "ranking",
        "removal",
        "exportGroups",
    }
)
"""Questions that are worked out in Graph Data Science."""


def schema() -> GraphQLSchema:
    """The schema as callers see it."""
    found: GraphQLSchema = make_schema()._schema
    return found


def operations() -> dict[str, GraphQLField]:
    """Every question of the schema but who asks."""
    query = schema().query_type
    assert query is not None
    return {name: field for name, field in query.fields.items() if name not in SKIPPED}


def names(*, science: bool = False) -> list[str]:
    """The questions of one of the two kinds."""
    return [name for name in operations() if (name in SCIENCE) == science]


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda sign: "_" + sign[0].lower(), name)


# arguments


def value(name: str, kind: Any, pools: Pools, rng: random.Random, default: bool = False) -> Any:
    """A value for an argument or a field of an input."""
    if isinstance(kind, GraphQLNonNull):
        return value(name, kind.of_type, pools, rng)
    if isinstance(kind, GraphQLList):
        return _list(name, kind, pools, rng)
    if isinstance(kind, GraphQLEnumType):
        return rng.choice(list(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        if kind.name in ITEMS:
            return _item(kind, pools, rng)
        return {
            key: value(key, field.type, pools, rng)
            for key, field in kind.fields.items()
            if isinstance(field.type, GraphQLNonNull) or rng.random() > DEFAULTS
        }
    assert isinstance(kind, GraphQLScalarType)
    return _scalar(snake(name), kind.name, pools, rng)


ITEMS = {
    "DocumentItem": ("Document",),
    "VehicleItem": ("Vehicle",),
    "WeaponItem": ("Weapon",),
    "PersonItem": ("Person",),
    "IdentifierItem": ("Phone", "Account", "Infrastructure"),
}
"""Items of checks, and the kinds of record that they are made like."""
IDENTIFIERS = {
    "Phone": ("phone", "number"),
    "Account": ("iban", "iban"),
    "Infrastructure": ("domain", "value"),
}


def _item(kind: GraphQLInputObjectType, pools: Pools, rng: random.Random) -> dict[str, Any]:
    """What a record says of itself, visible or hidden, whole or in part, as an item of a check."""
    alike = [record for record in pools.records if record[0] in ITEMS[kind.name]]
    if not alike:
        return {key: "XX0" for key, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull)}
    of, properties = rng.choice(alike)
    if kind.name == "IdentifierItem":
        type_, field_name = IDENTIFIERS[of]
        return {"type": type_, "value": str(properties[field_name])}
    made = {key: str(properties[snake(key)]) for key in kind.fields if properties.get(snake(key)) is not None}
    if rng.random() < 0.4 and len(made) > 1:
        made.pop(rng.choice(sorted(made)))
    if kind.name == "VehicleItem" and rng.random() < 0.3:
        made = {"platePart": str(properties["plate"])[3:6], "make": str(properties["make"])}
    return made


def _list(name: str, kind: GraphQLList[Any], pools: Pools, rng: random.Random) -> list[Any]:
    inner = get_named_type(kind)
    if snake(name) in ID_LISTS or inner.name == "ID":
        return pools.ids(rng)
    most = 6 if inner.name in ITEMS else 3
    return [value(name, kind.of_type, pools, rng) for _ in range(rng.randint(1, most))]


def _scalar(name: str, kind: str, pools: Pools, rng: random.Random) -> Any:
    if kind == "ID" or name in ID_NAMES:
        return pools.id_(rng)
    if kind == "Boolean":
        return rng.random() < 0.5
    if kind in ("Int", "Long"):
        return rng.choice((1, 2, 3, 5, 10))
    if kind == "Float":
        return rng.choice((0.0, 0.3, 0.5, 1.0))
    return _text(name, pools, rng)


def _text(name: str, pools: Pools, rng: random.Random) -> str:
    if name in CHOICES:
        return str(rng.choice(CHOICES[name]))
    if re.search(r"since|until|date|day|time|from_|_at$", name):
        return rng.choice(DATES)
    if pools.values.get(name):
        return str(rng.choice(pools.values[name]))
    if name in ("text", "name", "query"):
        return _typed(pools, rng)
    return str(rng.choice((*pools.texts, *pools.shown)))


def _typed(pools: Pools, rng: random.Random) -> str:
    """What somebody types: a whole name, a word of it, one letter off, or the beginning."""
    text = rng.choice(pools.texts)
    word = rng.choice(text.split())
    at = rng.randrange(len(word))
    off = word[:at] + rng.choice("aeiou") + word[at + 1 :]
    return rng.choice((text, text, word, off, word[:3] + "*"))


def arguments(field: GraphQLField, pools: Pools, rng: random.Random) -> dict[str, Any]:
    """Arguments of one question; those with a default are often left out."""
    made: dict[str, Any] = {}
    for name, argument in field.args.items():
        if name != "after" and (_needed(argument) or rng.random() > DEFAULTS):
            made[name] = value(name, argument.type, pools, rng)
    return made


def _needed(argument: GraphQLArgument) -> bool:
    return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined


# selections


def selection(kind: Any, depth: int, above: tuple[str, ...] = ()) -> str:
    """Every field of a type, as many levels deep; a type is not entered again below itself."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLUnionType):
        parts = " ".join(f"... on {one.name} {selection(one, depth, above)}" for one in named.types)
        return f"{{ __typename {parts} }}"
    if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        return ""
    parts = " ".join(_fields(named, depth, (*above, named.name)))
    return f"{{ __typename {parts} }}"


def _fields(
    named: GraphQLObjectType | GraphQLInterfaceType, depth: int, above: tuple[str, ...]
) -> Iterator[str]:
    for name, field in named.fields.items():
        if any(isinstance(argument.type, GraphQLNonNull) for argument in field.args.values()):
            continue
        inner = get_named_type(field.type)
        leaf = not isinstance(inner, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
        if leaf:
            yield name
        elif depth and inner.name not in above:
            yield f"{name} {selection(inner, depth - 1, above)}"


class Request:
    """One question as one caller sends it; ``pages`` follow while there is a cursor."""

    def __init__(self, name: str, made: dict[str, Any], depth: int) -> None:
        field = operations()[name]
        self.name = name
        self.variables = made
        declared = ", ".join(f"${key}: {field.args[key].type}" for key in (*made, *self._cursor(field)))
        given = ", ".join(f"{key}: ${key}" for key in (*made, *self._cursor(field)))
        self.text = (
            f"query {f'({declared})' if declared else ''} {{ answer: {name}{f'({given})' if given else ''} "
            f"{selection(field.type, depth)} }}"
        )

    @staticmethod
    def _cursor(field: GraphQLField) -> tuple[str, ...]:
        return ("after",) if "after" in field.args else ()

    def __str__(self) -> str:
        return f"{self.name} {json.dumps(self.variables, ensure_ascii=False)}"


def requests(pools: Pools, rng: random.Random, names: list[str]) -> list[Request]:
    """One question of each of the names."""
    found = operations()
    return [Request(name, arguments(found[name], pools, rng), rng.choice(DEPTHS)) for name in names]


def plain(body: bytes) -> bytes:
    """An answer without the time for which it holds, the reference of an error that nobody planned, and new ids."""
    return FILED.sub(b"", NEW_ID.sub(b"new", REFERENCE.sub(rb"\1", MOMENT.sub(b'"asOf":""', body))))


def next_cursor(body: bytes) -> str | None:
    """The cursor of the next page, where the answer has one."""
    answer = (json.loads(body).get("data") or {}).get("answer")
    cursor = answer.get("next") if isinstance(answer, dict) else None
    return cursor if isinstance(cursor, str) else None
