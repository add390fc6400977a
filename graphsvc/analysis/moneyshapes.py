"""Shapes that payments make, known from laundering: pure, on payments in time order, with a bounded number of steps."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Annotated

import msgspec
from msgspec import Meta

MOST_STEPS = 100_000


class Payment(msgspec.Struct, frozen=True):
    """One payment from one holder to another."""

    id: Annotated[str, Meta(description="Id of the payment.")]
    from_holder: Annotated[
        str, Meta(description="Who paid: the owner's identity, or the account without a known one.")
    ]
    to_holder: Annotated[str, Meta(description="Who was paid.")]
    day: Annotated[int, Meta(description="Day, since 1970-01-01.")]
    time: Annotated[str, Meta(description="When, as its owner wrote it.")]
    amount: Annotated[float | None, Meta(description="How much.")]
    currency: Annotated[str, Meta(description="Currency, empty when unknown.")]
    method: Annotated[str, Meta(description="How it was paid, empty when unknown.")]


class MoneyPattern(msgspec.Struct, frozen=True):
    """A pattern, its version, and what it means in words."""

    name: Annotated[str, Meta(description="Name of the pattern.")]
    version: Annotated[int, Meta(description="Version; it grows whenever the rule would decide otherwise.")]
    help: Annotated[str, Meta(description="What makes it.")]


RULES = (
    MoneyPattern("chain", 1, "Money that is handed on at least once, later and in about the same amount."),
    MoneyPattern("fan_in", 1, "Several pay one within the days."),
    MoneyPattern("fan_out", 1, "One pays several within the days."),
    MoneyPattern("cycle", 1, "Money that comes back to where it began, later and in about the same amount."),
    MoneyPattern("scatter_gather", 1, "One pays several, who each pay on about as much to the same one."),
    MoneyPattern("gather_scatter", 2, "Several pay one, who then pays about as much to several others."),
    MoneyPattern("stack", 2, "Two pay the same several, who each pay on about as much to the same others."),
    MoneyPattern("bipartite", 1, "Two pay the same several within the days."),
)
BY_NAME = {rule.name: rule for rule in RULES}
PATTERNS = tuple(BY_NAME)


class Terms(msgspec.Struct, frozen=True):
    """What counts as one flow: amounts that pass on within ``tolerance`` (0.3: 70 to 130 %), payments at most
    ``days`` apart, and at least ``least`` parties of a fan."""

    tolerance: float = 0.3
    days: int = 30
    least: int = 3


class Steps:
    """How much looking is left to one pattern."""

    def __init__(self) -> None:
        self.left = MOST_STEPS
        self.spent = False

    def take(self) -> bool:
        """One step; False when none is left."""
        self.left -= 1
        self.spent |= self.left < 0
        return self.left >= 0


Payments = Sequence[Payment]
Found = list[tuple[str, Payments]]


def find(payments: Payments, patterns: Iterable[str], terms: Terms, most: int) -> tuple[Found, bool]:
    """The patterns among payments in time order, each set of payments once, and whether there may be more."""
    found: dict[tuple[str, frozenset[str]], tuple[str, Payments]] = {}
    cut = False
    for pattern in patterns:
        steps = Steps()
        for made in FINDERS[pattern](payments, terms, steps):
            if len(found) >= most:
                return list(found.values()), True
            found.setdefault((pattern, frozenset(payment.id for payment in made)), (pattern, made))
        cut |= steps.spent
    return list(found.values()), cut


def _out(payments: Payments) -> dict[str, list[Payment]]:
    return _by(payments, lambda payment: payment.from_holder)


def _in(payments: Payments) -> dict[str, list[Payment]]:
    return _by(payments, lambda payment: payment.to_holder)


def _by(payments: Payments, holder: Callable[[Payment], str]) -> dict[str, list[Payment]]:
    """Payments to others by one of the two holders, in their order."""
    found: dict[str, list[Payment]] = defaultdict(list)
    for payment in payments:
        if payment.from_holder != payment.to_holder:
            found[holder(payment)].append(payment)
    return found


def _about(received: Payments, paid: Payments, terms: Terms) -> bool:
    """Whether as much was paid as received, within the tolerance; unknown and other currencies are not compared."""
    both = (*received, *paid)
    if any(p.amount is None for p in both) or len({p.currency for p in both}) > 1:
        return True
    had, gave = sum(p.amount or 0 for p in received), sum(p.amount or 0 for p in paid)
    return had * (1 - terms.tolerance) <= gave <= had * (1 + terms.tolerance)


def _passing(one: Payment, following: list[Payment], terms: Terms, steps: Steps) -> Iterator[Payment]:
    """Those that may pass a payment on: later, soon, and about as much."""
    begin = bisect_left(following, one.day, key=lambda p: p.day)
    for other in following[begin:]:
        if other.day - one.day > terms.days or not steps.take():
            return
        later = (other.day, other.time) >= (one.day, one.time) and other.id != one.id
        if later and _about((one,), (other,), terms):
            yield other


def _walks(payments: Payments, terms: Terms, steps: Steps, *, closed: bool) -> Iterator[Payments]:
    """Longest ways along which money is passed on; closed ones come back to where they began."""
    after = _out(payments)
    inside = set() if closed else _passed_on(payments, after, terms, steps)
    for start in payments:
        if start.id in inside or start.from_holder == start.to_holder:
            continue
        stack: list[tuple[Payment, ...]] = [(start,)]
        while stack and steps.take():
            way = stack.pop()
            if way[-1].to_holder == way[0].from_holder:
                if closed:
                    yield way
                continue
            seen = {p.from_holder for p in way[closed:]}
            following = [
                p
                for p in _passing(way[-1], after[way[-1].to_holder], terms, steps)
                if p.to_holder not in seen
            ]
            stack += [(*way, p) for p in reversed(following)]
            if not closed and not following and len(way) > 1:
                yield way


def _passed_on(payments: Payments, after: dict[str, list[Payment]], terms: Terms, steps: Steps) -> set[str]:
    """Payments that pass on another, with which no chain begins."""
    own = Steps()
    found = {q.id for p in payments for q in _passing(p, after.get(p.to_holder, []), terms, own)}
    steps.spent |= own.spent
    return found


def chains(payments: Payments, terms: Terms, steps: Steps) -> Iterator[Payments]:
    """Money that is handed on from one to the next."""
    return _walks(payments, terms, steps, closed=False)


def cycles(payments: Payments, terms: Terms, steps: Steps) -> Iterator[Payments]:
    """Money that comes back to where it began."""
    return _walks(payments, terms, steps, closed=True)


def _fans(
    groups: Iterable[list[Payment]], party: Callable[[Payment], str], terms: Terms
) -> Iterator[list[Payment]]:
    """Payments of one holder with at least so many others within so many days; as many as fit from the first."""
    for group in groups:
        begin, parties = 0, Counter[str]()
        for end, payment in enumerate(group):
            while payment.day - group[begin].day > terms.days:
                if len(parties) >= terms.least:
                    yield group[begin:end]
                    begin, parties = end, Counter()
                else:
                    parties -= Counter([party(group[begin])])
                    begin += 1
            parties[party(payment)] += 1
        if len(parties) >= terms.least:
            yield group[begin:]


def _giver(payment: Payment) -> str:
    return payment.from_holder


def _taker(payment: Payment) -> str:
    return payment.to_holder


def fans_in(payments: Payments, terms: Terms, steps: Steps) -> Iterator[Payments]:
    """Several pay one."""
    return _fans(_in(payments).values(), _giver, terms)


def fans_out(payments: Payments, terms: Terms, steps: Steps) -> Iterator[Payments]:
    """One pays several."""
    return _fans(_out(payments).values(), _taker, terms)


def scatter_gather(payments: Payments, terms: Terms, steps: Steps) -> Iterator[Payments]:
    """One pays several, who all pay the same one."""
    after = _out(payments)
    for start, made in list(after.items()):
        ways: dict[str, list[tuple[Payment, Payment]]] = defaultdict(list)
        for one in made:
            for other in _passing(one, after.get(one.to_holder, []), terms, steps):
                if other.to_holder != start:
                    ways[other.to_holder].append((one, other))
        for pairs in ways.values():
            if len({one.to_holder for one, _ in pairs}) >= terms.least:
                yield list({p.id: p for pair in pairs for p in pair}.values())


def gather_scatter(payments: Payments, terms: Terms, steps: Steps) -> Iterator[Payments]:
    """Several pay one, who then pays about as much to several others."""
    after = _out(payments)
    for gathered in fans_in(payments, terms, steps):
        hub, last = gathered[0].to_holder, gathered[-1]
        givers = {p.from_holder for p in gathered}
        spread = [
            p
            for p in after.get(hub, [])
            if (last.day, last.time) <= (p.day, p.time)
            and p.day - last.day <= terms.days
            and p.to_holder not in givers
        ]
        if len({p.to_holder for p in spread}) >= terms.least and _about(gathered, spread, terms):
            yield [*gathered, *spread]


def bipartite(payments: Payments, terms: Terms, steps: Steps) -> Iterator[Payments]:
    """At least two who pay the same several."""
    after = _out(payments)
    common: dict[tuple[str, str], set[str]] = defaultdict(set)
    for taker, got in sorted(_in(payments).items()):
        for pair in combinations(sorted({p.from_holder for p in got}), 2):
            if not steps.take():
                break
            common[pair].add(taker)
    for (one, other), takers in sorted(common.items()):
        shared = takers - {one, other}
        chosen = [p for who in (one, other) for p in after[who] if p.to_holder in shared]
        if (
            len(shared) >= terms.least
            and max(p.day for p in chosen) - min(p.day for p in chosen) <= terms.days
        ):
            yield chosen


def stacks(payments: Payments, terms: Terms, steps: Steps) -> Iterator[Payments]:
    """Two layers: those whom two pay each pay on, after they were paid and about as much, to the same others."""
    after = _out(payments)
    for layer in bipartite(payments, terms, steps):
        got: dict[str, list[Payment]] = defaultdict(list)
        for p in sorted(layer, key=lambda p: (p.day, p.time)):
            got[p.to_holder].append(p)
        paid = {
            middle: _paid_on(own, after.get(middle, []), got.keys(), terms) for middle, own in got.items()
        }
        by: dict[str, set[str]] = defaultdict(set)
        for middle, made in paid.items():
            for p in made:
                by[p.to_holder].add(middle)
        both = {target for target, middles in by.items() if len(middles) >= 2}
        if both:
            yield [*layer, *(p for made in paid.values() for p in made if p.to_holder in both)]


def _paid_on(
    received: list[Payment], made: list[Payment], layer: Iterable[str], terms: Terms
) -> list[Payment]:
    first, givers = received[0], {p.from_holder for p in received}
    within = set(layer) | givers
    found = [
        p
        for p in made
        if (first.day, first.time) <= (p.day, p.time)
        and p.day - first.day <= terms.days
        and p.to_holder not in within
    ]
    return found if _about(received, found, terms) else []


FINDERS: dict[str, Callable[[Payments, Terms, Steps], Iterator[Payments]]] = {
    "chain": chains,
    "fan_in": fans_in,
    "fan_out": fans_out,
    "cycle": cycles,
    "scatter_gather": scatter_gather,
    "gather_scatter": gather_scatter,
    "stack": stacks,
    "bipartite": bipartite,
}


def _most_common(ends: Iterable[str]) -> str:
    return min(Counter(ends).items(), key=lambda one: (-one[1], one[0]))[0]


HUBS: dict[str, Callable[[Payments], str]] = {
    "fan_in": lambda payments: payments[0].to_holder,
    "fan_out": lambda payments: payments[0].from_holder,
    "gather_scatter": lambda payments: _most_common(
        end for p in payments for end in (p.from_holder, p.to_holder)
    ),
}
"""The one in the middle, by pattern."""
