"""Owners through GraphQL: France restricts, Germany asks, France answers."""

from collections.abc import Callable
from typing import Any

import pytest

from graphsvc.model import days
from graphsvc.model.handling import make
from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.world import File

pytestmark = pytest.mark.neo4j

ANNA = '{ entity(id: "fr-file:anna") { caption conditions } }'
CHANGE = """
mutation($op: String = "restrict", $ids: [ID!]!, $terms: HandlingTerms) {
  changeHandling(op: $op, ids: $ids, terms: $terms, reason: "source at risk") { id op state records by }
}
"""

Speak = Callable[..., dict[str, Any]]


@pytest.fixture
def file(database: Database) -> File:
    """France knows Anna and Bela; all is open."""
    file = File("FR")
    file.person("anna")
    file.person("bela")
    file.link("anna", "ASSOCIATE_OF", "bela", id_="tie")
    file.load(database)
    return file


@pytest.fixture
def speak(ask: Ask, file: File) -> Speak:
    """Ask as one who speaks for a contributor, France unless told otherwise."""

    def question(text: str, variables: dict[str, Any] | None = None, ncb: str = "FR") -> dict[str, Any]:
        return ask(text, variables, ncb=ncb, sub=f"desk of {ncb}", roles=["liaison"])

    return question


def code(answer: dict[str, Any]) -> str:
    found: str = answer["errors"][0]["extensions"]["code"]
    return found


def test_a_restriction_counts_from_the_next_request(ask: Ask, speak: Speak) -> None:
    assert ask(ANNA, ncb="DE")["data"]["entity"]["caption"] == "anna"
    made = speak(CHANGE, {"ids": ["fr-file:anna"], "terms": {"deny": ["DE"]}})["data"]["changeHandling"]

    assert (made["state"], made["records"], made["by"]) == ("in force", ["fr-file:anna"], "desk of FR")
    assert code(ask(ANNA, ncb="DE")) == "NOT_FOUND"
    assert ask(ANNA, ncb="ES")["data"]["entity"]["caption"] == "anna"


def test_a_decision_is_taken_back_whole(ask: Ask, speak: Speak) -> None:
    made = speak(CHANGE, {"ids": ["fr-file:anna"], "terms": {"only": [], "conditions": ["ask first"]}})
    id = made["data"]["changeHandling"]["id"]
    assert code(ask(ANNA, ncb="DE")) == "NOT_FOUND"
    speak('mutation($id: ID!) { releaseDecision(id: $id, reason: "risk is over") { state } }', {"id": id})

    assert ask(ANNA, ncb="DE")["data"]["entity"] == {"caption": "anna", "conditions": []}
    listed = speak("{ decisions { id state reason } }")["data"]["decisions"]
    assert listed == [{"id": id, "state": "released", "reason": "source at risk"}]


@pytest.mark.parametrize("ids", [["fr-file:anna"], ["fr-file:nobody"]])
def test_only_the_owner_changes(speak: Speak, ask: Ask, ids: list[str]) -> None:
    assert code(speak(CHANGE, {"ids": ids, "terms": {"deny": ["ES"]}}, ncb="DE")) == "NOT_FOUND"
    assert ask(ANNA, ncb="ES")["data"]["entity"]["caption"] == "anna"


def test_a_request_to_widen_is_granted(ask: Ask, speak: Speak) -> None:
    speak(CHANGE, {"ids": ["fr-file:bela"], "terms": {"only": ["ES"]}})
    request = """mutation { requestToOwner(kind: "widen", about: "fr-file:bela", reason: "same gang",
                            deadline: "2999-01-01") }"""
    assert code(ask(request, ncb="DE")) == "NOT_FOUND"
    (id,) = ask(request, ncb="ES")["data"]["requestToOwner"]
    (seen,) = speak("{ requests { id kind state asker record } }")["data"]["requests"]

    assert seen == {"id": id, "kind": "widen", "state": "open", "asker": "ES", "record": "fr-file:bela"}
    answer = 'mutation($id: ID!) { answerRequest(id: $id, granted: true, answer: "go on") }'
    assert code(speak(answer, {"id": id}, ncb="ES")) == "NOT_FOUND"
    assert speak(answer, {"id": id})["data"]["answerRequest"] is True
    assert code(speak(answer, {"id": id})) == "CONFLICT"


