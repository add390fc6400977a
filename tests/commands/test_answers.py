"""The three answers as a terminal shows them."""

from typing import Any

from graphsvc.commands import answers


def person(name: str, owner: str) -> dict[str, Any]:
    return {"caption": name, "kind": "Person", "owner": owner}


VAN = {"caption": "ZZ-900-ZZ", "kind": "Vehicle", "owner": "RO"}
PLATE = {"key": "plate:RO:ZZ900ZZ"}
JUDGED = {"key": None}
STEPS = [
    {
        "fromRecord": person("Mara Elin", "RO"),
        "joins": [],
        "outward": True,
        "link": {"type": "OWNS", "role": None},
        "toRecord": VAN,
    },
    {
        "fromRecord": VAN,
        "joins": [PLATE],
        "outward": False,
        "link": {"type": "PARTICIPATED_IN", "role": "driver"},
        "toRecord": person("Bana Lor", "FR"),
    },
]


def test_a_path_is_told_step_by_step() -> None:
    answer = {"paths": {"paths": [{"hops": 2, "steps": STEPS, "ending": [JUDGED]}]}}
    assert list(answers.link(answer)) == [
        "path 1, 2 links",
        "    Mara Elin (Person of RO)",
        "    ─ OWNS → ZZ-900-ZZ (Vehicle of RO)",
        "    = plate:RO:ZZ900ZZ",
        "    ← PARTICIPATED_IN as driver ─ Bana Lor (Person of FR)",
        "    = judged to be the same",
    ]


def test_no_path_is_said() -> None:
    assert list(answers.link({"paths": {"paths": []}})) == [
        "They are not joined by anything that you may see."
    ]


def test_a_group_is_told_with_its_reach() -> None:
    members = [person(f"Mara {n}", "FR") for n in range(13)]
    reach = {
        "countries": [{"value": "RO", "count": 12}, {"value": "FR", "count": 7}],
        "desks": [],
        "areas": [],
    }
    group = {
        "size": 13,
        "records": 15,
        "links": 20,
        "first": "2024-02-02",
        "last": "2024-08",
        "members": members,
    }
    told = list(answers.community({"community": group | reach}))
    assert told[0] == "13 persons and things in 15 records, 20 links"
    assert "    countries  RO 12, FR 7" in told
    assert told[-2:] == ["    Mara 11 (Person of FR)", "    … and 1 more"]


def test_a_trend_is_told_a_line_a_year() -> None:
    points = [{"interval": "2019-12", "count": 3}, {"interval": "2020-01", "count": 0}]
    told = list(
        answers.trend({"trend": {"n": 3, "reports": 4, "undated": 1, "sources": 2, "points": points}})
    )
    assert told[0] == "3 seizures in 4 reports of 2 sources; 1 give no month"
    assert [line.split() for line in told[2:]] == [["2019", "3"], ["2020", "0"]]
