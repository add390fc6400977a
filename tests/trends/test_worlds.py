"""Trends on whole worlds: the synthetic one, whose truth is known, and the public police example."""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from graphsvc.model.record import Link, Record
from graphsvc.sample.make import make
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.runs import Run
from loaders.catalogue import Request, loaders
from tests.trends.asking import ask_trend, counts
from tests.world import File

pytestmark = pytest.mark.neo4j


def load_events(database: Database, world: Path) -> list[Record]:
    """Write the events of a world and the judgements on them, and nothing else; the events."""
    events: list[Record] = []
    for loader in loaders(Request("world", [world])):
        for parcel in loader.parcels(10_000):
            records = [record for record in parcel.records if record.kind == "Event"]
            links: list[Link] = [link for link in parcel.links if link.kind == "SAME_AS"]
            terms = loader.terms
            if not (records or links):
                continue
            run = Run.begin(
                database, source=terms.source, owner=terms.owner, loader="test", files=[], fingerprint=""
            )
            run.write(records, links)
            run.finish()
            events += records
    return events


def test_a_synthetic_world_has_the_trends_that_its_truth_says(
    database: Database, open_server: Settings, tmp_path: Path
) -> None:
    world = make(tmp_path / "world", 3_000, 11).folder
    events = [
        event for event in load_events(database, world) if event.properties.get("commodity") == "cocaine"
    ]
    maybe_hidden = sum(
        event.handling.allow != ("*",) or event.handling != events[0].handling for event in events
    )
    said = json.loads((world / "truth" / "questions.json").read_text(encoding="utf-8"))["trend"]["expected"]
    found = ask_trend(open_server, commodity="cocaine")
    assert sum(said.values()) > 60
    assert sum(said.values()) - maybe_hidden <= found.n <= sum(said.values())
    assert found.sources > 4
    assert all(count <= said[month] for month, count in counts(found).items())


@pytest.mark.data
def test_the_crimes_of_pole_are_counted_by_month_and_by_day(
    database: Database, open_server: Settings, public_data: Callable[..., Path]
) -> None:
    with zipfile.ZipFile(public_data("pole", "pole-data-importer.zip")) as files:
        name = next(name for name in files.namelist() if name.endswith("nodes.Crime.csv"))
        raw = list(csv.DictReader(io.TextIOWrapper(files.open(name), encoding="utf-8")))
    file = File("GB", "pole")
    for row in raw:
        day, month, year = row["date"].split("/")
        time = f"{year}-{int(month):02}-{int(day):02}"
        file.record("Event", row[":ID"], type="offence", time=time, modus=row["type"], country="GB")
    file.load(database)
    assert counts(ask_trend(open_server, "GB", type="offence")) == {"2017-08": 28_762}
    by_day = counts(ask_trend(open_server, "GB", interval="day", modus="Burglary"))
    days = Counter(int(row["date"].split("/")[0]) for row in raw if row["type"] == "Burglary")
    assert by_day == {f"2017-08-{day:02}": count for day, count in days.items()}
