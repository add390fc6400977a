"""The network around some records: who and what is on it, how it hangs together, and which groups it belongs to."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from graphsvc.access.view import View
from graphsvc.analysis.entity import Entity, entities
from graphsvc.analysis.links import Expansion, expand
from graphsvc.errors import UsageError
from graphsvc.reports import charts, drawing
from graphsvc.reports.document import Chart, Section, Table, figure, isolated
from graphsvc.reports.sources import Held, coverage
from graphsvc.topology.warm import warmed

MOST = 150
HOPS = 2


class Around(msgspec.Struct, frozen=True):
    """Records near some others, and the links between them."""

    records: dict[str, Entity]
    found: Expansion


async def around(view: View, ids: Sequence[str], hops: int) -> Around:
    """What stands within some hops. Raises NotFound for one that is absent or hidden, UsageError for none, and
    StoreUnavailable while a new version is being compiled.
    """
    if not ids:
        raise UsageError("say which records the report is about: add --subject ID, more than once if need be")
    await warmed(whole=True)
    await view.whole()  # what was loaded a moment ago stands in a report too
    found = await expand(view, list(ids), hops=hops, first=MOST)
    known = await entities(view, [near.id for near in found.records])
    return Around({one.id: one for one in known if one is not None}, found)


async def sections(view: View, ids: Sequence[str]) -> tuple[Section, ...]:
    """The sections of a network report."""
    near = await around(view, ids, HOPS)
    return (
        Section("Key findings", (*findings(near, ids), *ties_said(near)), (kinds(near),)), drawn(near),
        *await _groups(view, ids), members(near), ties(near), identities(near), held(near), method(near),
    )  # fmt: skip


def findings(near: Around, ids: Sequence[str]) -> list[str]:
    """What there is, in sentences."""
    owners = Counter(one.owner for one in near.records.values())
    named = ", ".join(isolated(near.records[id_].caption) for id_ in ids if id_ in near.records)
    return [
        f"Within two links of {named} stand {figure(near.found.total)} records; {len(near.records)} are shown.",
        f"Contributors that hold them: {', '.join(f'{name} ({n})' for name, n in owners.most_common(12))}.",
    ]


def ties_said(near: Around) -> list[str]:
    """Who is best linked, what joins files, and from when to when the links are."""
    said = []
    degree = Counter(id_ for link in near.found.links for id_ in {link.from_id, link.to_id})
    best = sorted(degree, key=lambda id_: (-degree[id_], id_))[:3]
    if best:
        said.append(
            "Best linked here: "
            + ", ".join(f"{_name(near, id_)} with {figure(degree[id_])} links" for id_ in best)
            + "."
        )
    files = [join for join in near.found.joins if _owner(near, join.from_id) != _owner(near, join.to_id)]
    if files:
        said.append(
            f"{figure(len(files))} time(s) an identifier or a judgement joins records of two contributors."
        )
    days = sorted(day for link in near.found.links for day in (link.first_day, link.last_day) if day)
    if days:
        said.append(f"The links that have a date are from {days[0]} to {days[-1]}.")
    return said


def kinds(near: Around) -> Chart:
    """How many records of each kind."""
    found = Counter(one.kind for one in near.records.values())
    rows = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return charts.bars("Kinds of records", [(name, count) for name, count in rows], "records")


def drawn(near: Around) -> Section:
    """The network as a picture, and in words what it shows."""
    hops = {one.id: one.hops for one in near.found.records}
    dots = [drawing.Dot(one.id, one.caption, one.kind, hops[one.id]) for one in near.records.values()]
    lines = [drawing.Line(link.from_id, link.to_id) for link in near.found.links]
    lines += [drawing.Line(join.from_id, join.to_id, same=True) for join in near.found.joins]
    chart = drawing.network("Who and what is joined to whom", dots, lines)
    if chart is None:
        return Section("Network", ("No link joins any two of the records.",))
    return Section("Network", (chart.words,), (chart,))


async def _groups(view: View, ids: Sequence[str]) -> tuple[Section, ...]:
    from graphsvc.analysis.groups import community
    from graphsvc.errors import NotFound

    found = {}
    for id_ in ids[:5]:
        try:
            group = await community(view, id_)
        except NotFound:
            continue
        found[group.name] = group
    rows = tuple(
        (
            group.name, figure(group.size), figure(group.links), ", ".join(one.value for one in group.areas[:4]),
            ", ".join(group.jurisdictions[:12]), f"{group.first or ''} to {group.last or ''}",
        )
        for group in found.values()
    )  # fmt: skip
    columns = ("Group", "Identities", "Links", "Crime areas", "NCBs to contact", "Days")
    if not rows:
        return ()
    return (Section("Groups", (), (), (Table("Groups of the subjects", columns, rows, frozenset({1, 2})),)),)


def members(near: Around) -> Section:
    """The records, the nearest first."""
    hops = {one.id: one.hops for one in near.found.records}
    ranked = sorted(near.records.values(), key=lambda one: (hops[one.id], one.kind, one.id))
    rows = tuple(
        (one.id, one.kind, one.caption, one.owner, one.grade or "", one.level, str(hops[one.id]))
        for one in ranked
    )
    columns = ("Id", "Kind", "What", "Contributor", "Grade", "Level", "Hops")
    return Section("Records", (), (), (Table("Records on the network", columns, rows, frozenset({6})),))


def ties(near: Around) -> Section:
    """The links."""
    rows = tuple(
        (
            _name(near, link.from_id), link.type, _name(near, link.to_id),
            "" if link.confidence is None else f"{link.confidence:.2f}", link.first_day or "", link.last_day or "",
        )
        for link in near.found.links
    )  # fmt: skip
    columns = ("From", "Link", "To", "Confidence", "First day", "Last day")
    return Section("Links", (), (), (Table("Links on the network", columns, rows, frozenset({3})),))


def identities(near: Around) -> Section:
    """What joins records of different contributors."""
    rows = tuple(
        (_name(near, join.from_id), join.key or "judged the same", _name(near, join.to_id))
        for join in near.found.joins
    )
    said = ("Records of different files that stand together through an identifier or a judgement.",)
    return Section(
        "Shared identities",
        said,
        (),
        (Table("Joins", ("Record", "Through", "Record"), rows),) if rows else (),
    )


def held(near: Around) -> Section:
    """Whose records they are."""
    return coverage(Held(one.owner, one.source, one.recorded_at) for one in near.records.values())


def method(near: Around) -> Section:
    """How the network was found, and what it cannot say."""
    said = [
        f"The records asked for and all within {HOPS} links of them, on what all recipients may see; the nearest "
        f"{MOST} are shown.",
        "Records stand together where they share an identity key or somebody judged them the same.",
        "The drawing puts records as far apart as there are links between them (Kamada and Kawai) and tells groups of "
        "it by the method of Louvain; place and size say nothing of guilt or rank.",
        "A link says what a contributor recorded: see its confidence, and the grade of both records.",
        "Who is not on record, or may not be shown to all recipients, is missing, and may be who matters most.",
    ]
    if near.found.truncated or near.found.more:
        said.append("There is more than is shown; ask for fewer links or single records to see it.")
    said += [f"Left out: {what}." for what in near.found.left_out]
    if far := [_name(near, one.id) for one in near.found.records if one.held_back]:
        said.append(f"Not walked through, for they have too many links: {', '.join(far[:6])}.")
    return Section("Method and limits", tuple(said))


def _owner(near: Around, id_: str) -> str:
    return near.records[id_].owner if id_ in near.records else ""


def _name(near: Around, id_: str) -> str:
    return f"{isolated(near.records[id_].caption)} ({id_})" if id_ in near.records else id_
