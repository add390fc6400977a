"""Many items at once: documents, vehicles, weapons, persons, identifiers. What is out of sight is as if it were not."""

import shutil
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from graphsvc.access.audit import Auditor, Entry
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.tell import messages
from tests.api.conftest import Ask
from tests.world import File

pytestmark = pytest.mark.neo4j

ANSWER = """
{ answers { number outcome readable findings truncated contacts { key reference }
    matches { id kind status exact reasons differs conditions owner state hit }
    valid { id } noticed { id colour personId recordId mark conditions } } }
"""
DOCUMENTS = f"query($items: [DocumentItem!]!) {{ found: checkDocuments(documents: $items) {ANSWER} }}"
VEHICLES = f"query($items: [VehicleItem!]!) {{ found: checkVehicles(vehicles: $items) {ANSWER} }}"
WEAPONS = f"query($items: [WeaponItem!]!) {{ found: checkWeapons(weapons: $items) {ANSWER} }}"
PERSONS = f"query($items: [PersonItem!]!) {{ found: checkPersons(persons: $items) {ANSWER} }}"
IDENTIFIERS = f"query($items: [IdentifierItem!]!) {{ found: checkIdentifiers(identifiers: $items) {ANSWER} }}"

PASS = {"number": "12AB34567", "type": "passport", "country": "FR"}
SPECIMEN = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
"""The zone that ICAO Doc 9303 prints for its invented state."""


@pytest.fixture(autouse=True)
def books(database: Database, api_settings: Settings) -> Iterator[Auditor]:
    """A new audit and new quotas."""
    shutil.rmtree(api_settings.home / "audit", ignore_errors=True)
    for path in api_settings.home.glob("quotas.sqlite*"):
        path.unlink()
    yield Auditor(api_settings)
    shutil.rmtree(api_settings.home / "audit", ignore_errors=True)


@pytest.fixture
def check(ask: Ask) -> Any:
    """``check(DOCUMENTS, item, …)`` gives the answers for a German officer."""

    def answers(text: str, *items: dict[str, Any], **claims: Any) -> list[dict[str, Any]]:
        found = ask(text, {"items": list(items)}, **({"ncb": "DE"} | claims))
        assert "errors" not in found, found
        told: list[dict[str, Any]] = found["data"]["found"]["answers"]
        return told

    return answers


def ids(answer: dict[str, Any], part: str = "matches") -> list[str]:
    return [match["id"] for match in answer[part]]


# documents


def test_a_stolen_passport_is_a_hit_and_its_neighbours_are_candidates(database: Database, check: Any) -> None:
    file = File("FR", conditions=frozenset({"no use in court"}))
    file.passport("pass", "12AB34567", "FR", status="stolen")
    file.passport("other", "12AB34567", "ES", status="lost")
    file.load(database)

    hit, spaced, nothing, untyped = check(
        DOCUMENTS,
        PASS,
        PASS | {"number": "12 ab-34567", "country": "FRA"},
        PASS | {"number": "99ZZ99999"},
        {"number": "12AB34567", "country": "FR"},
    )

    assert (hit["outcome"], ids(hit)) == ("HIT", ["fr-file:pass", "fr-file:other"])
    first, second = hit["matches"]
    assert (first["exact"], first["status"], first["state"], first["hit"]) == (
        True,
        "stolen",
        "unverified",
        None,
    )
    assert (first["conditions"], first["owner"]) == (["no use in court"], "FR")
    assert (second["exact"], second["differs"]) == (False, ["country"])
    assert spaced["outcome"] == "HIT"
    assert (nothing["outcome"], nothing["matches"]) == ("NO_HIT", [])
    assert (untyped["outcome"], untyped["matches"][0]["exact"]) == ("CANDIDATES", False)
    assert [one["number"] for one in (hit, spaced, nothing, untyped)] == [0, 1, 2, 3]


def test_a_zone_is_read_and_its_check_digits_are_told(database: Database, check: Any) -> None:
    file = File("FR")
    file.passport("specimen", "L898902C3", "UTO", status="lost")
    file.load(database)

    right, wrong, torn = check(
        DOCUMENTS, {"mrz": SPECIMEN}, {"mrz": SPECIMEN.replace("C36UTO", "C37UTO")}, {"mrz": "P<UTO"}
    )

    assert (right["outcome"], right["findings"]) == ("HIT", [])
    assert wrong["outcome"] == "HIT"
    assert any("check digit of the number" in finding for finding in wrong["findings"])
    assert (torn["outcome"], torn["readable"]) == ("NO_HIT", False)
    assert "machine-readable zone" in torn["findings"][0]


