"""Maps of flows: what stands on them, and where."""

import pytest

from graphsvc.reports import charts, maps, outlines

pytestmark = pytest.mark.skipif(
    outlines.world() is None, reason="the outlines are not installed; run `make setup`"
)


def test_countries_stand_where_they_are() -> None:
    places = outlines.places()
    for code, (x, y) in {
        "FR": (2, 47),
        "RU": (100, 62),
        "FJ": (178, -18),
        "SG": (104, 1),
        "XK": (21, 43),
    }.items():
        assert places[code] == pytest.approx((x, y), abs=3), code
    assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in places.values())
    assert len(places) > 200


def test_a_map_has_an_arc_for_each_flow_between_two_places() -> None:
    arcs = [maps.Arc("CO", "ES", 500, "grown"), maps.Arc("RU", "RU", 900), maps.Arc("??", "ES", 3)]
    chart = maps.flows("Flows", arcs)
    assert chart is not None
    assert "Map of 1 flows" in chart.words
    assert "2 more stay within a country" in chart.words
    assert charts.svg(chart) == charts.svg(chart)


def test_no_map_is_drawn_of_nothing() -> None:
    assert maps.flows("Flows", [maps.Arc("RU", "RU", 900)]) is None
