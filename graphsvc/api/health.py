"""/livez: the process answers. /readyz: it can answer questions."""

import asyncio

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from graphsvc.access.view import Door
from graphsvc.errors import Error

log = structlog.get_logger("graphsvc.api")

SECONDS = 5.0


async def livez(_: Request) -> Response:
    """The process is there."""
    return JSONResponse({"alive": True})


async def readyz(request: Request) -> Response:
    """The store answers, is the one it should be and has its schema, and the topology is open."""
    door: Door = request.app.state.door
    try:
        async with asyncio.timeout(SECONDS):
            await door.check()
    except (Error, TimeoutError) as error:
        code = error.code if isinstance(error, Error) else "TIMEOUT"
        log.warning("not ready", code=code)
        return JSONResponse({"ready": False, "code": code}, 503)
    return JSONResponse({"ready": True})
