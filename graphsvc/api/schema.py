"""The schema: every type that the API speaks, with limits before validation and errors made safe."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from functools import cache
from typing import Any

import msgspec
import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from graphsvc.api.accounting import ANSWERED, Asked, account
from graphsvc.api.context import Context
from graphsvc.api.documents import Documents
from graphsvc.api.entities import KIND_TYPES
from graphsvc.api.execution import Execution
from graphsvc.api.faults import make_safe
from graphsvc.api.limits import check_choice, read_document
from graphsvc.api.query import Mutation, Query
from graphsvc.api.types import LONG, Long
from graphsvc.api.watching import Subscription
from graphsvc.errors import Error

valid = Documents()


class WithinLimits(SchemaExtension):
    """Parses the text itself, so that it is measured before anything else looks at it. Texts that front ends send
    again and again are parsed and validated once."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if context.graphql_document is None and context.query:
            limits = context.context.limits
            known = valid.get(context.query, limits)
            context.graphql_document = known or read_document(context.query, limits)
            if known is not None:
                context.pre_execution_errors = []
            check_choice(context.graphql_document, context._provided_operation_name)
            context.context.given.read(context.graphql_document, operations())
        yield

    def on_validate(self) -> Iterator[None]:
        yield
        context = self.execution_context
        if context.query and context.graphql_document is not None and context.pre_execution_errors == []:
            valid.keep(context.query, context.context.limits, context.graphql_document)


class Schema(strawberry.Schema):
    """Never logs a question, which may name someone, and never shows an error that nobody planned."""

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> Any:
        """A subscription on a connection, with a context of its own; each event is counted and audited first."""
        asked = Asked(query or "", variable_values, operation_name)
        context = context_value.context()
        events = await super().stream(
            query,
            variable_values,
            context,
            root_value,
            operation_name,
            operation_extensions,
            {OperationType.SUBSCRIPTION},
        )
        return _accounted(events, context, asked)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        make_safe(errors)


async def _accounted(events: Any, context: Context, asked: Asked) -> AsyncGenerator[ExecutionResult, None]:
    try:
        async with aclosing(events):
            async for event in events:
                yield await _written(event, context, asked)
    except Exception as error:  # before the first event: the text could not be read
        errors = [GraphQLError(str(error), original_error=error)]
        make_safe(errors)
        yield await _written(PreExecutionError(data=None, errors=errors), context, asked)


async def _written(event: ExecutionResult, context: Context, asked: Asked) -> ExecutionResult:
    """The event when it has been counted and audited, the reason why it may not leave otherwise."""
    codes = {str((error.extensions or {})["code"]) for error in event.errors or ()}
    body = msgspec.json.encode(event.data)
    try:
        outcome = ",".join(sorted(codes)) or ANSWERED
        await account(context.office, context.caller, context.scope(), context.given, asked, outcome, body)
    except Error as error:
        return ExecutionResult(data=None, errors=[GraphQLError(str(error), extensions={"code": error.code})])
    return event


@cache
def operations() -> frozenset[str]:
    """The names of all questions and changes."""
    schema = make_schema()._schema
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    return frozenset(name for root in roots if root is not None for name in root.fields)


@cache
def make_schema() -> Schema:
    """The schema of the service, one a process."""
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=KIND_TYPES,
        extensions=[WithinLimits],
        execution_context_class=Execution,
        config=StrawberryConfig(scalar_map={Long: LONG}),
    )
