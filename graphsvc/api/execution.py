"""Answers of thousands of plain values, without the machinery that each field of the schema may need."""

from collections.abc import Sequence
from functools import cache
from math import isfinite
from operator import attrgetter
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


def _is_of(type_: type, field: Plain) -> bool:
    return type_ is field.type or (field.optional and type_ is type(None))


def _fits(value: Any, field: Plain) -> bool:
    return _is_of(type(value), field) and not (isinstance(value, float) and not isfinite(value))


def _rows(items: Sequence[Any], fields: list[tuple[str, Plain]]) -> list[dict[str, Any]] | None:
    """Objects as they are shown; None when not all of them are as their type has them."""
    try:
        columns = [list(map(attrgetter(field.name), items)) for _, field in fields]
    except AttributeError:
        return None
    if not all(_all_fit(column, field) for column, (_, field) in zip(columns, fields, strict=True)):
        return None
    shown = [name for name, _ in fields]
    return [dict(zip(shown, values, strict=True)) for values in zip(*columns, strict=True)]


def _all_fit(column: list[Any], field: Plain) -> bool:
    if not all(_is_of(type_, field) for type_ in set(map(type, column))):
        return False
    return field.type is not float or all(value is None or isfinite(value) for value in column)


class Execution(StrawberryGraphQLCoreExecutionContext):
    """Reads a plain field of an object straight from it; all else, and what is not of its type, goes the usual way."""

    def complete_iterable_value(
        self,
        item_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        items: Any,
        position_context: Any,
    ) -> Any:
        """A list of objects of which only plain fields are asked is read in one pass, unless one of them is not."""
        fields = self._plain_fields(item_type, field_details_list, items)
        if fields is not None and self.get_stream_usage(field_details_list, path) is None:
            rows = _rows(items, fields)
            if rows is not None:
                return rows
        return super().complete_iterable_value(
            item_type, field_details_list, info, path, items, position_context
        )

    def _plain_fields(self, item_type: Any, details: Any, items: Any) -> list[tuple[str, Plain]] | None:
        kind = item_type.of_type if isinstance(item_type, GraphQLNonNull) else item_type
        if not isinstance(items, list | tuple) or not isinstance(kind, GraphQLObjectType):
            return None
        asked, deferred, _ = self.collect_subfields(kind, details)
        known = [(shown, plain(kind, nodes[0].node.name.value)) for shown, nodes in asked.items()]
        if deferred or kind.is_type_of:
            return None
        fields = [(shown, field) for shown, field in known if field is not None]
        return fields if len(fields) == len(known) else None

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
            if _fits(value, known):
                return value
        return super().execute_field(parent_type, source, field_details_list, path, position_context)
