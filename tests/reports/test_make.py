"""Reports on a small world: each kind is made, on what its reader may see."""

import msgspec
import pytest

from graphsvc.access.view import Door
from graphsvc.analysis.selection import Filter
from graphsvc.errors import NotFound, UsageError
from graphsvc.model.vocabulary import Purpose
from graphsvc.reports import cyber, html
from graphsvc.reports.document import Document
from graphsvc.reports.make import Request, make
from graphsvc.reports.trends import Asked
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.trends.asking import caller
from tests.world import File

pytestmark = pytest.mark.neo4j


def write(
    settings: Settings,
    kind: str,
    ncb: str = "FR",
    where: Filter | None = None,
    *subjects: str,
    purpose: Purpose = Purpose.TRENDS,
) -> Document:
    """The report as one caller gets it."""
    import asyncio

    async def run() -> Document:
        door = await Door.open(settings)
        try:
            region = (where or Filter()).region or ""
            request = Request(
                kind,
                Asked(where or Filter()),
                subjects=subjects,
                text="It is likely that he paid.",
                region=region,
            )
            asker = msgspec.structs.replace(caller(ncb), purpose=purpose)
            return await make(await door.view(asker), request)
        finally:
            await door.close()

    return asyncio.run(run())


@pytest.fixture
def world(database: Database) -> Database:
    file = File("FR")
    boss = file.person("boss", name="Маруга Лодо")
    case = file.record(
        "Case", "c1", number="2024/1", country="FR", title="Operation Reed", opened_at="2024-02-01"
    )
    file.link(boss, "INVOLVED_IN", case, role="suspect")
    trip = file.record(
        "Event", "e1", type="trip", time="2024-01-05", name="The trip", areas=["MARITIME"], country="FR"
    )
    file.link(boss, "PARTICIPATED_IN", trip, role="organiser")
    file.record("Event", "e2", type="trip", time="2023-01-05", country="FR", origin="MA", destination="FR")
    actor = file.record(
        "Organization", "a1", name="SABLE HERON", type="threat_actor", recorded_at="2024-05-02"
    )
    file.link(actor, "USES", file.record("Malware", "m1", name="HERONLOAD"))
    file.record("Infrastructure", "i1", type="domain", value="gang.example", control="compromised")
    file.load(database)
    secret = File("DE", level=3, allow=frozenset({"DE"}))
    secret.person("spy", name="Hidden Person")
    secret.link("spy", "ASSOCIATE_OF", boss)
    secret.record("Infrastructure", "i2", type="domain", value="secret.example", control="actor")
    secret.load(database)
    return database


def test_a_case_report_has_chronology_gaps_assessment_and_scale(
    world: Database, open_server: Settings
) -> None:
    found = write(open_server, "case", "FR", None, "fr-file:c1")
    titles = [section.title for section in found.sections]
    assert [title for title in titles if title in ("Chronology", "Intelligence gaps", "Assessment")] == [
        "Chronology", "Intelligence gaps", "Assessment",
    ]  # fmt: skip
    written = html.written(found)
    assert "Маруга Лодо" in written
    assert "The birth date of Маруга Лодо" in written
    assert "It is likely that he paid." in written
    assert "Realistic possibility" in written


def test_a_network_report_shows_what_its_reader_may_see(world: Database, open_server: Settings) -> None:
    seen, all_of_it = (
        html.written(write(open_server, "network", ncb, None, "fr-file:boss")) for ncb in ("FR", "DE")
    )
    assert "Operation Reed" in seen
    assert "Hidden Person" not in seen
    assert "Hidden Person" in all_of_it


def test_a_cyber_advisory_names_actors_means_and_compromised_hosts(
    world: Database, open_server: Settings
) -> None:
    written = html.written(write(open_server, "cyber"))
    assert all(text in written for text in ("SABLE HERON", "HERONLOAD", "gang.example", "should be warned"))
    assert "secret.example" not in written


