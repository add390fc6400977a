"""The cyber advisory of a desk: active threat actors, what they use, who controls it, and whom they target."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from graphsvc.access.view import View
from graphsvc.errors import UsageError
from graphsvc.model.regions import DESKS
from graphsvc.model.sentences import listed
from graphsvc.reports import charts
from graphsvc.reports.document import Section, Table, figure
from graphsvc.reports.sources import Held, coverage

MOST = 200
NAMES = 4
STANDING = (None, "none", "requested")
"""States of takedown in which infrastructure still works."""
VERBS = {"CONTROLS": "controls", "OWNS": "owns", "USES": "uses"}

READ = {
    "threat actors": "trends/cyber_actors",
    "malware, tools and techniques": "trends/cyber_used",
    "pieces of infrastructure": "trends/cyber_infrastructure",
    "targets": "trends/cyber_targets",
}
"""What an advisory reads, by which query."""

Row = dict[str, Any]


class Found(msgspec.Struct, frozen=True):
    """What concerns a desk; ``cut`` names what has more than fit."""

    actors: list[Row]
    used: list[Row]
    hosts: list[Row]
    targets: list[Row]
    cut: tuple[str, ...] = ()

    def every(self) -> list[Row]:
        """All records."""
        return [*self.actors, *self.used, *self.hosts, *self.targets]


async def sections(view: View, region: str, since: str | None = None) -> tuple[Section, ...]:
    """The sections of an advisory for a desk, or for all of them; ``since`` is the day of the last one.

    Raises UsageError for an unknown desk.
    """
    if region and region not in DESKS:
        raise UsageError(f"{region!r} is no desk: ask for one of {', '.join(DESKS)}")
    found = await read(view, region, None)
    told = [findings(found)]
    if since is not None:
        told.append(new(since, await read(view, region, since)))
    told += [actors(found.actors), means(found.used), infrastructure(found.hosts), targets(found.targets)]
    told.append(coverage(Held(row["owner"], row["source"], row["recorded_at"]) for row in found.every()))
    return (*told, method(region, found))


async def read(view: View, region: str, recorded: str | None) -> Found:
    """What concerns the desk, with ``recorded`` only what came on record on or after that day."""
    asked = {"countries": DESKS.get(region), "recorded": recorded, "most": MOST + 1}
    rows = {what: await view.rows(name, **asked) for what, name in READ.items()}
    actors_, used, hosts, targeted = (all_[:MOST] for all_ in rows.values())
    return Found(
        actors_, used, hosts, targeted, tuple(what for what, all_ in rows.items() if len(all_) > MOST)
    )


def findings(found: Found) -> Section:
    """What matters most."""
    hosts = found.hosts
    number = ", ".join(
        f"{'at least ' if what in found.cut else ''}{figure(len(rows))} {what}"
        for what, rows in (
            ("threat actors", found.actors),
            ("malware, tools and techniques", found.used),
            ("pieces of infrastructure", hosts),
            ("targets", found.targets),
        )
    )
    said = [f"On record are {number}."]
    if active := [row["caption"] for row in found.actors if row["uses"] + row["hosts"] + row["targets"]]:
        said.append(f"Most active, by what they use and target: {listed(active, NAMES)}.")
    if shared := [row for row in found.used if row["actors"] > 1]:
        said.append(
            "Most used: "
            + ", ".join(f"{row['caption']} ({figure(row['actors'])} users)" for row in shared[:NAMES])
            + "."
        )
    said += _of_hosts(hosts)
    control = Counter(row["control"] or "unknown" for row in hosts)
    drawn = charts.bars(
        "Infrastructure by who controls it", [(name, n) for name, n in control.most_common()], "hosts"
    )
    return Section("Key findings", tuple(said), (drawn,) if hosts else ())


def _of_hosts(hosts: list[Row]) -> list[str]:
    if not hosts:
        return []
    said = []
    if compromised := [row for row in hosts if row["control"] == "compromised"]:
        where = Counter(row["country"] or "an unknown country" for row in compromised)
        said.append(
            f"{figure(len(compromised))} of the hosts are compromised: their owners are victims and should be warned, "
            f"through the bureaus of {', '.join(f'{name} ({n})' for name, n in sorted(where.items()))}."
        )
    standing = sum(row["takedown"] in STANDING for row in hosts)
    said.append(f"{figure(standing)} of {figure(len(hosts))} hosts have not been taken down.")
    if unknown := sum(not _by(row) for row in hosts):
        said.append(f"Of {figure(unknown)} hosts it is not on record who controls them.")
    return said


def new(since: str, fresh: Found) -> Section:
    """What came on record on or after the day of the last advisory, and what got new links; the latest first."""
    rows = sorted(fresh.every(), key=lambda row: (row["recorded_at"] or "", _called(row)), reverse=True)
    rows = list({row["id"]: row for row in rows}.values())
    recorded = sum(_recorded(row, since) for row in rows)
    said = [f"{figure(recorded)} records came on record on or after {since}."]
    if len(rows) > recorded:
        said.append(f"{figure(len(rows) - recorded)} older ones have links that did.")
    said += [f"There are more new {what} than the {MOST} listed." for what in fresh.cut]
    columns = ("Recorded", "Kind", "What", "Contributor", "What is new")
    told = tuple(
        ((row["recorded_at"] or "")[:10], row["kind"], _called(row), row["owner"], _news(row, since))
        for row in rows
    )
    table = Table("New since the last advisory", columns, told)
    return Section("What is new", tuple(said), (), (table,) if rows else ())


def _recorded(row: Row, since: str) -> bool:
    return (row["recorded_at"] or "")[: len(since)] >= since


def _news(row: Row, since: str) -> str:
    links = f"{figure(row['fresh'])} new link(s)" if row["fresh"] else ""
    return ", ".join(part for part in ("the record" if _recorded(row, since) else "", links) if part)


def _called(row: Row) -> str:
    return str(row.get("caption") or row.get("value") or row["id"])


def _names(rows: list[Row], most: int = NAMES) -> str:
    return listed(sorted({row["caption"] for row in rows}), most)


def _by(row: Row) -> str:
    """Who controls infrastructure, by name and how."""
    how: dict[str, list[str]] = {}
    for one in sorted(row["by"], key=lambda one: (one["link"], one["caption"])):
        how.setdefault(one["link"], []).append(one["caption"])
    return "; ".join(f"{listed(names, NAMES)} ({VERBS[link]})" for link, names in how.items())


def _section(
    title: str,
    caption: str,
    none: str,
    rows: list[Row],
    columns: dict[str, Callable[[Row], str]],
    numbers: set[int],
) -> Section:
    told = tuple(tuple(cell(row) for cell in columns.values()) for row in rows)
    table = Table(caption, tuple(columns), told, frozenset(numbers))
    return Section(title, () if rows else (none,), (), (table,) if rows else ())


def actors(rows: list[Row]) -> Section:
    """Who they are."""
    columns: dict[str, Callable[[Row], str]] = {
        "Threat actor": lambda row: row["caption"],
        "Also known as": lambda row: listed(row["names"] or [], NAMES),
        "Countries": lambda row: listed(sorted(set(row["places"])), 8),
        "Means": lambda row: figure(row["uses"]),
        "Hosts": lambda row: figure(row["hosts"]),
        "Targets": lambda row: figure(row["targets"]),
        "Last seen": lambda row: (row["last_seen"] or "")[:10],
        "Contributor": lambda row: row["owner"],
    }
    none = "No threat actor is on record."
    return _section("Threat actors", "Threat actors, most active first", none, rows, columns, {3, 4, 5})


def means(rows: list[Row]) -> Section:
    """Malware, tools and techniques in use."""
    columns: dict[str, Callable[[Row], str]] = {
        "Name": lambda row: row["caption"],
        "Kind": lambda row: row["kind"],
        "Reference": lambda row: row["reference"] or "",
        "Users": lambda row: figure(row["actors"]),
        "Used by": lambda row: _names(row["users"]),
        "Contributor": lambda row: row["owner"],
    }
    none = "No malware, tool or technique is on record."
    return _section("Malware, tools and techniques", "By number of users", none, rows, columns, {3})


def infrastructure(rows: list[Row]) -> Section:
    """Hosts and domains, and who controls them."""
    columns: dict[str, Callable[[Row], str]] = {
        "Value": lambda row: row["value"] or "",
        "Type": lambda row: row["type"] or "",
        "Control": lambda row: row["control"] or "unknown",
        "By whom": lambda row: _by(row) or "not on record",
        "Takedown": lambda row: row["takedown"] or "",
        "Country": lambda row: row["country"] or "",
        "Contributor": lambda row: row["owner"],
    }
    none = "No infrastructure is on record."
    return _section("Infrastructure", "Infrastructure and who controls it", none, rows, columns, set())


def targets(rows: list[Row]) -> Section:
    """Whom and what they target."""
    columns: dict[str, Callable[[Row], str]] = {
        "Target": _called,
        "Kind": lambda row: row["kind"],
        "Countries": lambda row: ", ".join(row["countries"] or []),
        "Attackers": lambda row: figure(row["attackers"]),
        "Targeted by": lambda row: _names(row["by"]),
        "Contributor": lambda row: row["owner"],
    }
    none = "No target is on record."
    return _section("Targets", "Targets, most attackers first", none, rows, columns, {3})


def method(region: str, found: Found) -> Section:
    """How the advisory is made, and what it cannot say."""
    said = [
        "An actor is active by the number of records that it uses, controls and targets; no time is left out.",
        "An actor, malware or host that several contributors have on record stands once for each record.",
        "Who controls infrastructure is what contributors recorded: a host may have changed hands since.",
        "Attribution to an actor is its contributor's; a technique in use by many says little about who is behind it.",
        "What nobody reported is not here: few records of a country may mean few reports.",
    ]
    if region:
        said.insert(
            0,
            f"Of the desk {region} is an actor that is, or uses, controls or targets something, in one of its "
            "countries, with what it uses; infrastructure and targets in these countries; and all of which no country "
            "is known.",
        )
    said += [f"There are more {what} than the {MOST} listed." for what in found.cut]
    return Section("Method and limits", tuple(said))
