"""Who reports, and since when: a change of reporters is no change of crime.

A reporter is a source and the country that its events are in. One joined late, left early or fell silent for a year or
more when so long a silence has a chance of less than one in a thousand at its own rate.
"""

from collections.abc import Sequence
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
    latest = np.full(len(known), -FAR, recorded.dtype)  # of its own type, or numpy takes twenty times as long
    np.maximum.at(latest, of, np.where(recorded < FAR, recorded, -FAR))
    told = _told(found.events.words.texts, known, _Times.of(of, day - first, len(known), span), first, latest)
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


class _Times(msgspec.Struct, frozen=True, eq=False):
    """Of each reporter its reports, the first and last day with one, counted from the first of all, and the longest
    time from one such day to the next. ``span`` is the whole time in days."""

    reports: Array
    first: Array
    last: Array
    widest: Array
    span: int

    @classmethod
    def of(cls, reporter: Array, day: Array, number: int, span: int) -> "_Times":
        """From the reporter, below ``number``, and the day of each report."""
        key = reporter * span + day
        if number * span <= ROOM:
            used = np.zeros(number * span, bool)
            used[key] = True
            keys = np.flatnonzero(used)
        else:
            keys = np.unique(key)
        begins = np.searchsorted(keys, np.arange(number) * span)
        steps = np.diff(keys, prepend=keys[0])
        steps[begins] = 0
        first, last = keys[begins] % span, keys[np.append(begins[1:], len(keys)) - 1] % span
        reports = np.bincount(reporter, minlength=number)
        return cls(reports, first, last, np.maximum.reduceat(steps, begins), span)

    def changes(self) -> list[str]:
        """Of each whether it joined, left or fell silent, when its silence is longer than its rate lets one expect."""
        least = SHARE * (self.span - 1)
        rate = (self.reports - 1) / np.maximum(1, self.last - self.first)

        def telling(silence: Array, shortest: float) -> Array:
            told: Array = (silence > shortest) & (silence * rate > SILENCE)
            return told

        kinds = (
            telling(self.first, least),
            telling(self.span - 1 - self.last, least),
            telling(self.widest, max(least, 365)),
        )
        names: list[str] = np.select(kinds, ("joined", "left", "silent in between"), "").tolist()
        return names


def _told(texts: Sequence[str], known: Array, times: _Times, first: int, latest: Array) -> list[Reporter]:
    rows = zip(
        known.tolist(), times.reports.tolist(), (times.first + first).tolist(), (times.last + first).tolist(),
        latest.tolist(), times.changes(), strict=True,
    )  # fmt: skip
    return [
        Reporter(
            texts[source],
            texts[country],
            reports,
            days.iso(begin),
            days.iso(end),
            None if recorded == -FAR else days.iso(recorded),
            change,
        )
        for (source, country), reports, begin, end, recorded, change in rows
    ]