def test_only_the_source_says_what_a_hit_is(ask: Ask, speak: Speak) -> None:
    id = ask('mutation { openHit(record: "fr-file:anna") }', ncb="DE")["data"]["openHit"]
    review = 'mutation($id: ID!) { reviewHit(id: $id, state: "confirmed", reason: "same prints") }'
    assert code(speak(review, {"id": id}, ncb="DE")) == "NOT_FOUND"
    speak(review, {"id": id})

    (hit,) = speak("{ hits { id state asker record conditions } }", ncb="DE")["data"]["hits"]
    assert hit == {"id": id, "state": "confirmed", "asker": "DE", "record": "fr-file:anna", "conditions": []}


def test_an_owner_sees_who_received_its_record(ask: Ask, speak: Speak) -> None:
    ask(ANNA, ncb="DE", sub="dieter")
    received = '{ received(id: "fr-file:anna") { ncb who purpose case operation } }'

    assert {
        "ncb": "DE", "who": "dieter", "purpose": "INVESTIGATE", "case": "2024/17", "operation": "entity",
    } in speak(received)["data"]["received"]  # fmt: skip
    assert code(speak(received, ncb="DE")) == "NOT_FOUND"


def test_messages_are_read_once(ask: Ask, speak: Speak) -> None:
    ask('mutation { openHit(record: "fr-file:anna") }', ncb="DE")
    (message,) = speak("{ messages { id op about } }")["data"]["messages"]

    assert message["op"] == "hit"
    read = speak("mutation($ids: [ID!]!) { readMessages(ids: $ids) }", {"ids": [message["id"]]})
    assert read["data"]["readMessages"] == 1
    assert speak("{ messages { id } }")["data"]["messages"] == []


def test_retention_is_renewed_for_a_reason(ask: Ask, speak: Speak, database: Database) -> None:
    renew = """mutation($reason: String!) {
      renewRetention(ids: ["fr-file:anna"], until: "2027-06-30", reason: $reason) { op state } }"""

    assert code(speak(renew, {"reason": " "})) == "BAD_INPUT"
    assert speak(renew, {"reason": "trial goes on"})["data"]["renewRetention"]["state"] == "in force"
    assert (
        ask('{ entity(id: "fr-file:anna") { retainUntil } }')["data"]["entity"]["retainUntil"] == "2027-06-30"
    )
    due = speak("{ retentionDue(within: 365) { kind count } }")["data"]["retentionDue"]
    assert due == [{"kind": "Person", "count": 1}]


def test_what_falls_due_is_counted_as_far_as_it_is_seen(speak: Speak, database: Database) -> None:
    soon = days.iso(days.today() + 30)
    more = File("FR", "fr-more")
    more.passport("seen", "AB1", "FR", retain_until=soon)
    more.record("Document", "of-a-unit", handling=make("FR", units=frozenset({"FR-BRI"})), type="passport",
                number="AB2", country="FR", retain_until=days.iso(days.today() + 3))  # fmt: skip
    more.passport("past", "AB3", "FR", retain_until=days.iso(days.today() - 1))
    more.load(database)

    due = speak("{ retentionDue(within: 60) { kind count firstDay } }")["data"]["retentionDue"]
    assert due == [{"kind": "Document", "count": 1, "firstDay": soon}]


@pytest.mark.parametrize(
    "text",
    [
        "{ hits { id } }", "{ requests { id } }", '{ received(id: "fr-file:anna") { who } }', "{ messages { id } }",
        "{ decisions { id } }", "{ retentionDue { count } }",
        'mutation { changeHandling(op: "restrict", ids: ["fr-file:anna"], reason: "no") { id } }',
        'mutation { releaseDecision(id: "x", reason: "no") { id } }',
        'mutation { reviewHit(id: "x", state: "false", reason: "no") }',
        'mutation { answerRequest(id: "x", granted: true, answer: "no") }',
        'mutation { forwardAnswer(reference: "x", answer: "no") }',
        'mutation { renewRetention(ids: ["fr-file:anna"], until: "2027", reason: "no") { id } }',
        'mutation { readMessages(ids: ["x"]) }',
    ],
)  # fmt: skip
def test_only_those_who_speak_for_a_contributor_may(ask: Ask, file: File, text: str) -> None:
    assert code(ask(text)) == "FORBIDDEN"


@pytest.mark.parametrize(
    "variables",
    [{"op": "block", "ids": ["fr-file:anna"]}, {"op": "erase", "ids": ["fr-file:anna"]}],
)
def test_what_an_owner_cannot_do_is_named(speak: Speak, variables: dict[str, Any]) -> None:
    assert code(speak(CHANGE, variables)) == "BAD_INPUT"
