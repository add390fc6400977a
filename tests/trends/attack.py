"""An attack on answers that leave small numbers out: all that is said is put down as equations over what there may be.

Events are counted by what the answers tell them apart by (``Cell``). A hidden count is found out when linear
programming says that it can't be 1, or can't be as large as the largest count that is left out.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

from graphsvc.analysis.compare import Comparison
from graphsvc.analysis.flows import Flows
from graphsvc.analysis.selection import Selection
from graphsvc.analysis.small import Rule
from graphsvc.analysis.trends import Trend
from graphsvc.model.handling import Handling, make
from graphsvc.topology.events import EventColumns, Words, in_order, rows_of
from graphsvc.topology.events_scope import Events

MONTHS = ("2022-03", "2022-08", "2022-11", "2023-02", "2023-05", "2023-09")
ROUGH = ("2022", "2023")
COUNTRIES = ("ES", "FR", "MA")
GOODS = ("cash", "pills")
ENDS = (("", ""), ("MA", "ES"), ("MA", "FR"))
UNITS = {"cash": "kg", "pills": "tablet"}


class Cell(NamedTuple):
    """Events that no answer tells apart."""

    time: str
    country: str
    good: str
    ends: tuple[str, str]


CELLS = tuple(Cell(*parts) for parts in product((*MONTHS, *ROUGH), COUNTRIES, GOODS, ENDS))
Whose = Callable[..., bool]


def anywhere(cell: Cell) -> bool:
    """Somebody who knows nothing of how countries and routes hang together."""
    return True


def at_its_end(cell: Cell) -> bool:
    """Whether it happened where its route ends, as trafficking mostly does."""
    return not cell.ends[1] or cell.ends[1] == cell.country


def one_for_one(cell: Cell) -> bool:
    """The tightest tie: each country has one route, or none."""
    return cell.ends[1] == ("" if cell.country == "MA" else cell.country)


KNOWN = (anywhere, at_its_end, one_for_one)
"""What somebody may know of how countries and routes hang together: which cells there can be."""


def handling(number: int) -> Handling:
    """1 is of minors, all others are ordinary."""
    return make("ES", class_="minor" if number else "ordinary")


INSIDE, RELEASE = Rule(5, handling), Rule(11)


def events(cells: Iterable[Cell], area: str = "HUMAN_TRAFFICKING", number: int = 0) -> Events:
    """One event for each cell given, on the fifth of its month or some time in its year."""
    records = [
        {
            "id": f"{cell.country}:{at}", "source": f"{cell.country.lower()}-file", "handling": number,
            "country": cell.country, "time": f"{cell.time}-05" if len(cell.time) > 4 else cell.time,
            "commodity": cell.good, "quantity": 1.0, "unit": UNITS[cell.good], "origin": cell.ends[0],
            "destination": cell.ends[1], "areas": [area],
        }
        for at, cell in enumerate(cells)
    ]  # fmt: skip
    words = Words()
    columns = EventColumns.of(in_order(rows_of(records, words)), words, {}, 0, "")
    return Events(columns, np.ones(2, bool), 0)


class Attack:
    """What somebody knows who has read the answers."""

    def __init__(self, least: int, possible: Whose = lambda cell: True) -> None:
        self.least = least
        self.most = [10_000 * possible(cell) for cell in CELLS]
        self.equal: list[np.ndarray] = []
        self.values: list[float] = []
        self.at_least_one: list[np.ndarray] = []
        self.hidden: dict[str, np.ndarray] = {}

    def told(self, name: str, value: float | None, whose: Whose) -> None:
        """A count that was shown or left out."""
        mask = np.array([float(whose(cell)) for cell in CELLS])
        if value is None:
            self.hidden[name] = mask
        else:
            self.equal.append(mask)
            self.values.append(value)

    def listed(self, whose: Whose) -> None:
        """A name that would not be listed if there were none."""
        self.at_least_one.append(np.array([float(whose(cell)) for cell in CELLS]))

    def found_out(self, true: Counter[Cell]) -> list[str]:
        """Hidden small counts of which more is known than that they are from 1 to the largest one left out. Of a sum it
        may be known that it is at least as many as the names listed in it."""
        real = np.array([true[cell] for cell in CELLS])
        wrong = []
        for name, mask in self.hidden.items():
            if 0 < mask @ real < self.least:
                low, high = self._bound(mask), -self._bound(-mask)
                parts = sum((mask >= name).all() for name in self.at_least_one)
                if low > max(1, parts) + 1e-6 or high < self.least - 1 - 1e-6:
                    wrong.append(f"{name} is {mask @ real:.0f}: from {low:.0f} to {high:.0f}")
        return wrong

    def _bound(self, mask: np.ndarray) -> float:
        given = {}
        if self.equal:
            given = {"A_eq": np.array(self.equal), "b_eq": self.values}
        if self.at_least_one:
            given |= {"A_ub": -np.array(self.at_least_one), "b_ub": -np.ones(len(self.at_least_one))}
        found = linprog(mask, bounds=[(0, most) for most in self.most], **given)
        assert found.status == 0, found.message
        return float(found.fun)


def dated(cell: Cell) -> bool:
    return cell.time in MONTHS


def read_trend(attack: Attack, found: Trend) -> None:
    """All that a trend by month says."""
    steady = {one.country for one in found.reporters if not one.change} or {*COUNTRIES}
    for point in found.points:
        attack.told(f"count of {point.interval}", point.count, _in(point.interval))
        if point.steady is not None:
            attack.told(
                "steady", point.steady, lambda c, p=point: c.time == p.interval and c.country in steady
            )
    attack.told("n", found.n, dated)
    attack.told("undated", found.undated, lambda c: not dated(c))
    attack.told("reports", found.reports, lambda c: True)
    for one in found.reporters:
        attack.told(
            f"reports of {one.country}", one.reports, lambda c, o=one: dated(c) and c.country == o.country
        )
        attack.listed(lambda c, o=one: dated(c) and c.country == o.country)
    for quantity in found.quantities:
        of = next(good for good, unit in UNITS.items() if unit == quantity.unit)
        for value in (quantity.events, quantity.total):
            attack.told(f"events in {quantity.unit}", value, lambda c, g=of: dated(c) and c.good == g)
    for point in found.points if found.measure == "quantity" else ():
        of = next(good for good, unit in UNITS.items() if unit == found.unit)
        if point.quantity is not None:
            attack.told(
                "quantity", point.quantity, lambda c, p=point, g=of: c.time == p.interval and c.good == g
            )


def _in(time: str) -> Whose:
    return lambda cell: cell.time == time


def read_comparison(attack: Attack, found: Comparison, years: tuple[str, str]) -> None:
    """All that a comparison of two years says, like for like."""
    silent = {text.split(":")[0].split()[1] for text in found.left_out}
    steady = {*COUNTRIES} - silent or {*COUNTRIES}

    def of(cell: Cell, name: str, year: str) -> bool:
        ends = dict(zip(("origin", "destination"), cell.ends, strict=True))
        value = {"commodity": cell.good, "country": cell.country, **ends}[found.by]
        return dated(cell) and cell.time[:4] == year and cell.country in steady and value == name

    for one in found.series:
        attack.listed(lambda c, n=one.name: any(of(c, n, year) for year in years))
        for year, value in zip(years, (one.before, one.after), strict=True):
            attack.told(f"{found.by} {one.name} in {year}", value, lambda c, n=one.name, y=year: of(c, n, y))


def rough_and_few(true: Counter[Cell], least: int) -> set[str]:
    """Years of which flows leave rough dates out: the reader is taken to know."""
    return {
        year for year in ROUGH if sum(n for cell, n in true.items() if cell.time == year) in range(1, least)
    }


def read_flows(attack: Attack, found: Flows, years: tuple[str, str], few: set[str]) -> None:
    """All that flows in a year say, compared with another; of years in ``few`` without rough dates."""
    before, now = years

    def of(cell: Cell, year: str) -> bool:
        return cell.time[:4] == year and not (year in few and cell.time == year)

    def routed(cell: Cell, year: str) -> bool:
        return of(cell, year) and bool(cell.ends[0])

    attack.told("events of flows", found.n, lambda c: of(c, now))
    attack.told("events with a route", found.routed, lambda c: routed(c, now))
    for flow in found.flows:
        ends = flow.origin, flow.destination
        for year, value in ((before, flow.baseline), (now, flow.events)):
            attack.told(f"{ends} in {year}", value, lambda c, e=ends, y=year: of(c, y) and c.ends == e)
        if flow.state != "gone":
            attack.listed(lambda c, e=ends: of(c, now) and c.ends == e)
    for one in found.balance:
        for side, value in enumerate((one.out, one.into)):
            attack.told(
                f"{one.country} side {side}",
                value,
                lambda c, o=one, s=side: routed(c, now) and c.ends[s] == o.country,
            )


def everything(found: Selection) -> Counter[Cell]:
    """The events of a selection by cell."""
    texts = found.events.words.texts
    names = {
        name: [texts[code] for code in found.take(name)]
        for name in ("country", "commodity", "origin", "destination")
    }
    times = [
        next(month for month in MONTHS if day == np.datetime64(f"{month}-05"))
        if precision == 3
        else str(day.astype("datetime64[Y]"))
        for day, precision in zip(
            found.take("day").astype("datetime64[D]"), found.take("precision"), strict=True
        )
    ]
    return Counter(
        Cell(
            time,
            names["country"][at],
            names["commodity"][at],
            (names["origin"][at], names["destination"][at]),
        )
        for at, time in enumerate(times)
    )
