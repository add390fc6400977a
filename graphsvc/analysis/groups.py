"""Operation 11: groups of the visible part: who is in each, where, what about, how well it hangs together."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.partitions import Method, partition
from graphsvc.analysis.parts import ENDED, Reading, read
from graphsvc.analysis.projection import PARALLEL, Part, ScopeSpec
from graphsvc.analysis.quality import conductance, modularity, shares
from graphsvc.analysis.runs import Kept, Run, begin, keep, question, recall
from graphsvc.errors import NotFound, UsageError
from graphsvc.model import days
from graphsvc.model.regions import desk
from graphsvc.model.vocabulary import PROTECTED_ROLES
from graphsvc.topology.layout import KIND_NAMES
from graphsvc.topology.snapshot import Snapshot

Array = npt.NDArray[Any]

MOST_GROUPS = 50
MOST_MEMBERS = 500
STORED = 20
"""Groups that are kept as people read them."""
LISTED = 20
"""Members named with each group of a list."""


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


class Communities(msgspec.Struct, frozen=True):
    """Groups of two and more, the largest first, equals by their names."""

    groups: Annotated[tuple[Group, ...], Meta(description="The groups of this page.")]
    total: Annotated[int, Meta(description="How many groups there are.")]
    identities: Annotated[int, Meta(description="How many identities were divided.")]
    records: Annotated[int, Meta(description="How many records they are.")]
    links: Annotated[int, Meta(description="How many links were used.")]
    modularity: Annotated[float, Meta(description="Modularity of the division, at its resolution.")]
    algorithm: Annotated[str, Meta(description="How it was divided.")]
    seed: Annotated[int, Meta(description="Seed of the division.")]
    resolution: Annotated[float, Meta(description="Resolution of the division; higher for smaller groups.")]
    parallel: Annotated[str, Meta(description="What parallel links count: counted, collapsed or weighted.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    run: Annotated[Run, Meta(description="How the division came about.")]


class Division(msgspec.Struct, frozen=True, eq=False):
    """A part and the group of each of its vertices, from the largest group down."""

    part: Part
    group: Array
    found: Reading
    method: Method
    parallel: str

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


class Question(msgspec.Struct, frozen=True):
    """One division, however often and by pages it is asked for."""

    scope: ScopeSpec
    method: Method
    parallel: str

    @property
    def name(self) -> str:
        """The name under which its result is kept."""
        return question("communities", self.scope, self.method, self.parallel)

    async def kept(self, view: View) -> Kept | None:
        """The kept result, if it still holds."""
        return await recall(
            view, self.name, self.scope, parallel=self.parallel, directed=self.method.directed
        )

    async def divide(self, view: View, job: Job, kept: Kept | None = None) -> Division:
        """The part and its groups: those of a kept result where the part is the same still."""
        job.report("reading")
        part, found = await read(view, self.scope, parallel=self.parallel, directed=self.method.directed)
        if kept is not None and kept.part == part.digest() and not kept.run.aged:
            group = np.asarray(view.gds.results.array(self.name, "group"))
        else:
            group = await partition(view, part, self.method, "groups", job)
        return Division(part, group, found, self.method, self.parallel)

    async def work_out(self, view: View, job: Job) -> Kept:
        """Divide, describe the largest groups, and keep the result."""
        division = await self.divide(view, job)
        part = division.part
        job.report("describing")
        run = begin(
            view,
            self.name,
            self.method.algorithm,
            part,
            scope=self.scope,
            method=self.method,
            parallel=self.parallel,
        )
        answer = Communities(
            groups=await described(view, division, range(min(STORED, division.total)), LISTED),
            total=division.total,
            identities=part.size,
            records=len(part.member),
            links=len(part.link),
            modularity=modularity(part, division.group, self.method.resolution),
            algorithm=self.method.algorithm,
            seed=self.method.seed,
            resolution=self.method.resolution,
            parallel=self.parallel,
            as_of=view.scope.as_of,
            run=run,
        )
        told = msgspec.msgpack.encode(answer)
        return await keep(
            view, self.name, run, division.found, part, told, group=division.group.astype(np.int32)
        )


async def communities(
    view: View,
    scope: ScopeSpec | None = None,
    *,
    algorithm: str = "leiden",
    seed: int = 1,
    resolution: float = 1.0,
    parallel: str = "counted",
    first: int = 20,
    after: int = 0,
    job: Job | None = None,
) -> Communities:
    """A page of the groups of a scope; ``after`` is the rank of the last group of the page before.

    The same seed on the same visible data gives the same answer, and what was worked out before is answered from
    its store. Raises UsageError, NotFound for a hidden seed, LimitError, Cancelled.
    """
    if not 1 <= first <= MOST_GROUPS or after < 0:
        raise UsageError(f"Ask for 1 to {MOST_GROUPS} groups a page.")
    asked, job = _question(scope, Method(algorithm, seed, resolution), parallel), job or Job()
    kept = await asked.kept(view) or await asked.work_out(view, job)
    answer = msgspec.msgpack.decode(kept.answer, type=Communities)
    last = min(after + first, answer.total)
    groups = answer.groups[after:last]
    if last > len(answer.groups):
        groups = await described(view, await asked.divide(view, job, kept), range(after, last), LISTED)
    return msgspec.structs.replace(answer, groups=groups, run=kept.run, as_of=view.scope.as_of)


async def community(
    view: View,
    id: str,
    scope: ScopeSpec | None = None,
    *,
    algorithm: str = "leiden",
    seed: int = 1,
    resolution: float = 1.0,
    parallel: str = "counted",
    members: int = MOST_MEMBERS,
    job: Job | None = None,
) -> Group:
    """The group that a record is in. Raises NotFound for one that is hidden, absent, or without links in the scope."""
    if not 1 <= members <= MOST_MEMBERS:
        raise UsageError(f"Ask for 1 to {MOST_MEMBERS} members.")
    (await view.links()).number(id)
    asked, job = _question(scope, Method(algorithm, seed, resolution), parallel), job or Job()
    kept = await asked.kept(view) or await asked.work_out(view, job)
    division = await asked.divide(view, job, kept)
    part = division.part
    at = np.flatnonzero(part.member == division.snapshot.number(id))
    if not len(at):
        raise NotFound("This record has no links in this scope, so it is in no group.")
    vertex = int(np.searchsorted(part.start, at[0], "right")) - 1
    return (await described(view, division, [int(division.group[vertex])], members))[0]


def _question(scope: ScopeSpec | None, method: Method, parallel: str) -> Question:
    method.check()
    if parallel not in PARALLEL:
        raise UsageError(f"Parallel links are {', '.join(PARALLEL)}; {parallel!r} is none of them.")
    return Question(scope or ScopeSpec(), method, parallel)


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
            name=self.id(int(part.member[part.start[vertices.min()]])),
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
            modularity_share=float(self.share[number]),
            conductance=float(self.conductance[number]),
            members=tuple(self.member(int(vertex), rows) for vertex in vertices[:most]),
            truncated=len(vertices) > most,
        )

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
