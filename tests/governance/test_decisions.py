"""Changes of handling: only the owner's, at once, logged, and taken back whole."""

import asyncio
from collections.abc import Iterator

import pytest

from graphsvc.access.caller import Caller
from graphsvc.access.scope import Scopes
from graphsvc.errors import ConflictError, NotFound, UsageError
from graphsvc.model import days
from graphsvc.model.handling import make
from graphsvc.model.narrowing import Terms
from graphsvc.model.vocabulary import Class, Level, Purpose
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.store.decisions import Decider, Decision, Op, Order, decide, decisions, release
from graphsvc.store.reader import Reader
from tests.world import File

pytestmark = pytest.mark.neo4j

FRANCE = Decider("claire", "FR", "FR")
COMPLIANCE = Decider("officer", "IPSG", None)
NAME = (
    "MATCH (n:Entity {id: $id}) WHERE n.handling IN $held AND n.retain_day >= $today RETURN n.caption AS name"
)


@pytest.fixture
def file(database: Database) -> File:
    """France knows Anna and Bela, who drive together; all is open."""
    file = File("FR")
    file.person("anna")
    file.person("bela")
    file.link("anna", "ASSOCIATE_OF", "bela", id_="tie")
    file.load(database)
    return file


class Worker:
    """A worker process as far as scopes go: it remembers handlings from request to request."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runner = asyncio.Runner()
        self._reader = self._runner.run(Reader.open(settings))
        self._scopes = Scopes(self._reader)

    def sees(
        self, ncb: str, id: str, *, purpose: Purpose = Purpose.LOCATE, roles: frozenset[str] = frozenset()
    ) -> bool:
        """Whether the next request of a caller sees a record."""

        async def ask() -> bool:
            scope = await self._scopes.of(Caller("x", ncb, Level.CONFIDENTIAL, purpose, roles=roles))
            return bool(await self._reader.rows(NAME, id=id, held=list(scope.held), today=scope.today))

        return self._runner.run(ask())

    def close(self) -> None:
        self._runner.run(self._reader.close())
        self._runner.close()


@pytest.fixture
def workers(open_server: Settings, database: Database) -> Iterator[list[Worker]]:
    """Two workers."""
    both = [Worker(open_server), Worker(open_server)]
    yield both
    for worker in both:
        worker.close()


def restrict(database: Database, *ids: str, **terms: tuple[str, ...]) -> Decision:
    return decide(database, Order(Op.RESTRICT, Terms(**terms), ids, "case is closed"), FRANCE)  # type: ignore[arg-type]


def test_a_restriction_counts_for_the_next_request_in_every_worker(
    database: Database, file: File, workers: list[Worker]
) -> None:
    assert all(worker.sees("DE", "fr-file:anna") for worker in workers)
    restrict(database, "fr-file:anna", deny=("DE",))

    assert not any(worker.sees("DE", "fr-file:anna") for worker in workers)
    assert all(worker.sees("BR", "fr-file:anna") for worker in workers)
    assert all(worker.sees("FR", "fr-file:anna") for worker in workers)


def test_it_comes_back_whole(database: Database, file: File, workers: list[Worker]) -> None:
    before = database.rows("MATCH (n:Entity) RETURN properties(n) AS n ORDER BY n.id")
    made = restrict(database, "fr-file:anna", deny=("DE",))
    release(database, made.id, FRANCE, "the case was opened again")

    assert database.rows("MATCH (n:Entity) RETURN properties(n) AS n ORDER BY n.id") == before
    assert workers[0].sees("DE", "fr-file:anna")


def test_it_is_a_row_in_the_feed_and_in_the_books(database: Database, file: File) -> None:
    made = restrict(database, "fr-file:anna", "fr-file:tie", deny=("DE",))

    (row,) = database.rows(
        "MATCH (c:Change) WHERE c.seq = $seq RETURN properties(c) AS c", seq=database.head()
    )
    change = row["c"]
    assert (change["op"], change["run"], change["seq"]) == ("restrict", made.id, made.seq)
    assert (change["nodes"], change["links"], change["link_kinds"]) == (
        ["fr-file:anna"],
        ["fr-file:tie"],
        ["ASSOCIATE_OF"],
    )
    (kept,) = decisions(database, owner="FR")
    assert (kept.by, kept.reason, kept.state) == ("claire", "case is closed", "in force")


@pytest.mark.parametrize("ids", [("fr-file:anna",), ("fr-file:nobody",), ("fr-file:tie",), ()])
def test_another_country_cannot_and_learns_nothing(
    database: Database, file: File, ids: tuple[str, ...]
) -> None:
    head = database.head()
    order = Order(Op.WITHDRAW, Terms(class_=Class.EXPIRED), ids, "mischief")

    with pytest.raises(NotFound, match="no such record"):
        decide(database, order, Decider("dieter", "DE", "DE"))
    assert database.head() == head


def test_the_owner_cannot_change_what_its_caller_may_not_see(database: Database, file: File) -> None:
    order = Order(Op.RESTRICT, Terms(deny=("DE",)), ("fr-file:anna",), "x")

    with pytest.raises(NotFound):
        decide(database, order, Decider("junior", "FR", "FR", held=frozenset()))


def narrow(database: Database, id_: str, today: int) -> None:
    """As a caller for France who sees what is under its own handlings and nothing else."""
    (row,) = database.rows("MATCH (h:Handling {contributor: 'FR'}) RETURN collect(h.number) AS held")
    decider = Decider("junior", "FR", "FR", frozenset(row["held"]), today)
    decide(database, Order(Op.RESTRICT, Terms(deny=("DE",)), (id_,), "case is closed"), decider)


def test_what_is_past_its_day_is_as_absent_to_its_owner(database: Database, file: File) -> None:
    file.record("Person", "cleo", name="Cleo", retain_until="2031-03-01")
    file.load(database)
    last = days.last_day("2031-03-01")

    narrow(database, "fr-file:cleo", last)
    with pytest.raises(NotFound):
        narrow(database, "fr-file:cleo", last + 1)


def test_that_the_far_end_of_its_link_is_there_is_not_told_to_an_owner(
    database: Database, file: File
) -> None:
    german = File("DE", level=2)
    german.person("carl")
    german.load(database)
    file.link("anna", "ASSOCIATE_OF", "de-file:carl", id_="far")
    file.link("anna", "ASSOCIATE_OF", "de-file:nobody", id_="nowhere")
    file.load(database)

    narrow(database, "fr-file:tie", days.today())
    for link in ("fr-file:far", "fr-file:nowhere"):
        with pytest.raises(NotFound, match="no such record"):
            narrow(database, link, days.today())


@pytest.mark.parametrize(
    ("op", "terms"),
    [
        (Op.RESTRICT, Terms()),
        (Op.RESTRICT, Terms(also=("BR",))),
        (Op.WIDEN, Terms()),
        (Op.WIDEN, Terms(also=("BR",), level=1)),
    ],
)
def test_terms_that_do_not_fit_are_refused(database: Database, file: File, op: Op, terms: Terms) -> None:
    with pytest.raises(UsageError):
        decide(database, Order(op, terms, ("fr-file:anna",), "x"), FRANCE)


def test_what_is_withdrawn_is_gone_for_its_owner_too(
    database: Database, file: File, workers: list[Worker]
) -> None:
    made = decide(database, Order(Op.WITHDRAW, Terms(), ("fr-file:anna",), "wrong person"), FRANCE)

    assert not any(workers[0].sees(ncb, "fr-file:anna") for ncb in ("FR", "DE"))
    release(database, made.id, FRANCE, "it was right")
    assert workers[0].sees("DE", "fr-file:anna")


def test_one_record_of_another_spoils_the_whole_order(database: Database, file: File) -> None:
    german = File("DE")
    german.person("carl")
    german.load(database)

    with pytest.raises(NotFound):
        restrict(database, "fr-file:anna", "de-file:carl", deny=("BR",))
    assert database.rows("MATCH (n:Entity) WHERE n.decisions IS NOT NULL RETURN n") == []


def test_a_later_load_does_not_undo_it(database: Database, file: File, workers: list[Worker]) -> None:
    made = restrict(database, "fr-file:anna", deny=("DE",))
    again = File("FR")
    again.person("anna", occupation="driver")
    again.load(database)

    assert not workers[0].sees("DE", "fr-file:anna")
    release(database, made.id, FRANCE, "over")
    assert workers[0].sees("DE", "fr-file:anna")


def test_a_stricter_file_stays_stricter(database: Database, file: File, workers: list[Worker]) -> None:
    restrict(database, "fr-file:anna", deny=("DE",))
    again = File("FR", allow=frozenset({"DE", "ES"}))
    again.person("anna", occupation="driver")
    again.load(database)

    assert [workers[0].sees(ncb, "fr-file:anna") for ncb in ("DE", "ES", "BR")] == [False, True, False]


def test_a_later_load_of_a_link_does_not_undo_it(database: Database, file: File) -> None:
    restrict(database, "fr-file:tie", only=())
    again = File("FR")
    again.person("anna")
    again.person("bela")
    again.person("carl")
    again.link("anna", "ASSOCIATE_OF", "carl", id_="tie", weight=3.0)
    again.load(database)

    (row,) = database.rows(
        "MATCH ()-[r:ASSOCIATE_OF]->(b) MATCH (h:Handling {number: r.handling}) RETURN b.id, h.allow"
    )
    assert row == {"b.id": "fr-file:carl", "h.allow": []}


def test_two_decisions_are_taken_back_one_by_one(
    database: Database, file: File, workers: list[Worker]
) -> None:
    first = restrict(database, "fr-file:anna", deny=("DE",))
    second = restrict(database, "fr-file:anna", deny=("DE", "BR"))
    release(database, first.id, FRANCE, "x")

    assert not workers[0].sees("DE", "fr-file:anna")
    release(database, second.id, FRANCE, "x")
    assert workers[0].sees("DE", "fr-file:anna")


def test_what_was_released_cannot_be_released_again(database: Database, file: File) -> None:
    made = restrict(database, "fr-file:anna", deny=("DE",))
    release(database, made.id, FRANCE, "x")

    with pytest.raises(ConflictError):
        release(database, made.id, FRANCE, "x")


def test_nobody_else_releases(database: Database, file: File) -> None:
    made = restrict(database, "fr-file:anna", deny=("DE",))

    with pytest.raises(NotFound):
        release(database, made.id, Decider("dieter", "DE", "DE"), "x")


def test_what_is_blocked_is_gone_for_its_owner_too_and_comes_back(
    database: Database, file: File, workers: list[Worker]
) -> None:
    order = Order(Op.BLOCK, Terms(class_=Class.BLOCKED), ("fr-file:anna", "fr-file:bela"), "article 3")
    made = decide(database, order, COMPLIANCE)
    officer = {"purpose": Purpose.COMPLIANCE, "roles": frozenset({"compliance"})}

    assert [workers[0].sees(ncb, "fr-file:anna") for ncb in ("FR", "DE")] == [False, False]
    assert workers[0].sees("IPSG", "fr-file:anna", **officer)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        release(database, made.id, Decider("officer", "IPSG", None), "x", ops=frozenset({"restrict"}))
    release(database, made.id, COMPLIANCE, "new information")
    assert workers[1].sees("FR", "fr-file:bela")


def test_an_owner_opens_a_record_to_one_more(database: Database, workers: list[Worker]) -> None:
    file = File("FR")
    file.person("anna", handling=make("FR", allow=frozenset()))
    file.load(database)
    decide(database, Order(Op.WIDEN, Terms(also=("DE",)), ("fr-file:anna",), "asked by DE"), FRANCE)

    assert [workers[0].sees(ncb, "fr-file:anna") for ncb in ("DE", "BR")] == [True, False]
