"""Exports are read back by the programs that they are for, and no cell of them runs."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import networkx as nx
import pytest

from graphsvc.errors import UsageError
from graphsvc.exports.chart import Chart, Edge, Node
from graphsvc.exports.formats import FORMATS, cell, written

NASTY = '=HYPERLINK("http://evil.example","x")'
CHART = Chart(
    (
        Node("fr:a", "Person", "Mara <Invented> & Co\x01", "FR", ("FR", "MA"), "2024-01", "2024-02", "fr:a"),
        Node("fr:b", "Person", NASTY, "FR", group="fr:a", level=3),
        Node("fr:c", "Vehicle", "Мара", "DE", group="fr:a"),
    ),
    (
        Edge("fr:l1", "ASSOCIATE_OF", "fr:a", "fr:b", "partner", "2024-01", "2024-02", 0.64, "FR"),
        Edge("fr:l2", "ASSOCIATE_OF", "fr:a", "fr:b", owner="FR"),
        Edge("fr:l3", "DROVE", "fr:b", "fr:c", owner="DE", level=2),
    ),
    "2026-01-02T03:04:05+00:00",
)


def text(format: str, file: int = 0) -> str:
    return written(CHART, format)[file].text


def test_graphml_comes_back_whole() -> None:
    found = nx.parse_graphml(text("graphml"), force_multigraph=True)
    assert dict(found.nodes["fr:a"])["countries"] == "FR;MA"
    assert dict(found.nodes["fr:b"])["caption"] == NASTY
    assert sorted((a, b, known["type"]) for a, b, known in found.edges(data=True)) == [
        ("fr:a", "fr:b", "ASSOCIATE_OF"),
        ("fr:a", "fr:b", "ASSOCIATE_OF"),
        ("fr:b", "fr:c", "DROVE"),
    ]


def test_gexf_comes_back_whole() -> None:
    found = nx.read_gexf(io.BytesIO(text("gexf").encode()))
    assert set(found.nodes) == {"fr:a", "fr:b", "fr:c"}
    assert found.number_of_edges() == 3
    assert found.nodes["fr:c"]["label"] == "Мара"


def test_gexf_is_as_gephi_wants_it() -> None:
    space = "{http://www.gexf.net/1.2draft}"
    root = ET.fromstring(text("gexf"))
    assert (root.tag, root.get("version")) == (f"{space}gexf", "1.2")
    graph = root.find(f"{space}graph")
    assert graph is not None
    declared = {
        kind.get("class"): {attribute.get("id") for attribute in kind}
        for kind in graph.iter(f"{space}attributes")
    }
    edges = list(graph.iter(f"{space}edge"))
    nodes = {node.get("id") for node in graph.iter(f"{space}node")}
    assert len({edge.get("id") for edge in edges}) == len(edges) == 3
    assert {edge.get(end) for edge in edges for end in ("source", "target")} <= nodes
    for of, elements in (("node", graph.iter(f"{space}node")), ("edge", iter(edges))):
        used = {value.get("for") for element in elements for value in element.iter(f"{space}attvalue")}
        assert used <= declared[of]


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "＋1", "－1", "＠1", "|cmd", "%0A=1"],
)
def test_no_cell_runs(value: str) -> None:
    assert cell(value) == f"'{value}"


def test_figures_stay_figures() -> None:
    assert cell(-1.5) == -1.5
    assert cell("Mara") == "Mara"


def test_csv_has_records_and_links() -> None:
    records = list(csv.DictReader(io.StringIO(text("csv"), newline="")))
    links = list(csv.DictReader(io.StringIO(text("csv", 1), newline="")))
    assert [row["id"] for row in records] == ["fr:a", "fr:b", "fr:c"]
    assert records[1]["caption"] == f"'{NASTY}"
    assert [(row["from"], row["to"]) for row in links] == [
        ("fr:a", "fr:b"),
        ("fr:a", "fr:b"),
        ("fr:b", "fr:c"),
    ]


def test_cytoscape_comes_back_whole() -> None:
    found = nx.cytoscape_graph(json.loads(text("cytoscape")))
    assert set(found.nodes) == {"fr:a", "fr:b", "fr:c"}
    assert found.number_of_edges() == 3


def test_stix_objects_stand_by_the_standard() -> None:
    bundle = json.loads(text("stix"))
    objects = {found["id"]: found for found in bundle["objects"]}
    assert len(objects) == len(bundle["objects"])
    for id_, found in objects.items():
        assert re.fullmatch(r"[a-z][a-z0-9-]+--[0-9a-f-]{36}", id_)
        assert id_.startswith(found["type"] + "--")
        assert found["spec_version"] == "2.1"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["created"])
        for name, value in found.items():
            if name.endswith(("_ref", "_refs")):
                assert set([value] if isinstance(value, str) else value) <= set(objects)
    kinds = [found["type"] for found in bundle["objects"]]
    assert (kinds.count("relationship"), kinds.count("grouping"), kinds.count("x-graphsvc-vehicle")) == (
        3,
        1,
        1,
    )
    (grouping,) = (found for found in bundle["objects"] if found["type"] == "grouping")
    assert objects[grouping["object_marking_refs"][0]]["name"] == "TLP:RED"


def test_the_same_export_is_the_same_bytes() -> None:
    for format in FORMATS:
        assert written(CHART, format) == written(CHART, format)


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(UsageError, match="graphml"):
        written(CHART, "pdf")
