"""GraphQL input types made from the msgspec Structs by which analysis is told what is asked for."""

from collections.abc import Mapping
from typing import Any, TypeVar, get_type_hints

import msgspec
import strawberry

from graphsvc.api.types import described, graphql

T = TypeVar("T", bound=msgspec.Struct)


def given(struct: type[msgspec.Struct], name: str, help: Mapping[str, str]) -> Any:
    """The GraphQL input type of a struct; ``help`` describes every field of it."""
    fields = msgspec.structs.fields(struct)
    if missing := {field.name for field in fields} ^ set(help):
        raise TypeError(f"{name} has no help, or no field, for {', '.join(sorted(missing))}")
    hints = get_type_hints(struct)
    annotations = {field.name: graphql(hints[field.name]) for field in fields}
    namespace: dict[str, Any] = {
        field.name: strawberry.field(default=field.default, description=help[field.name])
        if field.default is not msgspec.NODEFAULT
        else strawberry.field(description=help[field.name])
        for field in fields
    }
    return strawberry.input(
        type(name, (), {"__annotations__": annotations, **namespace}), description=described(struct)
    )


def taken(struct: type[T], value: Any) -> T:
    """The struct that an input stands for; the default one for none."""
    if value is None:
        return struct()
    names = [field.name for field in msgspec.structs.fields(struct)]
    return struct(**{name: _frozen(getattr(value, name)) for name in names})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
