"""Load runs: nothing is lost, nothing is doubled."""

from typing import Any

import pytest

from graphsvc.errors import AccessError
from graphsvc.model.handling import make
from graphsvc.store.batch import Reject
from graphsvc.store.database import Database
from graphsvc.store.runs import Run, runs
from tests.world import File

pytestmark = pytest.mark.neo4j


def everything(database: Database) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All that is stored but what a run leaves of itself."""
    nodes = database.rows("MATCH (n:Entity) RETURN properties(n) AS p, labels(n) AS l ORDER BY n.id")
    links = database.rows(
        "MATCH (:Entity)-[r]->(:Entity) RETURN properties(r) AS p, type(r) AS t ORDER BY t, r.id"
    )
    for row in (*nodes, *links):
        row["p"].pop("run")
    return nodes, links


def couple() -> File:
    file = File("FR")
    file.person("anna", nationalities=["FR"], birth_date="1990-05")
    file.person("bela", first_seen="2024-02")
    file.link("anna", "ASSOCIATE_OF", "bela", grade="B2", first_seen="2024")
    return file


def test_a_record_has_everything_the_design_asks(database: Database) -> None:
    couple().load(database)
    nodes, links = everything(database)
    anna, bela = nodes[0]["p"], nodes[1]["p"]
    assert nodes[0]["l"] == ["Entity", "Person"]
    assert (anna["id"], anna["owner"]) == ("fr-file:anna", "FR")
    assert anna["countries"] == ["FR"]
    assert {anna["no"], bela["no"]} == {0, 1}
    assert (bela["first_day"], bela["last_day"]) == (19754, 19782)
    assert links[0]["p"]["confidence"] == pytest.approx(0.64)
    assert links[0]["p"]["from"] == "fr-file:anna"


def test_a_repeated_load_writes_nothing(database: Database) -> None:
    first = couple().load(database)
    before, head = everything(database), database.head()
    again = couple().load(database)
    assert (first.read, first.written) == (3, 3)
    assert (again.read, again.written, again.unchanged) == (3, 0, 3)
    assert everything(database) == before
    assert database.head() == head


def test_a_change_is_written_once_and_fed(database: Database) -> None:
    couple().load(database)
    file = couple()
    file.records[0].properties["note"] = "moved"
    account = file.load(database)
    assert (account.written, account.unchanged) == (1, 2)
    feed = database.rows("MATCH (c:Change) RETURN c.op AS op, c.nodes AS nodes ORDER BY c.seq")
    assert feed[-1] == {"op": "upsert", "nodes": ["fr-file:anna"]}


def test_a_new_handling_is_fed_as_a_restriction(database: Database) -> None:
    couple().load(database)
    file = couple()
    file.records[1].handling = make("FR", deny={"DE"})
    file.load(database)
    last = database.rows("MATCH (c:Change) RETURN c.op AS op, c.nodes AS nodes ORDER BY c.seq DESC LIMIT 1")
    assert last == [{"op": "restrict", "nodes": ["fr-file:bela"]}]


def test_the_higher_sequence_wins_in_any_order(database: Database) -> None:
    for order in ((1, 2), (2, 1)):
        for sequence in order:
            file = File("FR", f"fr-{order[0]}")
            file.person("anna", name=f"version {sequence}", sequence=sequence)
            file.load(database)
    assert database.rows("MATCH (n:Person) RETURN DISTINCT n.name AS name") == [{"name": "version 2"}]


def test_a_second_content_for_one_id_is_refused_with_its_line(database: Database) -> None:
    file = File("FR")
    file.person("anna", name="Anna")
    file.person("anna", name="Other")
    file.records[1].line = 3
    account = file.load(database)
    assert (account.written, account.rejected) == (1, 1)
    refused = database.rows("MATCH (r:Reject) RETURN r.line AS line, r.reason AS reason")
    assert refused[0]["line"] == 3
    assert "already read in this run with other content" in refused[0]["reason"]


def test_an_id_keeps_its_kind(database: Database) -> None:
    couple().load(database)
    file = File("FR")
    file.record("Organization", "anna", name="Anna Ltd")
    assert file.load(database).rejected == 1


def test_a_link_waits_for_its_other_end(database: Database) -> None:
    file = couple()
    late, link = file.records[1].id, file.links[0].id
    account = file.load(database, only=[file.records[0].id, link])
    assert (account.written, account.waiting) == (1, 1)
    assert everything(database)[1] == []
    again = file.load(database, only=[link])
    assert (again.waiting, again.written) == (1, 0)
    file.load(database, only=[late])
    assert [row["p"]["id"] for row in everything(database)[1]] == [link]
    assert database.rows("MATCH (w:WaitingLink) RETURN w") == []


def test_files_in_any_order_make_the_same_graph(database: Database) -> None:
    file = couple()
    ids = [link.id for link in file.links] + [record.id for record in file.records]
    for id_ in ids:
        file.load(database, only=[id_])
    shuffled = everything(database)
    for row in shuffled[0]:
        row["p"].pop("no")
    assert len(shuffled[1]) == 1
    assert shuffled[1][0]["p"]["first_day"] == 19723


def test_a_link_to_another_owner_is_accepted_and_no_more(database: Database) -> None:
    File("DE").load(database)
    german = File("DE")
    german.person("carl")
    german.load(database)
    for other in ("de-file:carl", "de-file:nobody"):
        french = couple()
        link = french.link("anna", "ASSOCIATE_OF", other)
        french.load(database, only=[french.records[0].id])
        account = french.load(database, only=[link])
        assert (account.read, account.accepted, account.waiting) == (1, 1, 0)


def test_a_source_stays_its_owners(database: Database) -> None:
    couple().load(database)
    with pytest.raises(AccessError, match="belongs to FR"):
        File("DE", "fr-file").load(database)


def test_rejects_are_kept_with_file_and_line(database: Database) -> None:
    run = Run.begin(database, source="fr-x", owner="FR", loader="test", files=["x.csv"], fingerprint="1")
    run.write([], [], [Reject("x.csv", 7, "No such country.", "{}")])
    account = run.finish()
    assert (account.read, account.rejected) == (1, 1)
    assert database.rows("MATCH (r:Reject) RETURN r.file AS file, r.line AS line") == [
        {"file": "x.csv", "line": 7}
    ]
    assert runs(database)[0]["state"] == "complete"


def test_a_resume_with_other_batches_loses_nothing(database: Database) -> None:
    file = couple()
    facts: dict[str, Any] = {
        "source": "fr-file",
        "owner": "FR",
        "loader": "test",
        "files": [],
        "fingerprint": "same",
    }
    Run.begin(database, **facts).write(file.records[:1], [])
    resumed = Run.begin(database, **facts)
    resumed.write(file.records, file.links)
    assert resumed.finish().written == 3
    assert len(everything(database)[0]) == 2


def test_a_cut_off_run_goes_on_where_it_was(database: Database) -> None:
    file = couple()
    facts: dict[str, Any] = {
        "source": "fr-file",
        "owner": "FR",
        "loader": "test",
        "files": [],
        "fingerprint": "same",
    }
    first = Run.begin(database, **facts)
    first.write(file.records, [])
    second = Run.begin(database, **facts)
    assert second.id == first.id
    second.write(file.records, [])
    second.write([], file.links)
    account = second.finish()
    assert (account.read, account.written, account.unchanged) == (3, 3, 0)
    assert database.rows("MATCH (b:Batch) RETURN count(b) AS n") == [{"n": 2}]


def test_other_content_of_one_id_is_refused_in_a_second_load_too(database: Database) -> None:
    file = File("FR")
    file.person("dina", name="Dina Twice")
    file.person("dina", name="Dina Other")
    file.person("emil")
    first, second = file.load(database), file.load(database)
    assert (first.written, first.rejected) == (2, 1)
    assert (second.written, second.unchanged, second.rejected) == (0, 2, 1)
