"""Every answer is counted and written down before it leaves."""

import shutil
from collections.abc import Iterator

import pytest

from graphsvc.access.audit import Auditor, Entry
from graphsvc.access.audit_index import SubjectIndex
from graphsvc.access.verify import verify
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.api.conftest import Ask, Send, bearer
from tests.world import File

pytestmark = pytest.mark.neo4j


@pytest.fixture(autouse=True)
def books(database: Database, api_settings: Settings) -> Iterator[Auditor]:
    """A new audit, and Anna and Bela in the graph."""
    shutil.rmtree(api_settings.home / "audit", ignore_errors=True)
    for path in api_settings.home.glob("quotas.sqlite*"):
        path.unlink()
    file = File("FR")
    file.person("anna")
    file.person("bela")
    file.link("anna", "ASSOCIATE_OF", "bela", id_="tie")
    file.load(database)
    yield Auditor(api_settings)
    shutil.rmtree(api_settings.home / "audit", ignore_errors=True)


def entries(auditor: Auditor) -> list[Entry]:
    import msgspec

    return [msgspec.convert(line.open, Entry) for line, _ in auditor.chain.read()]


def test_a_question_is_written_down_with_what_it_was_given(ask: Ask, books: Auditor) -> None:
    ask('{ entity(id: "fr-file:anna") { caption } }', ncb="DE", sub="dieter")

    (made,) = entries(books)
    assert (made.who, made.ncb, made.purpose, made.case) == ("dieter", "DE", "INVESTIGATE", "2024/17")
    assert (made.operation, made.outcome, made.objects) == ("entity", "answered", 1)
    assert made.scope
    assert [given.entry.who for given in SubjectIndex(books).given("fr-file:anna")] == ["dieter"]
    assert verify(books.chain, books.seals).findings == []


def test_nobody_named_is_in_the_open_part(ask: Ask, books: Auditor) -> None:
    ask('query Anna { anna: searchEntities(text: "anna") { hits { id } } }')

    (made,) = entries(books)
    assert made.operation == "searchEntities"
    assert (
        "anna"
        not in b"".join(books.chain.log(s).read_bytes() for s in books.chain.segments()).decode().lower()
    )


def test_links_and_far_ends_count_too(ask: Ask, books: Auditor) -> None:
    ask('{ paths(a: "fr-file:anna", b: "fr-file:bela") { paths { steps { link { type } } } } }')

    index = SubjectIndex(books)
    assert [len(index.entries(f"fr-file:{id}")) for id in ("anna", "bela", "tie")] == [1, 1, 1]


def test_what_is_not_found_is_written_down_as_such(ask: Ask, books: Auditor) -> None:
    ask('{ entity(id: "fr-file:nobody") { caption } }')

    (made,) = entries(books)
    assert (made.outcome, made.objects) == ("NOT_FOUND", 0)


def test_no_answer_when_it_cannot_be_written(ask: Ask, books: Auditor, api_settings: Settings) -> None:
    folder = api_settings.home / "audit"
    folder.write_text("in the way")
    try:
        answer = ask('{ entity(id: "fr-file:anna") { caption } }')
    finally:
        folder.unlink()

    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


def test_the_quota_ends_the_paging(
    send: Send, books: Auditor, api_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphsvc.access import quota

    monkeypatch.setattr(quota.Quotas, "_began", lambda self, span: 0)
    headers = {"authorization": bearer(api_settings), "graphsvc-purpose": "LOCATE"}
    for path in api_settings.home.glob("quotas.sqlite*"):
        path.unlink()
    quotas = quota.Quotas(api_settings)
    from graphsvc.access.caller import Caller
    from graphsvc.model.vocabulary import Level, Purpose

    quotas.add(Caller("analyst", "FR", Level.OFFICIAL, Purpose.LOCATE), api_settings.objects_hour - 1)
    quotas.close()
    one = send({"query": '{ entity(id: "fr-file:anna") { id } }'}, headers=headers).json()
    two = send({"query": '{ entity(id: "fr-file:bela") { id } }'}, headers=headers).json()

    assert one["data"]
    assert "data" not in two
    assert two["errors"][0]["extensions"]["code"] == "LIMIT"
    assert [made.outcome for made in entries(books)] == ["answered", "LIMIT"]
