"""A report before it is written: sections of sentences, charts and tables, with all that stands on each page."""

from typing import Any

import msgspec

ROOM = 90
"""Letters of the conditions of use that fit on one line of a page's foot."""

SHOWN = 25
"""Rows of a table that tells of the most frequent."""
HIDDEN = "hidden"
"""What stands where a number is left out because it is small, or would tell one that is."""


class Table(msgspec.Struct, frozen=True):
    """A table. ``numbers`` are the columns that are set to the right; cells are texts as they are shown."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    note: str = ""


class Chart(msgspec.Struct, frozen=True):
    """A Vega-Lite chart, and in words what it shows, for those who do not see it."""

    title: str
    spec: dict[str, Any]
    words: str


class Section(msgspec.Struct, frozen=True):
    """A heading and what stands under it, in this order: sentences, charts, tables."""

    title: str
    sentences: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


class Document(msgspec.Struct, frozen=True):
    """A whole report. ``banner`` stands on each page; ``command`` makes it again."""

    title: str
    subtitle: str
    banner: str
    recipients: tuple[str, ...]
    as_of: str
    command: str
    sections: tuple[Section, ...]
    conditions: tuple[str, ...] = ()


def footing(document: Document) -> str:
    """What stands at the foot of each page: for when it holds, and the conditions of use as far as there is room."""
    conditions = "; ".join(document.conditions)
    short = (
        conditions if len(conditions) <= ROOM else f"{conditions[:ROOM].rstrip()}… (all on the first page)"
    )
    return f"Data as of {document.as_of[:16].replace('T', ' ')}. " + (
        f"Conditions: {short}. " if short else ""
    )


def isolated(name: str) -> str:
    """A name for the middle of a sentence; one read from the right does not turn round what stands beside it."""
    from unicodedata import bidirectional

    return f"\u2068{name}\u2069" if any(bidirectional(sign) in ("R", "AL") for sign in name) else name


def figure(value: float) -> str:
    """A number as people read it: thousands parted, at most three signs after the point."""
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def shown(value: float | None) -> str:
    """A number as people read it."""
    return HIDDEN if value is None else figure(value)


def percent(value: float) -> str:
    """A share or change in percent; from ten times on as a multiple."""
    if value >= 9:
        return f"{value + 1:,.0f} times"
    return f"{100 * value:+.0f}%" if abs(value) >= 0.005 else "0%"