@pytest.mark.parametrize(
    ("kind", "where"), [("trends", Filter()), ("maritime", Filter()), ("country", Filter(country="FR"))]
)
def test_reports_of_trends_begin_with_findings_and_end_with_method(
    world: Database, open_server: Settings, kind: str, where: Filter
) -> None:
    titles = [section.title for section in write(open_server, kind, "FR", where).sections]
    assert titles[0] == "Key findings"
    assert titles[-1] == "Method and limits"


def test_a_report_about_something_hidden_is_not_found(world: Database, open_server: Settings) -> None:
    with pytest.raises(NotFound):
        write(open_server, "case", "FR", None, "de-file:spy")


@pytest.mark.parametrize("kind", ["gossip", "country", "network"])
def test_what_cannot_be_reported_is_said(world: Database, open_server: Settings, kind: str) -> None:
    with pytest.raises(UsageError):
        write(open_server, kind)


def test_an_advisory_tells_what_is_new_since_the_last(world: Database, open_server: Settings) -> None:
    def new(since: str) -> list[str]:
        found = write(open_server, "cyber", "FR", Filter(since=since))
        (section,) = (section for section in found.sections if section.title == "What is new")
        return [row[2] for table in section.tables for row in table.rows]

    assert new("2024-05") == ["SABLE HERON"]
    assert new("2024-05-03") == []


def table(found: Document, title: str) -> list[tuple[str, ...]]:
    """Rows of the tables of one section."""
    return [row for one in found.sections if one.title == title for part in one.tables for row in part.rows]


def crime_wave(database: Database) -> None:
    """HARMATTAN attacks Kenya with CLICKROT from a hacked host in Norway, BOREAS attacks Norway; MIST attacks nobody
    known. What joins HARMATTAN to Kenya is Norway's secret."""
    file, secret = File("KE"), File("NO", level=3, allow=frozenset({"NO"}))
    for name in ("HARMATTAN", "BOREAS", "MIST"):
        file.record("Organization", name.lower(), name=name, type="threat_actor", recorded_at="2024-01-02")
    file.record("Malware", "rot", name="CLICKROT", recorded_at="2024-01-02")
    file.record("Technique", "phish", name="Phishing", reference="T0001", recorded_at="2024-01-02")
    file.record("Organization", "bank", name="Invented Bank", type="company", country="KE")
    file.record("Organization", "port", name="Invented Port", type="company", country="NO")
    file.record(
        "Infrastructure", "host", type="domain", value="rot.example", country="NO", control="compromised"
    )
    file.link("harmattan", "USES", "rot", recorded_at="2024-06-02")
    file.link("rot", "USES", "phish")
    file.link("harmattan", "CONTROLS", "host")
    file.link("boreas", "TARGETS", "port")
    file.load(database)
    secret.link("ke-file:harmattan", "TARGETS", "ke-file:bank", recorded_at="2024-06-02")
    secret.load(database)


def test_a_desk_hears_of_the_actors_that_its_countries_have_to_do_with(
    database: Database, open_server: Settings
) -> None:
    crime_wave(database)

    def names(ncb: str, desk: str, title: str) -> set[str]:
        return {row[0] for row in table(write(open_server, "cyber", ncb, Filter(region=desk)), title)}

    assert names("KE", "EUROPE", "Threat actors") == {"HARMATTAN", "BOREAS", "MIST"}
    assert names("KE", "AFRICA", "Threat actors") == {"MIST"}
    assert names("NO", "AFRICA", "Threat actors") == {"HARMATTAN", "MIST"}
    assert names("NO", "AFRICA", "Malware, tools and techniques") == {"CLICKROT", "Phishing"}
    assert names("KE", "AFRICA", "Malware, tools and techniques") == set()
    assert names("NO", "AFRICA", "Targets") == {"Invented Bank"}
    assert names("NO", "AFRICA", "Infrastructure") == set()


