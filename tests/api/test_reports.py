"""Reports through GraphQL."""

from base64 import b64decode
from threading import Event

import pytest

from graphsvc.store.database import Database
from graphsvc.topology import warm
from tests.api.conftest import Ask
from tests.world import File

pytestmark = pytest.mark.neo4j

REPORT = """
query($topic: String!, $to: [String!]!, $format: String = "html", $subjects: [ID!], $where: EventFilter) {
  report(topic: $topic, recipients: $to, format: $format, subjects: $subjects, where: $where) {
    reference recipients conditions name mediaType content asOf } }
"""


@pytest.fixture
def world(database: Database) -> Database:
    """A gang that all may see, and a spy of Germany's in it."""
    file, secret = File("FR", conditions=("ask first",)), File("DE", level=3, allow=frozenset({"DE"}))
    file.person("boss", name="Mara Invented")
    file.link("boss", "ASSOCIATE_OF", file.person("driver", name="Ivo Madeup"))
    file.record("Event", "e1", type="seizure", time="2024-01-05", country="FR", commodity="cocaine")
    file.load(database)
    secret.person("spy", name="Hidden Person")
    secret.link("spy", "ASSOCIATE_OF", "fr-file:boss")
    secret.record("Event", "e2", type="seizure", time="2024-01-06", country="DE", commodity="heroin")
    secret.load(database)
    return database


def test_a_report_tells_what_all_recipients_may_see(world: Database, ask: Ask) -> None:
    given = {"topic": "case", "to": ["FR", "DE"], "subjects": ["fr-file:boss"]}
    found = ask(REPORT, given, ncb="DE")["data"]["report"]
    assert "Ivo Madeup" in found["content"]
    assert "Hidden Person" not in found["content"]
    assert "OFFICIAL - for FR, DE only" in found["content"]
    assert found["conditions"] == ["ask first"]


def test_a_network_report_is_drawn_on_what_all_recipients_may_see(world: Database, ask: Ask) -> None:
    given = {"topic": "network", "to": ["FR", "DE"], "subjects": ["fr-file:boss"]}
    found = ask(REPORT, given, ncb="DE")["data"]["report"]
    assert "Drawing of 2 records" in found["content"]
    assert "Hidden Person" not in found["content"]


def test_a_network_report_that_comes_while_kernels_are_compiled_is_told_to_come_back(
    world: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = Event()
    begun.set()
    monkeypatch.setattr(warm, "_begun", begun)
    monkeypatch.setattr(warm, "_whole_ended", Event())
    monkeypatch.setattr(warm, "LONG_PATIENCE", 0.1)
    monkeypatch.setattr(warm, "warm", lambda: None)  # the application would begin it, and end it, by itself
    error = ask(REPORT, {"topic": "network", "to": ["FR"], "subjects": ["fr-file:boss"]})["errors"][0]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert "ask again soon" in error["message"]


def test_a_report_is_registered_with_the_records_that_it_names(world: Database, ask: Ask) -> None:
    given = {"topic": "case", "to": ["DE"], "subjects": ["fr-file:boss"]}
    found = ask(REPORT, given)["data"]["report"]
    rows = world.rows(
        "MATCH (x:Export {id: $id}) RETURN x.what AS what, x.recipients AS to", id=found["reference"]
    )
    assert rows == [{"what": "report: Case report, fr-file:boss", "to": ["DE"]}]
    released = world.rows("MATCH (r:Released {export: $id}) RETURN r.record AS record", id=found["reference"])
    assert {"fr-file:boss", "fr-file:driver"} <= {row["record"] for row in released}
    assert not any(row["record"].startswith("de-file") for row in released)


def test_trends_come_as_pdf_too(world: Database, ask: Ask) -> None:
    given = {"topic": "trends", "to": ["FR"], "format": "pdf", "where": {"since": "2024"}}
    found = ask(REPORT, given)["data"]["report"]
    assert (found["name"], found["mediaType"]) == ("trends.pdf", "application/pdf")
    assert b64decode(found["content"]).startswith(b"%PDF")
    assert found["conditions"] == ["ask first"]


@pytest.mark.parametrize(
    "given", [{"topic": "gossip", "to": ["FR"]}, {"topic": "trends", "to": []},
              {"topic": "trends", "to": ["FR"], "format": "docx"}]
)  # fmt: skip
def test_what_cannot_be_reported_is_said(world: Database, ask: Ask, given: dict[str, object]) -> None:
    assert ask(REPORT, given)["errors"][0]["extensions"]["code"] == "BAD_INPUT"


def test_a_hidden_subject_is_not_found(world: Database, ask: Ask) -> None:
    given = {"topic": "case", "to": ["FR"], "subjects": ["de-file:spy"]}
    assert ask(REPORT, given)["errors"][0]["extensions"]["code"] == "NOT_FOUND"
