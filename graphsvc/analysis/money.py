"""Operation 20: how money moves between holders, in time order, and the shapes that are known from laundering."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.around import EvidenceLink, Roots, Tie, around, seeds, sources
from graphsvc.analysis.evidence import day
from graphsvc.errors import UsageError
from graphsvc.topology.layout import FAR

PATTERNS = ("chain", "fan_in", "fan_out", "cycle", "scatter_gather", "gather_scatter", "stack", "bipartite")
PARTIES = ("Account", "Wallet", "Person", "Organization")
MOST_HOPS = 6
MOST_PAYMENTS = 5_000
MOST_FINDINGS = 200
MOST_STEPS = 50_000


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


class MoneyFlow(msgspec.Struct, frozen=True):
    """Payments that make a pattern, in time order."""

    pattern: Annotated[str, Meta(description="Which pattern.")]
    holders: Annotated[
        tuple[str, ...], Meta(description="The holders, in the order in which the money reaches them.")
    ]
    payments: Annotated[tuple[Payment, ...], Meta(description="The payments, in time order.")]
    amount: Annotated[float | None, Meta(description="Sum where all are in one currency.")]
    currency: Annotated[str, Meta(description="That currency.")]
    days: Annotated[int, Meta(description="Days from the first payment to the last.")]
    evidence: Annotated[tuple[EvidenceLink, ...], Meta(description="The links that it rests on.")]


class MoneyFlows(msgspec.Struct, frozen=True):
    """Flows by pattern, longest and largest first."""

    flows: Annotated[tuple[MoneyFlow, ...], Meta(description="The flows.")]
    payments: Annotated[int, Meta(description="Payments that were looked at.")]
    truncated: Annotated[bool, Meta(description="There are more payments or flows than one question reads.")]
    left_out: Annotated[tuple[str, ...], Meta(description="What was left out, in words.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


class Terms(msgspec.Struct, frozen=True):
    """What counts as one flow: amounts that pass on within ``tolerance`` (0.3: 70 to 130 %), payments at most
    ``days`` apart, and at least ``least`` parties of a fan."""

    tolerance: float = 0.3
    days: int = 30
    least: int = 3


async def money_flows(
    view: View,
    id: str,
    *,
    patterns: Sequence[str] = PATTERNS,
    hops: int = 4,
    since: str | None = None,
    until: str | None = None,
    tolerance: float = 0.3,
    days: int = 30,
    least: int = 3,
    first: int = 50,
) -> MoneyFlows:
    """Patterns of payments around an account, a wallet, a person or a body. Accounts count as their owners'.

    Raises NotFound, UsageError.
    """
    unknown = set(patterns) - set(PATTERNS)
    if unknown or not 1 <= hops <= MOST_HOPS or not 0 <= tolerance < 1 or days < 0 or least < 2:
        raise UsageError(
            f"use patterns of {', '.join(PATTERNS)}, 1 to {MOST_HOPS} hops, a tolerance from 0 to under 1, "
            "and at least two parties."
        )
    ledger = _Ledger(view, day(since), day(until, last=True))
    await ledger.read(id, hops)
    terms = Terms(tolerance, days, least)
    found: dict[tuple[str, frozenset[str]], MoneyFlow] = {}
    for pattern in PATTERNS:
        if pattern in patterns:
            for payments in FINDERS[pattern](ledger.payments, terms):
                key = pattern, frozenset(payment.id for payment in payments)
                if len(found) < MOST_FINDINGS and key not in found:
                    found[key] = ledger.flow(pattern, payments)
    flows = sorted(
        found.values(),
        key=lambda f: (PATTERNS.index(f.pattern), -len(f.payments), -(f.amount or 0), f.holders),
    )
    said = ("payments without a day, or with only one known side",)
    cut = ledger.truncated or len(flows) > first or len(found) >= MOST_FINDINGS
    return MoneyFlows(tuple(flows[:first]), len(ledger.payments), cut, said, view.scope.as_of)


def _order(flow: MoneyFlow) -> tuple[int, int, float, tuple[str, ...]]:
    return PATTERNS.index(flow.pattern), -len(flow.payments), -(flow.amount or 0), flow.holders


class _Ledger:
    """The payments around one party."""

    def __init__(self, view: View, since: int | None, until: int | None) -> None:
        self.view = view
        self.window = (-FAR if since is None else since, FAR if until is None else until)
        self.roots = Roots(view)
        self.owner: dict[str, str] = {}
        self.sides: dict[str, tuple[dict[str, Any], list[Tie], list[Tie]]] = {}
        self.payments: list[Payment] = []
        self.truncated = False

    def holder(self, id_: str) -> str:
        return self.owner.get(self.roots[id_], self.roots[id_])

    async def read(self, id_: str, hops: int) -> None:
        front = set((await seeds(self.view, [id_]))[id_])
        known: set[str] = set()
        for _ in range(hops):
            front = await self._with_accounts(front - known)
            known |= front
            front = await self._pay(front) - known
            if not front or len(self.sides) > MOST_PAYMENTS:
                break
        await self._with_accounts(front)
        self.truncated |= len(self.sides) > MOST_PAYMENTS
        self.payments = sorted(
            self._payments(), key=lambda p: (p.day, p.time, p.id, p.from_holder, p.to_holder)
        )

    async def _with_accounts(self, ids: set[str]) -> set[str]:
        """With the accounts that parties own, and the owners of accounts; notes who owns what."""
        await self.roots.learn(ids)
        found = self.roots.all(ids)
        for _ in range(2):
            ties, cut = await around(self.view, found, ["OWNS"], PARTIES)
            self.truncated |= cut
            await self.roots.learn([tie.other for tie in ties] + [tie.id for tie in ties])
            for tie in ties:
                owner, thing = self.roots[tie.link["from"]], self.roots[tie.link["to"]]
                self.owner[thing] = min(owner, self.owner.get(thing, owner))
            found = self.roots.all(found | {tie.other for tie in ties})
        return found

    async def _pay(self, ids: set[str]) -> set[str]:
        ties, cut = await around(self.view, ids, ["SENT", "RECEIVED"], ["Transaction"])
        self.truncated |= cut
        new = {
            tie.other
            for tie in ties
            if tie.other not in self.sides
            and tie.record.get("first_day") is not None
            and self.window[0] <= tie.record["first_day"] <= self.window[1]
        }
        await self.roots.learn(new)
        both, cut = await around(self.view, self.roots.all(new), ["SENT", "RECEIVED"], PARTIES)
        self.truncated |= cut
        records = {tie.other: tie.record for tie in ties}
        reached = set()
        for tie in both:
            payment = self.roots[tie.id]
            record = records.get(tie.id) or records.get(payment)
            if record is None:
                continue
            _, sent, received = self.sides.setdefault(payment, (record, [], []))
            (sent if tie.type == "SENT" else received).append(tie)
            reached.add(tie.other)
        return reached

    def _payments(self) -> Iterator[Payment]:
        for id_, (record, sent, received) in self.sides.items():
            givers = sorted({self.holder(tie.other) for tie in sent})
            takers = sorted({self.holder(tie.other) for tie in received})
            for giver in givers:
                for taker in takers:
                    yield Payment(
                        id_, giver, taker, record["first_day"], record["time"], record.get("amount"),
                        record.get("currency", ""), record.get("method", ""),
                    )  # fmt: skip

    def flow(self, pattern: str, payments: Sequence[Payment]) -> MoneyFlow:
        ordered = sorted(payments, key=lambda p: (p.day, p.time, p.id))
        holders = list(dict.fromkeys(end for p in ordered for end in (p.from_holder, p.to_holder)))
        currencies = {p.currency for p in ordered}
        amounts = [p.amount for p in ordered if p.amount is not None]
        same = len(currencies) == 1 and len(amounts) == len(ordered)
        return MoneyFlow(
            pattern, tuple(holders), tuple(ordered), round(sum(amounts), 2) if same else None,
            currencies.pop() if same else "", ordered[-1].day - ordered[0].day,
            sources(tie for p in ordered for tie in (*self.sides[p.id][1], *self.sides[p.id][2])),
        )  # fmt: skip


Payments = Sequence[Payment]


def _out(payments: Payments) -> dict[str, list[Payment]]:
    found: dict[str, list[Payment]] = defaultdict(list)
    for payment in payments:
        found[payment.from_holder].append(payment)
    return found


def _in(payments: Payments) -> dict[str, list[Payment]]:
    found: dict[str, list[Payment]] = defaultdict(list)
    for payment in payments:
        found[payment.to_holder].append(payment)
    return found


def _passes(one: Payment, other: Payment, terms: Terms) -> bool:
    """Whether the second may pass on the first: later, soon, and about as much."""
    if (
        (other.day, other.time) < (one.day, one.time)
        or other.day - one.day > terms.days
        or one.id == other.id
    ):
        return False
    if one.amount is None or other.amount is None or one.currency != other.currency:
        return True
    return bool(one.amount * (1 - terms.tolerance) <= other.amount <= one.amount * (1 + terms.tolerance))


def _walks(payments: Payments, terms: Terms, *, closed: bool) -> Iterator[Payments]:
    """Longest ways along which money is passed on; closed ones come back to where they began."""
    after, steps = _out(payments), 0
    began = {p.id for p in payments if not any(_passes(q, p, terms) for q in _in(payments)[p.from_holder])}
    for start in payments:
        if not closed and start.id not in began:
            continue
        stack: list[tuple[Payment, ...]] = [(start,)]
        while stack and steps < MOST_STEPS:
            way = stack.pop()
            steps += 1
            seen = {p.from_holder for p in way}
            last = way[-1]
            if last.to_holder == way[0].from_holder:
                if closed and len(way) > 1:
                    yield way
                continue
            following = [p for p in after[last.to_holder] if _passes(last, p, terms)]
            following = [
                p
                for p in following
                if p.to_holder not in seen or (closed and p.to_holder == way[0].from_holder)
            ]
            stack += [(*way, p) for p in reversed(following)]
            if not closed and not following and len(way) > 1:
                yield way


def chains(payments: Payments, terms: Terms) -> Iterator[Payments]:
    """Money that is handed on from one to the next, at least twice."""
    return _walks(payments, terms, closed=False)


def cycles(payments: Payments, terms: Terms) -> Iterator[Payments]:
    """Money that comes back to where it began."""
    return _walks(payments, terms, closed=True)


def _fans(groups: Iterable[list[Payment]], end: str, terms: Terms) -> Iterator[list[Payment]]:
    """Payments of one holder with at least so many others within so many days; as many as fit from the first."""
    for group in groups:
        at = 0
        while at < len(group):
            window = [p for p in group[at:] if p.day - group[at].day <= terms.days]
            window = [p for p in window if p.from_holder != p.to_holder]
            if len({getattr(p, end) for p in window}) >= terms.least:
                yield window
                at += max(len(window), 1)
            else:
                at += 1


def fans_in(payments: Payments, terms: Terms) -> Iterator[Payments]:
    """Several pay one."""
    return _fans(_in(payments).values(), "from_holder", terms)


def fans_out(payments: Payments, terms: Terms) -> Iterator[Payments]:
    """One pays several."""
    return _fans(_out(payments).values(), "to_holder", terms)


def scatter_gather(payments: Payments, terms: Terms) -> Iterator[Payments]:
    """One pays several, who all pay the same one."""
    after = _out(payments)
    for start in after:
        ways: dict[str, list[tuple[Payment, Payment]]] = defaultdict(list)
        for one in after[start]:
            for other in after[one.to_holder]:
                if other.to_holder not in (start, one.to_holder) and _passes(one, other, terms):
                    ways[other.to_holder].append((one, other))
        for pairs in ways.values():
            if len({one.to_holder for one, _ in pairs}) >= terms.least:
                yield list({p.id: p for pair in pairs for p in pair}.values())


def gather_scatter(payments: Payments, terms: Terms) -> Iterator[Payments]:
    """Several pay one, who then pays several."""
    after = _out(payments)
    for gathered in fans_in(payments, terms):
        hub, last = gathered[0].to_holder, gathered[-1].day
        givers = {p.from_holder for p in gathered}
        spread = [
            p for p in after[hub] if 0 <= p.day - last <= terms.days and p.to_holder not in givers | {hub}
        ]
        if len({p.to_holder for p in spread}) >= terms.least:
            yield [*gathered, *spread]


def bipartite(payments: Payments, terms: Terms) -> Iterator[Payments]:
    """At least two who pay the same several."""
    after = _out(payments)
    paid = {who: {p.to_holder for p in made if p.to_holder != who} for who, made in after.items()}
    for one, other in combinations(sorted(paid), 2):
        common = (paid[one] & paid[other]) - {one, other}
        if len(common) >= terms.least:
            chosen = [p for who in (one, other) for p in after[who] if p.to_holder in common]
            if max(p.day for p in chosen) - min(p.day for p in chosen) <= terms.days:
                yield chosen


def stacks(payments: Payments, terms: Terms) -> Iterator[Payments]:
    """Two layers between the same ends: each of several is paid, and pays each of several, within the window."""
    after = _out(payments)
    for layer in bipartite(payments, terms):
        middles = {p.to_holder for p in layer}
        last = min(p.day for p in layer)
        following = [p for m in sorted(middles) for p in after[m] if 0 <= p.day - last <= 2 * terms.days]
        targets: dict[str, set[str]] = defaultdict(set)
        for p in following:
            if p.to_holder not in middles:
                targets[p.to_holder].add(p.from_holder)
        both = {target for target, by in targets.items() if len(by) >= 2}
        if both:
            yield [*layer, *(p for p in following if p.to_holder in both)]


FINDERS = {
    "chain": chains,
    "fan_in": fans_in,
    "fan_out": fans_out,
    "cycle": cycles,
    "scatter_gather": scatter_gather,
    "gather_scatter": gather_scatter,
    "stack": stacks,
    "bipartite": bipartite,
}
