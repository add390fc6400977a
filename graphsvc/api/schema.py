"""The schema: every type that the API speaks, with limits before validation and errors made safe."""

from collections.abc import Iterator
from functools import cache

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graphsvc.api.entities import KIND_TYPES
from graphsvc.api.faults import make_safe
from graphsvc.api.limits import check_choice, read_document
from graphsvc.api.query import Query
from graphsvc.api.types import LONG, Long


class WithinLimits(SchemaExtension):
    """Parses the text itself, so that it is measured before anything else looks at it."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if context.graphql_document is None and context.query:
            context.graphql_document = read_document(context.query, context.context.limits)
            check_choice(context.graphql_document, context._provided_operation_name)
            context.context.given.read(context.graphql_document, operations())
        yield


class Schema(strawberry.Schema):
    """Never logs a question, which may name someone, and never shows an error that nobody planned."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        make_safe(errors)


@cache
def operations() -> frozenset[str]:
    """The names of all questions and changes."""
    roots = (make_schema()._schema.query_type, make_schema()._schema.mutation_type)
    return frozenset(name for root in roots if root is not None for name in root.fields)


@cache
def make_schema() -> Schema:
    """The schema of the service, one a process."""
    return Schema(
        query=Query,
        types=KIND_TYPES,
        extensions=[WithinLimits],
        config=StrawberryConfig(scalar_map={Long: LONG}),
    )
