"""The explorer: GraphiQL with every file served from here, opened with examples that work."""

import json
import time
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from graphsvc.access.tokens import Claims, issue
from graphsvc.errors import SetupError
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings

PAGE = Path(str(files("graphsvc"))) / "web" / "dist"
EXAMPLES = files("graphsvc.api") / "examples"
ORDER = ("link", "community", "trend")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEMO_HOURS = 24

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the editor sets widths and colours of its own lines
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


def examples() -> list[tuple[str, str]]:
    """Name and text of each example question."""
    return [(name, (EXAMPLES / f"{name}.graphql").read_text(encoding="utf-8")) for name in ORDER]


def check_demo(settings: Settings) -> None:
    """Raise SetupError where the demo would hand its token to other machines."""
    if settings.demo and settings.host not in LOOPBACK:
        raise SetupError("GRAPHSVC_DEMO hands out a token, so it needs GRAPHSVC_HOST to be 127.0.0.1.")


def demo_token(settings: Settings) -> str:
    """A local token for the examples, as the demo hands it out."""
    claims = Claims(
        sub="demo",
        ncb="FR",
        exp=time.time() + DEMO_HOURS * 3600,
        level=Level.CONFIDENTIAL.name,
        purposes=(Purpose.INVESTIGATE, Purpose.TRENDS),
    )
    return issue(settings, claims)


def routes(settings: Settings) -> list[BaseRoute]:
    """The page, its files, and what it opens with."""

    async def page(_: Request) -> Response:
        if not (PAGE / "index.html").is_file():
            return PlainTextResponse("The explorer is not built; run `make web`.\n", 503)
        return FileResponse(PAGE / "index.html", headers=HEADERS)

    async def icon(_: Request) -> Response:
        return FileResponse(PAGE / "icon.svg", headers=HEADERS)

    async def opening(_: Request) -> Response:
        token = demo_token(settings) if settings.demo else "PASTE-YOUR-TOKEN-HERE"
        headers = {"Authorization": f"Bearer {token}"}
        headers |= {"Graphsvc-Purpose": Purpose.INVESTIGATE.value, "Graphsvc-Case": "example"}
        tabs = [
            {"query": text, "variables": "", "headers": json.dumps(headers, indent=2)}
            for _, text in examples()
        ]
        return JSONResponse({"tabs": tabs, "note": _note(settings)}, headers=HEADERS)

    return [
        Route("/", page),
        Route("/icon.svg", icon),
        Route("/explorer.json", opening),
        Mount("/assets", _Assets(directory=PAGE / "assets", check_dir=False)),
    ]


def _note(settings: Settings) -> str:
    if settings.demo:
        return "Demo on invented records: a local token is filled in under Headers. Every request needs one."
    return "Put your token under Headers. Nothing that you type here is kept by this browser."


class _Assets(StaticFiles):
    """Files whose names change with their content; workers need the policy too."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(HEADERS | {"cache-control": "public, max-age=31536000, immutable"})
        return response
