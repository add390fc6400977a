"""Identity keys: two owners who write the same identifier differently get the same key."""

import pytest

from graphsvc.model.keys import identity_keys

SAME = [
    (
        "Document",
        {"type": "passport", "number": "12ab-345 67", "country": "FR"},
        ["doc:FR:passport:12AB34567"],
    ),
    ("Document", {"type": "passport", "number": "12AB34567", "country": "FR"}, ["doc:FR:passport:12AB34567"]),
    (
        "Document",
        {"type": "passport", "number": "１２AB34567", "country": "FR"},
        ["doc:FR:passport:12AB34567"],
    ),
    ("Phone", {"number": "+33 1 99 00 00 01"}, ["tel:+33199000001"]),
    ("Phone", {"number": "0033199000001"}, ["tel:+33199000001"]),
    ("Vehicle", {"plate": "ab 123 cd", "country": "FR"}, ["plate:FR:AB123CD"]),
    (
        "Weapon",
        {"make": "Invented Arms", "calibre": "9x19", "serial": "IA 004-211"},
        ["gun:INVENTEDARMS:9X19:IA004211"],
    ),
    ("Infrastructure", {"type": "domain", "value": "Example.ORG."}, ["domain:example.org"]),
    ("Infrastructure", {"type": "ip", "value": "2001:DB8::0001"}, ["ip:2001:db8::1"]),
    ("Wallet", {"chain": "Bitcoin", "address": "BC1QEXAMPLE"}, ["wallet:bitcoin:bc1qexample"]),
    ("Account", {"iban": "fr76 3000 6000"}, ["iban:FR7630006000"]),
    ("Event", {"reference": "JOP-2024-118"}, ["event:JOP2024118"]),
]

NONE = [
    ("Phone", {"number": "12345"}),  # no country: the same digits mean other phones elsewhere
    ("Vehicle", {"plate": "AB123CD"}),  # a plate without its country
    ("Weapon", {"serial": "1"}),
    ("Infrastructure", {"type": "ip", "value": "not an address"}),
    ("Person", {"name": "Mara Invented", "birth_date": "1988"}),  # never by name
    ("Document", {"type": "passport", "number": "---", "country": "FR"}),
]


@pytest.mark.parametrize(("kind", "properties", "keys"), SAME)
def test_one_thing_has_one_key(kind: str, properties: dict[str, str], keys: list[str]) -> None:
    assert identity_keys(kind, properties) == keys


@pytest.mark.parametrize(("kind", "properties"), NONE)
def test_what_does_not_identify_makes_no_key(kind: str, properties: dict[str, str]) -> None:
    assert identity_keys(kind, properties) == []
