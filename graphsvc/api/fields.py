"""Small words with which the fields of the schema are written down."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import strawberry
from strawberry.types.nodes import SelectedField

FIRST = "How many of the page."
AFTER = "The cursor `next` of the page before."


def told(text: str) -> msgspec.Meta:
    """The description of a field of a struct."""
    return msgspec.Meta(description=text)


def argument(text: str, type_: Any = None) -> Any:
    """The description of an argument, and its type where the annotation can't tell."""
    return strawberry.argument(description=text, graphql_type=type_)


def operation(name: str, resolver: Callable[..., Any], type_: Any, description: str) -> Any:
    """One question: a field of the query type."""
    return strawberry.field(name=name, resolver=resolver, graphql_type=type_, description=description)


def followed(name: str, resolver: Callable[..., Any], type_: Any, description: str) -> Any:
    """A field of the subscription type."""
    return strawberry.subscription(name=name, resolver=resolver, graphql_type=type_, description=description)


def selects(info: strawberry.Info[Any, None], name: str) -> bool:
    """Whether the question asks for this field of the answer, so that what nobody reads need not be worked out."""
    return any(_names(field.selections, name) for field in info.selected_fields)


def _names(selections: Iterable[Any], name: str) -> bool:
    """Whether a field of that name is among them, or in a fragment among them, which has selections of its own."""
    return any(
        one.name == name if isinstance(one, SelectedField) else _names(one.selections, name)
        for one in selections
    )


def selects_within(info: strawberry.Info[Any, None], names: frozenset[str]) -> bool:
    """Whether the question asks for one of these fields anywhere in the answer."""
    return any(_within(field.selections, names) for field in info.selected_fields)


def _within(selections: Iterable[Any], names: frozenset[str]) -> bool:
    return any(
        (isinstance(one, SelectedField) and one.name in names) or _within(one.selections, names)
        for one in selections
    )
