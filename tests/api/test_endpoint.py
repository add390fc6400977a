"""POST /graphql: who gets in, what is read, and what is said when it goes wrong."""

import json
import time
from typing import Any

import pytest
from joserfc.jwk import ECKey

from graphsvc.access.tokens import Claims, sign
from graphsvc.analysis import search
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.api.conftest import Ask, Send, bearer, sender

RESPONSE = "application/graphql-response+json"
ME = {"query": "{ me { ncb purpose case level } }"}


def code(body: dict[str, Any]) -> str:
    """The one code of an answer."""
    (error,) = body["errors"]
    found: str = error["extensions"]["code"]
    return found


@pytest.fixture
def known(api_settings: Settings) -> dict[str, str]:
    """Headers of a caller who may ask."""
    return {
        "authorization": bearer(api_settings),
        "graphsvc-purpose": "investigate",
        "graphsvc-case": "2024/17",
        "accept": RESPONSE,
    }


def test_a_caller_is_understood(send: Send, known: dict[str, str]) -> None:
    answer = send(ME, headers=known)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{RESPONSE}; charset=utf-8"
    assert answer.json() == {
        "data": {"me": {"ncb": "FR", "purpose": "INVESTIGATE", "case": "2024/17", "level": "CONFIDENTIAL"}}
    }


# nobody gets anything


@pytest.mark.parametrize(
    "query", ["{ me { ncb } }", "{ __schema { types { name } } }", "{ __typename }", "not even"]
)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x.y.z", "Basic YTpi"])
def test_without_a_token_there_is_nothing(send: Send, query: str, header: str | None) -> None:
    answer = send({"query": query}, headers={} if header is None else {"authorization": header})

    assert answer.status_code == 401
    assert "data" not in answer.json()
    assert code(answer.json()) == "UNAUTHENTICATED"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_forged_token_is_refused(send: Send, api_settings: Settings, known: dict[str, str]) -> None:
    claims = Claims(sub="x", ncb="FR", exp=time.time() + 60)
    forged = sign(claims, ECKey.generate_key("P-256", auto_kid=True), issuer="graphsvc", audience="graphsvc")

    assert code(send(ME, headers=known | {"authorization": f"Bearer {forged}"}).json()) == "UNAUTHENTICATED"


def test_an_expired_token_is_refused(send: Send, api_settings: Settings, known: dict[str, str]) -> None:
    expired = bearer(api_settings, exp=time.time() - 60)

    answer = send(ME, headers=known | {"authorization": expired})

    assert code(answer.json()) == "UNAUTHENTICATED"
    assert "expired" in answer.json()["errors"][0]["message"]


def test_a_purpose_beyond_the_token_is_refused(
    send: Send, api_settings: Settings, known: dict[str, str]
) -> None:
    narrow = bearer(api_settings, purposes=("TRENDS",))

    answer = send(ME, headers=known | {"authorization": narrow})

    assert answer.status_code == 403
    assert code(answer.json()) == "FORBIDDEN"


def test_the_only_purpose_of_a_token_need_not_be_named(send: Send, api_settings: Settings) -> None:
    answer = send(ME, headers={"authorization": bearer(api_settings, purposes=("TRENDS",))})

    assert answer.json()["data"]["me"]["purpose"] == "TRENDS"


@pytest.mark.parametrize("left_out", ["graphsvc-purpose", "graphsvc-case"])
def test_why_and_for_which_case_must_be_said(send: Send, known: dict[str, str], left_out: str) -> None:
    headers = {name: value for name, value in known.items() if name != left_out}

    assert code(send(ME, headers=headers).json()) == "FORBIDDEN"


def test_an_operator_may_open_the_schema_and_nothing_else(database: Database, api_settings: Settings) -> None:
    opened = sender(api_settings.model_copy(update={"open_schema": True}))

    assert opened({"query": "{ __schema { queryType { name } } }"}).json()["data"]["__schema"]["queryType"]
    for query in (
        "{ me { ncb } }",
        "{ __typename me { ncb } }",
        "{ ...A } fragment A on Query { me { ncb } }",
        "{",
    ):
        answer = opened({"query": query})
        assert answer.status_code == 401
        assert code(answer.json()) == "UNAUTHENTICATED"
    assert opened({"query": "{ __typename }"}, headers={"authorization": "Bearer x.y.z"}).status_code == 401


# what is read


