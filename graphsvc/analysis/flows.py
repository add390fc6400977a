"""Operation 24: what goes from where to where, on which routes, and what of that is new."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.compare import DISCOVERY, Window
from graphsvc.analysis.poisson import chances, discoveries
from graphsvc.analysis.routes import NONE, Key, Period, RouteCount, period
from graphsvc.analysis.selection import Filter, select
from graphsvc.analysis.small import Rule, inside
from graphsvc.errors import UsageError
from graphsvc.model.regions import desk

Array = npt.NDArray[Any]
K = TypeVar("K")

LEAST_EVENTS, LEAST_SOURCES = 5, 2
MOST = 500


class RouteFlow(msgspec.Struct, frozen=True):
    """One route; null where a count is left out. ``state`` says how the window differs from the baseline."""

    origin: Annotated[str, Meta(description="Where it came from.")]
    transit: Annotated[tuple[str, ...], Meta(description="Countries on the way, as reported.")]
    destination: Annotated[str, Meta(description="Where it was going.")]
    events: Annotated[int | None, Meta(description="Events in the period.")]
    baseline: Annotated[int | None, Meta(description="Events in the baseline.")]
    sources: Annotated[int | None, Meta(description="Reporters, a source and country each, in the period.")]
    quantity: Annotated[float | None, Meta(description="Sum of quantities in the unit of the answer.")]
    share: Annotated[float | None, Meta(description="Share of the events of the period that have a route.")]
    state: Annotated[
        str | None, Meta(description="new, gone, grown, fallen or steady; empty without a baseline.")
    ]
    q: Annotated[
        float | None, Meta(description="Exact test of the change, with all routes taken into account.")
    ]


class Balance(msgspec.Struct, frozen=True):
    """What a country sends, passes on and gets, in events of the period; null where a route of it is left out."""

    country: Annotated[str, Meta(description="Country.")]
    region: Annotated[str | None, Meta(description="Regional desk.")]
    out: Annotated[int | None, Meta(description="Events with it as the origin.")]
    through: Annotated[int | None, Meta(description="Events with it on the way.")]
    into: Annotated[int | None, Meta(description="Events with it as the destination.")]


class Displacement(msgspec.Struct, frozen=True):
    """One route fell while another between the same place and a neighbouring one rose."""

    fallen: Annotated[str, Meta(description="The route that fell, as origin > destination.")]
    risen: Annotated[str, Meta(description="The route that rose; it shares one end.")]
    lost: Annotated[int, Meta(description="Events fewer, scaled to equal time.")]
    gained: Annotated[int, Meta(description="Events more, scaled to equal time.")]


class Flows(msgspec.Struct, frozen=True):
    """The matrix of routes, the most frequent first, and what it adds up to."""

    flows: Annotated[tuple[RouteFlow, ...], Meta(description="Routes, the most frequent first.")]
    truncated: Annotated[bool, Meta(description="There are more routes.")]
    n: Annotated[int | None, Meta(description="Events in the period.")]
    routed: Annotated[
        int | None, Meta(description="Events in the period that have an origin and a destination.")
    ]
    unit: Annotated[str, Meta(description="Unit of the quantities.")]
    concentration: Annotated[
        float | None, Meta(description="Herfindahl-Hirschman index of the routes: 0 spread, 1 a single one.")
    ]
    balance: Annotated[tuple[Balance, ...], Meta(description="Countries by their part in the routes.")]
    displaced: Annotated[
        tuple[Displacement, ...], Meta(description="Routes that fell while a neighbour rose.")
    ]
    as_of: Annotated[str, Meta(description="When this was true.")]
    least: Annotated[
        int | None, Meta(description="Smallest count that is shown; null where all of them are.")
    ] = None
    remark: Annotated[str | None, Meta(description="What is left out because numbers are small.")] = None


async def flows(
    view: View, asked: Filter | None = None, *, baseline: Window | None = None,
    least_events: int = LEAST_EVENTS, least_sources: int = LEAST_SOURCES, rule: Rule | None = None,
) -> Flows:  # fmt: skip
    """The routes of the visible events that match, compared with a baseline where one is given.

    A route is new, or gone, when the other time has none of it, at least ``least_events`` are there and at least
    ``least_sources`` reporters, a source and country each, saw it. Small numbers are left out by ``rule``, the
    one for readers inside unless another is given. Raises UsageError.
    """
    if least_events < 1 or least_sources < 1:
        raise UsageError("least_events and least_sources are at least 1")
    asked = asked or Filter()
    events = await view.events()
    before = (
        None
        if baseline is None
        else msgspec.structs.replace(asked, since=baseline.since, until=baseline.until)
    )

    given = rule or inside(view)

    def made() -> Flows:
        now = period(select(events, asked), asked, given)
        then = None if before is None else period(select(events, before), before, given)
        return _told(now, then, (least_events, least_sources), view.scope.as_of, given)

    return await asyncio.to_thread(made)


def _told(
    now: Period, then: Period | None, least: tuple[int, int], as_of: str, rule: Rule | None = None
) -> Flows:
    routed = sum(count.events for count in now.routes.values())
    keys = sorted(
        {*now.routes, *(then.routes if then else ())},
        key=lambda key: (now.hides(key), 0 if now.hides(key) else -now.of(key).events, key),
    )
    tested = _tested(now, then, keys) if then else {}
    made = [_flow(key, now, then, routed, least, tested.get(key)) for key in keys] if now.told.names else []
    kept = [flow for flow in made if flow.events != 0 or flow.state == "gone"]
    shares = np.array([count.events for count in now.routes.values()]) / max(1, routed)
    both = [part for part in (now, then) if part is not None]
    shown = next((part.least for part in both if part.least), None)
    cut = any(part.dropped or not part.whole for part in both)
    return Flows(
        tuple(kept[:MOST]), len(kept) > MOST, now.events if now.told.total else None, routed if now.whole else None,
        now.unit, round(float((shares**2).sum()), 6) if now.whole else None, _balance(now),
        _displaced(now, then) if then else (), as_of, shown, rule.remark() if rule is not None and cut else None,
    )  # fmt: skip


def _tested(now: Period, then: Period, keys: list[Key]) -> dict[Key, float]:
    """Of each route with events enough, how likely so unequal counts are, all the routes taken into account; hidden
    ones are not tested, for the others would tell of them."""
    pairs = {
        key: (then.of(key).events, now.of(key).events)
        for key in keys
        if not now.hides(key) and not then.hides(key)
    }
    return _discovered({key: pair for key, pair in pairs.items() if sum(pair) >= LEAST_EVENTS}, now, then)


def _discovered(pairs: Mapping[K, Sequence[int]], now: Period, then: Period) -> dict[K, float]:
    counts = np.array(list(pairs.values()), np.int64).reshape(-1, 2)
    found = discoveries(chances(counts[:, 0], counts[:, 1], (then.days, now.days)))
    return dict(zip(pairs, found.tolist(), strict=True))


def _flow(
    key: Key, now: Period, then: Period | None, routed: int, least: tuple[int, int], q: float | None
) -> RouteFlow:
    here, there = now.of(key), NONE if then is None else then.of(key)
    transit = tuple(part for part in key[1].split(";") if part)
    before = None if then is not None and then.hides(key) else there.events
    if now.hides(key):
        return RouteFlow(key[0], transit, key[2], None, before, None, None, None, None, None)
    state = "" if then is None else None if before is None else _state(here, there, now, then, least, q)
    return RouteFlow(
        key[0], transit, key[2], here.events, before, here.reporters, float(f"{here.quantity:.12g}"),
        round(here.events / max(1, routed), 6) if now.whole else None, state,
        None if q is None else float(f"{q:.6g}"),
    )  # fmt: skip


def _state(
    here: RouteCount, there: RouteCount, now: Period, then: Period, least: tuple[int, int], q: float | None
) -> str:
    if not there.events and here.events >= least[0] and here.reporters >= least[1]:
        return "new"
    if not here.events and there.events >= least[0] and there.reporters >= least[1]:
        return "gone"
    if q is None or q > DISCOVERY:
        return "steady"
    return "grown" if here.events / now.days > there.events / then.days else "fallen"


def _balance(now: Period) -> tuple[Balance, ...]:
    """Sums over routes, of which none is hidden."""
    if not now.told.names:
        return ()
    table: dict[str, list[int | None]] = {}

    def add(country: str, side: int, count: RouteCount) -> None:
        sums = table.setdefault(country, [0, 0, 0])
        known = sums[side]
        sums[side] = None if known is None or count.hidden else known + count.events

    for (origin, transit, destination), count in now.routes.items():
        add(origin, 0, count)
        add(destination, 2, count)
        for passed in {part for part in transit.split(";") if part}:
            add(passed, 1, count)

    def rank(country: str) -> tuple[bool, int, str]:
        known = [part for part in table[country] if part is not None]
        return len(known) < 3, -sum(known) if len(known) == 3 else 0, country

    return tuple(
        Balance(country, desk(country), *table[country]) for country in sorted(table, key=rank)[:MOST]
    )


def _displaced(now: Period, then: Period) -> tuple[Displacement, ...]:
    """Pairs of routes that share one end, of which one fell and the other rose by at least as many as ``LEAST_EVENTS``,
    both beyond chance. Where a part of them is hidden they are left out."""
    scale = now.days / then.days
    pairs: dict[tuple[str, str], list[int]] = {}
    closed = set()
    for key in {**then.routes, **now.routes}:
        ends = key[0], key[2]
        if now.hides(key) or then.hides(key):
            closed.add(ends)
        both = pairs.setdefault(ends, [0, 0])
        both[0], both[1] = both[0] + then.of(key).events, both[1] + now.of(key).events
    pairs = {ends: both for ends, both in pairs.items() if ends not in closed}
    tested = _discovered(pairs, now, then)
    change = {pair: count[1] - count[0] * scale for pair, count in pairs.items() if tested[pair] <= DISCOVERY}
    fallen = [pair for pair, by in change.items() if by <= -LEAST_EVENTS]
    risen = [pair for pair, by in change.items() if by >= LEAST_EVENTS]
    found = [
        Displacement(" > ".join(down), " > ".join(up), round(-change[down]), round(change[up]))
        for down in fallen
        for up in risen
        if down[0] == up[0] or down[1] == up[1]
    ]
    return tuple(sorted(found, key=lambda one: (-min(one.lost, one.gained), one.fallen, one.risen))[:50])
