"""Totals on the drug seizures of the United Nations agree with a recount of the raw file."""

import csv
import io
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from graphsvc.analysis.routes import period
from graphsvc.analysis.selection import Filter, select
from graphsvc.analysis.trends import series
from graphsvc.topology.events import EventColumns, Words, in_order, joined, rows_of
from graphsvc.topology.events_scope import Events
from loaders.catalogue import Request, loader

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]

Raw = list[dict[str, str]]
NOT_TOLD = {"", "Unknown"}


@pytest.fixture(scope="module")
def packed() -> Path:
    import os

    root = Path(__file__).resolve().parents[3] / "shared" / "data"
    path = (
        Path(os.environ.get("GRAPHSVC_PUBLIC_DATA", root)) / "unodc-seizures" / "drug-trafficking-unodc.zip"
    )
    if not path.exists():
        pytest.skip(
            "the public data set unodc-seizures is not beside the repository; set GRAPHSVC_PUBLIC_DATA"
        )
    return path


@pytest.fixture(scope="module")
def raw(packed: Path) -> Raw:
    """Every row that has no control character; those are refused at the door."""
    with zipfile.ZipFile(packed) as files:
        (name,) = files.namelist()
        rows = list(csv.DictReader(io.TextIOWrapper(files.open(name), encoding="utf-8"), delimiter=";"))
    assert len(rows) == 311_038
    return [
        row
        for row in rows
        if not any(sign < " " and sign not in "\t\r\n" for value in row.values() for sign in value)
    ]


@pytest.fixture(scope="module")
def events(packed: Path) -> Events:
    """The seizures as the mapping makes them, in columns."""
    words, parts = Words(), []
    for parcel in loader(Request("mapping", [Path("unodc")], [packed])).parcels(50_000):
        records = [
            {**one.properties, "id": one.id, "source": "unodc-ids", "handling": 0} for one in parcel.records
        ]
        parts.append(rows_of(records, words))
    return Events(EventColumns.of(in_order(joined(parts)), words, {}, 0, ""), np.ones(1, bool), 0)


def counted(events: Events, interval: str = "year", **where: str) -> dict[str, int]:
    asked = Filter(**where)  # type: ignore[arg-type]
    found = series(select(events, asked), asked, interval, "count", None, "")
    return {point.interval: point.count for point in found.points if point.count}


def test_all_but_the_rows_with_control_characters_are_there(raw: Raw, events: Events) -> None:
    assert len(raw) == 311_035
    assert sum(counted(events).values()) == len(raw)


def test_totals_by_year_and_by_month(raw: Raw, events: Events) -> None:
    assert counted(events) == Counter(row["SEIZURE_DATE"][:4] for row in raw)
    assert counted(events, "month") == Counter(row["SEIZURE_DATE"][:7] for row in raw)


def test_totals_by_drug(raw: Raw, events: Events) -> None:
    """``Unknown`` is no drug: the mapping leaves it empty."""
    expected = Counter(row["DRUG_NAME"].strip().casefold() for row in raw if row["DRUG_NAME"] != "Unknown")
    for name, count in expected.most_common(40):
        assert sum(counted(events, commodity=name).values()) == count, name


def test_totals_by_means_of_transport(raw: Raw, events: Events) -> None:
    expected = Counter(row["TRANSPORT"] for row in raw if row["TRANSPORT"] not in NOT_TOLD)
    assert len(expected) == 14
    for name, count in expected.items():
        assert sum(counted(events, route=name).values()) == count, name


def test_quantities_in_kilograms(raw: Raw, events: Events) -> None:
    factor = {
        "Kilogram": 1.0,
        "Gram": 1e-3,
        "Milligram": 1e-6,
        "Microgram": 1e-9,
        "Ton": 1e3,
        "Ounce": 0.028349523125,
    }
    expected: dict[str, float] = defaultdict(float)
    for row in raw:
        if row["DRUG_NAME"] == "Heroin" and row["DRUG_UNIT"] in factor:
            expected[row["SEIZURE_DATE"][:4]] += float(row["AMOUNT"]) * factor[row["DRUG_UNIT"]]
    asked = Filter(commodity="Heroin")
    found = series(select(events, asked), asked, "year", "quantity", "kg", "")
    assert {point.interval: point.quantity for point in found.points} == pytest.approx(dict(expected))


def test_routes_are_those_of_the_file(raw: Raw, events: Events) -> None:
    codes = {
        "Brazil": "BR",
        "Colombia": "CO",
        "Netherlands": "NL",
        "Spain": "ES",
        "France": "FR",
        "Russian Federation": "RU",
    }
    expected = Counter(
        (codes[row["DEPARTURE_COUNTRY"]], codes[row["DESTINATION_COUNTRY"]])
        for row in raw
        if row["DEPARTURE_COUNTRY"] in codes and row["DESTINATION_COUNTRY"] in codes
    )
    asked = Filter()
    routes = period(select(events, asked), asked).routes
    found = {(origin, end): count.events for (origin, _, end), count in routes.items()}
    assert len(expected) > 10
    assert {pair: found[pair] for pair in expected} == expected
    told = Counter((_country(row["DEPARTURE_COUNTRY"]), _country(row["DESTINATION_COUNTRY"])) for row in raw)
    assert sorted(found.values()) == sorted(count for pair, count in told.items() if all(pair))


def _country(name: str) -> str:
    """One name for one country; ``Other`` is none."""
    if name in NOT_TOLD | {"Other"}:
        return ""
    return "United Kingdom" if name.startswith("United Kingdom") else name
