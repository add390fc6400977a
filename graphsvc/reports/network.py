"""The network around some records: who and what is on it, how it hangs together, and which groups it belongs to."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from graphsvc.access.view import View
from graphsvc.analysis.entity import Entity, entities
from graphsvc.analysis.links import Expansion, expand
from graphsvc.errors import UsageError
from graphsvc.reports import charts
from graphsvc.reports.document import Section, Table, figure

MOST = 150


class Around(msgspec.Struct, frozen=True):
    """Records near some others, and the links between them."""

    records: dict[str, Entity]
    found: Expansion


async def around(view: View, ids: Sequence[str], hops: int) -> Around:
    """What stands within some hops. Raises NotFound for one that is absent or hidden, and UsageError for none."""
    if not ids:
        raise UsageError("say which records the report is about: add --subject ID, more than once if need be")
    await view.whole()  # what was loaded a moment ago stands in a report too
    found = await expand(view, list(ids), hops=hops, first=MOST)
    known = await entities(view, [near.id for near in found.records])
    return Around({one.id: one for one in known if one is not None}, found)


async def sections(view: View, ids: Sequence[str]) -> tuple[Section, ...]:
    """The sections of a network report."""
    near = await around(view, ids, 2)
    return (summary(near, ids), *await _groups(view, ids), members(near), ties(near), identities(near))


def summary(near: Around, ids: Sequence[str]) -> Section:
    """What there is, in sentences and a chart of kinds."""
    kinds = Counter(one.kind for one in near.records.values())
    owners = Counter(one.owner for one in near.records.values())
    named = ", ".join(near.records[id_].caption for id_ in ids if id_ in near.records)
    said = [
        f"Within two links of {named} stand {figure(near.found.total)} records; {len(near.records)} are shown.",
        f"Contributors that hold them: {', '.join(f'{name} ({n})' for name, n in owners.most_common(12))}.",
    ]
    if near.found.truncated or near.found.more:
        said.append("There is more than is shown; ask for fewer links or single records to see it.")
    said += [f"Left out: {what}." for what in near.found.left_out]
    drawn = charts.bars("Kinds of records", [(name, count) for name, count in kinds.most_common()], "records")
    return Section("Key findings", tuple(said), (drawn,))


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


def _name(near: Around, id_: str) -> str:
    return f"{near.records[id_].caption} ({id_})" if id_ in near.records else id_
