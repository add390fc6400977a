"""Answers of thousands of plain values, without the machinery that each field of the schema may need."""

from functools import cache
from math import isfinite
from typing import Any, NamedTuple

from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLScalarType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.field import StrawberryField

ABSENT = object()
TYPES: dict[str, type] = {"String": str, "Long": int, "Float": float, "Boolean": bool}


class Plain(NamedTuple):
    """A field that is read from what its object was made of, and shown as it is."""

    name: str
    type: type
    optional: bool


@cache
def plain(parent: GraphQLObjectType, name: str) -> Plain | None:
    """What a field is read from; None for one that takes arguments, has a resolver of its own, or is no scalar."""
    field = parent.fields.get(name)
    if field is None or field.args:
        return None
    made = field.extensions.get("strawberry-definition")
    if not isinstance(made, StrawberryField) or made.base_resolver is not None:
        return None
    kind = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
    if not isinstance(kind, GraphQLScalarType) or kind.name not in TYPES:
        return None
    return Plain(made.python_name, TYPES[kind.name], kind is field.type)


class Execution(StrawberryGraphQLCoreExecutionContext):
    """Reads a plain field of an object straight from it; all else, and what is not of its type, goes the usual way."""

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: Any,
        path: Any,
        position_context: Any,
    ) -> Any:
        known = plain(parent_type, field_details_list[0].node.name.value)
        if known is not None:
            value = getattr(source, known.name, ABSENT)
            if type(value) is known.type and (not isinstance(value, float) or isfinite(value)):
                return value
            if value is None and known.optional:
                return None
        return super().execute_field(parent_type, source, field_details_list, path, position_context)
