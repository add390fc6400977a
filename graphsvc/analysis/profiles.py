"""What a group is: who is in it, where, what about, since when, what holds it together and how sure that is."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.history import Change
from graphsvc.analysis.members import kind
from graphsvc.analysis.outline import Outline
from graphsvc.analysis.partitions import Method
from graphsvc.analysis.parts import ENDED, Reading
from graphsvc.analysis.projection import Part
from graphsvc.analysis.quality import conductance, shares
from graphsvc.analysis.runs import NOTHING, Beyond
from graphsvc.analysis.stability import UNKNOWN
from graphsvc.analysis.stability import Kept as Stability
from graphsvc.model import days
from graphsvc.model.regions import desk
from graphsvc.model.vocabulary import PROTECTED_ROLES
from graphsvc.topology.snapshot import Snapshot

Array = npt.NDArray[Any]

RULED_OUT = {"roles": sorted(PROTECTED_ROLES), "outcomes": list(ENDED)}
MOST_BRIDGES = 5
MOST_CORE = 10
AT_ONCE = 2
"""Queries among which the records of groups are shared out, since the store answers each on one thread."""


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
    roles: Annotated[
        tuple[str, ...],
        Meta(
            description="Roles in which its links to cases, events, bodies and associates show it, never that of a "
            "victim or witness."
        ),
    ]
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


async def described(
    view: View, division: Division, chosen: Sequence[int], most: int
) -> tuple[tuple[Group, ...], Beyond]:
    """The groups of these numbers as people read them, with up to so many members each, and what they tell beyond the
    part."""
    if not chosen:
        return (), NOTHING
    profiles = await asyncio.to_thread(Profiles, division, chosen, most)
    about, beyond = await summaries(view, profiles.ids, profiles.involved)
    first_of = {id_: of.id for members in profiles.members for of in members for id_ in of.records}
    rows: dict[str, dict[str, Any]] = {id_: {} for id_ in first_of.values()}
    for row in await view.rows("groups/members", ids=list(rows)):
        rows[row["id"]] = {"caption": row["caption"] or "", "owner": row["owner"] or ""}
    roles: dict[str, set[str]] = {id_: set() for id_ in rows}
    for row in await view.rows("groups/roles", ids=list(first_of), **RULED_OUT):
        roles[first_of[row["id"]]].add(row["role"])
        beyond = beyond.also((*row["link_ids"], *row["other_ids"]), row["until"])
    for id_, row in rows.items():
        row["roles"] = tuple(sorted(roles[id_]))
    return await asyncio.to_thread(profiles.told, about, rows), beyond


async def summaries(
    view: View, groups: Sequence[Sequence[str]], involved: Sequence[Sequence[str]]
) -> tuple[list[dict[str, Counter[str]]], Beyond]:
    """Of each list of ids how often its records name each country, owner and crime area; areas come from cases too,
    which need not be in the part. ``involved`` are those of each that may have cases."""
    found: list[dict[str, Counter[str]]] = [
        {"countries": Counter(), "owners": Counter(), "areas": Counter(), "desks": Counter()} for _ in groups
    ]
    shares = ([ids[at::AT_ONCE] for ids in groups] for at in range(AT_ONCE))
    told = await asyncio.gather(*(view.rows("groups/summary", groups=share) for share in shares))
    for row in chain.from_iterable(told):
        about, records = found[row["group"]], row["records"]
        about["owners"][row["owner"]] += records
        for name in ("countries", "areas"):
            for value in row[name]:
                about[name][value] += records
        for where in {where for value in row["countries"] if (where := desk(value))}:
            about["desks"][where] += records
    beyond = NOTHING
    for row in await view.rows("groups/cases", groups=involved, **RULED_OUT):
        found[row["group"]]["areas"].update(chain.from_iterable(row["areas"]))
        beyond = beyond.also((*row["case_ids"], *chain.from_iterable(row["link_ids"])), row["until"])
    return found, beyond


class Profiles:
    """What the arrays tell of some groups of a division, with up to ``most`` members each."""

    def __init__(self, division: Division, chosen: Sequence[int], most: int) -> None:
        part, snapshot = division.part, division.snapshot
        self.division = division
        self.chosen = chosen
        self.outline = Outline(part, division.group, chosen, snapshot.graph.card[:, 2])
        self.names = division.names()
        self.share = shares(part, division.group, division.method.resolution)
        self.conductance = conductance(part, division.group)
        records = [self.outline.records(at) for at in range(len(chosen))]
        self.ids = [snapshot.texts(each) for each in records]
        self.involved = [
            snapshot.texts(each[division.found.links.going_out(each, "INVOLVED_IN")]) for each in records
        ]
        self.members = [
            tuple(map(self.member, self.outline.vertices(at)[:most].tolist())) for at in range(len(chosen))
        ]

    def told(self, about: Sequence[dict[str, Counter[str]]], rows: dict[str, Any]) -> tuple[Group, ...]:
        """The groups, with what ``about`` and ``rows`` tell of their records and members."""
        return tuple(self.group(at, about[at], rows) for at in range(len(self.chosen)))

    def group(self, at: int, about: dict[str, Counter[str]], rows: dict[str, Any]) -> Group:
        """One of them."""
        number, outline, division = self.chosen[at], self.outline, self.division
        dated = outline.first[at] <= outline.last[at]
        size = len(outline.vertices(at))
        return Group(
            name=self.name(number),
            rank=number + 1,
            size=size,
            records=len(self.ids[at]),
            links=int(outline.links[at]),
            first=days.iso(int(outline.first[at])) if dated else None,
            last=days.iso(int(outline.last[at])) if dated else None,
            kinds=counts(outline.kinds(at)),
            countries=counts(about["countries"]),
            desks=counts(about["desks"]),
            owners=counts(about["owners"]),
            areas=counts(about["areas"]),
            jurisdictions=tuple(sorted(about["countries"].keys() | about["owners"].keys())),
            core=tuple(self.id(vertex) for vertex in outline.core(at)[:MOST_CORE]),
            bridges=tuple(
                GroupBridge(other + 1, self.name(other), weight)
                for other, weight in outline.bridges(at, MOST_BRIDGES)
            ),
            stability=division.doubt[number] if number < len(division.doubt) else UNKNOWN,
            change=division.changes[number] if number < len(division.changes) else None,
            modularity_share=float(self.share[number]),
            conductance=float(self.conductance[number]),
            members=tuple(
                msgspec.structs.replace(member, **rows.get(member.id, {})) for member in self.members[at]
            ),
            truncated=size > len(self.members[at]),
        )

    def name(self, number: int) -> str:
        """The name of a group."""
        return self.names[number] if number < len(self.names) else ""

    def id(self, vertex: int) -> str:
        """The id of the first record of a vertex."""
        part = self.division.part
        return self.division.snapshot.id(int(part.member[part.start[vertex]]))

    def member(self, vertex: int) -> GroupMember:
        """A vertex as the arrays tell of it."""
        part, snapshot = self.division.part, self.division.snapshot
        records = part.member[part.start[vertex] : part.start[vertex + 1]].tolist()
        ids = tuple(map(snapshot.id, records))
        return GroupMember(
            id=ids[0],
            caption="",
            kind=kind(snapshot, records[0]),
            owner="",
            roles=(),
            records=ids,
            links=float(self.outline.within[vertex]),
            outside=float(self.outline.outside[vertex]),
        )


def counts(found: Counter[str]) -> tuple[Count, ...]:
    """The most frequent first, equals in order of their values."""
    return tuple(
        Count(value, count) for value, count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    )
