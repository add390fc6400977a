"""A chart as a STIX 2.1 bundle.

What STIX has an object for becomes that; other kinds become objects of their own under one extension. A link becomes a
relationship, a group a grouping. Ids follow from those of the records, so the same export twice is the same objects.
"""

import re
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from graphsvc.exports.chart import Chart, Edge, Node

NAMESPACE = UUID("7f6b1c52-0c5e-5b35-9d0e-5a2f3a1f6d11")
EXTENSION = f"extension-definition--{uuid5(NAMESPACE, 'extension')}"
OBJECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Person": ("identity", {"identity_class": "individual"}),
    "Organization": ("identity", {"identity_class": "organization"}),
    "Infrastructure": ("infrastructure", {}),
    "Malware": ("malware", {"is_family": True}),
    "Tool": ("tool", {}),
    "Technique": ("attack-pattern", {}),
    "Vulnerability": ("vulnerability", {}),
    "Campaign": ("campaign", {}),
}
TLP = {
    1: "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    2: "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    3: "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
"""TLP 1.0 of the standard by level of confidentiality: green, amber, red."""
COLOURS = {1: "green", 2: "amber", 3: "red"}


def stix(chart: Chart) -> dict[str, Any]:
    """The bundle."""
    when = stamp(chart.as_of)
    producer = _object("identity", "graphsvc", when) | {"name": "graphsvc", "identity_class": "system"}
    by = {"created_by_ref": producer["id"]}
    objects = [producer, extension(when) | by, *(tlp(level) for level in TLP)]
    objects += [node_object(node, when) | by for node in chart.nodes]
    ids = {node.id: node_id(node) for node in chart.nodes}
    objects += [relationship(edge, ids, when) | by for edge in chart.edges]
    objects += [
        grouping(name, chart, when) | by for name in sorted({node.group for node in chart.nodes} - {""})
    ]
    return {"type": "bundle", "id": f"bundle--{uuid5(NAMESPACE, chart.as_of)}", "objects": objects}


def stamp(as_of: str) -> str:
    """A time as STIX writes it."""
    return datetime.fromisoformat(as_of).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _object(type_: str, name: str, when: str) -> dict[str, Any]:
    id_ = f"{type_}--{uuid5(NAMESPACE, name)}"
    return {"type": type_, "spec_version": "2.1", "id": id_, "created": when, "modified": when}


def type_of(kind: str) -> str:
    """The type of the object of a kind."""
    return (
        OBJECTS[kind][0] if kind in OBJECTS else "x-graphsvc-" + re.sub("(?<!^)(?=[A-Z])", "-", kind).lower()
    )


def node_id(node: Node) -> str:
    """The id of a record's object."""
    return f"{type_of(node.kind)}--{uuid5(NAMESPACE, node.id)}"


def node_object(node: Node, when: str) -> dict[str, Any]:
    """A record."""
    made = _object(type_of(node.kind), node.id, when)
    made |= {"name": node.caption, "object_marking_refs": [TLP[node.level]]}
    made["external_references"] = [{"source_name": f"graphsvc {node.owner}", "external_id": node.id}]
    if node.kind in OBJECTS:
        return made | OBJECTS[node.kind][1]
    return made | {"extensions": {EXTENSION: {"extension_type": "new-sdo"}}}


def relationship(edge: Edge, ids: dict[str, str], when: str) -> dict[str, Any]:
    """A link. ``ids`` leads from records to their objects."""
    made = _object("relationship", f"{edge.type} {edge.id}", when)
    made |= {
        "relationship_type": edge.type.lower().replace("_", "-"),
        "source_ref": ids[edge.from_],
        "target_ref": ids[edge.to],
        "object_marking_refs": [TLP[edge.level]],
    }
    if edge.role:
        made["description"] = edge.role
    if edge.confidence is not None:
        made["confidence"] = round(edge.confidence * 100)
    return made


def grouping(name: str, chart: Chart, when: str) -> dict[str, Any]:
    """A group."""
    members = [node for node in chart.nodes if node.group == name]
    made = _object("grouping", name, when)
    return made | {
        "name": name,
        "context": "suspicious-activity",
        "object_refs": [node_id(node) for node in members],
        "object_marking_refs": [TLP[max(node.level for node in members)]],
    }


def extension(when: str) -> dict[str, Any]:
    """What the objects of our own are."""
    made = {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION,
        "created": when,
        "modified": when,
    }
    return made | {
        "name": "graphsvc records",
        "description": "Records of kinds that STIX has no object for: documents, vehicles, weapons, cases, events …",
        "schema": "Each has the name of the record and an external reference with its id.",
        "version": "1.0.0",
        "extension_types": ["new-sdo"],
    }


def tlp(level: int) -> dict[str, Any]:
    """The marking of a level, as the standard gives it."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP[level],
        "created": "2017-01-20T00:00:00.000Z",
        "definition_type": "tlp",
        "name": f"TLP:{COLOURS[level].upper()}",
        "definition": {"tlp": COLOURS[level]},
    }