def test_one_bad_item_stops_no_other(database: Database, check: Any) -> None:
    file = File("FR")
    file.passport("pass", "12AB34567", "FR", status="stolen")
    file.load(database)

    answers = check(DOCUMENTS, {"number": "1", "country": "Nowhere"}, PASS | {"type": "ticket"}, {}, PASS)

    assert [one["readable"] for one in answers] == [False, False, False, True]
    assert all(one["findings"] for one in answers[:3])
    assert answers[3]["outcome"] == "HIT"


def test_valid_documents_of_noticed_persons_stand_apart(database: Database, check: Any) -> None:
    file = File("FR")
    file.passport("valid", "12AB34567", "FR")
    file.person("mara")
    file.record("Notice", "red", colour="red", diffusion=True, issuer="FR")
    file.link("mara", "HOLDS", "valid")
    file.link("mara", "SUBJECT_OF", "red")
    file.load(database)

    (answer,) = check(DOCUMENTS, PASS)

    assert (answer["outcome"], answer["matches"], ids(answer, "valid")) == (
        "CANDIDATES",
        [],
        ["fr-file:valid"],
    )
    (notice,) = answer["noticed"]
    assert (notice["id"], notice["personId"], notice["colour"]) == ("fr-file:red", "fr-file:mara", "red")
    assert notice["mark"] == "not yet reviewed"


def test_only_the_source_makes_a_match_more_than_unverified(database: Database, ask: Ask, check: Any) -> None:
    file = File("FR")
    file.passport("pass", "12AB34567", "FR", status="stolen")
    file.load(database)
    opened = ask('mutation { openHit(record: "fr-file:pass") }', ncb="DE")["data"]["openHit"]
    (before,) = check(DOCUMENTS, PASS)
    assert (before["matches"][0]["state"], before["matches"][0]["hit"]) == ("unverified", opened)

    def review(state: str) -> dict[str, Any]:
        text = f'mutation {{ reviewHit(id: "{opened}", state: "{state}", reason: "looked up") }}'
        assert "errors" not in ask(text, ncb="FR", roles=("liaison",))
        return dict(check(DOCUMENTS, PASS)[0])

    confirmed, refuted = review("confirmed"), review("false")
    assert (confirmed["outcome"], confirmed["matches"][0]["state"]) == ("HIT", "confirmed")
    assert (refuted["outcome"], refuted["matches"][0]["state"]) == ("CANDIDATES", "false")
    assert check(DOCUMENTS, PASS, ncb="BR")[0]["matches"][0]["state"] == "unverified"


# what is out of sight


@pytest.mark.parametrize("handling", [{"hit": "open"}, {"hit": "silent"}])
def test_out_of_sight_is_as_absent_and_a_silent_owner_alone_is_told(
    database: Database, check: Any, handling: dict[str, str]
) -> None:
    absent = check(DOCUMENTS, PASS)
    file = File("FR", allow=frozenset(), **handling)
    file.passport("pass", "12AB34567", "FR", status="stolen")
    file.load(database)

    assert check(DOCUMENTS, PASS) == absent
    assert absent[0]["outcome"] == "NO_HIT"
    assert [one["op"] for one in messages(database, "FR")] == (["hit"] if handling["hit"] == "silent" else [])
    assert messages(database, "DE") == []


def test_contact_shows_that_something_is_there_and_not_what(database: Database, check: Any) -> None:
    file = File("FR", allow=frozenset(), hit="contact")
    file.passport("pass", "12AB34567", "FR", status="stolen")
    file.load(database)

    for item in (PASS, {"number": "12AB34567", "country": "FR"}):
        (answer,) = check(DOCUMENTS, item)
        (contact,) = answer["contacts"]
        assert contact["key"] == "doc:FR:passport:12AB34567"
        assert (answer["outcome"], answer["matches"], answer["noticed"]) == ("CANDIDATES", [], [])
        assert "fr-file" not in str(answer)


