"""A dozen pairs on every change; ``make noninterference PAIRS=2000 SCIENCE=100 MUTANTS=1`` runs the rest."""

import asyncio
from itertools import combinations
from pathlib import Path

import pytest

from graphsvc.access.caller import Caller
from graphsvc.model.handling import permits
from graphsvc.store.queries import all_names, named
from tests.noninterference import changes, queries, requests
from tests.noninterference.callers import AGREEMENTS, CALLERS, OWNERS, Group, handlings, sees
from tests.noninterference.harness import CALLERS_A_PAIR, Batch, run
from tests.noninterference.servers import pair
from tests.noninterference.worlds import make

PAIRS = 12
ALL_THREE = (CALLERS[0], CALLERS[6], CALLERS[9])
"""An owner, a compliance officer and one of the General Secretariat: between them they may make every change."""


@pytest.mark.neo4j
@pytest.mark.timeout(900)
def test_what_is_hidden_changes_no_answer(tmp_path: Path) -> None:
    async def go() -> None:
        async with pair(tmp_path) as servers:
            answers = await run(servers, iter([Batch.draw(0, 0, PAIRS, ALL_THREE)]), most=3)
        assert answers.asked > 20 * PAIRS
        assert "\n".join(map(str, answers.differences)) == ""
        assert answers.broken == []
        assert sorted({*changes.CHANGES, *changes.LAST} - set(answers.reached)) == []

    asyncio.run(go())


def test_the_rule_said_twice_says_the_same() -> None:
    parties = {name: frozenset(members) for name, members in AGREEMENTS.items()}
    for caller in CALLERS:
        for owner in OWNERS:
            for handling in handlings(owner):
                assert sees(caller, handling) == permits(handling, caller.asker(parties)), (caller, handling)


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.subject)
def test_there_is_something_to_hide_from_everyone_and_something_to_show(caller: Caller) -> None:
    group = Group((caller,))
    assert all(group.hidden(owner) and group.shown(owner) for owner in OWNERS)


def test_there_is_something_to_hide_from_any_who_ask_together() -> None:
    for callers in combinations(CALLERS, CALLERS_A_PAIR):
        group = Group(callers)
        assert any(group.hidden(owner) for owner in OWNERS), callers
        assert all(group.shown(owner) for owner in OWNERS), callers


def test_hidden_elements_are_hidden_and_visible_ones_are_whole() -> None:
    for number in range(30):
        world = make(3, number, Group(CALLERS[:3]))
        shown, hidden = set(world.shown_ids), set(world.hidden_ids)
        assert not shown & hidden
        assert all({link.from_, link.to} <= shown for link in world.links)
        for record in world.hidden_records:
            seen = any(sees(caller, record.handling) for caller in CALLERS[:3])
            assert not seen or str(record.properties["retain_until"]) < "2100"


@pytest.mark.parametrize("name", all_names())
def test_every_query_is_asked(name: str) -> None:
    query = named(name)
    unknown = [] if queries.of_books(query) else queries.unknown_parameters(query)
    assert unknown == [], "say in tests/noninterference/queries.py how they are filled"


def test_every_operation_is_asked() -> None:
    both = requests.names() + requests.names(science=True)
    assert set(both) | requests.SKIPPED == set(requests.operations()) | requests.SKIPPED


def test_every_change_is_asked() -> None:
    mutation = requests.schema().mutation_type
    assert mutation is not None
    assert {*changes.CHANGES, *changes.LAST} == set(mutation.fields)


def test_everything_that_is_followed_is_compared() -> None:
    subscription = requests.schema().subscription_type
    assert subscription is not None
    assert all(name in " ".join((changes.WATCH, *changes.PROGRESS)) for name in subscription.fields)
