"""The drawing of a network: what it shows, and that it is the same each time."""

import os
import subprocess
import sys
from typing import Any

from graphsvc.reports import charts, drawing
from graphsvc.reports.document import Chart
from graphsvc.reports.drawing import MOST, SIGNS, Dot, Line

GANG = ("Мара Лодо", "ماروجا لودو", "马鲁加", "Ivo Madeup")


def star(number: int) -> tuple[list[Dot], list[Line]]:
    """A boss and those who know him; the last is the boss in another file."""
    dots = [Dot(f"fr:{at:03}", f"{GANG[at % 4]} {at}", "Person", min(at, 1)) for at in range(number)]
    lines = [Line("fr:000", dot.id, same=dot is dots[-1]) for dot in dots[1:]]
    return dots, lines


def drawn(dots: list[Dot], lines: list[Line]) -> Chart:
    found = drawing.network("Network", dots, lines)
    assert found is not None
    return found


def values(chart: Chart, layer: int) -> list[dict[str, Any]]:
    given: list[dict[str, Any]] = chart.spec["layer"][layer]["data"]["values"]
    return given


def labels(chart: Chart) -> list[str]:
    """The texts that are drawn, without the white under them."""
    return [
        value["text"]
        for layer in chart.spec["layer"]
        if layer["mark"]["type"] == "text" and "stroke" not in layer["mark"]
        for value in layer["data"]["values"]
    ]


def test_a_small_network_is_drawn_whole_with_all_its_names() -> None:
    chart = drawn(*star(8))
    assert len(values(chart, 0)) == 7
    assert sorted(labels(chart)) == sorted(f"{GANG[at % 4]} {at}" for at in range(8))
    assert "more stand in the tables" not in chart.words
    assert all(name in charts.svg(chart) for name in GANG)


def test_one_identity_in_two_files_is_joined_by_a_broken_line() -> None:
    kinds = [value["what"] for value in values(drawn(*star(8)), 0)]
    assert kinds.count("same identity") == 1


def test_what_does_not_fit_is_told_in_words() -> None:
    chart = drawn(*star(MOST + 7))
    assert len(labels(chart)) == MOST
    assert "7 more stand in the tables alone" in chart.words


def test_the_nearest_are_drawn_first() -> None:
    dots, lines = star(MOST + 7)
    dots += [Dot("aa:far", "Far Away", "Person", 2)]
    assert "Far Away" not in labels(drawn(dots, [*lines, Line("fr:001", "aa:far")]))


def test_groups_differ_by_sign_and_by_colour() -> None:
    names = [f"{team}:{at}" for team in "abc" for at in range(5)]
    dots = [Dot(name, name, "Person", 1) for name in names]
    lines = [Line(one, other) for one in names for other in names if one[0] == other[0] and one < other]
    chart = drawn(dots, [*lines, Line("a:0", "b:0"), Line("b:1", "c:1")])
    groups: dict[str, set[str]] = {}
    for value, name in zip(values(chart, 1), names, strict=True):
        groups.setdefault(value["group"], set()).add(name[0])
    assert sorted(map(sorted, groups.values())) == [["a"], ["b"], ["c"]]
    assert len({sign for sign, _ in SIGNS}) == len({colour for _, colour in SIGNS}) == len(SIGNS)
    assert "Group 1 (circle): a:0, a:1, a:2, a:3 and 1 more." in chart.words


def test_all_signs_and_labels_are_on_the_paper() -> None:
    for number in (3, 12, MOST):
        chart = drawn(*star(number))
        for layer in chart.spec["layer"][2:]:
            for value in layer["data"]["values"]:
                assert 0 <= value["px"] <= drawing.WIDTH
                assert 0 <= value["py"] <= drawing.HEIGHT


def test_records_that_nothing_joins_are_not_drawn() -> None:
    dots, _ = star(3)
    assert drawing.network("Network", dots, []) is None
    assert drawing.network("Network", dots, [Line("fr:000", "fr:000"), Line("fr:000", "xx:hidden")]) is None


def test_two_that_nothing_joins_are_drawn_apart() -> None:
    dots = [Dot(f"fr:{at}", f"n{at}", "Person", at % 2) for at in range(4)]
    chart = drawn(dots, [Line("fr:0", "fr:1"), Line("fr:2", "fr:3")])
    places = {(value["x"], value["y"]) for value in values(chart, 1)}
    assert len(places) == 4


MANY = """
import hashlib, msgspec
from tests.reports.test_drawing import Line, drawn, star
dots, lines = star(30)
lines += [Line(f"fr:{at:03}", f"fr:{at * 7 % 30:03}") for at in range(1, 30)]
print(hashlib.sha256(msgspec.json.encode(drawn(dots, lines))).hexdigest())
"""


def test_the_same_records_give_the_same_drawing_in_every_process() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", MANY],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(found) == 1