def test_an_actor_of_a_desk_is_not_lost_behind_busier_ones_of_others(
    database: Database, open_server: Settings
) -> None:
    file = File("KE")
    bank = file.record("Organization", "bank", name="Invented Bank", type="company", country="KE")
    port = file.record("Organization", "port", name="Invented Port", type="company", country="NO")
    tool = file.record("Tool", "t", name="Invented Tool")
    for at in range(cyber.MOST):
        busy = file.record("Organization", f"b{at}", name=f"BUSY {at}", type="threat_actor")
        file.link(busy, "TARGETS", port)
        file.link(busy, "USES", tool)
    file.link(file.record("Organization", "q", name="QUIET", type="threat_actor"), "TARGETS", bank)
    file.load(database)
    assert [
        row[0] for row in table(write(open_server, "cyber", "KE", Filter(region="AFRICA")), "Threat actors")
    ] == ["QUIET"]
    all_ = write(open_server, "cyber", "KE")
    assert "QUIET" not in {row[0] for row in table(all_, "Threat actors")}
    assert any("at least 200 threat actors" in sentence for sentence in all_.sections[0].sentences)


def test_an_advisory_says_who_controls_a_host_and_whose_each_record_is(
    database: Database, open_server: Settings
) -> None:
    crime_wave(database)
    found = write(open_server, "cyber", "KE")
    assert table(found, "Infrastructure") == [
        ("rot.example", "domain", "compromised", "HARMATTAN (controls)", "", "NO", "KE")
    ]
    assert [row[-3:] for row in table(found, "Malware, tools and techniques") if row[0] == "CLICKROT"] == [
        ("1", "HARMATTAN", "KE")
    ]
    assert "through the bureaus of NO (1)" in " ".join(found.sections[0].sentences)
    assert table(found, "Coverage")[0][:3] == ("KE", "ke-file", "7")


def test_what_is_new_are_records_and_links_that_may_be_seen(
    database: Database, open_server: Settings
) -> None:
    crime_wave(database)

    def news(ncb: str) -> dict[str, str]:
        found = write(open_server, "cyber", ncb, Filter(since="2024-06"))
        return {row[2]: row[4] for row in table(found, "What is new")}

    assert news("KE") == {"HARMATTAN": "1 new link(s)", "CLICKROT": "1 new link(s)"}
    assert news("NO") == {
        "HARMATTAN": "2 new link(s)", "CLICKROT": "1 new link(s)", "Invented Bank": "1 new link(s)",
    }  # fmt: skip


def test_conditions_of_events_stand_on_what_counts_them(world: Database, open_server: Settings) -> None:
    strict = File("ES", conditions=("ask Madrid first",))
    strict.record("Event", "s1", type="trip", time="2024-02-05", country="ES")
    strict.load(world)
    assert write(open_server, "trends").conditions == ("ask Madrid first",)
    assert write(open_server, "country", "FR", Filter(country="FR")).conditions == ()


def test_a_report_says_how_to_make_it_again(world: Database, open_server: Settings) -> None:
    command = write(open_server, "network", "FR", None, "fr-file:boss").command
    assert command.startswith("graphsvc report network --ncb=FR")
    assert "--subject=fr-file:boss" in command


def test_small_numbers_about_victims_and_minors_are_left_out(world: Database, open_server: Settings) -> None:
    def table(where: Filter) -> list[str]:
        found = write(open_server, "trends", "FR", where, purpose=Purpose.IDENTIFY)
        (overview,) = (section for section in found.sections if section.title == "Overview")
        return [row[1] for row in overview.tables[0].rows]

    file, minors = File("ES"), File("ES", "es-minors", class_="minor")
    for at in range(12):
        file.record(
            "Event", f"t{at}", type="trip", time=f"2024-0{1 + at % 3}-05", areas=["HUMAN_TRAFFICKING"]
        )
    file.record("Event", "t12", type="trip", time="2024-04-05", areas=["HUMAN_TRAFFICKING"])
    file.record("Event", "o1", type="trip", time="2024-01-05", areas=["CORRUPTION"])
    minors.record("Event", "m1", type="trip", time="2024-01-05", areas=["CYBER"])
    file.load(world)
    minors.load(world)
    assert set(table(Filter(area="HUMAN_TRAFFICKING"))) == {"hidden"}
    assert table(Filter(area="CORRUPTION")) == ["1"]
    assert table(Filter(area="CYBER")) == ["hidden"]