def test_another_method_is_refused(send: Send, known: dict[str, str]) -> None:
    answer = send(None, method="GET", path="/graphql?query={__typename}", headers=known)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("application/json", 200), ('application/json; charset="UTF-8"', 200), ("text/plain", 415),
     ("application/json; charset=latin-1", 415)],
)  # fmt: skip
def test_only_json_in_utf8_is_read(send: Send, known: dict[str, str], content_type: str, status: int) -> None:
    answer = send(json.dumps(ME).encode(), headers=known | {"content-type": content_type})

    assert answer.status_code == status


def test_an_answer_that_nobody_can_read_is_not_sent(send: Send, known: dict[str, str]) -> None:
    assert send(ME, headers=known | {"accept": "text/html"}).status_code == 406


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"query"',
        b'{"query": 1}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "operationName": 7}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5000 + b"}}",
        b"[" * 100_000,
        b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 40_000 + b"1" + b"}" * 40_000 + b"}",
        b'{"query": "{ a(x: ' + b"9" * 5000 + b') }"}',
        b'{"query": "' + b"{a" * 10_000 + b'"}',
        b'{"query": "\xff"}',
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_a_body_that_cannot_be_read_is_named(send: Send, known: dict[str, str], body: bytes) -> None:
    answer = send(body, headers=known | {"content-type": "application/json"})

    assert answer.status_code == 400
    assert "data" not in answer.json()
    assert code(answer.json()) in ("BAD_INPUT", "LIMIT")


def test_a_body_too_large_is_refused(send: Send, known: dict[str, str]) -> None:
    answer = send({"query": "#" * 300_000}, headers=known)

    assert answer.status_code == 413
    assert code(answer.json()) == "LIMIT"


# errors of the question


@pytest.mark.parametrize(
    "query",
    ["", "{", "{ nothing }", "query A { me { ncb } } query B { me { ncb } }",
     'query($n: Int!) { entity(id: "a:b") { id } }',
     "subscription { x }", "mutation { x }", "fragment A on Query { ...B } fragment B on Query { ...A } { ...A }"],
)  # fmt: skip
def test_a_bad_question_is_a_bad_request(send: Send, known: dict[str, str], query: str) -> None:
    answer = send({"query": query}, headers=known)

    assert answer.status_code == 400
    assert set(answer.json()) == {"errors"}
    assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {"BAD_INPUT"}


def test_a_bad_question_is_answered_in_plain_json_with_200(send: Send, known: dict[str, str]) -> None:
    assert send({"query": "{ nothing }"}, headers=known | {"accept": "application/json"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("{ me " * 1 + "{ ncb } " + "".join(f"a{i}: me {{ ncb }} " for i in range(20)) + "}", "operations"),
        ("{ __schema { types " + "{ fields { type " * 12 + "{ name }" + " } }" * 12 + " } }", "depth"),
        ("{ me { " + "ncb " * 2000 + "} }", "fields"),
        (
            "{ me { ...f0 } } "
            + "".join(f"fragment f{i} on Me {{ ...f{i + 1} ...f{i + 1} }} " for i in range(20))
            + "fragment f20 on Me { ncb }",
            "fields",
        ),
    ],
    ids=["aliases", "depth", "fields", "fragments"],
)
def test_a_question_too_large_is_refused(send: Send, known: dict[str, str], query: str, what: str) -> None:
    answer = send({"query": query}, headers=known)

    assert answer.status_code == 400
    assert code(answer.json()) == "LIMIT"
    assert what in answer.json()["errors"][0]["message"]


def test_what_is_absent_is_not_found(ask: Ask) -> None:
    answer = ask('{ entity(id: "fr-file:nobody") { id } }')

    assert answer["data"] is None
    assert code(answer) == "NOT_FOUND"
    assert answer["errors"][0]["path"] == ["entity"]


def test_nothing_internal_leaks(send: Send, known: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure that nobody planned names neither itself nor the person asked for; nor do the logs."""
    from structlog.testing import capture_logs

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("bolt://secret Mara Invented")

    monkeypatch.setattr(search, "search", fail)
    with capture_logs() as lines:
        answer = send({"query": '{ searchEntities(text: "Mara Invented") { total } }'}, headers=known).json()

    assert code(answer) == "INTERNAL"
    assert answer["errors"][0]["extensions"]["reference"] in answer["errors"][0]["message"]
    for text in (json.dumps(answer), repr(lines)):
        assert "secret" not in text
        assert "Mara" not in text
    assert any(line["event"] == "unexpected" and line["type"] == "RuntimeError" for line in lines)
