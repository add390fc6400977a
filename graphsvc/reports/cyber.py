"""The cyber advisory: active threat actors, what they use and who controls it, whom they target."""

from collections import Counter
from typing import Any

from graphsvc.access.view import View
from graphsvc.errors import UsageError
from graphsvc.model.regions import DESKS, desk
from graphsvc.reports import charts
from graphsvc.reports.document import Section, Table, figure

MOST = 200


async def sections(view: View, region: str, since: str | None = None) -> tuple[Section, ...]:
    """The sections of an advisory for a desk, or for all of them; ``since`` is the day of the last one.

    Raises UsageError for an unknown desk.
    """
    if region and region not in DESKS:
        raise UsageError(f"{region!r} is no desk: ask for one of {', '.join(DESKS)}")
    actors = await view.rows("trends/cyber_actors", most=MOST)
    hosts = [row for row in await view.rows("trends/cyber_infrastructure", most=MOST) if _of(row, region)]
    used = await view.rows("trends/cyber_used", most=MOST)
    told = (findings(actors, hosts, used), actors_of(actors), means(used), infrastructure(hosts))
    return told if since is None else (told[0], new(since, actors, used, hosts), *told[1:])


def _of(row: dict[str, Any], region: str) -> bool:
    return not region or row["country"] is None or desk(row["country"]) == region


def findings(
    actors: list[dict[str, Any]], hosts: list[dict[str, Any]], used: list[dict[str, Any]]
) -> Section:
    """What matters most."""
    control = Counter(row["control"] or "unknown" for row in hosts)
    said = [
        f"{figure(len(actors))} threat actors, {figure(len(used))} uses of malware, tools and techniques and "
        f"{figure(len(hosts))} pieces of infrastructure are on record.",
    ]
    if control["compromised"]:
        said.append(
            f"{control['compromised']} of the hosts are compromised: their owners are victims and should be warned."
        )
    standing = sum(row["takedown"] in (None, "none", "requested") for row in hosts)
    if hosts:
        said.append(f"{standing} of {len(hosts)} hosts have not been taken down.")
    drawn = charts.bars(
        "Infrastructure by who controls it", [(name, n) for name, n in control.most_common()], "hosts"
    )
    return Section("Key findings", tuple(said), (drawn,) if hosts else ())


def new(since: str, *kinds: list[dict[str, Any]]) -> Section:
    """What came on record on or after the day of the last advisory, the latest first."""
    fresh = [row for rows in kinds for row in rows if (row["recorded_at"] or "")[: len(since)] >= since]
    fresh.sort(key=lambda row: (row["recorded_at"], _called(row)), reverse=True)
    rows = tuple(
        (row["recorded_at"][:10], row.get("kind") or "", _called(row), row.get("owner") or "")
        for row in fresh
    )
    said = f"{figure(len(fresh))} of the records below came on record on or after {since}."
    table = Table("New since the last advisory", ("Recorded", "Kind", "What", "Contributor"), rows)
    return Section("What is new", (said,), (), (table,) if rows else ())


def _called(row: dict[str, Any]) -> str:
    return str(row.get("caption") or row.get("value") or row["id"])


def actors_of(rows: list[dict[str, Any]]) -> Section:
    """Who they are."""
    told = tuple(
        (
            row["caption"],
            ", ".join((row["names"] or [])[:4]),
            row["owner"],
            figure(row["uses"]),
            figure(row["targets"]),
        )
        for row in rows
    )
    columns = ("Threat actor", "Also known as", "Contributor", "Means", "Targets")
    return Section(
        "Threat actors",
        (),
        (),
        (Table("Threat actors, most active first", columns, told, frozenset({3, 4})),),
    )


def means(rows: list[dict[str, Any]]) -> Section:
    """Malware, tools and techniques in use."""
    told = tuple((row["caption"], row["kind"], row["reference"] or "", figure(row["actors"])) for row in rows)
    columns = ("Name", "Kind", "Reference", "Users")
    return Section(
        "Malware, tools and techniques", (), (), (Table("By number of users", columns, told, frozenset({3})),)
    )


def infrastructure(rows: list[dict[str, Any]]) -> Section:
    """Hosts and domains, and who controls them."""
    told = tuple(
        (
            row["value"],
            row["type"],
            row["control"] or "",
            row["takedown"] or "",
            row["country"] or "",
            row["owner"],
        )
        for row in rows
    )
    columns = ("Value", "Type", "Control", "Takedown", "Country", "Contributor")
    return Section("Infrastructure", (), (), (Table("Infrastructure on record", columns, told),))
