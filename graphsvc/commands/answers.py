"""The demo's three answers, told in short to someone who reads a terminal."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

Answer = dict[str, Any]

SHOWN = 12  # of a group's members


def link(answer: Answer) -> Iterator[str]:
    """Each path, a line a step, with what joins records of different owners between the steps."""
    found = answer["paths"]["paths"]
    if not found:
        yield "They are not joined by anything that you may see."
    for number, path in enumerate(found, 1):
        yield f"path {number}, {path['hops']} links"
        yield f"    {record(path['steps'][0]['fromRecord'])}"
        for step in path["steps"]:
            yield from joins(step["joins"])
            yield f"    {tie(step)} {record(step['toRecord'])}"
        yield from joins(path["ending"])


def joins(shared: Iterable[Answer]) -> Iterator[str]:
    """What makes records of different owners stand together."""
    for join in shared:
        yield f"    = {join['key'] or 'judged to be the same'}"


def tie(step: Answer) -> str:
    """A link, drawn in its direction."""
    name = step["link"]["type"] + (f" as {step['link']['role']}" if step["link"]["role"] else "")
    return f"─ {name} →" if step["outward"] else f"← {name} ─"


def record(found: Answer) -> str:
    """A record in a few words."""
    return f"{found['caption']} ({found['kind']} of {found['owner']})"


def community(answer: Answer) -> Iterator[str]:
    """Size, reach and members of a group."""
    group = answer["community"]
    yield f"{group['size']} persons and things in {group['records']} records, {group['links']} links"
    yield f"    seen       {group['first']} to {group['last']}"
    for name in ("countries", "desks", "areas"):
        yield f"    {name:<10} " + ", ".join(f"{part['value']} {part['count']}" for part in group[name])
    for member in group["members"][:SHOWN]:
        yield f"    {record(member)}"
    if group["size"] > SHOWN:
        yield f"    … and {group['size'] - SHOWN} more"


def trend(answer: Answer) -> Iterator[str]:
    """Counts by month, a line a year; a question mark where one is left out because it is small."""
    found = answer["trend"]
    n, reports, undated = (known(found[name]) for name in ("n", "reports", "undated"))
    yield f"{n} seizures in {reports} reports of {found['sources']} sources; {undated} give no month"
    yield "            " + "".join(f"{month:>5}" for month in range(1, 13))
    for year, points in groupby(found["points"], key=lambda point: str(point["interval"])[:4]):
        counts = {int(point["interval"][5:7]): known(point["count"]) for point in points}
        yield f"    {year}    " + "".join(f"{counts.get(month, ''):>5}" for month in range(1, 13))


def known(count: int | None) -> str:
    """A count, or a question mark."""
    return "?" if count is None else str(count)


TOLD = {"link": link, "community": community, "trend": trend}
