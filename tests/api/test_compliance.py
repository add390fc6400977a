"""Oversight through GraphQL: what officers do, and that nobody else can."""

from typing import Any

import pytest

from graphsvc.settings import Settings
from graphsvc.store.agreements import set_members
from graphsvc.store.database import Database
from tests.api.conftest import Send, bearer
from tests.world import File

pytestmark = pytest.mark.neo4j

OFFICER: dict[str, Any] = {"ncb": "IPSG", "sub": "officer", "roles": ("compliance",)}


class As:
    """Questions under one purpose."""

    def __init__(self, send: Send, settings: Settings) -> None:
        self._send = send
        self._settings = settings

    def __call__(self, text: str, purpose: str = "COMPLIANCE", **claims: Any) -> dict[str, Any]:
        headers = {"authorization": bearer(self._settings, **claims), "graphsvc-purpose": purpose}
        answer: dict[str, Any] = self._send({"query": text}, headers=headers).json()
        return answer


@pytest.fixture
def ask_as(send: Send, api_settings: Settings) -> As:
    return As(send, api_settings)


@pytest.fixture(autouse=True)
def world(database: Database) -> None:
    """A country's red notice without a penalty, and a diffusion on the same person."""
    file = File("XA")
    file.person("boris")
    for id_, colour in (("red", "red"), ("blue", "blue")):
        file.record("Notice", id_, colour=colour, issuer="XA", charges=["theft"], diffusion=colour == "blue")
        file.link("boris", "SUBJECT_OF", id_)
    file.load(database)


def test_a_review_from_the_queue_to_the_block(ask_as: As) -> None:
    (first, second) = ask_as("{ reviewQueue { id triggers meanings publication } }", **OFFICER)["data"][
        "reviewQueue"
    ]
    assert (first["id"], second["id"]) == ("xa-file:blue", "xa-file:red")
    assert "below two years" in str(second["meanings"])
    answer = ask_as(
        'mutation { reviewCompliance(id: "xa-file:red", decision: "blocked", reason: "no penalty") { id } }',
        **OFFICER,
    )

    assert [one["id"] for one in answer["data"]["reviewCompliance"]] == ["xa-file:blue", "xa-file:boris"]
    gone = ask_as('{ entity(id: "xa-file:red") { id } }', purpose="LOCATE", ncb="XA")
    assert gone["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    kept = ask_as('{ reviewRemarks(id: "xa-file:red") { text decision by } }', **OFFICER)
    assert kept["data"]["reviewRemarks"] == [{"text": "no penalty", "decision": "blocked", "by": "officer"}]
    report = ask_as(
        "{ noticePatterns { issuers { issuer refused refusalRate } findings { pattern } } }", **OFFICER
    )
    assert report["data"]["noticePatterns"]["issuers"] == [{"issuer": "XA", "refused": 1, "refusalRate": 0.5}]


@pytest.mark.parametrize(
    "text",
    [
        "{ reviewQueue { id } }",
        '{ reviewRemarks(id: "xa-file:red") { text } }',
        '{ sameFacts(id: "xa-file:red") { id } }',
        "{ noticePatterns { findings { issuer } } }",
        '{ subjectFile(request: "x") { id } }',
        "{ subjectRequests { id } }",
        'mutation { reviewCompliance(id: "xa-file:red", decision: "blocked", reason: "x") { id } }',
        'mutation { addRemark(id: "xa-file:red", text: "x") }',
        'mutation { setPublication(id: "xa-file:red", publication: "cancelled") }',
        'mutation { noteFact(person: "xa-file:boris", kind: "asylum", country: "FR") }',
        'mutation { subjectRequest(kind: "access", applicant: "x", name: "boris") }',
        'mutation { answerSubjectRequest(id: "x", answer: "deleted", reason: "x") }',
        'mutation { leaveAgreement(name: "PRUM", reason: "x") }',
    ],
)
@pytest.mark.parametrize("purpose", ["COMPLIANCE", "LOCATE"])
def test_nobody_else_can(ask_as: As, text: str, purpose: str) -> None:
    answer = ask_as(text, purpose=purpose, ncb="XA")

    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_a_member_leaves_an_agreement(ask_as: As, database: Database) -> None:
    set_members(database, "PRUM", ["FR", "XA"], by="operator", reason="signed")
    answer = ask_as(
        'mutation { leaveAgreement(name: "PRUM", reason: "denounced") }', ncb="XA", roles=("liaison",)
    )

    assert answer["data"]["leaveAgreement"] == ["FR"]
    assert ask_as("{ agreements { name members } }")["data"]["agreements"] == [
        {"name": "PRUM", "members": ["FR"]}
    ]


def test_a_contact_is_shown_and_no_more(ask_as: As, database: Database) -> None:
    file = File("FR", allow=frozenset(), hit="contact")
    file.passport("pass", "12AB34567", "FR")
    file.load(database)
    (contact,) = ask_as('{ contacts(keys: ["doc:FR:passport:12AB34567"]) { key reference } }', ncb="DE")[
        "data"
    ]["contacts"]

    assert contact["reference"].startswith("contact-")
    answer = ask_as(
        f'mutation {{ requestToOwner(kind: "contact", about: "{contact["reference"]}", reason: "our case", '
        'deadline: "2999-01-01") }',
        ncb="DE",
    )
    assert answer["data"]["requestToOwner"] == [contact["reference"]]


def test_a_person_asks_through_an_officer(ask_as: As) -> None:
    officer: dict[str, Any] = {"ncb": "IPSG", "roles": ("subject-requests",)}
    id = ask_as(
        'mutation { subjectRequest(kind: "access", applicant: "2026/17", name: "boris") }', **officer
    )["data"]["subjectRequest"]
    (part,) = ask_as("{ subjectRequests { id records } }", ncb="XA", roles=("liaison",))["data"][
        "subjectRequests"
    ]
    assert part["records"] == ["xa-file:boris"]
    ask_as(
        f'mutation {{ answerSubjectRequest(id: "{part["id"]}", answer: "disclosed", reason: "nothing open") }}',
        ncb="XA",
        roles=("liaison",),
    )

    (record,) = ask_as(
        f'{{ subjectFile(request: "{id}") {{ id properties {{ name value }} links }} }}', **officer
    )["data"]["subjectFile"]
    assert record["id"] == "xa-file:boris"
    assert {"name": "name", "value": "boris"} in record["properties"]
    assert len(record["links"]) == 2
