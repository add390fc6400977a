"""What is planted is there, and the truth beside a world says what is in it."""

import csv
import json
from collections import Counter
from itertools import pairwise
from typing import Any

import networkx as nx
import pytest

from graphsvc.model.keys import identity_keys
from graphsvc.model.record import Link, Record
from graphsvc.sample.make import Made

Elements = list[Record | Link]


def table(made: Made, name: str) -> list[dict[str, str]]:
    with (made.folder / "truth" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def truth(made: Made, name: str) -> Any:
    return json.loads((made.folder / "truth" / name).read_text(encoding="utf-8"))


def groups(made: Made) -> dict[str, Any]:
    return {group["name"]: group for group in truth(made, "groups.json")}


def graph(found: Elements, *, without: frozenset[str] = frozenset()) -> "nx.Graph[str]":
    """Records, their links, and one node a shared identity key."""
    drawn: nx.Graph[str] = nx.Graph()
    for element in found:
        if isinstance(element, Record) and element.id not in without:
            drawn.add_node(element.id)
            drawn.add_edges_from(
                (element.id, f"key:{key}") for key in identity_keys(element.kind, element.properties)
            )
    for element in found:
        if isinstance(element, Link) and element.from_ in drawn and element.to in drawn:
            drawn.add_edge(element.from_, element.to)
    return drawn


@pytest.mark.parametrize("name", ["ring", "chain", "gang", "agency", "family", "hosting"])
def test_every_member_of_a_planted_group_is_in_the_files(world: Made, elements: Elements, name: str) -> None:
    there = {element.id for element in elements}
    assert groups(world)[name]["members"].keys() <= there


def test_those_who_carry_a_shared_key_carry_it(world: Made, elements: Elements) -> None:
    records = {element.id: element for element in elements if isinstance(element, Record)}
    shared = {key: ids for group in groups(world).values() for key, ids in group["shared"].items()}
    assert len(shared) == 6
    for key, ids in shared.items():
        carriers = [
            id_ for id_, record in records.items() if key in identity_keys(record.kind, record.properties)
        ]
        assert sorted(carriers) == sorted(ids)


def test_the_ring_is_joined_by_its_three_keys_alone(world: Made, elements: Elements) -> None:
    ring = groups(world)["ring"]
    drawn = graph(elements)
    assert nx.node_connected_component(drawn, "ro-cases:p-ring-organiser") - {
        node for node in drawn if node.startswith("key:")
    } == set(ring["members"])
    drawn.remove_nodes_from([f"key:{key}" for key in ring["shared"]])
    parts = {
        frozenset(nx.node_connected_component(drawn, f"{code}-cases:c-ring-file"))
        for code in ("ro", "es", "fr")
    }
    assert len(parts) == 3


def test_hiding_one_carrier_leaves_the_ring_joined_through_the_others(
    world: Made, elements: Elements
) -> None:
    drawn = graph(elements, without=frozenset({"ro-cases:d-ring-passport"}))
    path = groups(world)["ring"]["expected"]["path"]
    assert nx.has_path(drawn, path["from"], path["to"])
    assert not nx.has_path(
        graph(elements, without=frozenset({"ro-cases:v-ring-van", "ro-cases:d-ring-passport"})),
        path["from"],
        path["to"],
    )


def test_the_money_of_the_chain_moves_forward_in_time_and_shrinks(world: Made, elements: Elements) -> None:
    records = {element.id: element.properties for element in elements if isinstance(element, Record)}
    payments = [records[id_] for id_ in groups(world)["chain"]["expected"]["money"]]
    assert len(payments) == 4
    for before, after in pairwise(payments):
        assert str(before["time"]) < str(after["time"])
        assert float(str(before["amount"])) > float(str(after["amount"]))


def test_victims_and_migrants_stand_under_the_victims_class(world: Made, elements: Elements) -> None:
    protected = {
        id_
        for group in groups(world).values()
        for id_, role in group["members"].items()
        if role in ("victim", "smuggled_migrant")
    }
    classes = {e.handling.class_ for e in elements if isinstance(e, Record) and e.id in protected}
    assert classes == {"victim"}


def test_innocents_are_told_apart_from_criminals(world: Made) -> None:
    innocent = {name for name, group in groups(world).items() if not group["criminal"]}
    assert innocent == {"agency", "family", "hosting"}


def test_acquaintances_are_mostly_within_the_circles(world: Made, elements: Elements) -> None:
    circle = {row["id"]: row["circle"] for row in table(world, "circles.csv")}
    ties = [e for e in elements if isinstance(e, Link) and e.kind == "ASSOCIATE_OF" and e.from_ in circle]
    inside = sum(circle[tie.from_] == circle.get(tie.to) for tie in ties)
    assert 0.65 < inside / len(ties) < 0.85


def test_records_said_to_be_the_same_share_what_they_are_about(world: Made, elements: Elements) -> None:
    records = {element.id: element.properties for element in elements if isinstance(element, Record)}
    pairs = [(row["id"], row["original"]) for row in table(world, "same.csv")]
    people = [pair for pair in pairs if ":p-" in pair[0]]
    events = [pair for pair in pairs if ":e-" in pair[0]]
    assert people
    assert events
    for one, other in people:
        assert records[one]["given_name"] == records[other]["given_name"]
    for one, other in events:
        assert records[one]["time"] == records[other]["time"]


def test_events_reported_twice_share_a_reference_or_a_judgement(world: Made, elements: Elements) -> None:
    records = {element.id: element.properties for element in elements if isinstance(element, Record)}
    judged = {(e.from_, e.to) for e in elements if isinstance(e, Link) and e.kind == "SAME_AS"}
    for row in table(world, "same.csv"):
        if ":e-" in row["id"]:
            pair = row["id"], row["original"]
            reference = records[pair[0]].get("reference")
            assert pair in judged or (reference and reference == records[pair[1]].get("reference"))


def test_true_counts_are_those_of_the_files_with_every_event_once(world: Made, elements: Elements) -> None:
    copies = {row["id"] for row in table(world, "same.csv")}
    counted = Counter(
        str(e.properties["time"])[:7]
        for e in elements
        if isinstance(e, Record)
        and e.kind == "Event"
        and e.properties.get("commodity") == "cocaine"
        and e.id not in copies
        and len(str(e.properties["time"])) > 4
    )
    said = truth(world, "questions.json")["trend"]["expected"]
    assert {month: count for month, count in said.items() if count} == counted


def test_the_late_source_reports_nothing_before_it_joined(world: Made, elements: Elements) -> None:
    late = truth(world, "trends.json")["late_source"]
    times = [
        str(e.properties["time"])
        for e in elements
        if isinstance(e, Record)
        and e.kind == "Event"
        and e.id.startswith(f"{late['source']}:e-")
        and "-ring-" not in e.id
        and "-chain-" not in e.id
    ]
    assert min(times)[:4] == late["from"][:4]
