"""Subscriptions on a real server: what is watched, and what a restriction does to it."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from graphsvc.access.jobs import Job
from graphsvc.analysis import groups
from graphsvc.api.application import create_app
from graphsvc.api.schema import make_schema
from graphsvc.model.narrowing import Terms
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.decisions import Decider, Op, Order, decide, release
from tests.api.conftest import bearer
from tests.world import File

pytestmark = pytest.mark.neo4j

FRANCE = Decider("claire", "FR", "FR")
WATCH = 'subscription { watch(ids: ["fr-file:anna", "fr-file:bela"]) { records { id state record { caption } } } }'
SECONDS = 180
"""How long an event is waited for: long, because it is no measure of time here."""


@pytest.fixture
def file(database: Database) -> File:
    """Anna and Bela, open to all."""
    file = File("FR")
    file.person("anna")
    file.person("bela")
    file.link("anna", "ASSOCIATE_OF", "bela", id_="tie")
    file.load(database)
    return file


@pytest.fixture
def port(api_settings: Settings, file: File) -> Iterator[int]:
    """A served application; the number of its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(api_settings), log_config=None, ws="websockets-sansio", lifespan="on")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    until = time.monotonic() + SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


@contextmanager
def opened(port: int, payload: dict[str, str], **headers: str) -> Iterator[ClientConnection]:
    """A connection that has said who it is."""
    with connect(
        f"ws://127.0.0.1:{port}/graphql",
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        additional_headers=headers,
        open_timeout=SECONDS,
    ) as connection:
        connection.send(json.dumps({"type": "connection_init", "payload": payload}))
        yield connection


def known(settings: Settings, **claims: Any) -> dict[str, str]:
    return {"Authorization": bearer(settings, ncb="DE", **claims), "Graphsvc-Purpose": "LOCATE"}


def received(connection: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(connection.recv(timeout=SECONDS))
    return message


def subscribed(connection: ClientConnection, query: str) -> None:
    assert received(connection)["type"] == "connection_ack"
    connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))


