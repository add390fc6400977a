"""What leaves: computed on what all recipients may see, registered, and called back."""

import pytest

from graphsvc.access.audit import entry
from graphsvc.access.recipients import Recipient, hand_out, received, register
from graphsvc.access.sealed import Sealed
from graphsvc.access.view import Door, View
from graphsvc.errors import NotFound, UsageError
from graphsvc.model.handling import make
from graphsvc.model.narrowing import Terms
from graphsvc.model.vocabulary import Level
from graphsvc.store.database import Database
from graphsvc.store.decisions import Decider, Op, Order, decide
from graphsvc.store.retention import remove
from graphsvc.store.tell import messages
from tests.governance.conftest import Service
from tests.world import File

pytestmark = pytest.mark.neo4j

HIGH = Level.CONFIDENTIAL


@pytest.fixture(autouse=True)
def world(database: Database) -> None:
    """France's records: for all, for Germany alone, not to be passed on, not for court, and confidential."""
    file = File("FR")
    file.person("all")
    file.person("german", handling=make("FR", allow=frozenset({"DE"})))
    file.person("kept", handling=make("FR", conditions=frozenset({"No onward_use"})))
    file.person("quiet", handling=make("FR", conditions=frozenset({"no use in court"})))
    file.person("secret", handling=make("FR", level=HIGH))
    file.load(database)


def seen(service: Service, ncb: str, *recipients: Recipient, use: str = "police") -> list[str]:
    async def work(door: Door) -> View:
        return await door.view_of_all(service.caller(ncb), recipients, use)

    async def names(view: View) -> list[str]:
        rows = await view.rows(
            "identity/records", ids=[f"fr-file:{n}" for n in ("all", "german", "kept", "quiet", "secret")]
        )
        return sorted(row["record"]["id"].partition(":")[2] for row in rows)

    view = service.run(work)
    return service.run(lambda _: names(view))


def test_what_leaves_is_what_all_may_see(service: Service) -> None:
    germany, spain = Recipient("DE", HIGH), Recipient("ES", HIGH)

    assert seen(service, "DE", germany) == ["all", "german", "kept", "quiet", "secret"]
    assert seen(service, "FR", germany, spain) == ["all", "kept", "quiet", "secret"]
    assert seen(service, "FR", Recipient("ES")) == ["all", "kept", "quiet"]


def test_what_may_not_be_passed_on_is_not(service: Service) -> None:
    assert seen(service, "DE", Recipient("ES", HIGH)) == ["all", "quiet", "secret"]
    assert "kept" in seen(service, "DE", Recipient("FR", HIGH), Recipient("DE", HIGH))


def test_what_may_not_go_to_court_does_not(service: Service) -> None:
    assert seen(service, "DE", Recipient("DE", HIGH), use="court") == ["all", "german", "kept", "secret"]


def test_nothing_leaves_without_a_recipient(service: Service) -> None:
    with pytest.raises(UsageError):
        seen(service, "DE")
    with pytest.raises(UsageError):
        seen(service, "DE", Recipient("ES"), use="newspaper")


def send(service: Service, database: Database, *ids: str) -> str:
    registered = register(
        database,
        service.scope("DE"),
        "network report",
        [Recipient("ES"), Recipient("BR")],
        ids,
        digest="0" * 64,
    )
    return registered.id


def test_the_register_knows_conditions_and_recipients(service: Service, database: Database) -> None:
    registered = register(
        database,
        service.scope("FR"),
        "report",
        [Recipient("ES")],
        ["fr-file:quiet", "fr-file:all"],
        digest="",
    )

    assert registered.recipients == ("ES",)
    assert registered.conditions == ("no use in court",)
    assert [message["op"] for message in messages(database, "ES")] == ["export"]


@pytest.mark.parametrize("op", ["restrict", "block", "purge", "correct"])
def test_recipients_hear_of_what_becomes_of_a_record(service: Service, database: Database, op: str) -> None:
    send(service, database, "fr-file:all")
    if op == "restrict":
        decide(
            database, Order(Op.RESTRICT, Terms(deny=("ES",)), ("fr-file:all",), "x"), Decider("c", "FR", "FR")
        )
    elif op == "block":
        decide(
            database,
            Order(Op.BLOCK, Terms(class_="blocked"), ("fr-file:all",), "x"),
            Decider("o", "IPSG", None),
        )
    elif op == "purge":
        remove(database, ["fr-file:all"], "purge", "retention")
    else:
        file = File("FR")
        file.person("all", occupation="driver")
        file.load(database)

    for ncb in ("ES", "BR"):
        assert [m["about"] for m in messages(database, ncb) if m["op"] == op] == ["fr-file:all"]


def test_others_hear_nothing_of_what_they_were_not_given(service: Service, database: Database) -> None:
    send(service, database, "fr-file:all")
    decide(
        database, Order(Op.RESTRICT, Terms(deny=("ES",)), ("fr-file:german",), "x"), Decider("c", "FR", "FR")
    )

    assert [message["op"] for message in messages(database, "ES")] == ["export"]


def test_what_is_handed_out_is_registered_and_audited_with_its_records(
    service: Service, database: Database
) -> None:
    async def work(door: Door) -> str:
        to = [Recipient("ES")]
        view = await door.view_of_all(service.caller("FR"), to)
        await view.rows("identity/records", ids=["fr-file:all", "fr-file:german"])
        return (await hand_out(door.office, view, "network report", to, "0" * 64)).id

    id = service.run(work)
    (export,) = database.rows("MATCH (x:Export) RETURN x.id AS id, x.objects AS objects")
    assert export == {"id": id, "objects": 1}
    assert database.rows("MATCH (r:Released) RETURN r.record AS id") == [{"id": "fr-file:all"}]
    assert [given.entry.operation for given in service._office.given.given("fr-file:all")][:1] == ["export"]


def test_an_owner_sees_who_received_its_record(service: Service, database: Database) -> None:
    scope = service.scope("DE")
    caller = service.caller("DE")

    async def given(door: Door) -> None:
        made = entry(caller, "entity", "answered", scope=scope, objects=1)
        await door.office.auditor.write(made, Sealed(None, ("fr-file:all",), ""))

    service.run(given)
    send(service, database, "fr-file:all")
    index = service._office.given
    found = received(database, service.scope("FR", "liaison"), index, "fr-file:all")

    assert sorted((one.ncb, one.who, one.operation.partition(" ")[0]) for one in found) == [
        ("BR", "de-officer", "export"),
        ("DE", "de-officer", "entity"),
        ("ES", "de-officer", "export"),
    ]
    for ncb, record in (("DE", "fr-file:all"), ("FR", "unknown:all")):
        with pytest.raises(NotFound):
            received(database, service.scope(ncb, "liaison"), index, record)
