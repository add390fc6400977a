"""Operation 20: how money moves between holders, in time order, and the shapes that are known from laundering."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.around import EvidenceLink, Roots, Tie, around, seeds, sources
from graphsvc.analysis.evidence import day
from graphsvc.analysis.moneyshapes import BY_NAME, HUBS, PATTERNS, MoneyPattern, Payment, Terms, find
from graphsvc.errors import UsageError
from graphsvc.topology.layout import FAR

PARTIES = ("Account", "Wallet", "Person", "Organization")
MOST_HOPS = 6
MOST_PAYMENTS = 5_000
MOST_FINDINGS = 200
LEFT_OUT = ("payments without a day, or with only one known side",)


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
    explanation: Annotated[
        str | None, Meta(description="A known innocent reason; such flows come last and are no leads.")
    ]
    evidence: Annotated[tuple[EvidenceLink, ...], Meta(description="The links that it rests on.")]


class MoneyFlows(msgspec.Struct, frozen=True):
    """Flows without a known explanation first, then by pattern, the longest and largest first."""

    flows: Annotated[tuple[MoneyFlow, ...], Meta(description="The flows.")]
    patterns: Annotated[tuple[MoneyPattern, ...], Meta(description="The patterns that were looked for.")]
    payments: Annotated[int, Meta(description="Payments that were looked at.")]
    truncated: Annotated[bool, Meta(description="There are more payments or flows than one question reads.")]
    left_out: Annotated[tuple[str, ...], Meta(description="What was left out, in words.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


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
    chosen = [pattern for pattern in PATTERNS if pattern in patterns]
    found, spent = await asyncio.to_thread(
        find, ledger.payments, chosen, Terms(tolerance, days, least), MOST_FINDINGS
    )
    flows = sorted((ledger.flow(pattern, payments) for pattern, payments in found), key=_order)
    cut = ledger.truncated or len(flows) > first or spent
    return MoneyFlows(
        tuple(flows[:first]), tuple(BY_NAME[name] for name in chosen), len(ledger.payments), cut, LEFT_OUT,
        view.scope.as_of,
    )  # fmt: skip


def _order(flow: MoneyFlow) -> tuple[bool, int, int, float, tuple[str, ...]]:
    explained = flow.explanation is not None
    return explained, PATTERNS.index(flow.pattern), -len(flow.payments), -(flow.amount or 0), flow.holders


class _Ledger:
    """The payments around one party."""

    def __init__(self, view: View, since: int | None, until: int | None) -> None:
        self.view = view
        self.window = (-FAR if since is None else since, FAR if until is None else until)
        self.roots = Roots(view)
        self.owner: dict[str, str] = {}
        self.registered: set[str] = set()
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
            self._note_registered(ties)
            found = self.roots.all(found | {tie.other for tie in ties})
        return found

    def _note_registered(self, ties: list[Tie]) -> None:
        self.registered |= {self.roots[tie.other] for tie in ties if tie.record.get("registration")}

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
        await self.roots.learn(tie.other for tie in both)
        self._note_registered(both)
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
            currencies.pop() if same else "", ordered[-1].day - ordered[0].day, self._explained(pattern, ordered),
            sources(tie for p in ordered for tie in (*self.sides[p.id][1], *self.sides[p.id][2])),
        )  # fmt: skip

    def _explained(self, pattern: str, payments: Sequence[Payment]) -> str | None:
        """Shops are paid by many, and employers pay many."""
        hub = HUBS[pattern](payments) if pattern in HUBS else None
        if hub is None or hub not in self.registered:
            return None
        return f"{hub} is a registered body, which many may pay and which may pay many"