def test_a_thousand_documents_are_two_questions_and_one_more_is_too_many(
    database: Database, ask: Ask, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphsvc.access.view import View

    file = File("FR")
    file.passport("pass", "12AB34567", "FR", status="stolen")
    file.load(database)
    asked: list[str] = []
    rows = View.rows

    async def counted(self: View, query: str, /, **parameters: Any) -> list[dict[str, Any]]:
        asked.append(query)
        return await rows(self, query, **parameters)

    monkeypatch.setattr(View, "rows", counted)
    items = [PASS | {"number": f"{at:05}XY"} for at in range(999)] + [PASS]
    answers = check(DOCUMENTS, *items)

    assert [one["number"] for one in answers if one["outcome"] != "NO_HIT"] == [999]
    assert asked == ["checks/keys", "checks/candidates", "checks/noticed"]
    over = ask(DOCUMENTS, {"items": [*items, PASS]}, ncb="DE")
    assert over["errors"][0]["extensions"]["code"] == "BAD_INPUT"


def test_records_count_and_are_audited_whichever_fields_are_asked_for(
    database: Database, ask: Ask, books: Auditor
) -> None:
    file = File("FR")
    file.passport("pass", "12AB34567", "FR", status="stolen")
    file.load(database)

    ask(
        "query($items: [DocumentItem!]!) { checkDocuments(documents: $items) { answers { outcome } } }",
        {"items": [PASS]},
        ncb="DE",
    )

    (made,) = [msgspec.convert(line.open, Entry) for line, _ in books.chain.read()]
    assert (made.operation, made.objects) == ("checkDocuments", 1)


# vehicles, weapons


def test_a_vehicle_is_found_by_each_of_its_numbers(database: Database, check: Any) -> None:
    file = File("FR")
    file.record(
        "Vehicle", "van", vin="WVWZZZ1JZXW000001", plate="AB-123-CD", country="FR", engine_number="EN55321",
        make="Peugeot", colour="white", status="stolen",
    )  # fmt: skip
    file.record("Vehicle", "found", plate="XY-777-ZZ", country="FR", status="recovered")
    file.load(database)

    answers = check(
        VEHICLES,
        {"vin": "WVWZZZ1JZXW000001"},
        {"plate": "ab 123 cd", "country": "FR"},
        {"engineNumber": "EN55321", "make": "peugeot"},
        {"engineNumber": "EN55321"},
        {"platePart": "123", "make": "Peugeot", "colour": "white"},
        {"platePart": "1?3C", "colour": "white"},
        {"platePart": "124", "make": "Peugeot", "colour": "white"},
        {"plate": "XY777ZZ", "country": "FR"},
        {"platePart": "123"},
    )

    outcomes = [one["outcome"] for one in answers]
    assert outcomes[:3] == ["HIT"] * 3
    assert outcomes[3:6] == ["CANDIDATES"] * 3
    assert outcomes[6] == "NO_HIT"
    assert (outcomes[7], answers[7]["matches"][0]["status"]) == ("CANDIDATES", "recovered")
    assert not answers[8]["readable"]


def test_another_vin_under_the_plate_asked_for_is_told(database: Database, check: Any) -> None:
    file = File("FR")
    file.record("Vehicle", "van", vin="WVWZZZ1JZXW000001", plate="AB-123-CD", country="FR", status="stolen")
    file.load(database)

    (answer,) = check(VEHICLES, {"vin": "WVWZZZ1JZXW000009", "plate": "AB-123-CD", "country": "FR"})

    assert (answer["outcome"], answer["matches"][0]["differs"]) == ("HIT", ["vin"])
    assert any("check digit" in finding for finding in answer["findings"])


def test_a_weapon_needs_make_and_calibre_for_a_hit(database: Database, check: Any) -> None:
    file = File("FR")
    file.record("Weapon", "gun", make="Invented Arms", calibre="9x19", serial="IA 004-211", status="stolen")
    file.load(database)

    whole, part = check(
        WEAPONS, {"serial": "ia004211", "make": "invented arms", "calibre": "9X19"}, {"serial": "IA004211"}
    )

    assert (whole["outcome"], part["outcome"]) == ("HIT", "CANDIDATES")


# persons


def test_a_name_is_a_candidate_and_never_a_hit(database: Database, check: Any) -> None:
    file = File("FR")
    file.person(
        "mara", name="Mara Invented", birth_date="1988-04-12", national_id="880412123", birth_country="FR"
    )
    file.person("namesake", name="Mara Invented", birth_date="1955-01-01")
    file.person("unborn", name="Mara Invented")
    file.record("Notice", "blue", colour="blue", issuer="FR")
    file.link("mara", "SUBJECT_OF", "blue")
    file.load(database)

    by_name, near, by_number, nobody = check(
        PERSONS,
        {"name": "Mara Invented", "birthDate": "1988-04-12"},
        {"name": "Marra Invented", "birthDate": "1988-04-14", "birthDays": 3},
        {"name": "M. Invented", "nationalId": "880412123", "birthCountry": "FR"},
        {"name": "Quite Another"},
    )

    assert (by_name["outcome"], ids(by_name)) == ("CANDIDATES", ["fr-file:mara", "fr-file:unborn"])
    assert "its birth date is not known" in by_name["matches"][1]["reasons"]
    assert [one["id"] for one in by_name["noticed"]] == ["fr-file:blue"]
    assert near["outcome"] == "CANDIDATES"
    assert (by_number["outcome"], ids(by_number)[0]) == ("HIT", "fr-file:mara")
    assert nobody["outcome"] == "NO_HIT"


# identifiers


HELD: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("Phone", {"number": "+33199000001"}, {"type": "phone", "value": "0033 199 000 001"}),
    (
        "Account",
        {"iban": "FR7630006000011234567890189"},
        {"type": "iban", "value": "FR76 3000 6000 0112 3456 7890 189"},
    ),
    (
        "Wallet",
        {"chain": "bitcoin", "address": "bc1qexample"},
        {"type": "wallet", "value": "BC1QEXAMPLE", "within": "bitcoin"},
    ),
    (
        "Infrastructure",
        {"type": "domain", "value": "bad.example.org"},
        {"type": "domain", "value": "Bad.Example.org."},
    ),
    ("Infrastructure", {"type": "ip", "value": "203.0.113.7"}, {"type": "ip", "value": "203.0.113.7"}),
    ("Vessel", {"imo": "9074729", "status": "suspect"}, {"type": "imo", "value": "9074729"}),
    ("Device", {"imei": "490154203237518"}, {"type": "imei", "value": "49-015420-323751-8"}),
    ("Sim", {"imsi": "208010000000001"}, {"type": "imsi", "value": "208010000000001"}),
    ("Email", {"address": "mara@example.org"}, {"type": "email", "value": "Mara@Example.org"}),
    (
        "OnlineAccount",
        {"platform": "examplegram", "handle": "mara_x"},
        {"type": "handle", "value": "mara_x", "within": "Examplegram"},
    ),
    ("File", {"sha256": "ab" * 32}, {"type": "sha256", "value": "AB" * 32}),
    ("Certificate", {"fingerprint": "cd" * 32}, {"type": "certificate", "value": "cd" * 32}),
)
"""A record of each kind, and how somebody may write its identifier."""


