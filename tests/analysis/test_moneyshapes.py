"""The shapes of payments, each planted alone: found as it stands, and not when amounts or times do not fit."""

from collections.abc import Sequence

import pytest

from graphsvc.analysis.moneyshapes import PATTERNS, Payment, Terms, find

Plan = Sequence[tuple[str, str, int, float]]

PLANTED: dict[str, Plan] = {
    "chain": [("a", "b", 1, 1000), ("b", "c", 3, 900)],
    "cycle": [("a", "b", 1, 1000), ("b", "c", 3, 900), ("c", "a", 5, 850)],
    "fan_in": [("a", "hub", 1, 100), ("b", "hub", 3, 250), ("c", "hub", 5, 70)],
    "fan_out": [("hub", "a", 1, 100), ("hub", "b", 3, 250), ("hub", "c", 5, 70)],
    "scatter_gather": [
        *(("a", f"m{n}", 1, 300 + n) for n in range(3)),
        *((f"m{n}", "z", 4, 290 + n) for n in range(3)),
    ],
    "gather_scatter": [
        *((f"s{n}", "hub", 1 + n, 300) for n in range(3)),
        *(("hub", f"t{n}", 6, 290) for n in range(3)),
    ],
    "bipartite": [(giver, f"m{n}", 1 + n, 500) for giver in "ab" for n in range(3)],
    "stack": [
        *((giver, f"m{n}", 2, 500) for giver in "ab" for n in range(3)),
        *((f"m{n}", taker, 5, 480) for n in range(3) for taker in "xy"),
    ],
}
PASSED_ON = ("chain", "cycle", "scatter_gather", "gather_scatter", "stack")
"""Shapes in which money that came goes on: amounts and order of time count."""


def payments(plan: Plan) -> list[Payment]:
    made = [
        Payment(f"p{n:02}", giver, taker, day, f"2024-01-{day:02}", amount, "EUR", "")
        for n, (giver, taker, day, amount) in enumerate(plan)
    ]
    return sorted(made, key=lambda payment: (payment.day, payment.time, payment.id))


def found(plan: Plan, pattern: str, terms: Terms | None = None) -> list[set[str]]:
    made, cut = find(payments(plan), [pattern], terms or Terms(), 100)
    assert not cut
    return [{payment.id for payment in shape} for _, shape in made]


def test_every_shape_is_planted() -> None:
    assert set(PLANTED) == set(PATTERNS)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_shape_is_found_whole(pattern: str) -> None:
    everything = {payment.id for payment in payments(PLANTED[pattern])}
    assert everything in found(PLANTED[pattern], pattern)


@pytest.mark.parametrize("pattern", PASSED_ON)
def test_what_goes_out_before_it_came_in_makes_no_shape(pattern: str) -> None:
    backwards = [(giver, taker, 28 - day, amount) for giver, taker, day, amount in PLANTED[pattern]]
    assert found(backwards, pattern) == []


@pytest.mark.parametrize("pattern", PASSED_ON)
def test_amounts_that_do_not_fit_make_no_shape(pattern: str) -> None:
    plan = PLANTED[pattern]
    last = max(day for _, _, day, _ in plan)
    larger = [(giver, taker, day, amount * (3 if day == last else 1)) for giver, taker, day, amount in plan]
    assert found(larger, pattern) == []


@pytest.mark.parametrize("pattern", PATTERNS)
def test_payments_too_far_apart_make_no_shape(pattern: str) -> None:
    assert found(PLANTED[pattern], pattern, Terms(days=1)) == []
