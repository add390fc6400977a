"""GraphQL types made from the msgspec Structs that analysis answers with, field by field, with no copy of the data."""

from collections.abc import Callable, Sequence
from enum import EnumMeta
from functools import cache
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

import msgspec
import strawberry

from graphsvc.api.accounting import ID_FIELDS, NAMING
from graphsvc.model.fields import Field, Type

Long = NewType("Long", int)
"""A whole number of up to 64 bits; GraphQL's own Int has 32."""

LONG = strawberry.scalar(
    name="Long", description="A whole number of up to 64 bits.", serialize=int, parse_value=int
)


class Extra(msgspec.Struct, frozen=True):
    """A field that the API adds to a struct: its name, its type and how it is resolved."""

    name: str
    type: Any
    resolver: Callable[..., Any]
    description: str


EXTRAS: dict[type, tuple[Extra, ...]] = {}
"""Added fields by struct; filled by ``graphsvc.api.entities`` before types are made."""

NAMES: dict[type, str] = {}
"""GraphQL names of structs whose own name is taken or says too little."""

TEXTS: tuple[Any, ...] = (str, str | None, list[str])
"""GraphQL types of text, as annotations."""

MADE: dict[str, type[msgspec.Struct]] = {}
"""The struct behind each GraphQL object type."""


def described(struct: type) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join(cleandoc(struct.__doc__ or "").split("\n\n")[0].split())


@cache
def output(struct: type[msgspec.Struct]) -> type:
    """The GraphQL object type of a struct. Its resolvers read the struct itself. TypeError for a name that is taken."""
    called = NAMES.get(struct, struct.__name__)
    if MADE.setdefault(called, struct) is not struct:
        raise TypeError(f"{struct} and {MADE[called]} are both called {called}: name one of them in NAMES")
    hints = get_type_hints(struct, include_extras=True)
    names = [field.name for field in msgspec.structs.fields(struct)]
    extras = EXTRAS.get(struct, ())
    namespace: dict[str, Any] = {name: _plain(name, hints[name]) for name in names}
    namespace |= {extra.name: _resolved(extra) for extra in extras}
    annotations = {name: graphql(hints[name]) for name in names} | {
        extra.name: extra.type for extra in extras
    }
    if told := [name for name in ID_FIELDS if name in names]:
        namespace["is_type_of"] = staticmethod(_noting(struct, told))
    made = type(called, (), {"__annotations__": annotations, **namespace})
    return strawberry.type(made, description=described(struct))


def _noting(struct: type[msgspec.Struct], names: list[str]) -> Callable[[Any, Any], bool]:
    """Tells the request's account which records and links each struct in the answer names."""

    def is_type_of(obj: Any, info: Any) -> bool:
        info.context.given.note(getattr(obj, name) for name in names)
        return isinstance(obj, struct)

    return is_type_of


def _plain(name: str, hint: Any) -> Any:
    told = None
    if get_origin(hint) is Annotated:
        told = next((meta.description for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)), None)
    resolver = _noted(name) if name in NAMING and graphql(hint) in TEXTS else None
    return strawberry.field(
        name=name.rstrip("_") if name.endswith("_") else None,
        description=told,
        **({"resolver": resolver, "graphql_type": graphql(hint)} if resolver else {}),
    )


def _noted(name: str) -> Callable[..., Any]:
    """Reads a field that names records or links, and tells the request's account of them."""

    def resolve(root: Any, info: strawberry.Info[Any, None]) -> Any:
        value = getattr(root, name)
        info.context.given.note_named(value)
        return value

    return resolve


def _resolved(extra: Extra) -> Any:
    return strawberry.field(resolver=extra.resolver, graphql_type=extra.type, description=extra.description)


def graphql(hint: Any) -> Any:
    """The annotation that Strawberry understands for one of a struct."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return graphql(args[0])
    if origin in (Union, UnionType):
        (one,) = (arg for arg in args if arg is not NoneType)
        return graphql(one) | None if not isinstance(graphql(one), str) else one
    if origin is Literal:
        return str
    if origin in (list, tuple, Sequence) or (isinstance(origin, type) and issubclass(origin, Sequence)):
        return list[graphql(args[0])]  # type: ignore[misc]
    return _scalar_or_struct(hint)


def _scalar_or_struct(hint: Any) -> Any:
    if hint in (str, float, bool):
        return hint
    if hint is int:
        return Long
    if isinstance(hint, EnumMeta):
        return str
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return output(hint)
    raise TypeError(f"{hint} has no GraphQL type")


DECLARED: dict[Type, Any] = {
    Type.TEXT: str,
    Type.INTEGER: Long,
    Type.NUMBER: float,
    Type.BOOLEAN: bool,
    Type.DATE: str,
    Type.TIME: str,
    Type.COUNTRY: str,
    Type.CHOICE: str,
}


def declared(field: Field) -> Any:
    """The annotation of a declared field; a field that is empty is null or an empty list."""
    one = DECLARED[field.type]
    return list[one] if field.many else one | None  # type: ignore[valid-type]


def camel(name: str) -> str:
    """``birth_date`` as ``birthDate``."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
