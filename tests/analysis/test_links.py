"""Expand and paths on a real store: three countries' files, one ring."""

import pytest

from graphsvc.analysis.links import expand
from graphsvc.analysis.paths import paths
from graphsvc.errors import NotFound, UsageError
from graphsvc.model.handling import make
from graphsvc.store.database import Database
from tests.analysis.asking import Service
from tests.world import File

pytestmark = pytest.mark.neo4j


def ring(database: Database) -> dict[str, File]:
    """A driver whom three countries know by one passport; a house in France, a payer in Italy."""
    files = {code: File(code) for code in ("FR", "ES", "IT")}
    for file in files.values():
        file.person("driver")
        file.passport("pass", "12AB34567", "RO")
        file.link("driver", "HOLDS", "pass", confidence=0.8)
    files["FR"].record("Location", "house", name="6 Example Lane")
    files["FR"].link(
        "driver", "LIVES_AT", "house", first_seen="2024-03-01", last_seen="2024-03-31", confidence=0.9
    )
    files["IT"].person("payer")
    files["IT"].link("payer", "ASSOCIATE_OF", "driver", first_seen="2024-02", last_seen="2024-02", grade="B2")
    for file in files.values():
        file.load(database)
    return files


def test_three_countries_files_join_through_a_shared_passport(database: Database, service: Service) -> None:
    ring(database)
    found = service.ask(paths, "fr-file:house", "it-file:payer")
    (path,) = found.paths
    assert path.hops == 4
    assert [step.link.type for step in path.steps] == ["LIVES_AT", "HOLDS", "HOLDS", "ASSOCIATE_OF"]
    assert [join.key for step in path.steps for join in step.joins] == ["doc:RO:passport:12AB34567"]
    assert path.weakest is not None
    assert path.weakest.type == "ASSOCIATE_OF"
    assert not found.truncated


def test_evidence_names_owner_grade_and_role(database: Database, service: Service) -> None:
    ring(database)
    found = service.ask(paths, "it-file:driver", "it-file:payer")
    link = found.paths[0].steps[0].link
    assert (link.owner, link.grade, link.first_seen, link.confidence) == ("IT", "B2", "2024-02", 0.64)


def test_hiding_one_countrys_record_neither_joins_nor_splits_what_is_left(
    database: Database, service: Service
) -> None:
    files = ring(database)
    before = service.ask(paths, "fr-file:house", "it-file:payer")
    spain = File("ES", source="es-file", allow=frozenset({"GB"}))
    spain.person("driver")
    spain.passport("pass", "12AB34567", "RO")
    spain.load(database)
    after = service.ask(paths, "fr-file:house", "it-file:payer")
    assert [step.link.id for step in after.paths[0].steps] == [step.link.id for step in before.paths[0].steps]
    assert files["ES"].owner == "ES"


def test_a_restriction_counts_for_the_next_answer(database: Database, service: Service) -> None:
    ring(database)
    service.ask(paths, "fr-file:house", "it-file:payer")
    italy = File("IT", allow=frozenset({"GB"}))
    italy.person("driver")
    italy.load(database)
    found = service.ask(paths, "fr-file:house", "it-file:payer")
    assert found.paths == ()


def test_a_hidden_seed_is_not_found(database: Database, service: Service) -> None:
    ring(database)
    secret = File("IT", source="it-secret", allow=frozenset({"GB"}))
    secret.person("agent")
    secret.load(database)
    for seed in ("it-secret:agent", "it-secret:nobody"):
        with pytest.raises(NotFound):
            service.ask(paths, "fr-file:house", seed)
        with pytest.raises(NotFound):
            service.ask(expand, [seed])


def test_additions_are_there_for_the_next_question(database: Database, service: Service) -> None:
    ring(database)
    assert service.ask(expand, ["it-file:payer"]).total == 2
    more = File("IT")
    more.person("banker")
    more.link("banker", "ASSOCIATE_OF", "payer")
    more.load(database)
    found = service.ask(expand, ["it-file:payer"])
    assert {record.id for record in found.records} == {"it-file:payer", "it-file:driver", "it-file:banker"}


def test_expand_counts_by_type_first_and_shows_what_stands_together(
    database: Database, service: Service
) -> None:
    ring(database)
    found = service.ask(expand, ["fr-file:driver"])
    assert [(one.type, one.outward, one.count) for one in found.types] == [
        ("HOLDS", True, 1),
        ("LIVES_AT", True, 1),
    ]
    assert [(record.id, record.hops) for record in found.records] == [
        ("fr-file:driver", 0), ("es-file:pass", 1), ("fr-file:house", 1), ("fr-file:pass", 1), ("it-file:pass", 1),
    ]  # fmt: skip
    assert {join.key for join in found.joins} == {"doc:RO:passport:12AB34567"}


