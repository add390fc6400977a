"""The truth about a synthetic world, written beside it: what was planted, and what questions should find."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from graphsvc.sample import events, people, seasons
from graphsvc.sample.lands import Land, World
from graphsvc.sample.planted.plants import Plants
from graphsvc.sample.tally import Tally


def write(folder: Path, world: World, plants: Plants, tally: Tally) -> None:
    """``groups.json`` (planted groups), ``trends.json`` (true counts and planted changes), ``questions.json`` (three
    for a demonstration), ``circles.csv`` (community of each person) and ``same.csv`` (records of one real thing)."""
    folder.mkdir()
    _json(folder / "groups.json", [msgspec.to_builtins(group) for group in plants.groups])
    _json(folder / "trends.json", trends(tally))
    _json(folder / "questions.json", questions(plants, tally))
    _table(folder / "circles.csv", ("id", "circle"), (row for land in world.lands for row in _circles(land)))
    _table(
        folder / "same.csv", ("id", "original"), (row for land in world.lands for row in _same(world, land))
    )


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _table(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _circles(land: Land) -> Iterable[tuple[str, str]]:
    for number in range(land.counts["persons"]):
        yield f"{land.source}:p-{number}", f"{land.source}:{land.circle_of(number).number}"


def _same(world: World, land: Land) -> Iterable[tuple[str, str]]:
    for number in range(land.own("persons"), land.counts["persons"]):
        home, known = people.original(world, land, number)
        yield f"{land.source}:p-{number}", f"{home.source}:p-{known}"
    for number in range(land.own("events"), land.counts["events"]):
        home, known = events.reported(world, land, number)
        if home is not land:
            yield f"{land.source}:e-{number}", f"{home.source}:e-{known}"


def _monthly(tally: Tally, type_: str, commodity: str, country: str | None = None) -> dict[str, int]:
    found = dict.fromkeys(seasons.months(), 0)
    for (kind, _, goods, where, when), number in tally.items():
        if kind == type_ and goods == commodity and country in (None, where) and when in found:
            found[when] += number
    return found


def _series(series: seasons.Series, tally: Tally) -> dict[str, Any]:
    years = sum(
        number
        for (kind, _, goods, _, when), number in tally.items()
        if (kind, goods) == (series.type, series.commodity) and len(when) == 4
    )
    answer: dict[str, Any] = {
        "name": series.name,
        "type": series.type,
        "area": series.area,
        "commodity": series.commodity,
        "season_percent": series.season,
        "monthly": _monthly(tally, series.type, series.commodity),
        "year_only": years,
    }
    if series.shifts:
        answer["change"] = {"month": series.shift_on.isoformat()[:7], "percent_of_before": series.shift}
    return answer


def trends(tally: Tally) -> dict[str, Any]:
    """True monthly counts of each series, every event once, and what was planted in them."""
    origin, transit, destination = seasons.NEW_LANE
    return {
        "series": [_series(series, tally) for series in seasons.SERIES],
        "late_source": {
            "source": f"{seasons.LATE_LAND.lower()}-cases",
            "from": seasons.LATE_FROM.isoformat(),
        },
        "new_route": {
            "commodity": "cocaine",
            "origin": origin,
            "transit": transit,
            "destination": destination,
            "from": seasons.NEW_LANE_FROM.isoformat(),
        },
    }


def questions(plants: Plants, tally: Tally) -> dict[str, Any]:
    """One link question, one on communities and one on a trend, with what should come out."""
    ring = next(group for group in plants.groups if group.name == "ring")
    path = ring.expected["path"]
    return {
        "link": {
            "from": path["from"],
            "to": path["to"],
            "expected": "joined, through a shared passport, phone or plate",
        },
        "community": {"seed": path["from"], "expected": sorted(ring.members)},
        "trend": {
            "type": "seizure",
            "commodity": "cocaine",
            "interval": "month",
            "expected": _monthly(tally, "seizure", "cocaine"),
            "change": "2022-07",
        },
    }
