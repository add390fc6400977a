"""Two windows of time compared, over many series at once."""

import asyncio
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.poisson import bounds, chances, discoveries
from graphsvc.analysis.reporting import reporting
from graphsvc.analysis.selection import Filter, Selection, once, select, window
from graphsvc.analysis.small import Rule, inside, protect
from graphsvc.errors import UsageError
from graphsvc.topology.layout import FAR

Array = npt.NDArray[Any]

BY = ("type", "area", "commodity", "modus", "country", "place", "route", "origin", "destination", "source")
DISCOVERY = 0.05
MOST = 200


class Window(msgspec.Struct, frozen=True):
    """A time: ISO 8601 prefixes, both inclusive."""

    since: str
    until: str


class Compared(msgspec.Struct, frozen=True):
    """One series in two windows. ``ratio`` compares events a day; None where the first window has none."""

    name: Annotated[str, Meta(description="The value by which events were grouped.")]
    before: Annotated[
        int | None, Meta(description="Events in the first window; null where they are left out.")
    ]
    after: Annotated[
        int | None, Meta(description="Events in the second window; null where they are left out.")
    ]
    ratio: Annotated[
        float | None, Meta(description="Rate in the second over rate in the first; null when there was none.")
    ]
    low: Annotated[float | None, Meta(description="Lower bound of the ratio, 95% exact.")]
    high: Annotated[float | None, Meta(description="Upper bound of the ratio; null when it has none.")]
    p: Annotated[
        float | None,
        Meta(description="Chance of so unequal counts if the rates were equal, two-sided, exact."),
    ]
    q: Annotated[
        float | None,
        Meta(description="The same with all the series taken into account (Benjamini and Hochberg)."),
    ]
    significant: Annotated[bool | None, Meta(description="Whether q is at most 0.05.")]


class Comparison(msgspec.Struct, frozen=True):
    """All series, the surest change first. Those with a count left out come last, by name, and are not tested."""

    by: Annotated[str, Meta(description="What events were grouped by.")]
    series: Annotated[tuple[Compared, ...], Meta(description="The series, the surest change first.")]
    truncated: Annotated[bool, Meta(description="There are more series.")]
    left_out: Annotated[
        tuple[str, ...], Meta(description="Reporters left out because they joined, left or fell silent.")
    ]
    as_of: Annotated[str, Meta(description="When this was true.")]
    least: Annotated[
        int | None, Meta(description="Smallest count that is shown; null where all of them are.")
    ] = None
    remark: Annotated[str | None, Meta(description="What is left out because numbers are small.")] = None


async def compare(
    view: View, asked: Filter | None = None, *, by: str = "commodity", before: Window, after: Window,
    like_for_like: bool = True, rule: Rule | None = None,
) -> Comparison:  # fmt: skip
    """What grew or fell between two windows, by the steady reporters unless told otherwise. Raises UsageError.

    Small numbers are left out by ``rule``, the one for readers inside unless another is given.
    """
    if by not in BY:
        raise UsageError(f"{by!r} is nothing to compare by: use one of {', '.join(BY)}")
    asked = asked or Filter()
    spans = [_span(part) for part in (before, after)]
    events = await view.events()
    whole = msgspec.structs.replace(
        asked, since=min(before.since, after.since), until=max(before.until, after.until)
    )
    given = rule or inside(view)
    return await asyncio.to_thread(
        lambda: _compared(select(events, whole), by, spans, like_for_like, view.scope.as_of, given)
    )


def _span(part: Window) -> tuple[int, int]:
    first, last = window(Filter(since=part.since, until=part.until))
    if first == -FAR or last == FAR:
        raise UsageError("a window has a first and a last day: give both")
    return first, last


