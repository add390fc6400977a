"""The service as callers meet it: the application on a real store, asked over HTTP without a network.

``ask``  sends a question as one of the callers below and gives the answer; ``send`` gives the whole response.
"""

import time
from collections.abc import Callable
from typing import Any, TypeAlias

import anyio
import httpx
import msgspec
import pytest

from graphsvc.access.tokens import Claims, issue
from graphsvc.api.application import create_app
from graphsvc.model.vocabulary import Purpose
from graphsvc.settings import Settings
from graphsvc.store.database import Database

Send: TypeAlias = Callable[..., httpx.Response]
Ask: TypeAlias = Callable[..., dict[str, Any]]

ALL = tuple(Purpose)


@pytest.fixture(scope="session")
def api_settings(open_server: Settings) -> Settings:
    """Settings of the service under test."""
    return open_server.model_copy(update={"demo": True, "request_seconds": 600.0})


def bearer(settings: Settings, **claims: Any) -> str:
    """The header of a caller; an analyst of France at the highest level unless told otherwise."""
    given = {
        "sub": "analyst",
        "ncb": "FR",
        "exp": time.time() + 600,
        "level": "CONFIDENTIAL",
        "purposes": ALL,
    }
    return "Bearer " + issue(settings, msgspec.convert(given | claims, Claims))


@pytest.fixture
def send(database: Database, api_settings: Settings) -> Send:
    """``send(body, headers…)`` posts to /graphql in an application of its own."""
    return sender(api_settings)


def sender(settings: Settings) -> Send:
    """The same for any settings."""

    def request(
        body: object, *, method: str = "POST", path: str = "/graphql", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        async def go() -> httpx.Response:
            app = create_app(settings)
            async with app.router.lifespan_context(app):
                transport = httpx.ASGITransport(app)
                async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                    content = body if isinstance(body, bytes) else None
                    json = None if isinstance(body, bytes) or body is None else body
                    return await client.request(method, path, content=content, json=json, headers=headers)

        return anyio.run(go)

    return request


@pytest.fixture
def ask(send: Send, api_settings: Settings) -> Ask:
    """``ask(text, variables, ncb="DE")`` gives the decoded answer of a caller."""

    def question(text: str, variables: dict[str, Any] | None = None, **claims: Any) -> dict[str, Any]:
        headers = {
            "authorization": bearer(api_settings, **claims),
            "graphsvc-purpose": "INVESTIGATE",
            "graphsvc-case": "2024/17",
        }
        answer: dict[str, Any] = send({"query": text, "variables": variables}, headers=headers).json()
        return answer

    return question
