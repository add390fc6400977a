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
from graphsvc.analysis.packing import combined, compact
from graphsvc.analysis.poisson import chances, discoveries
from graphsvc.analysis.selection import Filter, Selection, select, window
from graphsvc.analysis.units import common
from graphsvc.errors import UsageError
from graphsvc.model.regions import desk
from graphsvc.topology.layout import FAR

Array = npt.NDArray[Any]
K = TypeVar("K")

LEAST_EVENTS, LEAST_SOURCES = 5, 2
MOST = 500
NOWHERE = ("", "unknown", "none", "not specified", "unspecified")


class RouteFlow(msgspec.Struct, frozen=True):
    """One route. ``state`` says how the window differs from the baseline: new, gone, grown, fallen or steady."""

    origin: Annotated[str, Meta(description="Where it came from.")]
    transit: Annotated[tuple[str, ...], Meta(description="Countries on the way, as reported.")]
    destination: Annotated[str, Meta(description="Where it was going.")]
    events: Annotated[int, Meta(description="Events in the period.")]
    baseline: Annotated[int, Meta(description="Events in the baseline.")]
    sources: Annotated[int, Meta(description="Reporters, a source and country each, in the period.")]
    quantity: Annotated[float, Meta(description="Sum of quantities in the unit of the answer.")]
    share: Annotated[float, Meta(description="Share of the events of the period that have a route.")]
    state: Annotated[str, Meta(description="new, gone, grown, fallen or steady; empty without a baseline.")]
    q: Annotated[
        float | None, Meta(description="Exact test of the change, with all routes taken into account.")
    ]


class Balance(msgspec.Struct, frozen=True):
    """What a country sends, passes on and gets, in events of the period."""

    country: Annotated[str, Meta(description="Country.")]
    region: Annotated[str | None, Meta(description="Regional desk.")]
    out: Annotated[int, Meta(description="Events with it as the origin.")]
    through: Annotated[int, Meta(description="Events with it on the way.")]
    into: Annotated[int, Meta(description="Events with it as the destination.")]


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
    n: Annotated[int, Meta(description="Events in the period.")]
    routed: Annotated[int, Meta(description="Events in the period that have an origin and a destination.")]
    unit: Annotated[str, Meta(description="Unit of the quantities.")]
    concentration: Annotated[
        float, Meta(description="Herfindahl-Hirschman index of the routes: 0 spread, 1 a single one.")
    ]
    balance: Annotated[tuple[Balance, ...], Meta(description="Countries by their part in the routes.")]
    displaced: Annotated[
        tuple[Displacement, ...], Meta(description="Routes that fell while a neighbour rose.")
    ]
    as_of: Annotated[str, Meta(description="When this was true.")]


Key = tuple[str, str, str]


class _Count(msgspec.Struct):
    events: int = 0
    quantity: float = 0.0
    reporters: int = 0


class _Period(msgspec.Struct):
    """Routes of one time, counted."""

    routes: dict[Key, _Count]
    events: int
    days: int
    unit: str


