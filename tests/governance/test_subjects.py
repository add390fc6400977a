"""What a person asks about itself: looked for in every file, answered by each owner, erased where it must be."""

from typing import Any

import pytest

from graphsvc.access import subjects
from graphsvc.errors import AccessError, ConflictError, NotFound
from graphsvc.model.handling import make
from graphsvc.model.vocabulary import Purpose
from graphsvc.store.database import Database
from graphsvc.store.tell import messages
from tests.governance.conftest import Service
from tests.world import File

pytestmark = pytest.mark.neo4j


def officer(service: Service) -> Any:
    return service.scope("IPSG", "subject-requests", purpose=Purpose.COMPLIANCE)


@pytest.fixture(autouse=True)
def world(database: Database) -> None:
    """Mara stands in the files of France, which shows them to nobody, and of Germany; others share her name or date."""
    french = File("FR")
    french.person(
        "mara", name="Mara Invented", birth_date="1988-04-12", handling=make("FR", allow=frozenset())
    )
    french.person("other", name="Mara Other", birth_date="1988-04-12")
    french.load(database)
    german = File("DE")
    german.person("m", name="Invented, Mara", birth_date="1988")
    german.person("young", name="Mara Invented", birth_date="2001-01-01")
    german.person("friend", name="A Friend")
    german.link("m", "ASSOCIATE_OF", "friend", id_="tie", role="associate")
    german.load(database)


def ask(service: Service, database: Database, kind: str = "access") -> str:
    return subjects.open_request(
        database, officer(service), kind, "2026/17", name="Mara Invented", birth_date="1988-04-12"
    )


def part(service: Service, database: Database, ncb: str) -> subjects.SubjectPart:
    (found,) = subjects.parts(database, service.scope(ncb, "liaison"))
    return found


def test_each_owner_is_asked_for_its_own(service: Service, database: Database) -> None:
    ask(service, database)

    assert part(service, database, "FR").records == ("fr-file:mara",)
    assert part(service, database, "DE").records == ("de-file:m",)
    assert [m["op"] for m in messages(database, "FR")] == ["subject request: access"]
    assert [(p.owner, p.records) for p in subjects.parts(database, officer(service))] == [
        ("DE", ()),
        ("FR", ()),
    ]


def test_the_officer_sees_what_owners_disclose(service: Service, database: Database) -> None:
    request = ask(service, database)
    assert subjects.disclosed(database, officer(service), request) == []
    subjects.answer_part(
        database,
        service.scope("DE", "liaison"),
        part(service, database, "DE").id,
        "disclosed",
        "nothing open",
    )
    subjects.answer_part(
        database, service.scope("FR", "liaison"), part(service, database, "FR").id, "refused", "under way"
    )

    (one,) = subjects.disclosed(database, officer(service), request)
    assert one.record["name"] == "Invented, Mara"
    assert "handling" not in one.record
    assert one.links == [{"kind": "ASSOCIATE_OF", "id": "de-file:tie", "role": "associate"}]


def test_deletion_is_at_once_and_for_good(service: Service, database: Database) -> None:
    ask(service, database, "deletion")
    gone = subjects.answer_part(
        database, service.scope("DE", "liaison"), part(service, database, "DE").id, "deleted", "rightly"
    )

    assert gone == ("de-file:m",)
    assert database.rows("MATCH (n:Entity {id: 'de-file:m'}) RETURN n") == []
    again = File("DE")
    again.person("m", name="Invented, Mara")
    assert again.load(database).rejected == 1


def test_nobody_else_asks_or_answers(service: Service, database: Database) -> None:
    ask(service, database)
    id = part(service, database, "FR").id

    with pytest.raises(AccessError):
        subjects.open_request(database, service.scope("FR"), "access", "x", name="Mara Invented")
    with pytest.raises(AccessError):
        subjects.parts(database, service.scope("FR"))
    with pytest.raises(AccessError):
        subjects.disclosed(database, service.scope("FR"), id)
    with pytest.raises(NotFound):
        subjects.answer_part(database, service.scope("DE", "liaison"), id, "deleted", "mischief")
    subjects.answer_part(database, service.scope("FR", "liaison"), id, "refused", "under way")
    with pytest.raises(ConflictError):
        subjects.answer_part(database, service.scope("FR", "liaison"), id, "refused", "again")


def test_a_person_is_found_by_a_document_too(service: Service, database: Database) -> None:
    file = File("ES")
    file.person("x", name="M I")
    file.passport("pass", "12AB34567", "FR")
    file.link("x", "HOLDS", "pass")
    file.load(database)
    subjects.open_request(
        database, officer(service), "access", "2026/18", name="", keys=["doc:FR:passport:12AB34567"]
    )

    assert set(part(service, database, "ES").records) == {"es-file:x", "es-file:pass"}