def test_identifiers_of_every_type_meet_their_records(database: Database, check: Any) -> None:
    file = File("FR")
    held = [file.record(kind, f"r{at}", **properties) for at, (kind, properties, _) in enumerate(HELD)]
    file.load(database)

    answers = check(IDENTIFIERS, *(item for _, _, item in HELD))

    assert {one["outcome"] for one in answers} == {"HIT"}
    assert [ids(one)[0] for one in answers] == held
    assert answers[0]["findings"] == []


def test_findings_of_identifiers_are_told_though_nobody_holds_them(database: Database, check: Any) -> None:
    imei, iban, unknown = check(
        IDENTIFIERS,
        {"type": "imei", "value": "490154203237519"},
        {"type": "iban", "value": "FR7630006000011234567890180"},
        {"type": "shoe size", "value": "44"},
    )

    assert imei["findings"] == ["IMEI fails its check digit"]
    assert "IBAN fails" in iban["findings"][0]
    assert not unknown["readable"]


def test_a_phone_that_a_person_holds_is_a_candidate(database: Database, check: Any) -> None:
    file = File("FR")
    file.person("mara", phones=["+33199000001"])
    file.load(database)

    (answer,) = check(IDENTIFIERS, {"type": "phone", "value": "+33199000001"})

    assert (answer["outcome"], ids(answer)) == ("CANDIDATES", ["fr-file:mara"])


def test_a_text_cannot_reach_into_the_index(database: Database, check: Any) -> None:
    file = File("FR")
    file.passport("pass", "12AB34567", "FR", status="stolen")
    file.record("Phone", "phone", number="+33199000001")
    file.load(database)

    one, other = check(
        DOCUMENTS, {"number": '" OR *', "type": "passport", "country": "FR"}, {"number": "12AB*"}
    )
    (third,) = check(IDENTIFIERS, {"type": "phone", "value": '+33" OR "*'})

    assert {one["outcome"], other["outcome"], third["outcome"]} == {"NO_HIT"}
