"""Decisions on a handling: none of them ever shows more than each narrowing one alone would."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from graphsvc.model.handling import Asker, Handling, make, permits
from graphsvc.model.narrowing import SET_ASIDE, Terms, decided
from graphsvc.model.vocabulary import Class, Level, Purpose

COUNTRIES = ("FR", "DE", "BR", "agreement:PRUM")
terms = st.lists(st.sampled_from(COUNTRIES), max_size=3).map(tuple)
units = st.lists(st.sampled_from(("u1", "u2")), max_size=2).map(tuple)
purposes = st.lists(st.sampled_from((Purpose.LOCATE, Purpose.TRENDS)), max_size=2).map(tuple)
narrowings = st.builds(
    Terms,
    level=st.integers(0, 3),
    only=st.none() | terms,
    deny=terms,
    units=units,
    purposes=purposes,
    class_=st.sampled_from(("", *Class)),
)
handlings = st.builds(
    lambda allow, deny, level, units, class_: make(
        "FR", allow=frozenset(allow), deny=frozenset(deny), level=level, units=frozenset(units), class_=class_
    ),
    terms | st.just(("*",)),
    terms,
    st.sampled_from(Level),
    units,
    st.sampled_from(Class),
)
askers = st.builds(
    lambda ncb, level, purpose, units, officer, parties: Asker(
        ncb,
        level,
        purpose,
        frozenset({ncb, *parties}),
        frozenset(units),
        frozenset({"compliance"} if officer else ()),
    ),
    st.sampled_from(("FR", "DE", "BR")),
    st.sampled_from(Level).map(int),
    st.sampled_from((Purpose.LOCATE, Purpose.TRENDS, Purpose.INVESTIGATE, Purpose.COMPLIANCE)),
    units,
    st.booleans(),
    st.sets(st.just("agreement:PRUM")),
)


@given(handlings, st.lists(narrowings, max_size=3), askers)
def test_narrowing_never_shows_more(handling: Handling, decisions: list[Terms], asker: Asker) -> None:
    found = decided(handling, decisions)
    if permits(found, asker):
        for one in (handling, *(decided(handling, [one]) for one in decisions)):
            # what was set aside goes to compliance officers, who need not have seen it before
            same = msgspec.structs.replace(one, class_=found.class_) if found.class_ in SET_ASIDE else one
            assert permits(same, asker)


@given(st.lists(narrowings, max_size=3), askers, st.sampled_from((Class.MINOR, Class.VICTIM)))
def test_a_protected_person_that_is_set_aside_stays_protected(
    decisions: list[Terms], asker: Asker, class_: Class
) -> None:
    for found in (
        decided(make("FR", class_=class_), decisions),
        decided(make("FR"), [*decisions, Terms(class_=class_)]),
        decided(make("FR"), [Terms(class_=class_), *decisions]),
    ):
        if permits(found, asker):
            assert asker.level >= Level.RESTRICTED


@given(
    handlings,
    st.permutations([Terms(deny=("DE",)), Terms(only=("DE", "BR")), Terms(also=("BR",)), Terms(level=2)]),
)
def test_the_order_of_decisions_does_not_matter(handling: Handling, decisions: list[Terms]) -> None:
    assert decided(handling, decisions) == decided(handling, sorted(decisions, key=repr))


def test_no_decision_changes_nothing() -> None:
    handling = make("FR", allow=frozenset({"DE"}), units=frozenset({"u1"}))

    assert decided(handling, []) == handling
    assert decided(handling, [Terms()]) == handling


def test_opening_to_one_more_lifts_its_denial() -> None:
    handling = decided(make("FR", allow=frozenset({"DE"}), deny=frozenset({"BR"})), [Terms(also=("BR",))])

    assert (handling.allow, handling.deny) == (("BR", "DE"), ())
