"""Results are kept under their scope, age with additions, and die with a restriction inside them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from graphsvc import __version__
from graphsvc.access.jobs import Job
from graphsvc.access.view import Door, View
from graphsvc.analysis.centrality import brokers, core_structure, ranking
from graphsvc.analysis.groups import Communities, communities
from graphsvc.analysis.keyplayers import key_players, removal
from graphsvc.analysis.measures import MEASURES
from graphsvc.analysis.overlap import overlapping_groups
from graphsvc.analysis.partitions import ALGORITHMS
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.analysis.similarity import missing_links
from graphsvc.model.handling import make
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.analysis.groups.asking import ask, asking, caller
from tests.analysis.groups.test_communities import NORTH, SOUTH, local, rings, sets
from tests.world import File

pytestmark = pytest.mark.neo4j

GERMAN = make("DE", allow={"DE"})


def worked(settings: Settings, ncb: str = "FR") -> tuple[Communities, bool]:
    """The answer, and whether it had to be worked out."""
    stages: list[str] = []
    job = Job(lambda stage, done: stages.append(stage))
    return ask(settings, lambda view: communities(view, job=job), ncb), "projecting" in stages


def german(name: str) -> File:
    file = File("DE", f"de-{name}")
    file.handling = GERMAN
    return file


def test_the_same_question_is_answered_from_its_store(database: Database, open_server: Settings) -> None:
    rings().load(database)
    first, new = worked(open_server)
    again, repeated = worked(open_server)
    assert (new, repeated) == (True, False)
    assert again.groups == first.groups
    assert again.run == first.run
    assert not again.run.aged
    assert (first.run.algorithm, first.run.version) == ("leiden", __version__)
    told = json.loads(first.run.parameters)
    assert told["method"] == {"algorithm": "leiden", "seed": 1, "resolution": 1.0}
    assert told["parallel"] == "counted"
    assert told["scope"]["kinds"] is None


OPERATIONS: dict[str, Callable[..., Awaitable[Any]]] = {
    "brokers": brokers,
    "core structure": core_structure,
    "key players": key_players,
    "removal": removal,
    "overlapping groups": overlapping_groups,
    "missing links": missing_links,
}


WORK = {"betweenness", "core", "searching", "taking out", "cliques", "scoring"}
"""A stage of each of them."""


def test_every_operation_is_kept_ages_and_dies(database: Database, open_server: Settings) -> None:
    rings().load(database)
    stages: list[str] = []

    async def each(view: View, fresh: bool) -> list[Any]:
        return [
            await asked(view, fresh=fresh, job=Job(lambda stage, done: stages.append(stage)))
            for asked in OPERATIONS.values()
        ]

    def again(fresh: bool = False) -> tuple[list[Any], set[str]]:
        stages.clear()
        return ask(open_server, lambda view: each(view, fresh)), set(stages)

    first, worked_out = again()
    assert worked_out >= WORK
    second, repeated = again()
    assert repeated == {"reading"}
    assert [plain(answer) for answer in second] == [plain(answer) for answer in first]
    more = File("FR", "fr-more")
    more.person("late")
    more.load(database)
    third, repeated = again()
    assert repeated == {"reading"}
    assert [answer.run.aged for answer in third] == [True] * len(OPERATIONS)
    fresh, worked_out = again(fresh=True)
    assert worked_out >= WORK
    assert [answer.run.aged for answer in fresh] == [False] * len(OPERATIONS)
    restricted = File("FR")
    restricted.person("n3", nationalities=["FR"])
    restricted.records[0].handling = make("FR", allow={"FR"}, units={"other"})
    restricted.load(database)
    fourth, worked_out = again()
    assert worked_out >= WORK
    assert [answer.run.aged for answer in fourth] == [False] * len(OPERATIONS)


def plain(answer: Any) -> Any:
    return msgspec.structs.replace(answer, as_of="")


def test_a_result_ages_with_what_its_caller_sees(database: Database, open_server: Settings) -> None:
    rings().load(database)
    first, _ = worked(open_server)
    more = File("FR", "fr-more")
    more.person("late")
    more.load(database)
    again, repeated = worked(open_server)
    assert not repeated
    assert again.run.aged
    assert again.groups == first.groups


def test_it_ages_with_a_handling_that_is_new_and_a_group_keeps_its_name(
    database: Database, open_server: Settings
) -> None:
    rings().load(database)
    worked(open_server)
    german = File("DE", "de-open")
    german.handling = make("DE", conditions={"ask before use"})
    german.person("ahead")
    for name in NORTH:
        german.link("ahead", "ASSOCIATE_OF", f"fr-file:{name}")
    german.load(database)
    again, repeated = worked(open_server)
    assert (repeated, again.run.aged) == (False, True)
    north, _ = ask(open_server, lambda view: communities(view, fresh=True)).groups
    assert (north.name, north.change and north.change.stable_name) == ("de-open:ahead", "fr-file:n0")
    assert north.change is not None
    assert (north.change.kind, north.change.before, north.change.joined) == ("grown", 6, 1)


def test_it_does_not_age_with_what_is_hidden(database: Database, open_server: Settings) -> None:
    rings().load(database)
    worked(open_server)
    hidden = german("hidden")
    hidden.person("boss")
    hidden.link("boss", "ASSOCIATE_OF", "fr-file:n1")
    hidden.link("fr-file:n2", "ASSOCIATE_OF", "fr-file:s2")
    hidden.load(database)
    again, repeated = worked(open_server)
    assert (repeated, again.run.aged) == (False, False)


def test_it_dies_with_a_restriction_inside_it(database: Database, open_server: Settings) -> None:
    rings().load(database)
    worked(open_server)
    restricted = File("FR")
    restricted.person("n3", nationalities=["FR"])
    restricted.records[0].handling = make("FR", allow={"FR"}, units={"other"})
    restricted.load(database)
    again, new = worked(open_server)
    assert new
    assert sets(again) == [local([name for name in NORTH if name != "n3"]), local(SOUTH)]


PERSONS = ScopeSpec(kinds=("Person",))


@pytest.mark.parametrize("restricted", ["case", "link"])
def test_it_dies_with_a_restriction_of_what_it_tells_beyond_its_part(
    database: Database, open_server: Settings, restricted: str
) -> None:
    rings().load(database)
    file = File("FR", "fr-cases")
    file.record("Case", "c1", number="7", country="ES", areas=["CYBER"])
    file.link("fr-file:n1", "INVOLVED_IN", "c1", id_="l1", role="suspect")
    file.load(database)

    def told() -> tuple[list[str], set[str]]:
        north, _ = ask(open_server, lambda view: communities(view, PERSONS)).groups
        return [count.value for count in north.areas], {role for one in north.members for role in one.roles}

    assert told() == (["CYBER"], {"suspect"})
    secret = make("FR", allow={"FR"}, units={"other"})
    if restricted == "case":
        file.records[0].handling = secret
    else:
        file.links[0].handling = secret
    file.load(database)
    assert told() == ([], set())


def test_a_restriction_outside_its_scope_leaves_it(database: Database, open_server: Settings) -> None:
    rings().load(database)
    hidden = german("hidden")
    hidden.person("boss")
    hidden.load(database)
    worked(open_server)
    hidden.records[0].handling = make("DE", allow={"DE"}, units={"other"})
    hidden.load(database)
    _, repeated = worked(open_server)
    assert not repeated


def test_nothing_of_one_scope_answers_another(database: Database, open_server: Settings) -> None:
    rings().load(database)
    hidden = german("hidden")
    hidden.person("boss")
    hidden.load(database)
    worked(open_server)
    _, new = worked(open_server, "DE")
    assert new


def test_a_later_run_says_what_became_of_each_group(database: Database, open_server: Settings) -> None:
    rings().load(database)
    first, _ = worked(open_server)
    assert [group.change for group in first.groups] == [None, None]
    more = File("FR", "fr-more")
    more.person("late")
    for name in NORTH:
        more.link("late", "ASSOCIATE_OF", f"fr-file:{name}")
    more.load(database)
    later = ask(open_server, lambda view: communities(view, fresh=True))
    north, south = later.groups
    assert north.change is not None
    assert south.change is not None
    assert (north.change.kind, north.change.joined, north.change.stable_name) == ("grown", 1, "fr-file:n0")
    assert (south.change.kind, south.change.before) == ("same", 5)


def test_groups_say_how_sure_they_are_and_whom_to_contact(database: Database, open_server: Settings) -> None:
    rings().load(database)
    north, south = worked(open_server)[0].groups
    assert north.stability.links_5 is not None
    assert 0.8 < north.stability.links_5 <= 1.0
    assert south.jurisdictions == ("FR", "MA")
    assert [(bridge.name, bridge.links) for bridge in south.bridges] == [("fr-file:n0", 1.0)]
    assert set(south.core) == local(SOUTH)


def test_every_rank_and_every_division_says_how_sure_it_is(database: Database, open_server: Settings) -> None:
    rings().load(database)

    async def each(view: View) -> dict[str, Any]:
        ranks = {measure: (await ranking(view, measure=measure, first=3)).ranked for measure in MEASURES}
        divisions = {how: (await communities(view, algorithm=how)).groups for how in ALGORITHMS}
        return {**ranks, **divisions}

    for name, told in ask(open_server, each).items():
        for one in told:
            shares = msgspec.structs.astuple(one.stability)
            assert all(share is not None and 0 <= share <= 1 for share in shares), name


def test_ways_that_lead_nowhere_back_are_no_surprise_in_any_draw(
    database: Database, open_server: Settings
) -> None:
    """A ring one way round is one strong component only as long as each of its links is there."""
    file = File("FR")
    for at in range(20):
        file.person(f"p{at}")
        file.link(f"p{at}", "CALLED", f"p{(at + 1) % 20}")
    file.load(database)
    (ring,) = ask(open_server, lambda view: communities(view, algorithm="strong_components")).groups
    assert ring.stability.links_5 == pytest.approx(1 / 20)
    (weak,) = ask(open_server, lambda view: communities(view, algorithm="components")).groups
    assert weak.stability.links_5 == 1.0


def test_what_was_just_loaded_is_in_the_answer_however_much_it_is(
    database: Database, open_server: Settings
) -> None:
    rings().load(database)

    async def before_and_after(door: Door) -> int:
        await (await door.view(caller())).links()
        many = File("FR", "fr-many")
        for at in range(700):
            many.person(f"p{at}")
            many.link(f"p{at}", "ASSOCIATE_OF", f"p{at // 2}", id_=f"l{at}")
        await asyncio.to_thread(many.load, database)
        return (await communities(await door.view(caller()))).links

    assert asking(open_server, before_and_after) == 26 + 699