async def flows(
    view: View, asked: Filter | None = None, *, baseline: Window | None = None,
    least_events: int = LEAST_EVENTS, least_sources: int = LEAST_SOURCES,
) -> Flows:  # fmt: skip
    """The routes of the visible events that match, compared with a baseline where one is given.

    A route is new, or gone, when the other time has none of it, at least ``least_events`` are there and at least
    ``least_sources`` reporters, a source and country each, saw it. Raises UsageError.
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

    def made() -> Flows:
        now = _period(select(events, asked), asked)
        then = None if before is None else _period(select(events, before), before)
        return _told(now, then, (least_events, least_sources), view.scope.as_of)

    return await asyncio.to_thread(made)


def _within(found: Selection, rows: Array, asked: Filter) -> Array:
    since, until = window(asked)
    inside = (found.take("day", rows) >= since) & (found.take("last", rows) <= until)
    kept: Array = rows[inside | ((since == -FAR) & (until == FAR))]
    return kept


def _period(found: Selection, asked: Filter) -> _Period:
    rows, reports = _within(found, found.rows, asked), _within(found, found.reports, asked)
    day = found.take("day", rows)
    since, until = window(asked)
    dated = day[day < FAR]
    first = since if since > -FAR else int(dated.min()) if len(dated) else 0
    last = until if until < FAR else int(dated.max()) if len(dated) else 0
    quantity, unit = _quantity(found, rows)
    texts = found.events.words.texts
    table: dict[Key, _Count] = {}
    codes, place = _routes(found, rows)
    sums = np.bincount(place, quantity, minlength=len(codes))
    counts = np.bincount(place, minlength=len(codes))
    seen = _reporters(found, reports)
    for at, (origin, transit, destination) in enumerate(codes.tolist()):
        key = texts[origin], texts[transit], texts[destination]
        if all(part.casefold() not in NOWHERE for part in (key[0], key[2])):
            table[key] = _Count(int(counts[at]), float(sums[at]), seen.get((origin, transit, destination), 1))
    return _Period(table, len(rows), last - first + 1, unit)


def _routes(found: Selection, rows: Array) -> tuple[Array, Array]:
    """The routes in use, as codes of origin, transit and destination, and the number of the route of each row."""
    return combined([found.take(name, rows) for name in ("origin", "transit", "destination")])


def _reporters(found: Selection, reports: Array) -> dict[tuple[int, int, int], int]:
    """How many reporters saw each route."""
    codes, place = _routes(found, reports)
    _, who = combined((found.take("source", reports), found.take("country", reports)))
    pairs, _ = combined((place, who))
    number = np.bincount(pairs[:, 0], minlength=len(codes))
    return {
        (origin, transit, destination): int(number[at])
        for at, (origin, transit, destination) in enumerate(codes.tolist())
    }


def _quantity(found: Selection, rows: Array) -> tuple[Array, str]:
    """What each row adds in the unit that most of them have."""
    amounts, codes = found.take("quantity", rows), found.take("unit", rows)
    known = ~np.isnan(amounts)
    if not known.any():
        return np.zeros(len(rows)), ""
    used, place = compact(codes)
    units = [common(found.events.words.texts[code]) for code in used]
    number = np.bincount(place[known], minlength=len(used))
    total: dict[str, int] = {}
    for unit, count in zip(units, number.tolist(), strict=True):
        total[unit.name] = total.get(unit.name, 0) + count
    chosen = min(total, key=lambda name: (-total[name], name))
    factor = np.array([unit.factor if unit.name == chosen else 0.0 for unit in units])
    return np.where(known, amounts, 0.0) * factor[place], chosen


def _told(now: _Period, then: _Period | None, least: tuple[int, int], as_of: str) -> Flows:
    routed = sum(count.events for count in now.routes.values())
    keys = sorted(
        {*now.routes, *(then.routes if then else ())},
        key=lambda key: (-now.routes.get(key, _Count()).events, key),
    )
    tested = _tested(now, then, keys) if then else {}
    made = [_flow(key, now, then, routed, least, tested.get(key)) for key in keys]
    kept = [flow for flow in made if flow.events or flow.state == "gone"]
    shares = np.array([count.events for count in now.routes.values()]) / max(1, routed)
    return Flows(
        tuple(kept[:MOST]), len(kept) > MOST, now.events, routed, now.unit, round(float((shares**2).sum()), 6),
        _balance(now), _displaced(now, then) if then else (), as_of,
    )  # fmt: skip


def _tested(now: _Period, then: _Period, keys: list[Key]) -> dict[Key, float]:
    """Of each route with events enough, how likely so unequal counts are, all the routes taken into account."""
    none = _Count()
    pairs = {key: (then.routes.get(key, none).events, now.routes.get(key, none).events) for key in keys}
    return _discovered({key: pair for key, pair in pairs.items() if sum(pair) >= LEAST_EVENTS}, now, then)


def _discovered(pairs: Mapping[K, Sequence[int]], now: _Period, then: _Period) -> dict[K, float]:
    counts = np.array(list(pairs.values()), np.int64).reshape(-1, 2)
    found = discoveries(chances(counts[:, 0], counts[:, 1], (then.days, now.days)))
    return dict(zip(pairs, found.tolist(), strict=True))


def _flow(
    key: Key, now: _Period, then: _Period | None, routed: int, least: tuple[int, int], q: float | None
) -> RouteFlow:
    here = now.routes.get(key, _Count())
    there = then.routes.get(key, _Count()) if then else _Count()
    state = "" if then is None else _state(here, there, now, then, least, q)
    transit = tuple(part for part in key[1].split(";") if part)
    return RouteFlow(
        key[0], transit, key[2], here.events, there.events, here.reporters, float(f"{here.quantity:.12g}"),
        round(here.events / max(1, routed), 6), state, None if q is None else float(f"{q:.6g}"),
    )  # fmt: skip


def _state(
    here: _Count, there: _Count, now: _Period, then: _Period, least: tuple[int, int], q: float | None
) -> str:
    if not there.events and here.events >= least[0] and here.reporters >= least[1]:
        return "new"
    if not here.events and there.events >= least[0] and there.reporters >= least[1]:
        return "gone"
    if q is None or q > DISCOVERY:
        return "steady"
    return "grown" if here.events / now.days > there.events / then.days else "fallen"


def _balance(now: _Period) -> tuple[Balance, ...]:
    table: dict[str, list[int]] = {}
    for (origin, transit, destination), count in now.routes.items():
        table.setdefault(origin, [0, 0, 0])[0] += count.events
        table.setdefault(destination, [0, 0, 0])[2] += count.events
        for passed in {part for part in transit.split(";") if part}:
            table.setdefault(passed, [0, 0, 0])[1] += count.events
    ranked = sorted(table, key=lambda country: (-sum(table[country]), country))
    return tuple(Balance(country, desk(country), *table[country]) for country in ranked[:MOST])


def _displaced(now: _Period, then: _Period) -> tuple[Displacement, ...]:
    """Pairs of routes that share one end, of which one fell and the other rose by at least as many as ``LEAST_EVENTS``,
    both beyond chance."""
    scale = now.days / then.days
    pairs: dict[tuple[str, str], list[int]] = {}
    for period, side in ((then, 0), (now, 1)):
        for (origin, _, destination), count in period.routes.items():
            pairs.setdefault((origin, destination), [0, 0])[side] += count.events
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
