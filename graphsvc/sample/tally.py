"""Counts of what really happened in the synthetic world, by kind of event, country and time as it is known."""

from collections import Counter

from graphsvc.sample.rules import Row

Tally = Counter[tuple[str, str, str, str, str]]
"""By type, area, commodity, country and month (or the year, where no more is known)."""


def count(tally: Tally, row: Row) -> None:
    """Counts one event."""
    key = row["type"], row.get("areas", ""), row.get("commodity", ""), row.get("country", ""), row["time"][:7]
    tally[key] += 1
