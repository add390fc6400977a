"""Notices: by colour, sender, charge, area, review, publication and day; a page at a time."""

from typing import Any

import pytest

from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.api.conftest import Ask, Send, bearer
from tests.world import File

pytestmark = pytest.mark.neo4j

NOTICES = """
query($where: NoticeWhere, $first: Int! = 50, $after: String) {
  notices(where: $where, first: $first, after: $after) {
    next notices { id colour issuer charges publishedAt diffusion compliance publication
      mark conditions subjectIds } } }
"""
FACTS = "Recruited drivers by false job offers in two towns in the spring of 2024."


@pytest.fixture
def drawer(database: Database) -> Database:
    """Four notices, and one that only France may see."""
    file = File("FR", conditions=frozenset({"no onward use"}))
    red: dict[str, Any] = {
        "colour": "red",
        "issuer": "FR",
        "charges": ["Trafficking in persons"],
        "facts": FACTS,
        "penalty_years": 10.0,
    }
    file.person("mara")
    file.record("Notice", "a", **red, published_at="2024-03-01", areas=["HUMAN_TRAFFICKING"])
    file.record("Notice", "b", **red, published_at="2024-05", diffusion=True)
    file.record("Notice", "c", colour="blue", issuer="ES", charges=["fraud"], published_at="2024-03-01")
    file.record("Notice", "d", colour="green", issuer="FR")
    file.link("mara", "SUBJECT_OF", "a")
    file.load(database)
    own = File("FR", "fr-own", allow=frozenset())
    own.record("Notice", "hidden", **red, published_at="2024-04-01")
    own.person("secret")
    own.link("secret", "SUBJECT_OF", "fr-file:a")
    own.load(database)
    return database


def found(ask: Ask, where: dict[str, Any] | None = None, ncb: str = "DE", **other: Any) -> dict[str, Any]:
    answer = ask(NOTICES, {"where": where, **other}, ncb=ncb)
    assert "errors" not in answer, answer
    page: dict[str, Any] = answer["data"]["notices"]
    return page


def ids(page: dict[str, Any]) -> list[str]:
    return [notice["id"].partition(":")[2] for notice in page["notices"]]


def test_latest_first_with_what_stands_beside_them(drawer: Database, ask: Ask) -> None:
    page = found(ask)

    assert ids(page) == ["b", "a", "c", "d"]
    diffusion, red, _, draft = page["notices"]
    assert (diffusion["mark"], diffusion["compliance"]) == ("not yet reviewed", "not_reviewed")
    assert (red["mark"], red["subjectIds"], red["publication"]) == (None, ["fr-file:mara"], "published")
    assert (draft["publication"], draft["conditions"]) == ("draft", ["no onward use"])
    assert ids(found(ask, ncb="FR")) == ["b", "hidden", "a", "c", "d"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"colours": ["red"]}, ["b", "a"]),
        ({"issuers": ["ES"]}, ["c"]),
        ({"charge": "TRAFFICKING"}, ["b", "a"]),
        ({"areas": ["HUMAN_TRAFFICKING"]}, ["a"]),
        ({"diffusion": True}, ["b"]),
        ({"publications": ["draft"]}, ["d"]),
        ({"compliance": ["compliant"]}, []),
        ({"since": "2024-03", "until": "2024-03"}, ["a", "c"]),
        ({"since": "2024-05-20"}, ["b"]),
        ({"colours": ["red"], "diffusion": False}, ["a"]),
    ],
)
def test_each_part_narrows(drawer: Database, ask: Ask, where: dict[str, Any], expected: list[str]) -> None:
    assert ids(found(ask, where)) == expected


def test_pages_follow_one_another_without_gap_or_repeat(drawer: Database, ask: Ask) -> None:
    seen, after = [], None
    while True:
        page = found(ask, first=1, after=after)
        seen += ids(page)
        after = page["next"]
        if after is None:
            break
    assert seen == ["b", "a", "c", "d"]


def test_review_and_publication_are_told_apart(
    drawer: Database, ask: Ask, send: Send, api_settings: Settings
) -> None:
    headers = {
        "authorization": bearer(api_settings, ncb="IPSG", roles=("compliance",)),
        "graphsvc-purpose": "COMPLIANCE",
    }
    for text in (
        'mutation { reviewCompliance(id: "fr-file:b", decision: "compliant", reason: "checked") { id } }',
        'mutation { setPublication(id: "fr-file:b", publication: "withdrawn") }',
    ):
        answer = send({"query": text}, headers=headers).json()
        assert "errors" not in answer, answer

    notice = found(ask, {"publications": ["withdrawn"]})["notices"][0]
    assert (notice["id"], notice["compliance"], notice["mark"]) == ("fr-file:b", "compliant", None)


@pytest.mark.parametrize("where", [{"colours": ["pink"]}, {"areas": ["FUN"]}, {"since": "soon"}])
def test_what_cannot_be_says_so(drawer: Database, ask: Ask, where: dict[str, Any]) -> None:
    answer = ask(NOTICES, {"where": where})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_INPUT"
