"""Who reports, and since when: a change of reporters is no change of crime.

A reporter is a source and the country that its events are in. One joined late, left early or fell silent for a year or
more when so long a silence has a chance of less than one in a thousand at its own rate.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.analysis.packing import ROOM, combined
from graphsvc.analysis.selection import Selection
from graphsvc.model import days
from graphsvc.model.sentences import listed
from graphsvc.topology.layout import FAR

Array = npt.NDArray[Any]

SILENCE = 6.9
"""Reports that should have come in a silence to make it telling: exp(-6.9) is one in a thousand."""
SHARE = 0.1
"""Least share of the whole time that a telling silence takes."""


class Reporter(msgspec.Struct, frozen=True):
    """One source and country. ``change`` is empty for those that report over the whole time."""

    source: Annotated[str, Meta(description="Name of the source.")]
    country: Annotated[str, Meta(description="Country of the events; empty where none is given.")]
    reports: Annotated[
        int | None, Meta(description="Its reports among those asked for; null where they are left out.")
    ]
    first: Annotated[str | None, Meta(description="Day of its first event.")]
    last: Annotated[str | None, Meta(description="Day of its last event.")]
    latest_record: Annotated[str | None, Meta(description="Day on which it recorded the latest of them.")]
    change: Annotated[
        str, Meta(description="joined, left or silent in between; empty when it reports throughout.")
    ]


class Reporting(msgspec.Struct, frozen=True, eq=False):
    """All reporters, those with most reports first, and which of the reports come from steady ones."""

    reporters: tuple[Reporter, ...]
    steady: Array


def reporting(found: Selection, reports: Array) -> Reporting:
    """Reporters of dated reports, over the time from the first to the last of these."""
    if not len(reports):
        return Reporting((), np.zeros(0, bool))
    day = found.take("day", reports)
    first = int(day.min())
    span = int(day.max()) - first + 1
    known, of = combined((found.take("source", reports), found.take("country", reports)))
    recorded = found.take("recorded", reports)
    latest = np.full(len(known), -FAR, np.int64)
    np.maximum.at(latest, of[recorded < FAR], recorded[recorded < FAR])
    texts = found.events.words.texts
    told = [
        _reporter(texts[source], texts[country], days_of, counts, first, span, int(latest[at]))
        for at, ((source, country), (days_of, counts)) in enumerate(
            zip(known.tolist(), _days(of, day - first, len(known), span), strict=True)
        )
    ]
    steady = np.array([not one.change for one in told])[of]
    told.sort(key=lambda one: (-(one.reports or 0), one.source, one.country))
    return Reporting(tuple(told), steady if steady.any() else np.ones(len(reports), bool))


def uneven(reporters: Sequence[Reporter]) -> tuple[str, ...]:
    """What to know where not all report over the whole time; nothing where all do."""
    changed = [one for one in reporters if one.change]
    if not changed:
        return ()
    names = listed([f"{one.source} {one.country} ({one.change})" for one in changed], 10)
    return (f"Not all report over the whole time: {names}. Changes are told from the others alone.",)


def _days(of: Array, day: Array, number: int, span: int) -> Iterator[tuple[Array, Array]]:
    """For each reporter its days with reports, from the first of all, and how many on each."""
    if number * span <= ROOM:
        for counts in np.bincount(of * span + day, minlength=number * span).reshape(number, span):
            used = np.flatnonzero(counts)
            yield used, counts[used]
        return
    order = np.argsort(of, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(of, minlength=number))[:-1]):
        yield np.unique(day[rows], return_counts=True)


def _reporter(
    source: str, country: str, day: Array, counts: Array, first: int, span: int, latest: int
) -> Reporter:
    recorded = None if latest == -FAR else days.iso(latest)
    reports = int(counts.sum())
    change = _change(day, reports, span)
    return Reporter(
        source,
        country,
        reports,
        days.iso(first + int(day[0])),
        days.iso(first + int(day[-1])),
        recorded,
        change,
    )


def _change(day: Array, reports: int, span: int) -> str:
    first, last = int(day[0]), int(day[-1])
    least = SHARE * (span - 1)
    rate = (reports - 1) / max(1, last - first)

    def telling(silence: int, shortest: float) -> bool:
        return silence > shortest and silence * rate > SILENCE

    if telling(first, least):
        return "joined"
    if telling(span - 1 - last, least):
        return "left"
    widest = int(np.diff(day).max(initial=0))
    return "silent in between" if telling(widest, max(least, 365)) else ""
