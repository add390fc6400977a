"""Public data sets load through the mappings that come with the program, and every line is accounted for."""

import gzip
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from graphsvc.store.database import Database
from graphsvc.store.runs import Account
from loaders.catalogue import Request, loader

pytestmark = [pytest.mark.neo4j, pytest.mark.data]

Find = Callable[..., Path]


def load(database: Database, mapping: str, data: Path) -> Account:
    account = loader(Request("mapping", [Path(mapping)], [data])).load(database).account
    assert account is not None
    return account


def test_pole_is_written_whole_and_again_not_at_all(database: Database, public_data: Find) -> None:
    first = load(database, "pole", public_data("pole", "pole-data-importer.zip"))
    assert (first.read, first.written, first.waiting, first.accepted, first.rejected) == (
        167_361,
        167_361,
        0,
        0,
        0,
    )
    (nodes,) = database.rows("MATCH (n:Entity) RETURN count(n) AS n")
    (links,) = database.rows("MATCH (:Entity)-[r]->(:Entity) RETURN count(r) AS n")
    assert (nodes["n"], links["n"]) == (61_521, 105_840)
    again = load(database, "pole", public_data("pole", "pole-data-importer.zip"))
    assert (again.read, again.written, again.unchanged) == (167_361, 0, 167_361)


def test_the_phases_of_caviar_are_links_with_dates_between_the_same_persons(
    database: Database, public_data: Find
) -> None:
    account = load(database, "caviar", public_data("covert-networks"))
    assert account.rejected == account.waiting == 0
    phases = database.rows(
        "MATCH (:Person)-[r:ASSOCIATE_OF]->(:Person) WITH r.role AS phase, r.first_seen AS first, count(r) AS links "
        "RETURN phase, first, links ORDER BY first"
    )
    assert [row["links"] for row in phases] == [18, 28, 56, 48, 39, 47, 44, 58, 44, 50, 50]
    assert (phases[0]["first"], phases[-1]["first"]) == ("1994-05", "1996-01")
    (row,) = database.rows(
        "MATCH (p:Person {id: 'caviar:n-1'})-[r]-() RETURN p.name AS name, count(DISTINCT r.first_seen) AS phases"
    )
    assert (row["name"], row["phases"]) == ("N1", 10)


def test_the_other_covert_networks(database: Database, public_data: Find) -> None:
    account = load(database, "covert-networks", public_data("covert-networks"))
    assert account.rejected == account.waiting == 0
    (row,) = database.rows(
        "MATCH (:Person)-[r:ASSOCIATE_OF {basis: 'operations'}]->(:Person) RETURN count(r) AS n"
    )
    assert row["n"] == 267


def head(source: Path, target: Path, lines: int) -> Path:
    """The beginning of a public file, for a load of seconds; `docs/loading.md` has the figures of the whole."""
    with gzip.open(source) if source.suffix == ".gz" else source.open("rb") as stream:
        target.write_bytes(b"".join(islice(stream, lines)))
    return target


def test_mail_is_an_event_with_a_sender_and_a_receiver(
    database: Database, public_data: Find, tmp_path: Path
) -> None:
    head(public_data("enron-email", "edges.csv"), tmp_path / "edges.csv", 1_001)
    head(public_data("enron-email", "nodes.csv"), tmp_path / "nodes.csv", 1_000)
    account = load(database, "enron", tmp_path)
    assert (account.read, account.written, account.rejected) == (184 + 3 * 1_000, 184 + 3 * 1_000, 0)
    (row,) = database.rows(
        "MATCH (:Person)-[r:PARTICIPATED_IN]->(e:Event {type: 'message'}) "
        "RETURN count(DISTINCT e) AS mails, count(r) AS links"
    )
    assert row == {"mails": 1_000, "links": 2_000}


def test_trust_is_a_link_between_two_accounts(database: Database, public_data: Find, tmp_path: Path) -> None:
    path = head(public_data("epinions", "soc-Epinions1.txt.gz"), tmp_path / "soc-Epinions1.txt", 2_000)
    packed = tmp_path / "soc-Epinions1.txt.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    edges = [tuple(line.split()) for line in path.read_text().splitlines() if not line.startswith("#")]
    accounts = {end for edge in edges for end in edge}
    account = load(database, "epinions", packed)
    assert (account.written, account.rejected, account.waiting) == (len(accounts) + len(edges), 0, 0)
    assert account.read == account.written + account.unchanged
    found = database.rows(
        "MATCH (a:OnlineAccount)-[:ASSOCIATE_OF {basis: 'trust'}]->(b:OnlineAccount) "
        "RETURN a.handle AS one, b.handle AS other"
    )
    assert {(row["one"], row["other"]) for row in found} == set(edges)
