"""Every answer is counted and written down before it leaves."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from typing import get_type_hints

import msgspec
import pytest

from graphsvc.access.audit import Auditor, Entry
from graphsvc.access.audit_index import SubjectIndex
from graphsvc.access.refusals import Refusals
from graphsvc.access.verify import verify
from graphsvc.api import types
from graphsvc.api.accounting import NAMING
from graphsvc.api.schema import make_schema
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


@pytest.mark.parametrize(
    "query",
    [
        '{ coOffenders(id: "fr-file:anna") { found { cases } } }',
        '{ crossBorder(ids: ["fr-file:anna", "fr-file:bela"]) { jurisdictions { records } } }',
    ],
)
def test_ids_in_lists_are_written_down_too(ask: Ask, books: Auditor, database: Database, query: str) -> None:
    file = File("FR", "fr-cases")
    file.record("Case", "case", number="7", country="FR")
    for person in ("anna", "bela"):
        file.link(f"fr-file:{person}", "INVOLVED_IN", "case", role="suspect")
    file.load(database)
    answer = ask(query, ncb="DE")
    assert "errors" not in answer, answer

    index = SubjectIndex(books)
    assert len(index.entries("fr-cases:case" if "cases" in query else "fr-file:bela")) == 1


def test_lists_of_ids_are_known_by_their_descriptions() -> None:
    """A list that says that it holds ids is noted, whatever struct it stands in."""
    untold = [
        f"{name}.{field.name}"
        for name, struct in types.MADE.items()
        for field in msgspec.structs.fields(struct)
        if (hint := get_type_hints(struct, include_extras=True)[field.name])
        if types.graphql(hint) == list[str] and re.search(r"\b[Ii]ds?\b", _described(hint))
        if field.name not in NAMING
    ]
    assert make_schema()
    assert untold == []


def _described(hint: object) -> str:
    metas = getattr(hint, "__metadata__", ())
    return " ".join(meta.description or "" for meta in metas if isinstance(meta, msgspec.Meta))


# those who are refused


def test_refused_tokens_are_written_down_together_and_name_nobody(
    send: Send, books: Auditor, api_settings: Settings
) -> None:
    forged = bearer(api_settings, sub="mallory", ncb="DE")[:-4] + "AAAA"
    for header in ({}, {"authorization": forged}):
        assert send({"query": "{ me { ncb } }"}, headers=header).status_code == 401

    made = entries(books)
    assert [(one.who, one.ncb, one.operation, one.outcome) for one in made] == [
        ("", "", "refused", "UNAUTHENTICATED")
    ] * 2
    assert [one.about["times"] for one in made] == [1, 1]
    assert verify(books.chain, books.seals).findings == []


def test_a_flood_of_bad_tokens_is_few_entries(books: Auditor) -> None:
    refusals = Refusals(books)

    async def go() -> None:
        await asyncio.gather(*(refusals.token() for _ in range(500)))

    asyncio.run(go())
    books.close()
    assert sum(one.about["times"] for one in entries(books)) == 500
    assert len(entries(books)) < 10


@pytest.mark.parametrize(("purpose", "written"), [("ARREST", "ARREST"), ("find Anna", ""), (None, "")])
def test_refused_purposes_are_written_down_without_what_else_was_sent(
    send: Send, books: Auditor, api_settings: Settings, purpose: str | None, written: str
) -> None:
    token = bearer(api_settings, sub="dieter", ncb="DE", purposes=("LOCATE", "IDENTIFY"))
    headers = {"authorization": token} | ({"graphsvc-purpose": purpose} if purpose else {})
    assert send({"query": '{ searchEntities(text: "Anna") { total } }'}, headers=headers).status_code == 403

    (made,) = entries(books)
    assert (made.who, made.ncb, made.purpose, made.outcome) == ("dieter", "DE", written, "FORBIDDEN")
    text = b"".join(books.chain.log(segment).read_bytes() for segment in books.chain.segments())
    assert b"Anna" not in text


def test_no_refusal_when_it_cannot_be_written(send: Send, books: Auditor, api_settings: Settings) -> None:
    folder = api_settings.home / "audit"
    folder.write_text("in the way")
    try:
        answer = send({"query": "{ me { ncb } }"})
    finally:
        folder.unlink()
    assert answer.status_code == 503
