"""Who holds what a report shows: contributors and their sources, with how many records and how fresh they are."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from graphsvc.reports.document import Section, Table, figure


class Held(NamedTuple):
    """Whose record it is, from which of their sources, and when it came on record there."""

    owner: str
    source: str
    recorded_at: str | None


def coverage(records: Iterable[Held]) -> Section:
    """The contributors of records that a report names, those with most of them first."""
    by: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in records:
        by[one.owner, one.source].append(one.recorded_at or "")
    rows = tuple(
        (
            owner,
            source,
            figure(len(times)),
            max(times)[:10] or "not told",
            figure(sum(not when for when in times)),
        )
        for (owner, source), times in sorted(by.items(), key=lambda item: (-len(item[1]), item[0]))
    )
    owners = {owner for owner, _ in by}
    said = f"The records of this report are those of {len(owners)} contributor(s) from {len(by)} source(s)."
    if len(owners) == 1:
        said += " Nothing in it is confirmed by a second contributor."
    columns = ("Contributor", "Source", "Records", "Latest record", "Without a date of record")
    table = Table("Sources of this report", columns, rows, frozenset({2, 4}))
    return Section("Coverage", (said,), (), (table,) if rows else ())
