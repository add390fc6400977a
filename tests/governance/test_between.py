"""Between countries: silent hits, contact through the General Secretariat, requests to owners, and hits reviewed."""

from collections.abc import Callable
from typing import Any

import pytest

from graphsvc.access import hits, requests
from graphsvc.access.hits import Contact
from graphsvc.access.view import View
from graphsvc.errors import AccessError, ConflictError, NotFound, UsageError
from graphsvc.model import days
from graphsvc.model.vocabulary import Class
from graphsvc.store.database import Database
from graphsvc.store.tell import messages
from tests.governance.conftest import Service
from tests.world import File

pytestmark = pytest.mark.neo4j

SOON = days.iso(days.today() + 7)
KEY = "doc:FR:passport:12AB34567"


@pytest.fixture
def french(database: Database) -> Callable[..., None]:
    """France holds a passport of Anna under a handling of its choice."""

    def load(**handling: Any) -> None:
        file = File("FR", **handling)
        file.passport("pass", "12AB34567", "FR", status="stolen")
        file.load(database)

    return load


def check(service: Service, ncb: str, *keys: str) -> tuple[Contact, ...]:
    async def question(view: View) -> tuple[Contact, ...]:
        return await view.contacts(keys or (KEY,))

    return service.ask(ncb, question)


# silent


