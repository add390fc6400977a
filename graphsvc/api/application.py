"""The application: GraphQL, the explorer and the health checks on Starlette."""

import asyncio
import ctypes
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from threading import Thread

from graphql import validate_schema
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.routing import Route, WebSocketRoute

from graphsvc.access.tokens import verifier
from graphsvc.access.view import Door
from graphsvc.api import explorer, health
from graphsvc.api.context import Callers, Context, Nobody
from graphsvc.api.endpoint import Endpoint
from graphsvc.api.limits import Limits
from graphsvc.api.schema import make_schema
from graphsvc.api.sockets import Sockets
from graphsvc.settings import Settings

LOADING = 5.0
"""Seconds that the start waits for kernels: twice what loading them takes, and far less than compiling."""
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of ``mallopt``."""
KEPT = 32 << 20
"""Bytes at one end of a thread's memory that it keeps, and of the largest array that it makes there."""


def create_app(settings: Settings) -> Starlette:
    """The service for these settings. The store is reached when the application starts, not before.

    Raises SetupError where the settings contradict one another.
    """
    explorer.check_demo(settings)
    limits = Limits.of(settings)
    callers = Callers(verifier(settings))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.door, _ = await asyncio.gather(Door.open(settings), asyncio.to_thread(_ready))
        try:
            yield
        finally:
            await app.state.door.close()

    async def context(request: Request) -> Context | Nobody:
        door: Door = request.app.state.door
        refusals = door.office.refusals
        if settings.open_schema and "authorization" not in request.headers:
            return Nobody(limits, refusals)
        known = await callers.of(request.headers, refusals)
        return Context(known.caller, door, limits, known.expires)

    routes = [
        Route("/graphql", Endpoint(make_schema(), settings, context)),
        WebSocketRoute("/graphql", Sockets(make_schema(), callers, limits)),
        Route("/livez", health.livez),
        Route("/readyz", health.readyz),
        *explorer.routes(settings),
    ]
    return Starlette(routes=routes, middleware=_middleware(settings), lifespan=lifespan)


def _ready() -> None:
    """What takes long once and every first question needs, while the door opens. Kernels that were compiled before are
    loaded by then; those of a new version go on compiling in the background, so that its first callers need not wait.
    """
    from graphsvc.analysis.warm import warm

    kernels = Thread(target=_warm, name="warm", daemon=True)
    kernels.start()
    validate_schema(make_schema()._schema)
    warm()
    kernels.join(LOADING)
    _settled()
    _keeping()


@cache
def _settled() -> None:
    """What is there by now stays for good: looking through it for garbage would hold up answers for 50 ms at times."""
    gc.collect()
    gc.freeze()


@cache
def _keeping() -> None:
    """What an answer used up is kept for the next: given back to the system, it would come again page by page, which
    takes an answer over all events a third of its time. Where the C library has no such option, all stays as it is."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(TRIM_THRESHOLD, KEPT)
        mallopt(MMAP_THRESHOLD, KEPT)


def _warm() -> None:
    from graphsvc.topology.warm import warm

    warm()


def _middleware(settings: Settings) -> list[Middleware]:
    """On a loopback address, only requests that name it: a foreign page can't reach it under a name of its own."""
    if settings.host not in explorer.LOOPBACK:
        return []
    return [
        Middleware(TrustedHostMiddleware, allowed_hosts=[*explorer.LOOPBACK, "[::1]"], www_redirect=False)
    ]
