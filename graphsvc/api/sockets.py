"""Subscriptions over web sockets (graphql-transport-ws). The caller's headers come with the handshake or, as browsers
can't set them there, in the first message."""

from datetime import timedelta
from typing import Any

import structlog
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.types.unset import UNSET, UnsetType

from graphsvc.access.view import Door
from graphsvc.api.context import Callers, Connection
from graphsvc.api.limits import Limits, check_nesting
from graphsvc.api.schema import Schema
from graphsvc.errors import Error

log = structlog.get_logger("graphsvc.api")

INIT_SECONDS = 10
"""How long a socket may stay open without saying who it is."""
MOST_SUBSCRIPTIONS = 20


class Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """Logs what went wrong by its type, never with its text."""

    async def handle_task_exception(self, error: Exception) -> None:
        log.error("subscription", type=type(error).__name__)


class Sockets(GraphQL[Any, None]):
    """An ASGI application for the web sockets of one path."""

    graphql_transport_ws_handler_class = Handler

    def __init__(self, schema: Schema, callers: Callers, limits: Limits) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
            max_subscriptions_per_connection=MOST_SUBSCRIPTIONS,
        )
        self._callers = callers
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.run(WebSocket(scope, receive, send))

    async def get_context(self, request: Any, response: Any) -> Connection:
        door: Door = request.app.state.door
        return Connection(dict(request.headers), door, self._limits)

    async def on_ws_connect(self, context: Connection) -> UnsetType | dict[str, object] | None:
        try:
            context.known = await self._callers.of(context.all_headers(), context.refusals)
        except Error as error:
            log.info("socket refused", code=error.code)
            raise ConnectionRejectionError from None
        accepted: UnsetType = UNSET
        return accepted

    def decode_json(self, data: str | bytes) -> object:
        text = data if isinstance(data, str) else data.decode()
        try:
            check_nesting(text)
        except Error:
            return {}  # answered as a message that cannot be read
        return super().decode_json(data)
