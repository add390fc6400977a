"""Outlines of countries and where to put what concerns one: Natural Earth, as the package world-atlas brings it."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

HOME = Path(__file__).with_name("assets") / "dist"
"""Fonts and outlines, put there by ``make setup``."""
PLACES = {"XK": (20.9, 42.6)}
"""What the outlines name without a code."""

Point = tuple[float, float]


@cache
def world() -> dict[str, Any] | None:
    """Outlines for drawing, as TopoJSON with an object ``countries``; None where they are not installed."""
    path = HOME / "countries-110m.json"
    found: dict[str, Any] | None = msgspec.json.decode(path.read_bytes()) if path.exists() else None
    return found


@cache
def places() -> dict[str, Point]:
    """Longitude and latitude of the middle of each country's largest part, by its code; empty without outlines."""
    path = HOME / "countries-50m.json"
    if not path.exists():
        return {}
    return {**_middles(msgspec.json.decode(path.read_bytes())), **PLACES}


def _middles(topology: dict[str, Any]) -> dict[str, Point]:
    import pycountry

    arcs = [_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    found = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        country = pycountry.countries.get(numeric=shape.get("id", ""))
        if country is not None:
            rings = [shape["arcs"][0]] if shape["type"] == "Polygon" else [part[0] for part in shape["arcs"]]
            found[country.alpha_2] = max(map(_middle, (_ring(ring, arcs) for ring in rings)))[1]
    return found


def _arc(arc: list[list[int]], transform: dict[str, list[float]]) -> npt.NDArray[np.float64]:
    steps = np.cumsum(np.array(arc, float), axis=0)
    placed: npt.NDArray[np.float64] = steps * transform["scale"] + transform["translate"]
    return placed


def _ring(numbers: list[int], arcs: list[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """The outer ring of one part; a number below zero is an arc taken backwards."""
    return np.concatenate([arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers])


def _middle(ring: npt.NDArray[np.float64]) -> tuple[float, Point]:
    """Area, in square degrees, and the centre of gravity of a ring."""
    x, y = np.unwrap(ring[:, 0], period=360), ring[:, 1]  # some go over the date line
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    area = cross.sum() / 2
    if abs(area) < 1e-9:
        return 0.0, (float(x.mean()), float(y.mean()))
    middle = (
        ((x + np.roll(x, -1)) * cross).sum() / (6 * area),
        ((y + np.roll(y, -1)) * cross).sum() / (6 * area),
    )
    return abs(float(area)), (round((float(middle[0]) + 180) % 360 - 180, 3), round(float(middle[1]), 3))
