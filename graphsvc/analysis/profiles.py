"""What a group is: who is in it, where, what about, since when, what holds it together and how sure that is."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.history import Change
from graphsvc.analysis.partitions import Method
from graphsvc.analysis.parts import ENDED, Reading
from graphsvc.analysis.projection import Part
from graphsvc.analysis.quality import conductance, shares
from graphsvc.analysis.stability import UNKNOWN
from graphsvc.analysis.stability import Kept as Stability
from graphsvc.model import days
from graphsvc.model.regions import desk
from graphsvc.model.vocabulary import PROTECTED_ROLES
from graphsvc.topology.layout import KIND_NAMES
from graphsvc.topology.snapshot import Snapshot

Array = npt.NDArray[Any]

MOST_BRIDGES = 5
MOST_CORE = 10


class Count(msgspec.Struct, frozen=True):
    """How many of a group have a value."""

    value: Annotated[str, Meta(description="The value.")]
    count: Annotated[int, Meta(description="How many records or cases name it.")]


class GroupMember(msgspec.Struct, frozen=True):
    """One identity in a group: a record, or several that stand together."""

    id: Annotated[str, Meta(description="Id of the record; the first of its identity.")]
    caption: Annotated[str, Meta(description="One line for people.")]
    kind: Annotated[str, Meta(description="Kind of record.")]
    owner: Annotated[str, Meta(description="Contributor of the record.")]
    records: Annotated[tuple[str, ...], Meta(description="All visible records of the identity.")]
    links: Annotated[float, Meta(description="Weight of its links within the group.")]
    outside: Annotated[float, Meta(description="Weight of its links that leave the group.")]


class GroupBridge(msgspec.Struct, frozen=True):
    """Links between a group and another."""

    rank: Annotated[int, Meta(description="Rank of the other group.")]
    name: Annotated[str, Meta(description="Name of the other group.")]
    links: Annotated[float, Meta(description="Weight of the links between them.")]


class Group(msgspec.Struct, frozen=True):
    """A group of identities that have more to do with each other than with the rest."""

    name: Annotated[str, Meta(description="Smallest id among its records, by which it is asked for again.")]
    rank: Annotated[int, Meta(description="Place by size, from 1.")]
    size: Annotated[int, Meta(description="How many identities it has.")]
    records: Annotated[int, Meta(description="How many records they are.")]
    links: Annotated[int, Meta(description="How many links there are within it.")]
    first: Annotated[str | None, Meta(description="First day of a link within it.")]
    last: Annotated[str | None, Meta(description="Last day of a link within it.")]
    kinds: Annotated[tuple[Count, ...], Meta(description="Kinds of its records.")]
    countries: Annotated[tuple[Count, ...], Meta(description="Countries that its records name.")]
    desks: Annotated[tuple[Count, ...], Meta(description="Regional desks of these countries.")]
    owners: Annotated[tuple[Count, ...], Meta(description="Contributors of its records.")]
    areas: Annotated[
        tuple[Count, ...], Meta(description="Crime areas of its records, and of cases of its members.")
    ]
    jurisdictions: Annotated[
        tuple[str, ...],
        Meta(description="Countries and contributors concerned, whose NCBs are to be contacted."),
    ]
    core: Annotated[
        tuple[str, ...], Meta(description="Ids of the members that hold most together within it.")
    ]
    bridges: Annotated[tuple[GroupBridge, ...], Meta(description="The groups that it has most links to.")]
    stability: Annotated[
        Stability,
        Meta(description="How much of it is found again, on average, when some of the data is missing."),
    ]
    change: Annotated[
        Change | None, Meta(description="What became of it since the run before; null for the first.")
    ]
    modularity_share: Annotated[float, Meta(description="What it adds to the modularity of the whole.")]
    conductance: Annotated[
        float,
        Meta(
            description="Share of its links that leave it; 0 for a group on its own, near 1 for none at all."
        ),
    ]
    members: Annotated[
        tuple[GroupMember, ...], Meta(description="Its members, those with most links in it first.")
    ]
    truncated: Annotated[bool, Meta(description="It has more members than are named here.")]


class Division(msgspec.Struct, frozen=True, eq=False):
    """A part and the group of each of its vertices, from the largest group down."""

    part: Part
    group: Array
    found: Reading
    method: Method
    parallel: str
    doubt: tuple[Stability, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def snapshot(self) -> Snapshot:
        """Whose numbers the part holds."""
        return self.found.snapshot

    @property
    def sizes(self) -> Array:
        """How many vertices each group has."""
        return np.bincount(self.group)

    @property
    def total(self) -> int:
        """How many groups have two members or more."""
        return int((self.sizes > 1).sum())

    def names(self) -> tuple[str, ...]:
        """What each group of two and more is called: the smallest id among its records."""
        part = self.part
        _, first = np.unique(self.group, return_index=True)
        return tuple(self.snapshot.id(int(part.member[part.start[vertex]])) for vertex in first[: self.total])


async def described(view: View, division: Division, chosen: Sequence[int], most: int) -> tuple[Group, ...]:
    """The groups of these numbers as people read them, with up to so many members each."""
    if not chosen:
        return ()
    outline = await asyncio.to_thread(Outline, division, chosen)
    about = await summaries(view, outline.ids)
    named = [outline.ids[at][place] for at in range(len(chosen)) for place in outline.leading(at, most)]
    rows = {row["id"]: row for row in await view.rows("groups/members", ids=named)}
    return tuple(outline.group(at, about[at], rows, most) for at in range(len(chosen)))


async def summaries(view: View, groups: Sequence[Sequence[str]]) -> list[dict[str, Counter[str]]]:
    """Of each list of ids how often its records name each country, owner and crime area."""
    given = [list(ids) for ids in groups]
    found: list[dict[str, Counter[str]]] = [
        {"countries": Counter(), "owners": Counter(), "areas": Counter(), "desks": Counter()} for _ in given
    ]
    for row in await view.rows("groups/summary", groups=given):
        about = found[row["group"]]
        about["owners"].update(row["owners"])
        for name in ("countries", "areas"):
            about[name].update(value for values in row[name] for value in values)
        about["desks"].update(
            where for values in row["countries"] for where in {desk(value) for value in values} if where
        )
    ruled_out = {"roles": sorted(PROTECTED_ROLES), "outcomes": list(ENDED)}
    for row in await view.rows("groups/cases", groups=given, **ruled_out):
        found[row["group"]]["areas"].update(row["areas"])
    return found


class Outline:
    """What the arrays tell of some groups of a division."""

    def __init__(self, division: Division, chosen: Sequence[int]) -> None:
        self.division = division
        self.chosen = chosen
        part, group = division.part, division.group
        self.names = division.names()
        self.share = shares(part, group, division.method.resolution)
        self.conductance = conductance(part, group)
        inside = group[part.source] == group[part.target]
        within = Part.degree(msgspec.structs.replace(part, weight=part.weight * inside))
        self.within, self.outside = within, part.degree() - within
        self.order = np.lexsort((np.arange(part.size), -within, group))
        self.limits = np.searchsorted(group[self.order], [[number, number + 1] for number in chosen])
        self.links = group[part.source[part.pair]] * inside[part.pair] + (inside[part.pair] - 1.0)
        self.ids = [[self.id(vertex) for vertex in self.records(at)] for at in range(len(chosen))]

    def vertices(self, at: int) -> Array:
        """The vertices of a group, those with most links in it first."""
        low, high = self.limits[at]
        return self.order[low:high]

    def records(self, at: int) -> list[int]:
        """Numbers of the records of a group, the first of each vertex in the order of the vertices, others after."""
        part = self.division.part
        vertices = self.vertices(at)
        others = [part.member[part.start[v] + 1 : part.start[v + 1]] for v in vertices]
        return [*part.member[part.start[vertices]].tolist(), *np.concatenate(others).tolist()]

    def id(self, record: int) -> str:
        """The id of a record."""
        snapshot: Snapshot = self.division.snapshot
        return snapshot.id(record)

    def leading(self, at: int, most: int) -> range:
        """Places among the ids of a group of the members that are named."""
        return range(min(most, len(self.vertices(at))))

    def group(self, at: int, about: dict[str, Counter[str]], rows: dict[str, Any], most: int) -> Group:
        """The group, as far as ``rows`` and ``about`` tell what the arrays do not."""
        number, vertices, part = self.chosen[at], self.vertices(at), self.division.part
        links = np.flatnonzero(self.links == number)
        dated = links[part.first[links] <= part.last[links]]
        kinds = Counter(self.kind(record) for record in self.records(at))
        return Group(
            name=self.name(number),
            rank=number + 1,
            size=len(vertices),
            records=len(self.ids[at]),
            links=len(links),
            first=days.iso(int(part.first[dated].min())) if len(dated) else None,
            last=days.iso(int(part.last[dated].max())) if len(dated) else None,
            kinds=counts(kinds),
            countries=counts(about["countries"]),
            desks=counts(about["desks"]),
            owners=counts(about["owners"]),
            areas=counts(about["areas"]),
            jurisdictions=tuple(sorted(about["countries"].keys() | about["owners"].keys())),
            core=tuple(self.id(int(part.member[part.start[vertex]])) for vertex in self.core(at)[:MOST_CORE]),
            bridges=self.bridges(number),
            stability=self.division.doubt[number] if number < len(self.division.doubt) else UNKNOWN,
            change=self.division.changes[number] if number < len(self.division.changes) else None,
            modularity_share=float(self.share[number]),
            conductance=float(self.conductance[number]),
            members=tuple(self.member(int(vertex), rows) for vertex in vertices[:most]),
            truncated=len(vertices) > most,
        )

    def core(self, at: int) -> list[int]:
        """The vertices of a group that are left when those with fewest links within it are peeled off, in order of
        their ids: its innermost k-core."""
        part, vertices = self.division.part, np.sort(self.vertices(at))
        mine = np.zeros(part.size, bool)
        mine[vertices] = True
        inside = mine[part.source] & mine[part.target]
        source, target = part.source[inside], part.target[inside]
        left = mine.copy()
        while len(source):
            degree = np.bincount(source, minlength=part.size) + np.bincount(target, minlength=part.size)
            peeled = left & (degree > degree[left].min())
            if not peeled.any():
                break
            left = peeled
            kept = left[source] & left[target]
            source, target = source[kept], target[kept]
        return [int(vertex) for vertex in np.flatnonzero(left)]

    def bridges(self, number: int) -> tuple[GroupBridge, ...]:
        """The groups that a group has most links to."""
        part, group = self.division.part, self.division.group
        one, other = group[part.source], group[part.target]
        leaving = (one == number) != (other == number)
        weight = np.bincount(np.where(one == number, other, one)[leaving], part.weight[leaving])
        first = np.lexsort((np.arange(len(weight)), -weight))[:MOST_BRIDGES]
        return tuple(
            GroupBridge(int(at) + 1, self.name(int(at)), float(weight[at])) for at in first if weight[at] > 0
        )

    def name(self, number: int) -> str:
        """The name of a group."""
        names: tuple[str, ...] = self.names
        return names[number] if number < len(names) else ""

    def kind(self, record: int) -> str:
        """The kind of a record."""
        return KIND_NAMES[int(self.division.snapshot.graph.card[record, 2]) & 0xFF]

    def member(self, vertex: int, rows: dict[str, Any]) -> GroupMember:
        """A vertex as people read it."""
        part = self.division.part
        records = part.member[part.start[vertex] : part.start[vertex + 1]].tolist()
        ids = tuple(map(self.id, records))
        row = rows.get(ids[0], {})
        return GroupMember(
            id=ids[0],
            caption=row.get("caption", ""),
            kind=self.kind(records[0]),
            owner=row.get("owner", ""),
            records=ids,
            links=float(self.within[vertex]),
            outside=float(self.outside[vertex]),
        )


def counts(found: Counter[str]) -> tuple[Count, ...]:
    """The most frequent first, equals in order of their values."""
    return tuple(
        Count(value, count) for value, count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    )
