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
    before: Annotated[int, Meta(description="Events in the first window.")]
    after: Annotated[int, Meta(description="Events in the second window.")]
    ratio: Annotated[
        float | None, Meta(description="Rate in the second over rate in the first; null when there was none.")
    ]
    low: Annotated[float, Meta(description="Lower bound of the ratio, 95% exact.")]
    high: Annotated[float | None, Meta(description="Upper bound of the ratio; null when it has none.")]
    p: Annotated[
        float, Meta(description="Chance of so unequal counts if the rates were equal, two-sided, exact.")
    ]
    q: Annotated[
        float, Meta(description="The same with all the series taken into account (Benjamini and Hochberg).")
    ]
    significant: Annotated[bool, Meta(description="Whether q is at most 0.05.")]


class Comparison(msgspec.Struct, frozen=True):
    """All series, the surest change first."""

    by: Annotated[str, Meta(description="What events were grouped by.")]
    series: Annotated[tuple[Compared, ...], Meta(description="The series, the surest change first.")]
    truncated: Annotated[bool, Meta(description="There are more series.")]
    left_out: Annotated[
        tuple[str, ...], Meta(description="Reporters left out because they joined, left or fell silent.")
    ]
    as_of: Annotated[str, Meta(description="When this was true.")]


async def compare(
    view: View, asked: Filter | None = None, *, by: str = "commodity", before: Window, after: Window,
    like_for_like: bool = True,
) -> Comparison:  # fmt: skip
    """What grew or fell between two windows, by the steady reporters unless told otherwise. Raises UsageError."""
    if by not in BY:
        raise UsageError(f"{by!r} is nothing to compare by: use one of {', '.join(BY)}")
    asked = asked or Filter()
    spans = [_span(part) for part in (before, after)]
    events = await view.events()
    whole = msgspec.structs.replace(
        asked, since=min(before.since, after.since), until=max(before.until, after.until)
    )
    return await asyncio.to_thread(
        lambda: _compared(select(events, whole), by, spans, like_for_like, view.scope.as_of)
    )


def _span(part: Window) -> tuple[int, int]:
    first, last = window(Filter(since=part.since, until=part.until))
    if first == -FAR or last == FAR:
        raise UsageError("a window has a first and a last day: give both")
    return first, last


def _compared(
    found: Selection, by: str, spans: list[tuple[int, int]], like_for_like: bool, as_of: str
) -> Comparison:
    dated = found.reports[found.take("precision", found.reports) == 3]
    who = reporting(found, dated)
    rows = once(found.events, dated[who.steady] if like_for_like else dated)
    day, (names, place) = found.take("day", rows), grouped(found, rows, by)
    inside = [(day >= first) & (day <= last) for first, last in spans]
    if by == "area":
        counts = [_areas(found, rows[chosen]) for chosen in inside]
    else:
        counts = [np.bincount(place[chosen], minlength=len(names)) for chosen in inside]
    some = np.flatnonzero(counts[0] + counts[1])
    lengths = (spans[0][1] - spans[0][0] + 1, spans[1][1] - spans[1][0] + 1)
    made = compared([names[at] for at in some], counts[0][some], counts[1][some], lengths)
    left_out = tuple(f"{one.source} {one.country}: {one.change}" for one in who.reporters if one.change)
    return Comparison(by, tuple(made[:MOST]), len(made) > MOST, left_out if like_for_like else (), as_of)


def grouped(found: Selection, rows: Array, by: str) -> tuple[list[str], Array]:
    """Names of the groups, and the group of each row. An event may have several areas; these are not put in groups."""
    if by == "area":
        from graphsvc.model.vocabulary import AREAS

        return list(AREAS), np.zeros(len(rows), np.int64)
    codes, place = np.unique(found.take(by, rows), return_inverse=True)
    return [found.events.words.texts[code] for code in codes], place


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
    return sorted(made, key=lambda one: (one.p, one.name))