def _compared(
    found: Selection, by: str, spans: list[tuple[int, int]], like_for_like: bool, as_of: str, rule: Rule
) -> Comparison:
    dated = found.reports[found.take("precision", found.reports) == 3]
    who = reporting(found, dated)
    rows = once(found.events, dated[who.steady] if like_for_like else dated)
    day, (names, place) = found.take("day", rows), grouped(found, rows, by)
    inside = [(day >= first) & (day <= last) for first, last in spans]
    counts = np.stack([_counted(found, rows, place, chosen, by, len(names)) for chosen in inside], 1)
    some = np.flatnonzero(counts.sum(axis=1))
    named, counts = [names[at] for at in some], counts[some]
    hidden, least = np.zeros(counts.shape, bool), None
    marked = rule.marked(found)
    if marked is not None:
        least = rule.least
        touched = [
            _counted(found, rows, place, chosen & marked[rows], by, len(names)) > 0 for chosen in inside
        ]
        hidden = rule.small(counts) & np.stack(touched, 1)[some]
        _protect(found, counts, hidden, spans, marked, rule)
    lengths = (spans[0][1] - spans[0][0] + 1, spans[1][1] - spans[1][0] + 1)
    made = _made(named, counts, hidden, lengths)
    changed = who.reporters if like_for_like and not who.steady.all() else ()
    left_out = tuple(f"{one.source} {one.country}: {one.change}" for one in changed if one.change)
    remark = rule.remark() if hidden.any() else None
    return Comparison(by, tuple(made[:MOST]), len(made) > MOST, left_out, as_of, least, remark)


def _counted(found: Selection, rows: Array, place: Array, chosen: Array, by: str, number: int) -> Array:
    if by == "area":
        return _areas(found, rows[chosen])
    return np.bincount(place[chosen], minlength=number)


def _protect(
    found: Selection, counts: Array, hidden: Array, spans: list[tuple[int, int]], marked: Array, rule: Rule
) -> None:
    """Hide more, so that nothing follows from all events of a window, nor from these how few come from reporters that
    are left out."""
    day, precise = found.take("day"), found.take("precision") == 3
    names = []
    for side, (first, until) in enumerate(spans):
        rows = found.rows[precise & (day >= first) & (day <= until)]
        cells, mask = counts[:, side], hidden[:, side]
        few = rule.small(np.array([len(rows) - int(cells.sum())])).any() and marked[rows].any()
        if few and cells.any():
            mask[np.where(cells > 0, cells, cells.max() + 1).argmin()] = True
        names.append(protect(cells, mask, rule.least).names)
    for side, listed in enumerate(names):
        if not listed:  # a series that is listed with none in one window has some in the other
            hidden[counts[:, 1 - side] == 0, 1 - side] = True


def _made(names: list[str], counts: Array, hidden: Array, lengths: tuple[int, int]) -> list[Compared]:
    closed = hidden.any(axis=1)
    open_ = np.flatnonzero(~closed)
    made = compared([names[at] for at in open_], counts[open_, 0], counts[open_, 1], lengths)
    rest = []
    for at in np.flatnonzero(closed).tolist():
        before, after = (None if hidden[at, side] else int(counts[at, side]) for side in (0, 1))
        rest.append(Compared(names[at], before, after, None, None, None, None, None, None))
    return made + sorted(rest, key=lambda one: one.name)


def grouped(found: Selection, rows: Array, by: str) -> tuple[list[str], Array]:
    """Names of the groups in their own order, and the group of each row. An event may have several areas; these are not
    put in groups."""
    if by == "area":
        from graphsvc.model.vocabulary import AREAS

        return list(AREAS), np.zeros(len(rows), np.int64)
    codes, place = np.unique(found.take(by, rows), return_inverse=True)
    names = [found.events.words.texts[code] for code in codes]
    order = sorted(
        range(len(names)), key=names.__getitem__
    )  # codes tell in which order values were first met
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return [names[at] for at in order], rank[place]


def _areas(found: Selection, rows: Array) -> Array:
    from graphsvc.model.vocabulary import AREAS

    areas = found.take("areas", rows)
    return np.array([int(((areas >> bit) & 1).sum()) for bit in range(len(AREAS))])


def compared(names: list[str], before: Array, after: Array, lengths: tuple[int, int]) -> list[Compared]:
    """The series with their exact tests, by ascending ``p``, then by name; ``lengths`` of the windows in days."""
    p = chances(before, after, lengths)
    q = discoveries(p)
    low, high = bounds(before, after, lengths)
    scale = lengths[0] / lengths[1]
    rows = zip(
        names,
        before.tolist(),
        after.tolist(),
        low.tolist(),
        high.tolist(),
        p.tolist(),
        q.tolist(),
        strict=True,
    )
    made = [
        Compared(
            name, first, second, second / first * scale if first else None, least, None if most == np.inf else most,
            chance, taken, taken <= DISCOVERY,
        )
        for name, first, second, least, most, chance, taken in rows
    ]  # fmt: skip
    return sorted(made, key=lambda one: (one.p or 0.0, one.name))