def states(message: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    records = message["payload"]["data"]["watch"]["records"]
    return [(one["id"], one["state"], one["record"] and one["record"]["caption"]) for one in records]


def test_a_restriction_reaches_an_open_subscription(
    port: int, api_settings: Settings, server_database: Database
) -> None:
    with opened(port, known(api_settings)) as connection:
        subscribed(connection, WATCH)
        first = states(received(connection))
        order = Order(Op.RESTRICT, Terms(deny=("DE",)), ("fr-file:anna",), "source at risk")
        decision = decide(server_database, order, FRANCE)
        second = states(received(connection))
        release(server_database, decision.id, FRANCE, "risk is over")
        third = states(received(connection))

    assert first == [("fr-file:anna", "seen", "anna"), ("fr-file:bela", "seen", "bela")]
    assert second == [("fr-file:anna", "gone", None)]
    assert third == [("fr-file:anna", "changed", "anna")]


def test_hidden_changes_make_no_event(
    port: int, api_settings: Settings, database: Database, server_database: Database, file: File
) -> None:
    with opened(port, known(api_settings)) as connection:
        subscribed(connection, WATCH)
        received(connection)
        quiet = File("ES", allow=frozenset())
        quiet.person("anna", name="Hidden")
        quiet.link("anna", "SAME_AS", "fr-file:anna")
        quiet.load(server_database)
        later = File("FR")
        later.person("bela", name="Bela Invented")
        later.load(server_database)

        assert states(received(connection)) == [("fr-file:bela", "changed", "Bela Invented")]


LONG = {
    "communities": "found { total identities groups { size } } next",
    "community": "size members { id }",
    "overlappingGroups": "total identities",
    "keyPlayers": "players { id } score",
    "removal": "steps { removed { id } largest }",
    "brokers": "identities ranked { who { id } score }",
    "ranking": "identities ranked { who { id } score }",
    "coreStructure": "deepest core { who { id } }",
    "missingLinks": "likely { score }",
}
GIVEN = {"community": '(id: "fr-file:anna")', "keyPlayers": "(k: 1)", "ranking": '(measure: "degree")'}


def test_every_long_question_is_followed_and_then_asked_alike(port: int, api_settings: Settings) -> None:
    schema = make_schema()._schema.subscription_type
    assert schema is not None
    assert {f"{name}Progress" for name in LONG} | {"watch"} == set(schema.fields)
    for name, fields in LONG.items():
        events = []
        with opened(port, known(api_settings)) as connection:
            asked = f"{name}Progress{GIVEN.get(name, '')} {{ stage done answer {{ {fields} }} }}"
            subscribed(connection, f"subscription {{ {asked} }}")
            while (message := received(connection))["type"] == "next":
                events.append(message["payload"]["data"][f"{name}Progress"])
        assert message["type"] == "complete"
        assert all(event["answer"] is None for event in events[:-1])
        assert (events[-1]["stage"], events[-1]["done"]) == ("done", 1.0)
        text = f"{{ {name}{GIVEN.get(name, '')} {{ {fields} }} }}"
        answer = httpx.post(
            f"http://127.0.0.1:{port}/graphql",
            json={"query": text},
            headers=known(api_settings),
            timeout=SECONDS,
        ).json()
        assert events[-1]["answer"] == answer["data"][name]


def test_work_ends_with_the_subscription_that_follows_it(
    port: int, api_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    async def endless(view: object, scope: object, *, job: Job, **asked: object) -> None:
        try:
            while True:
                job.report("dividing")
                await asyncio.sleep(0.05)
        finally:
            assert job.cancelled
            ended.set()

    monkeypatch.setattr(groups, "communities", endless)
    with opened(port, known(api_settings)) as connection:
        subscribed(connection, "subscription { communitiesProgress { stage } }")
        stages = set()
        while "dividing" not in stages:
            stages.add(received(connection)["payload"]["data"]["communitiesProgress"]["stage"])
    assert ended.wait(SECONDS)


def test_the_headers_of_the_handshake_count_too(port: int, api_settings: Settings) -> None:
    with opened(port, {}, **known(api_settings)) as connection:
        assert received(connection)["type"] == "connection_ack"


@pytest.mark.parametrize("payload", [{}, {"Authorization": "Bearer x.y.z"}, {"Authorization": ""}])
def test_nobody_follows_without_a_token(port: int, payload: dict[str, str]) -> None:
    with opened(port, payload) as connection, pytest.raises(ConnectionClosed) as closed:
        connection.recv(timeout=SECONDS)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


def test_a_foreign_page_is_refused(port: int, api_settings: Settings) -> None:
    elsewhere = opened(port, known(api_settings), Origin="https://elsewhere.example")
    with pytest.raises(InvalidStatus), elsewhere:
        pass


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ me { ncb } }", "BAD_INPUT"),
        ("subscription { nothing }", "BAD_INPUT"),
        ("subscription {", "BAD_INPUT"),
        ("subscription { watch(ids: []) { asOf } }", "BAD_INPUT"),
        (
            "subscription { watch(ids: []) { ...A } } fragment A on Watch { ...B } fragment B on Watch { ...A }",
            "BAD_INPUT",
        ),
    ],
)
def test_what_cannot_be_followed_is_named(port: int, api_settings: Settings, query: str, code: str) -> None:
    with opened(port, known(api_settings)) as connection:
        subscribed(connection, query)
        message = received(connection)

    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    assert [error["extensions"]["code"] for error in errors] == [code]


def test_a_subscription_ends_with_its_token(port: int, api_settings: Settings) -> None:
    soon = known(api_settings, exp=time.time() - 7)  # within the leeway of a check, past its own end
    with opened(port, soon) as connection:
        subscribed(connection, WATCH)
        message = received(connection)

    assert message["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
