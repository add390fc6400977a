"""A chart as text: GraphML, GEXF, CSV and Cytoscape JSON. STIX has a module of its own."""

import csv
import io
import re
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.errors import UsageError
from graphsvc.exports.chart import Chart, Edge, Node
from graphsvc.exports.stix import stix

FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]")
"""What a spreadsheet may take for a formula, full-width signs and those behind blanks too."""
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Signs that XML cannot hold."""


class File(msgspec.Struct, frozen=True):
    """One file of an export."""

    name: Annotated[str, Meta(description="Name of the file.")]
    media_type: Annotated[str, Meta(description="Its media type.")]
    text: Annotated[str, Meta(description="What it holds.")]


def plain(text: str) -> str:
    """The text as XML can hold it."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def cell(value: object) -> object:
    """A cell that no spreadsheet runs: text that begins like a formula gets an apostrophe in front."""
    if not isinstance(value, str):
        return value
    return f"'{value}" if FORMULA.match(value) else value


def attributes(of: Node | Edge) -> dict[str, Any]:
    """The fields of a node or edge as flat values, empty ones left out."""
    found: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(of).items():
        if name in ("from_", "to") or value in ("", None, ()):
            continue
        flat = ";".join(value) if isinstance(value, tuple) else value
        found[name] = plain(flat) if isinstance(flat, str) else flat
    return found


def graph(chart: Chart) -> Any:
    """The chart for networkx: a directed graph in which two records may have several links."""
    import networkx as nx

    made: Any = nx.MultiDiGraph()
    for node in chart.nodes:
        known = attributes(node)
        del known["id"]
        made.add_node(node.id, label=known.get("caption", node.id), **known)
    for edge in chart.edges:
        known = attributes(edge)
        made.add_edge(edge.from_, edge.to, key=f"{edge.type} {edge.id}", **known)
    return made


def graphml(chart: Chart) -> list[File]:
    """GraphML, with the fields as declared attributes."""
    import networkx as nx

    text = "\n".join(nx.generate_graphml(graph(chart), named_key_ids=True))
    return [
        File("graph.graphml", "application/graphml+xml", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')
    ]


def gexf(chart: Chart) -> list[File]:
    """GEXF 1.2, as Gephi reads it."""
    import networkx as nx

    made: Any = nx.MultiDiGraph()
    made.add_nodes_from(graph(chart).nodes(data=True))
    for at, (one, other, known) in enumerate(graph(chart).edges(data=True)):
        # Gephi wants numbers that are unique in the file; `id` is its own word
        told = {("link" if name == "id" else name): value for name, value in known.items()}
        told["kind"] = told.pop("type")
        made.add_edge(one, other, key=at, id=str(at), **told)
    text = "\n".join(nx.generate_gexf(made, version="1.2draft"))
    return [File("graph.gexf", "application/gexf+xml", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')]


def table(rows: list[dict[str, object]], columns: list[str]) -> str:
    """Rows as CSV, RFC 4180, without a cell that runs."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, lineterminator="\r\n", restval="")
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def comma_separated(chart: Chart) -> list[File]:
    """Two files: records and links."""
    nodes = table([dict(attributes(node)) for node in chart.nodes], list(Node.__struct_fields__))
    ends = [{**attributes(edge), "from": edge.from_, "to": edge.to} for edge in chart.edges]
    names = ["from" if name == "from_" else name for name in Edge.__struct_fields__]
    return [File("records.csv", "text/csv", nodes), File("links.csv", "text/csv", table(ends, names))]


def cytoscape(chart: Chart) -> list[File]:
    """JSON in the shape of Cytoscape and Cytoscape.js."""
    nodes = [
        {
            "data": {
                **attributes(node),
                "id": node.id,
                "value": node.id,
                "name": node.id,
                "label": node.caption,
            }
        }
        for node in chart.nodes
    ]
    edges = [
        {
            "data": {
                **attributes(edge),
                "id": f"{edge.type} {edge.id}",
                "source": edge.from_,
                "target": edge.to,
                "key": edge.id,
            }
        }
        for edge in chart.edges
    ]
    elements = {"nodes": nodes, "edges": edges}
    whole = {"data": {"asOf": chart.as_of}, "directed": True, "multigraph": True, "elements": elements}
    return [File("graph.cyjs", "application/json", msgspec.json.encode(whole).decode())]


def stix_bundle(chart: Chart) -> list[File]:
    """A STIX 2.1 bundle."""
    return [
        File("bundle.json", "application/stix+json;version=2.1", msgspec.json.encode(stix(chart)).decode())
    ]


FORMATS: dict[str, Callable[[Chart], list[File]]] = {
    "graphml": graphml,
    "gexf": gexf,
    "csv": comma_separated,
    "cytoscape": cytoscape,
    "stix": stix_bundle,
}


def written(chart: Chart, format: str) -> list[File]:
    """The files of a format. Raises UsageError for one that there is not."""
    if format not in FORMATS:
        raise UsageError(f"There is no format {format!r}; use one of {', '.join(FORMATS)}.")
    return FORMATS[format](chart)
