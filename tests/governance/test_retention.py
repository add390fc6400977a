"""How long records are kept, and what is left when they are gone."""

import pytest

from graphsvc.errors import NotFound, UsageError
from graphsvc.model import days
from graphsvc.model.derive import RETENTION_DAYS
from graphsvc.model.narrowing import Terms
from graphsvc.model.vocabulary import Class
from graphsvc.store.agreements import agreements, history, leave, set_members
from graphsvc.store.database import Database
from graphsvc.store.decisions import Decider, Op, Order, decide
from graphsvc.store.retention import due, purge, renew
from tests.world import File

pytestmark = pytest.mark.neo4j

FRANCE = Decider("claire", "FR", "FR")
YESTERDAY = days.iso(days.today() - 1)
NEXT_MONTH = days.iso(days.today() + 30)
LONGEST = days.today() + RETENTION_DAYS


def day_of(database: Database, id: str) -> int:
    return int(database.rows("MATCH (n:Entity {id: $id}) RETURN n.retain_day AS day", id=id)[0]["day"])


def ids(database: Database) -> list[str]:
    return [row["id"] for row in database.rows("MATCH (n:Entity) RETURN n.id AS id ORDER BY id")]


@pytest.fixture
def file(database: Database) -> File:
    """Anna expired yesterday, Bela expires next month, and nothing is said of Carl."""
    file = File("FR")
    file.person("anna", retain_until=YESTERDAY)
    file.person("bela", retain_until=NEXT_MONTH)
    file.person("carl")
    file.link("anna", "ASSOCIATE_OF", "bela")
    file.link("bela", "ASSOCIATE_OF", "carl")
    file.load(database)
    return file


def test_five_years_unless_the_owner_says_less(database: Database) -> None:
    file = File("FR")
    file.person("short", retain_until=NEXT_MONTH)
    file.person("long", retain_until="2999-01-01")
    file.person("unsaid")
    file.link("short", "ASSOCIATE_OF", "long")
    file.load(database)

    assert day_of(database, "fr-file:short") == days.today() + 30
    assert day_of(database, "fr-file:long") == day_of(database, "fr-file:unsaid") == LONGEST
    assert database.rows("MATCH ()-[r:ASSOCIATE_OF]->() RETURN r.retain_day AS day") == [{"day": LONGEST}]


def test_a_new_version_is_no_renewal(database: Database, file: File) -> None:
    with database.session() as session:
        session.run(
            "MATCH (n:Entity {id: 'fr-file:carl'}) SET n.retain_day = $day", day=days.today() + 7
        ).consume()
    again = File("FR")
    again.person("carl", occupation="driver")
    again.load(database)

    assert day_of(database, "fr-file:carl") == days.today() + 7


def test_an_owner_shortens_by_its_file(database: Database, file: File) -> None:
    again = File("FR")
    again.person("carl", retain_until=NEXT_MONTH)
    again.load(database)

    assert day_of(database, "fr-file:carl") == days.today() + 30


def test_renewal_needs_a_reason_and_holds_over_loads(database: Database, file: File) -> None:
    until = days.iso(days.today() + 400)
    with pytest.raises(UsageError, match="reason"):
        renew(database, ["fr-file:bela"], until, " ", FRANCE)
    with pytest.raises(UsageError, match="at most"):
        renew(database, ["fr-file:bela"], "2999-01-01", "still wanted", FRANCE)
    with pytest.raises(NotFound):
        renew(database, ["fr-file:bela"], until, "still wanted", Decider("dieter", "DE", "DE"))
    renew(database, ["fr-file:bela"], until, "still wanted", FRANCE)
    again = File("FR")
    again.person("bela", retain_until=NEXT_MONTH, occupation="driver")
    again.load(database)

    assert day_of(database, "fr-file:bela") == days.today() + 400


def test_what_is_due_is_listed(database: Database, file: File) -> None:
    assert [(d.owner, d.kind, d.count) for d in due(database)] == [("FR", "Person", 1)]
    assert [d.count for d in due(database, within=60)] == [2]


def test_a_purge_takes_out_what_expired_and_its_links(database: Database, file: File) -> None:
    purged = purge(database)

    assert (purged.nodes, purged.links) == (1, 1)
    assert ids(database) == ["fr-file:bela", "fr-file:carl"]
    (feed,) = database.rows("MATCH (c:Change {op: 'delete'}) RETURN c.nodes AS nodes, size(c.links) AS links")
    assert feed == {"nodes": ["fr-file:anna"], "links": 1}
    assert purge(database) == type(purged)()


def test_a_purge_removes_what_was_derived(database: Database, file: File) -> None:
    with database.session() as session:
        session.run(
            "CREATE (:Hit {id: 'h', record: 'fr-file:anna'}), (:OwnerRequest {id: 'q', record: 'fr-file:anna'}), "
            "(:Trigger {id: 't', record: 'fr-file:anna'}), (:Hit {id: 'other', record: 'fr-file:carl'})"
        ).consume()
    purge(database)

    assert database.rows("MATCH (n:Hit|OwnerRequest|Trigger) RETURN n.id AS id") == [{"id": "other"}]


def test_the_tombstone_names_nobody_and_a_replay_cannot_undo_it(database: Database, file: File) -> None:
    purge(database)
    account = file.load(database)

    assert ids(database) == ["fr-file:bela", "fr-file:carl"]
    assert account.rejected == 2
    reasons = {row["x"] for row in database.rows("MATCH (x:Reject) RETURN x.reason AS x")}
    assert all("purged for good" in reason for reason in reasons)
    stones = database.rows("MATCH (t:Tombstone) RETURN properties(t) AS t")
    assert len(stones) == 2
    assert "anna" not in str(stones)


def test_what_was_withdrawn_is_purged_and_another_owner_hears_of_its_link(
    database: Database, file: File
) -> None:
    german = File("DE")
    german.person("dora")
    german.link("dora", "ASSOCIATE_OF", "fr-file:carl")
    german.load(database)
    order = Order(Op.WITHDRAW, Terms(class_=Class.EXPIRED), ("fr-file:carl",), "wrong person")
    decide(database, order, FRANCE)
    purge(database)

    assert ids(database) == ["de-file:dora", "fr-file:bela"]
    (message,) = database.rows("MATCH (m:Message) RETURN m.to AS to, m.op AS op")
    assert message == {"to": "DE", "op": "purge"}


def test_many_are_purged_in_short_transactions(database: Database) -> None:
    file = File("FR")
    for n in range(25):
        file.person(f"p{n}", retain_until=YESTERDAY)
    file.load(database)

    assert purge(database, at_once=10).nodes == 25
    assert len(database.rows("MATCH (c:Change {op: 'delete'}) RETURN c.seq")) == 3


def test_agreements_change_with_a_reason_and_are_remembered(database: Database) -> None:
    head = database.head()
    set_members(database, "PRUM", ["FR", "DE"], by="operator", reason="signed")
    leave(database, "PRUM", "DE", by="dieter", reason="notice given")

    assert [(a.name, a.members) for a in agreements(database)] == [("PRUM", ("FR",))]
    assert [(h["before"], h["after"]) for h in history(database, "PRUM")] == [
        (["DE", "FR"], ["FR"]),
        ([], ["DE", "FR"]),
    ]
    assert database.head() == head + 2
    with pytest.raises(NotFound):
        leave(database, "PRUM", "BR", by="x", reason="x")
    with pytest.raises(UsageError):
        set_members(database, "PRUM", ["BR"], by="operator", reason="")
