"""Published data, from its files to answers through the API: POLE's Manchester, and CAVIAR phase by phase."""

from typing import Any

import pytest

from graphsvc.store.database import Database
from tests.api.conftest import Ask
from tests.loaders.test_public_data import Find, load
from tests.stories.pages import Run, check, with_data
from tests.stories.test_examples import FOLDER

pytestmark = [pytest.mark.neo4j, pytest.mark.data]

SHORTEST = "paths(a: {a}, b: {b}, maxHops: 6) {{ paths {{ hops steps {{ link {{ type }} }} }} }}"
LINKED = [
    # two persons; an officer and a phone; a vehicle and a crime; places; calls …
    ("0", "2"),
    ("0", "857"),
    ("2", "752"),
    ("1073", "242"),
    ("31237", "808"),
    ("16943", "826"),
    ("1325", "1495"),
    ("1", "16961"),
    ("61528", "57117"),
    ("917", "914"),
]


def test_pole_answers_links_groups_and_a_trend(
    database: Database, public_data: Find, ask: Ask, command: Run
) -> None:
    """Ten link questions, communities among persons, and crimes by month, on all of POLE; and those of its page."""
    load(database, "pole", public_data("pole", "pole-data-importer.zip"))
    asked = " ".join(
        f"q{number}: " + SHORTEST.format(a=f'"pole:{a}"', b=f'"pole:{b}"')
        for number, (a, b) in enumerate(LINKED)
    )
    groups = """
      communities(scope: {kinds: ["Person"], linkTypes: ["ASSOCIATE_OF", "FAMILY_OF"]}) {
        found { total records modularity groups { size members { id kind } } } }"""
    trend = 'trend(where: {since: "2017-08", until: "2017-08"}, interval: "month") { n points { interval count } }'
    data: dict[str, Any] = {}
    for question in (asked, f"{groups} {trend}"):
        answer = ask(f"{{ {question} }}", ncb="GB")
        assert "errors" not in answer, answer["errors"]
        data |= answer["data"]
    hops = [data[f"q{number}"]["paths"][0]["hops"] for number in range(len(LINKED))]
    assert all(1 <= length <= 6 for length in hops)
    assert hops[3] == 1
    found = data["communities"]["found"]
    assert found["total"] > 5
    assert found["modularity"] > 0.5
    assert {member["kind"] for group in found["groups"] for member in group["members"]} == {"Person"}
    offences = database.rows("MATCH (n:Event) WHERE n.time STARTS WITH '2017-08' RETURN count(n) AS n")[0][
        "n"
    ]
    assert data["trend"]["n"] == offences
    assert [point["count"] for point in data["trend"]["points"]] == [offences]
    check(FOLDER / "pole.md", with_data(command, public_data))  # the load that it begins with changes nothing


PHASE = """query ($since: String, $until: String) {
  paths(a: "caviar:n-1", b: "caviar:n-12", since: $since, until: $until) {
    paths { hops steps { link { type firstSeen } } } }
  communities(scope: {since: $since, until: $until}) {
    found { records links total modularity groups { members { id } } } }
}"""


def test_caviar_answers_for_one_phase_alone(database: Database, public_data: Find, ask: Ask) -> None:
    """Phase 4 is November and December 1994: 33 persons and 48 ties."""
    load(database, "caviar", public_data("covert-networks"))
    phase: dict[str, Any] = ask(PHASE, {"since": "1994-11", "until": "1994-12"}, ncb="CA")
    assert "errors" not in phase, phase["errors"]
    found = phase["data"]["communities"]["found"]
    assert (found["records"], found["links"]) == (33, 48)
    assert found["total"] > 1
    dates = {step["link"]["firstSeen"] for path in phase["data"]["paths"]["paths"] for step in path["steps"]}
    assert dates == {"1994-11"}
    whole: dict[str, Any] = ask(PHASE, ncb="CA")
    assert whole["data"]["communities"]["found"]["records"] > 100