def test_of_a_silent_hit_only_the_owner_is_told(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(allow=frozenset(), hit="silent")

    assert check(service, "DE") == ()
    (told,) = messages(database, "FR")
    assert told["op"] == "hit"
    (hit,) = hits.hits(database, service.scope("FR", "liaison"))
    assert (hit.mode, hit.asker, hit.record, hit.state) == ("silent", "DE", "fr-file:pass", "unverified")
    assert messages(database, "DE") == []
    assert hits.hits(database, service.scope("DE", "liaison")) == []


def test_asking_again_is_the_same_hit(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(allow=frozenset(), hit="silent")
    check(service, "DE")
    check(service, "DE")

    (hit,) = hits.hits(database, service.scope("FR", "liaison"))
    assert hit.times == 2
    assert len(messages(database, "FR")) == 1


@pytest.mark.parametrize(
    "handling", [{}, {"allow": frozenset()}, {"allow": frozenset(), "hit": "silent", "class_": Class.BLOCKED}]
)
def test_what_is_open_hidden_or_blocked_makes_no_silent_hit(
    service: Service, database: Database, french: Callable[..., None], handling: dict[str, object]
) -> None:
    french(**handling)

    assert check(service, "DE") == ()
    assert messages(database, "FR") == []


def test_a_key_cannot_reach_into_the_index(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(allow=frozenset(), hit="contact")

    assert check(service, "DE", '" OR doc*', "doc:FR:passport:*", 'a"b\\') == ()


# contact


def test_contact_shows_that_something_is_there_and_no_more(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(allow=frozenset(), hit="contact")
    (contact,) = check(service, "DE")

    assert contact.key == KEY
    (mine,) = hits.hits(database, service.scope("DE", "liaison"))
    assert (mine.id, mine.record, mine.owner, mine.conditions) == (contact.reference, None, None, ())
    assert "fr" not in str(mine).lower().replace("fr:passport", "")


def test_how_many_stand_behind_a_contact_is_not_shown(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(allow=frozenset(), hit="contact")
    one = check(service, "DE")
    other = File("ES", allow=frozenset(), hit="contact")
    other.passport("theirs", "12AB34567", "FR")
    other.load(database)

    assert check(service, "DE") == one


def test_a_request_goes_through_the_secretariat(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(allow=frozenset(), hit="contact")
    (contact,) = check(service, "DE")
    asked = requests.request_to_owner(
        database, service.scope("DE", "liaison"), "contact", contact.reference, "our case", SOON
    )

    assert asked == (contact.reference,)
    (mine,) = requests.requests(database, service.scope("DE", "liaison"))
    assert (mine.id, mine.owner, mine.record, mine.state) == (contact.reference, "IPSG", None, "open")
    (theirs,) = requests.requests(database, service.scope("FR", "liaison"))
    requests.answer_request(
        database, service.scope("FR", "liaison"), theirs.id, granted=True, answer="call Claire"
    )
    (still,) = requests.requests(database, service.scope("DE", "liaison"))
    assert (still.state, still.answer) == ("open", None)
    with pytest.raises(AccessError):
        requests.forward_answer(database, service.scope("DE", "liaison"), contact.reference, "x")
    requests.forward_answer(
        database, service.scope("IPSG", "secretariat", "liaison"), contact.reference, "France will call"
    )
    (answered,) = requests.requests(database, service.scope("DE", "liaison"))
    assert (answered.state, answered.answer) == ("answered", "France will call")


def test_a_reference_of_another_is_none(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(allow=frozenset(), hit="contact")
    (contact,) = check(service, "DE")

    with pytest.raises(NotFound):
        requests.request_to_owner(
            database, service.scope("ES", "liaison"), "contact", contact.reference, "x", SOON
        )


# requests


def test_a_granted_request_opens_the_record(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(allow=frozenset({"DE"}), purposes=frozenset({"LOCATE"}))
    (id,) = requests.request_to_owner(
        database, service.scope("DE", "liaison"), "widen", "fr-file:pass", "for Spain too", SOON
    )
    file = File("FR", "fr-two", allow=frozenset({"ES"}))
    file.person("anna")
    file.load(database)

    with pytest.raises(NotFound):
        requests.answer_request(database, service.scope("ES", "liaison"), id, granted=True, answer="yes")
    requests.answer_request(database, service.scope("FR", "liaison"), id, granted=True, answer="yes")
    (mine,) = requests.requests(database, service.scope("DE", "liaison"))
    assert (mine.state, mine.answer) == ("granted", "yes")
    with pytest.raises(ConflictError):
        requests.answer_request(database, service.scope("FR", "liaison"), id, granted=False, answer="no")


@pytest.mark.parametrize(
    ("kind", "reason", "deadline"),
    [("gossip", "x", SOON), ("verify", " ", SOON), ("verify", "x", "2001-01-01"), ("verify", "x", "soon")],
)
def test_a_request_that_cannot_be_is_refused(
    service: Service, database: Database, french: Callable[..., None], kind: str, reason: str, deadline: str
) -> None:
    french()

    with pytest.raises(UsageError):
        requests.request_to_owner(
            database, service.scope("DE", "liaison"), kind, "fr-file:pass", reason, deadline
        )


def test_nobody_asks_about_what_they_cannot_see(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(allow=frozenset())

    with pytest.raises(NotFound):
        requests.request_to_owner(
            database, service.scope("DE", "liaison"), "verify", "fr-file:pass", "x", SOON
        )


# hits


def test_only_the_source_confirms_a_hit(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french(conditions=frozenset({"no use in court"}))
    id = hits.open_hit(database, service.scope("DE", "liaison"), "fr-file:pass")

    with pytest.raises(NotFound):
        hits.review_hit(database, service.scope("DE", "liaison"), id, "confirmed", "it is she")
    hits.review_hit(database, service.scope("FR", "liaison"), id, "confirmed", "same photograph")
    (mine,) = hits.hits(database, service.scope("DE", "liaison"))
    assert (mine.state, mine.reason, mine.conditions) == (
        "confirmed",
        "same photograph",
        ("no use in court",),
    )


def test_a_hit_grows_stale_when_its_record_changes(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french()
    id = hits.open_hit(database, service.scope("DE", "liaison"), "fr-file:pass")
    hits.review_hit(database, service.scope("FR", "liaison"), id, "confirmed", "same photograph")
    file = File("FR")
    file.passport("pass", "12AB34567", "FR", status="invalid")
    file.load(database)

    assert [hit.state for hit in hits.hits(database, service.scope("DE", "liaison"))] == ["stale"]


def test_a_hit_on_a_record_that_was_hidden_since_shows_nothing_of_it(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french()
    hits.open_hit(database, service.scope("DE", "liaison"), "fr-file:pass")
    file = File("FR", allow=frozenset({"ES"}))
    file.passport("pass", "12AB34567", "FR", status="invalid")
    file.load(database)

    (mine,) = hits.hits(database, service.scope("DE", "liaison"))
    assert (mine.record, mine.owner, mine.state) == (None, None, "unverified")


def test_a_state_that_is_none_is_refused(
    service: Service, database: Database, french: Callable[..., None]
) -> None:
    french()
    id = hits.open_hit(database, service.scope("DE", "liaison"), "fr-file:pass")

    with pytest.raises(UsageError):
        hits.review_hit(database, service.scope("FR", "liaison"), id, "perhaps", "x")
