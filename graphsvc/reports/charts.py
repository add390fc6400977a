"""Charts as Vega-Lite, drawn to SVG without a network."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from graphsvc.analysis.trends import Trend
from graphsvc.reports.document import Chart
from graphsvc.reports.outlines import HOME

FONT = "Noto Sans, Noto Sans Arabic, Noto Sans SC, DejaVu Sans, sans-serif"
LABELS = 36
"""Most intervals that are named on the axis of time."""
INK, STEADY, BAND, MARK = "#1f4e79", "#5f8a3c", "#9fc0dd", "#b3261e"


def base(width: int, height: int) -> dict[str, Any]:
    """What all charts have; ``width`` and ``height`` of the drawing in pixels."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "background": "white",
        "config": {
            "font": FONT,
            "axis": {"labelFontSize": 11, "titleFontSize": 11},
            "view": {"stroke": None},
        },
    }


def series(title: str, found: Trend) -> Chart | None:
    """Counts over time with the expected range, unusual points and changes, as far as they may be shown; None where no
    count may be."""
    values = [msgspec.to_builtins(point) for point in found.points]
    if not any(value["count"] is not None for value in values):
        return None
    every = -(-len(values) // LABELS)
    labels = [value["interval"] for value in values[::every]]  # of all, each would be measured, for seconds
    x = {
        "field": "interval",
        "type": "ordinal",
        "title": None,
        "axis": {"labelAngle": -60, "labelOverlap": True, "values": labels},
    }
    hidden = sum(value["count"] is None for value in values)
    line: dict[str, Any] = {"type": "line", "color": INK}
    if hidden:  # a point between two gaps is no line
        line["point"] = {"color": INK, "size": 12}
    all_ = {
        "mark": line,
        "encoding": {"x": x, "y": {"field": "count", "type": "quantitative", "title": "events"}},
    }
    steady = any(value["steady"] is not None for value in values)
    more = _steady(x, found) if steady else []
    spec = {**base(620, 220), "data": {"values": values}, "layer": [*more[:1], all_, *more[1:]]}
    return Chart(title, spec, _words(found, hidden, steady=steady))


def _steady(x: dict[str, Any], found: Trend) -> list[dict[str, Any]]:
    """Steady reporters, what was to be expected of them, and what was not."""
    steady = {"field": "steady", "type": "quantitative"}
    return [
        {
            "mark": {"type": "area", "color": BAND, "opacity": 0.5},
            "encoding": {
                "x": x,
                "y": {"field": "low", "type": "quantitative", "title": "events"},
                "y2": {"field": "high"},
            },
        },
        {
            "mark": {"type": "line", "color": STEADY, "strokeDash": [2, 2]},
            "encoding": {"x": x, "y": steady},
        },
        {
            "transform": [{"filter": "datum.unusual"}],
            "mark": {"type": "point", "color": MARK, "filled": True, "size": 45},
            "encoding": {"x": x, "y": steady},
        },
        {
            "data": {"values": [{"interval": change.at} for change in found.changes]},
            "mark": {"type": "rule", "color": MARK, "strokeDash": [4, 3]},
            "encoding": {"x": x},
        },
    ]


def _words(found: Trend, hidden: int, *, steady: bool) -> str:
    number = "events" if found.n is None else f"{found.n:,} events"
    said = f"Solid line: {number} in {len(found.points)} intervals"
    if hidden:
        said += f", {hidden} of them left out"
    if steady:
        said += "; dotted line: those of steady reporters, with their expected range as a band and what lies outside "
        said += "it as dots"
    if found.changes:
        said += f"; lasting changes at {', '.join(change.at for change in found.changes)}"
    return f"{said}."


def bars(title: str, rows: Sequence[tuple[str, float]], axis: str) -> Chart:
    """Names with a number each, in the order given."""
    values = [{"name": name, "value": value} for name, value in rows]
    spec = {
        **base(420, max(40, 20 * len(values))),
        "data": {"values": values},
        "mark": {"type": "bar", "color": INK},
        "encoding": {
            "y": {
                "field": "name",
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": {"labelLimit": 260},
            },
            "x": {"field": "value", "type": "quantitative", "title": axis, "axis": {"tickMinStep": 1}},
        },
    }
    return Chart(
        title, spec, f"Bars of {axis}: " + "; ".join(f"{name} {value:g}" for name, value in rows) + "."
    )


@cache
def _fonts() -> None:
    """Let the drawing measure its texts by the fonts of the reports."""
    import vl_convert

    if HOME.exists():
        vl_convert.register_font_directory(str(HOME))


def svg(chart: Chart) -> str:
    """The chart as SVG text."""
    import vl_convert

    _fonts()
    drawn: str = vl_convert.vegalite_to_svg(chart.spec)
    return drawn


def warm() -> None:
    """Start the drawing, which takes most of a second."""
    svg(bars("", [("", 1)], ""))
