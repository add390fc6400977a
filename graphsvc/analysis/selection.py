"""Which events a question is about, each counted once however many countries report it."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.errors import UsageError
from graphsvc.model.dates import date_prefix
from graphsvc.model.days import first_day, last_day
from graphsvc.model.regions import DESKS
from graphsvc.model.vocabulary import AREAS
from graphsvc.topology.events_scope import Events, Part
from graphsvc.topology.layout import FAR

Array = npt.NDArray[Any]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What events are asked for; what is None is not asked about. Texts match whole, capitals aside.

    ``region`` is a desk (``EUROPE``); ``since`` and ``until`` are ISO 8601 prefixes, both inclusive.
    ``via`` is a country of transit. ``sources`` keeps to reports of these sources.
    """

    type: str | None = None
    area: str | None = None
    modus: str | None = None
    commodity: str | None = None
    country: str | None = None
    region: str | None = None
    place: str | None = None
    route: str | None = None
    origin: str | None = None
    via: str | None = None
    destination: str | None = None
    sources: tuple[str, ...] | None = None
    since: str | None = None
    until: str | None = None


PLAIN = ("type", "modus", "commodity", "country", "place", "route", "origin", "destination")


class Selection(msgspec.Struct, frozen=True, eq=False):
    """Rows of visible events: ``reports`` are all that match, ``rows`` one for each real event. Those whose time is
    not known at all, or only so roughly that it may lie outside the time asked about, are among them."""

    events: Events
    reports: Array
    rows: Array

    def take(self, column: str, rows: Array | None = None) -> Array:
        """A column of the rows chosen, those of real events unless others are given."""
        return self.events.take(column, self.rows if rows is None else rows)


def window(asked: Filter) -> tuple[int, int]:
    """First and last day of the time asked about. Raises UsageError."""
    try:
        since = -FAR if asked.since is None else first_day(date_prefix(asked.since))
        until = FAR if asked.until is None else last_day(date_prefix(asked.until))
    except ValueError as error:
        raise UsageError(str(error)) from None
    if since > until:
        raise UsageError(f"the time ends before it begins: {asked.since} is after {asked.until}")
    return since, until


def _wanted(asked: Filter, events: Events) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Columns with the codes that match."""
    for column in PLAIN:
        text = getattr(asked, column)
        if text is not None:
            yield column, events.codes(column, (text,))
    if asked.region is not None:
        if asked.region not in DESKS:
            raise UsageError(f"{asked.region!r} is no region: ask for one of {', '.join(DESKS)}")
        yield "country", events.codes("country", DESKS[asked.region])
    if asked.sources is not None:
        yield "source", events.codes("source", asked.sources)
    if asked.via is not None:
        yield "transit", _passing(asked.via, events)


def _passing(country: str, events: Events) -> tuple[int, ...]:
    whole = np.unique(np.concatenate([np.unique(part.rows["transit"]) for part in events.parts]))
    return tuple(int(code) for code in whole if country in events.words.texts[code].split(";"))


def _matching(part: Part, asked: Filter, events: Events, days: tuple[int, int]) -> Array:
    found = part.seen
    for column, codes in _wanted(asked, events):
        found = found & _any_of(part.rows[column], codes)
    if asked.area is not None:
        if asked.area not in AREAS:
            raise UsageError(f"{asked.area!r} is no crime area: ask for one of {', '.join(AREAS)}")
        found = found & ((part.rows["areas"] & events.areas((asked.area,))) != 0)
    since, until = days
    if since > -FAR:
        found = found & (part.rows["last"] >= since)
    if until < FAR:
        found = found & ((part.rows["day"] <= until) | (part.rows["day"] == FAR))
    return found


def _any_of(column: Array, codes: tuple[int, ...]) -> Array:
    if len(codes) <= 3:
        found = np.zeros(len(column), bool)
        for code in codes:
            found |= column == code
        return found
    return np.isin(column, codes)


def select(events: Events, asked: Filter) -> Selection:
    """The visible events that match. Raises UsageError for a value that no event can have."""
    days = window(asked)
    chosen = [np.flatnonzero(_matching(part, asked, events, days)) + part.start for part in events.parts]
    reports = np.concatenate(chosen)
    return Selection(events, reports, once(events, reports))


def once(events: Events, reports: Array) -> Array:
    """One report for each event: the one with the most precise time, then the earliest recorded."""
    tied, group = events.clusters
    place = np.searchsorted(tied, reports)
    place[place == len(tied)] = 0
    if not len(tied):
        return reports
    several = tied[place] == reports
    rows, groups = reports[several], group[place[several]]
    order = np.lexsort(
        (events.take("name", rows), events.take("recorded", rows), -events.take("precision", rows), groups)
    )
    first = np.ones(len(order), bool)
    first[1:] = groups[order][1:] != groups[order][:-1]
    kept = np.concatenate((reports[~several], rows[order][first]))
    kept.sort()
    return kept
