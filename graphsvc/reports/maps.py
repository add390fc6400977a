"""Maps of flows: arcs between countries, as wide as there are events, over the outlines of the world."""

from collections.abc import Sequence
from typing import Any

import msgspec

from graphsvc.reports import charts
from graphsvc.reports.document import Chart
from graphsvc.reports.outlines import places, world

WIDTH, HEIGHT = 640, 330
LAND, BORDER, WATER = "#e6e8ea", "#b9bec4", "#d5dbe1"
STATES = {"new": "#b3261e", "grown": "#c77700"}


class Arc(msgspec.Struct, frozen=True):
    """One flow between two countries by their codes. ``state`` as in flows: new and grown ones stand out."""

    origin: str
    destination: str
    events: int
    state: str = ""


def flows(title: str, arcs: Sequence[Arc]) -> Chart | None:
    """The map; None where none of the flows goes between two places on it."""
    known = places()
    drawn = [
        arc
        for arc in arcs
        if arc.origin in known and arc.destination in known and arc.origin != arc.destination
    ]
    if not drawn:
        return None
    spec = {
        **charts.base(WIDTH, HEIGHT),
        "projection": {"type": "equalEarth"},
        "layer": [
            {
                "data": {"graticule": {"step": [30, 30]}},
                "mark": {"type": "geoshape", "stroke": WATER, "filled": False},
            },
            {
                "data": {"values": world(), "format": {"type": "topojson", "feature": "countries"}},
                "mark": {"type": "geoshape", "fill": LAND, "stroke": BORDER, "strokeWidth": 0.4},
            },
            _arcs(drawn),
            _ends(drawn),
            _names(drawn),
        ],
    }
    return Chart(title, spec, _words(drawn, len(arcs)))


def _arcs(drawn: Sequence[Arc]) -> dict[str, Any]:
    """Great circles, the strongest on top."""
    known, most = places(), max(arc.events for arc in drawn)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [known[arc.origin], known[arc.destination]]},
            "properties": {
                "width": round(0.8 + 5 * (arc.events / most) ** 0.5, 2),
                "colour": STATES.get(arc.state, charts.INK),
            },
        }
        for arc in sorted(drawn, key=lambda arc: arc.events)
    ]
    return {
        "data": {"values": features},
        "mark": {"type": "geoshape", "filled": False, "opacity": 0.6},
        "encoding": {
            "stroke": {"field": "properties.colour", "type": "nominal", "scale": None},
            "strokeWidth": {"field": "properties.width", "type": "quantitative", "scale": None},
        },
    }


def _points(codes: set[str]) -> list[dict[str, Any]]:
    known = places()
    return [{"code": code, "x": known[code][0], "y": known[code][1]} for code in sorted(codes)]


PLACED = {
    "longitude": {"field": "x", "type": "quantitative"},
    "latitude": {"field": "y", "type": "quantitative"},
}


def _ends(drawn: Sequence[Arc]) -> dict[str, Any]:
    """Where flows end: a dot, so that their direction can be read."""
    return {
        "data": {"values": _points({arc.destination for arc in drawn})},
        "mark": {"type": "circle", "color": "#1b1b1b", "size": 22, "opacity": 1},
        "encoding": PLACED,
    }


def _names(drawn: Sequence[Arc]) -> dict[str, Any]:
    return {
        "data": {"values": _points({code for arc in drawn for code in (arc.origin, arc.destination)})},
        "mark": {
            "type": "text", "dy": -7, "fontSize": 9, "fontWeight": "bold", "color": "#1b1b1b",
        },
        "encoding": {**PLACED, "text": {"field": "code", "type": "nominal"}},
    }  # fmt: skip


def _words(drawn: Sequence[Arc], number: int) -> str:
    told = "; ".join(f"{arc.origin} to {arc.destination} {arc.events:,}" for arc in drawn[:12])
    left = (
        f" {number - len(drawn)} more stay within a country or have an end that is not on it."
        if number > len(drawn)
        else ""
    )
    return (
        f"Map of {len(drawn)} flows, each to its dot and as wide as it has events; new ones red, grown ones orange. "
        f"The first are {told}.{left}"
    )
