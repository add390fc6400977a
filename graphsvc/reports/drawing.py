"""A drawing of the records nearest to some others: where each stands, which group it is of, and what joins them.

The same records always give the same drawing. Groups differ by colour and by sign, so that it reads in black and white.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from graphsvc.model.sentences import listed
from graphsvc.reports import charts
from graphsvc.reports.document import Chart, isolated

MOST = 60
WIDTH, HEIGHT = 660, 560
EDGE = 0.4
"""How much more room than the farthest records take; of it, labels at the rim."""
LETTERS = 22
SIZE = 9
INK, LINE = "#1b1b1b", "#8a9097"
SIGNS = (
    ("circle", "#1f4e79"), ("square", "#b3261e"), ("triangle-up", "#2e6b30"), ("diamond", "#7b4fa3"),
    ("cross", "#8a5a00"), ("triangle-down", "#00696b"), ("triangle-right", "#a3195b"), ("triangle-left", "#5c5c5c"),
)  # fmt: skip
"""Sign and colour of the groups, the largest first; all further ones share the last."""

Place = tuple[float, float]
Box = tuple[float, float, float, float]


class Dot(msgspec.Struct, frozen=True):
    """A record to draw; those asked for are drawn larger, and are never left out."""

    id: str
    caption: str
    kind: str
    hops: int


class Line(msgspec.Struct, frozen=True):
    """What joins two records; broken when they are one identity."""

    from_id: str
    to_id: str
    same: bool = False


def network(title: str, dots: Sequence[Dot], lines: Sequence[Line]) -> Chart | None:
    """The drawing of the nearest ``MOST`` records; None where no line joins any."""
    graph = _graph(dots, lines)
    if not graph.number_of_edges():
        return None
    groups, places = _groups(graph), _places(graph)
    chosen = {dot.id: dot for dot in dots if dot.id in graph}
    spec = {
        **charts.base(WIDTH, HEIGHT),
        "layer": [_lines(graph, places), _signs(chosen, groups, places), *_labels(chosen, places)],
    }
    words = _words(chosen, graph, groups, len(dots))
    return Chart(title, {**spec, "description": words}, words)


def _graph(dots: Sequence[Dot], lines: Sequence[Line]) -> Any:
    """The records to draw: those asked for, then the nearest, then those with most lines."""
    import networkx as nx

    whole: Any = nx.Graph()
    whole.add_nodes_from(sorted(dot.id for dot in dots))
    for line in sorted(lines, key=lambda one: (one.same, one.from_id, one.to_id)):
        if line.from_id in whole and line.to_id in whole and line.from_id != line.to_id:
            same = whole.edges.get((line.from_id, line.to_id), {}).get("same", True)
            whole.add_edge(line.from_id, line.to_id, same=same and line.same)
    first = sorted(dots, key=lambda dot: (dot.hops, -whole.degree(dot.id), dot.id))[:MOST]
    chosen = {dot.id for dot in first if not dot.hops or whole.degree(dot.id)}
    drawn: Any = nx.Graph()  # of its own, for a part of a graph is in no order
    drawn.add_nodes_from(sorted(chosen))
    inside = (sorted(edge) for edge in whole.edges if chosen.issuperset(edge))
    drawn.add_edges_from((a, b, whole.edges[a, b]) for a, b in sorted(inside))
    return drawn


def _groups(graph: Any) -> dict[str, int]:
    """The group of each record: records with more lines among themselves than with others."""
    import networkx as nx

    found = sorted(
        nx.community.louvain_communities(graph, seed=1), key=lambda group: (-len(group), min(group))
    )
    return {id_: number for number, group in enumerate(found) for id_ in group}


def _places(graph: Any) -> dict[str, Place]:
    """Where each record stands, between 0 and 1: as far apart as there are lines between them (Kamada, Kawai, 1989)."""
    import networkx as nx

    ordered = sorted(graph)
    far = {id_: dict(nx.single_source_shortest_path_length(graph, id_)) for id_ in ordered}
    apart = max(hops for row in far.values() for hops in row.values()) + 1
    distance = {id_: {other: far[id_].get(other, apart) for other in ordered} for id_ in ordered}
    found = nx.kamada_kawai_layout(graph, dist=distance, pos=nx.circular_layout(graph))
    low = [min(float(place[axis]) for place in found.values()) for axis in (0, 1)]
    wide = [max(float(place[axis]) for place in found.values()) - low[axis] or 1.0 for axis in (0, 1)]

    def share(id_: str, axis: int) -> float:
        return round((float(found[id_][axis]) - low[axis]) / wide[axis], 4)

    return {id_: (share(id_, 0), share(id_, 1)) for id_ in ordered}


def _scales() -> dict[str, Any]:
    """Both axes, with room for labels at the rim and without marks."""
    room = {"x": [-EDGE / 2, 1 + EDGE / 2], "y": [-0.04, 1.04]}
    return {
        name: {"field": name, "type": "quantitative", "axis": None, "scale": {"domain": domain}}
        for name, domain in room.items()
    }


def _lines(graph: Any, places: dict[str, Place]) -> dict[str, Any]:
    values = [
        {"x": places[a][0], "y": places[a][1], "x2": places[b][0], "y2": places[b][1], "what": _what(same)}
        for a, b, same in sorted((*sorted(edge[:2]), edge[2]) for edge in graph.edges(data="same"))
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "rule", "color": LINE, "strokeWidth": 1},
        "encoding": {
            **_scales(),
            "x2": {"field": "x2"},
            "y2": {"field": "y2"},
            "strokeDash": {
                "field": "what",
                "type": "nominal",
                "title": None,
                "scale": {"domain": [_what(False), _what(True)], "range": [[1, 0], [3, 3]]},
                "legend": {"orient": "bottom", "symbolStrokeColor": INK},
            },
        },
    }


def _what(same: bool) -> str:
    return "same identity" if same else "link"


def _named(group: int) -> str:
    """A group as the legend calls it."""
    return f"group {group + 1}" if group < len(SIGNS) - 1 else "other groups"


def _signs(dots: dict[str, Dot], groups: dict[str, int], places: dict[str, Place]) -> dict[str, Any]:
    values = [
        {
            "x": places[id_][0], "y": places[id_][1], "group": _named(groups[id_]),
            "size": 60 if dot.hops else 190, "edge": 0 if dot.hops else 2,
        }
        for id_, dot in sorted(dots.items())
    ]  # fmt: skip
    names = list(dict.fromkeys(_named(group) for group in sorted(set(groups.values()))))
    legend = {"orient": "bottom", "columns": 4, "symbolSize": 90}

    def scale(at: int) -> dict[str, Any]:
        return {
            "field": "group", "type": "nominal", "title": None, "legend": legend,
            "scale": {"domain": names, "range": [sign[at] for sign in SIGNS[: len(names)]]},
        }  # fmt: skip

    return {
        "data": {"values": values},
        "mark": {"type": "point", "filled": True, "opacity": 1, "stroke": INK},
        "encoding": {
            **_scales(),
            "shape": scale(0),
            "fill": scale(1),
            "size": {"field": "size", "type": "quantitative", "scale": None},
            "strokeWidth": {"field": "edge", "type": "quantitative", "scale": None},
        },
    }


def _labels(dots: dict[str, Dot], places: dict[str, Place]) -> list[dict[str, Any]]:
    """What stands beside each sign, put where it covers least, on white; a layer for each way to align them."""
    at = {id_: _pixel(place) for id_, place in places.items()}
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in at.values()]
    layers: dict[str, list[dict[str, Any]]] = {"left": [], "right": [], "center": []}
    for dot in sorted(dots.values(), key=lambda dot: (dot.hops, dot.id)):
        text = _short(dot.caption)
        align, box = min(_ways(at[dot.id], _width(text)), key=lambda way: _covered(way[1], taken))
        taken.append(box)
        x = {"left": box[0], "right": box[2], "center": (box[0] + box[2]) / 2}[align]
        layers[align].append(
            {"px": x, "py": (box[1] + box[3]) / 2, "text": text, "weight": "normal" if dot.hops else "bold"}
        )
    return [
        _text(values, align, **paint)
        for paint in ({"stroke": "white", "strokeWidth": 3}, {})
        for align, values in layers.items()
        if values
    ]


def _text(values: list[dict[str, Any]], align: str, **paint: object) -> dict[str, Any]:
    return {
        "data": {"values": values},
        "mark": {
            "type": "text", "align": align, "baseline": "middle", "fontSize": SIZE, "color": INK,
            "fontWeight": {"expr": "datum.weight"}, **paint,
        },
        "encoding": {
            "x": {"field": "px", "type": "quantitative", "scale": None},
            "y": {"field": "py", "type": "quantitative", "scale": None},
            "text": {"field": "text", "type": "nominal"},
        },
    }  # fmt: skip


def _pixel(place: Place) -> Place:
    return (place[0] + EDGE / 2) / (1 + EDGE) * WIDTH, (1 - (place[1] + 0.04) / 1.08) * HEIGHT


def _ways(at: Place, width: float) -> list[tuple[str, Box]]:
    """Where a label may stand: right, left, below, above, and at the four corners."""
    (x, y), half, high = at, width / 2, SIZE / 2 + 1
    sides = [("left", x + 9, y), ("right", x - 9, y), ("center", x, y + 15), ("center", x, y - 15)]
    sides += [(align, x + dx, y + dy) for align, dx in (("left", 6), ("right", -6)) for dy in (11, -11)]
    begins = {"left": 0.0, "right": width, "center": half}
    return [
        (align, (tx - begins[align], ty - high, tx - begins[align] + width, ty + high))
        for align, tx, ty in sides
    ]


def _covered(box: Box, taken: Sequence[Box]) -> float:
    """How much of what is taken a label would cover; to be cut off at the rim is worse."""
    outside = max(0.0, -box[0]) + max(0.0, box[2] - WIDTH) + max(0.0, -box[1]) + max(0.0, box[3] - HEIGHT)
    return outside * 100 + sum(
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in taken
    )


def _width(text: str) -> float:
    """About how wide a label is: the letters of East Asia are as wide as they are high."""
    from unicodedata import east_asian_width

    return SIZE * sum(1.0 if east_asian_width(letter) in "WF" else 0.58 for letter in text)


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1].rstrip()}…"


def _words(dots: dict[str, Dot], graph: Any, groups: dict[str, int], number: int) -> str:
    """What the drawing shows, for those who do not see it."""
    asked = ", ".join(isolated(dot.caption) for dot in dots.values() if not dot.hops)
    said = f"Drawing of {len(dots)} records and what joins them, around {asked}, which are larger and bold."
    if number > len(dots):
        said += (
            f" {number - len(dots)} more stand in the tables alone: the nearest and best linked are drawn, and nothing "
            "that has no link here."
        )
    most = sorted(dots.values(), key=lambda dot: (-graph.degree(dot.id), dot.id))[:3]
    said += (
        " Most links: " + ", ".join(f"{isolated(dot.caption)} ({graph.degree(dot.id)})" for dot in most) + "."
    )
    for group in sorted(set(groups.values()))[: len(SIGNS) - 1]:
        members = [isolated(dot.caption) for id_, dot in sorted(dots.items()) if groups[id_] == group]
        said += f" Group {group + 1} ({SIGNS[group][0]}): {listed(members, 4)}."
    return said
