"""Findings about identifiers, against the public vectors where those are at hand."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from graphsvc.model import identifiers, mrz
from graphsvc.model.countries import country_code

ERIKSSON = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"


def test_a_passport_of_the_standard() -> None:
    found = mrz.read(ERIKSSON)
    assert (found.format, found.country, found.number, found.surname) == (
        "TD3",
        "UTO",
        "L898902C3",
        "ERIKSSON",
    )
    assert (found.given_names, found.birth, found.sex, found.expiry) == (
        "ANNA MARIA",
        "740812",
        "F",
        "120415",
    )
    assert found.findings == ()


def test_a_wrong_check_digit_is_told() -> None:
    assert mrz.read(f"{ERIKSSON[:-1]}2").findings == ("check digit of the whole is 2 and should be 0",)


@pytest.mark.parametrize(
    ("zone", "shape", "number"),
    [
        (
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
            "TD1",
            "D23145890",
        ),
        ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6", "TD2", "D23145890"),
        (
            "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<",
            "MRV-A",
            "L8988901C",
        ),
        ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<", "MRV-B", "L8988901C"),
        (
            "IDBEL600001795<0152<<<<<<<<<<<\n1301014F2311207UTO130101987390\nSPECIMEN<<SPECIMEN<<<<<<<<<<<<",
            "TD1",
            "600001795015",
        ),
    ],
)
def test_every_format_of_the_standard(zone: str, shape: str, number: str) -> None:
    found = mrz.read(zone)
    assert (found.format, found.number) == (shape, number)
    assert not [finding for finding in found.findings if "number" in finding]


@pytest.mark.parametrize("zone", ["", "P<UTO", "P" * 44 + "\n" + "é" * 44])
def test_what_is_no_zone_is_told(zone: str) -> None:
    with pytest.raises(ValueError, match="machine-readable zone"):
        mrz.read(zone)


@pytest.mark.data
def test_public_vins(public_data: Callable[..., Path]) -> None:
    with public_data("document-vectors", "vins.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            assert (identifiers.vin(row["vin"]) is None) == (row["check_digit_ok"] == "True"), row["vin"]


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (identifiers.imo, "9074729", "9074728"),
        (identifiers.mmsi, "235000001", "935000001"),
        (identifiers.imei, "490154203237518", "490154203237519"),
        (identifiers.iban, "FR7630006000011234567890189", "FR7630006000011234567890188"),
        (identifiers.e164, "+33142685300", "0142685300"),
        (identifiers.domain, "example.org", "example.nosuchsuffix"),
        (identifiers.wallet, "0x" + "a" * 40, "0x" + "g" * 40),
        (identifiers.plate, "AB-123-CD", "-"),
    ],
)
def test_identifiers_are_told_apart(check: Callable[[str], str | None], good: str, bad: str) -> None:
    assert check(good) is None
    assert check(bad) is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fr", "FR"),
        ("FRA", "FR"),
        ("D<<", "DE"),
        ("RKS", "XK"),
        ("XXA", "XXA"),
        ("914", "XXX"),
        ("France", "FR"),
        ("GBD", "GB"),
    ],
)
def test_countries_of_travel_documents_and_notices(text: str, code: str) -> None:
    assert country_code(text) == code