def test_pages_follow_one_another(database: Database, service: Service) -> None:
    ring(database)
    whole = service.ask(expand, ["fr-file:driver"], hops=3)
    ids, after = [], None
    while True:
        page = service.ask(expand, ["fr-file:driver"], hops=3, first=2, after=after)
        ids += [record.id for record in page.records]
        if not page.more:
            break
        after = (page.records[-1].hops, page.records[-1].id)
    assert ids == [record.id for record in whole.records]


def test_time_ordered_paths_refuse_to_go_back(database: Database, service: Service) -> None:
    file = File("FR")
    for name in ("a", "b", "c"):
        file.person(name)
    file.link("a", "CALLED", "b", first_seen="2024-03-05")
    file.link("b", "CALLED", "c", first_seen="2024-03-04")
    file.load(database)
    assert service.ask(paths, "fr-file:a", "fr-file:c", time_ordered=True).paths == ()
    assert len(service.ask(paths, "fr-file:c", "fr-file:a", time_ordered=True).paths) == 1


def test_the_surest_path_may_take_more_links(database: Database, service: Service) -> None:
    file = File("FR")
    for name in ("a", "b", "c"):
        file.person(name)
    file.link("a", "CALLED", "c", confidence=0.3)
    file.link("a", "CALLED", "b", confidence=0.9)
    file.link("b", "CALLED", "c", confidence=0.8)
    file.load(database)
    (path,) = service.ask(paths, "fr-file:a", "fr-file:c", surest=True).paths
    assert [step.to_id for step in path.steps] == ["fr-file:b", "fr-file:c"]
    assert path.confidence == 0.72
    short = service.ask(paths, "fr-file:a", "fr-file:c", surest=True, max_hops=1)
    assert short.paths == ()
    assert "the surest path, which takes 2 links, more than the 1 asked for" in short.left_out
    with pytest.raises(UsageError, match="surest"):
        service.ask(paths, "fr-file:a", "fr-file:c", surest=True, k=2)


def test_a_window_leaves_out_what_is_outside_or_undated(database: Database, service: Service) -> None:
    ring(database)
    inside = service.ask(paths, "it-file:payer", "it-file:driver", since="2024-02-15", until="2024-02-20")
    outside = service.ask(paths, "it-file:payer", "it-file:driver", since="2024-03")
    assert (len(inside.paths), len(outside.paths)) == (1, 0)
    assert "links without a date" in inside.left_out


def test_an_accepted_judgement_costs_no_hop(database: Database, service: Service) -> None:
    file = File("FR")
    for name in ("a", "b", "c", "d"):
        file.person(name)
    file.link("a", "ASSOCIATE_OF", "b")
    file.link("b", "SAME_AS", "c", decision="same", judge="FR analyst 12")
    file.link("c", "SAME_AS", "d", decision="different")
    file.load(database)
    found = service.ask(paths, "fr-file:a", "fr-file:c")
    assert found.paths[0].hops == 1
    assert found.paths[0].ending[0].judgement is not None
    assert service.ask(paths, "fr-file:a", "fr-file:d").paths == ()


def test_a_wrong_question_says_what_to_do(database: Database, service: Service) -> None:
    ring(database)
    with pytest.raises(UsageError, match="type of link"):
        service.ask(paths, "fr-file:house", "it-file:payer", types=["KNOWS"])
    with pytest.raises(UsageError, match="date"):
        service.ask(paths, "fr-file:house", "it-file:payer", since="yesterday")


def test_a_links_day_is_that_of_its_event(database: Database, service: Service) -> None:
    file = File("FR")
    file.person("a")
    file.record("Event", "trip", type="trip", time="2024-05-01T10:00")
    file.link("a", "PARTICIPATED_IN", "trip", role="traveller")
    file.load(database)
    found = service.ask(expand, ["fr-file:a"])
    assert found.links[0].first_day == "2024-05-01"
    moved = File("FR")
    moved.record("Event", "trip", type="trip", time="2024-06-02")
    moved.load(database)
    found = service.ask(expand, ["fr-file:a"])
    assert found.links[0].first_day == "2024-06-02"


def test_handling_is_kept_for_each_record(database: Database, service: Service) -> None:
    file = File("FR")
    file.person("open")
    file.person("closed", handling=make("FR", allow=frozenset({"DE"})))
    file.link("open", "ASSOCIATE_OF", "closed")
    file.load(database)
    assert service.of("BR").ask(expand, ["fr-file:open"]).total == 1
    assert service.of("DE").ask(expand, ["fr-file:open"]).total == 2
