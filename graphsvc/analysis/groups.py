"""Operation 11: groups of the visible part, worked out once and answered again from their store."""

import asyncio
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.history import Change, changes
from graphsvc.analysis.partitions import Method, partition
from graphsvc.analysis.parts import Reading, read
from graphsvc.analysis.profiles import Division, Group, described
from graphsvc.analysis.projection import PARALLEL, Part, ScopeSpec
from graphsvc.analysis.quality import modularity
from graphsvc.analysis.runs import Kept, Run, begin, keep, marks, node_digests, question, recall
from graphsvc.analysis.stability import Kept as Stability
from graphsvc.analysis.stability import of_groups
from graphsvc.errors import NotFound, UsageError

Array = npt.NDArray[Any]

__all__ = ["Communities", "Group", "Question", "communities", "community"]

MOST_GROUPS = 50
MOST_MEMBERS = 500
STORED = 20
"""Groups that are kept as people read them."""
LISTED = 20
"""Members named with each group of a list."""


class Before(msgspec.Struct, frozen=True):
    """What is kept beside the answer for pages and later runs: doubt and change of every group, and stable names."""

    doubt: tuple[Stability, ...]
    changes: tuple[Change, ...]
    names: tuple[str, ...]
    resolution: float


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
    resolution: Annotated[
        float, Meta(description="Resolution of the division, the estimated one where that was asked.")
    ]
    parallel: Annotated[str, Meta(description="What parallel links count: counted, collapsed or weighted.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]
    run: Annotated[Run, Meta(description="How the division came about.")]


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

    async def current(self, view: View, job: Job, *, fresh: bool) -> Kept:
        """The kept result, or a new one where there is none, or, when a fresh one is wanted, where it has aged."""
        kept = await self.kept(view)
        if kept is None or (fresh and kept.run.aged):
            return await self.work_out(view, job, kept)
        return kept

    async def divide(self, view: View, job: Job, kept: Kept | None = None) -> Division:
        """The part and its groups: those of a kept result where the part is the same still."""
        part, found = await self._read(view, job)
        if kept is None or kept.run.aged or kept.part != part.digest():
            return await self._divided(view, job, part, found)
        group = np.asarray(view.gds.results.array(self.name, "group"))
        beside = msgspec.msgpack.decode(kept.beside, type=Before)
        method = msgspec.structs.replace(self.method, resolution=beside.resolution)
        return Division(part, group, found, method, self.parallel, beside.doubt, beside.changes)

    async def _read(self, view: View, job: Job) -> tuple[Part, Reading]:
        job.report("reading")
        return await read(view, self.scope, parallel=self.parallel, directed=self.method.directed)

    async def _divided(self, view: View, job: Job, part: Part, found: Reading) -> Division:
        group, resolution = await partition(view, part, self.method, "groups", job)
        method = msgspec.structs.replace(self.method, resolution=resolution)
        return Division(part, group, found, method, self.parallel)

    async def work_out(self, view: View, job: Job, before: Kept | None = None) -> Kept:
        """Divide, doubt, compare with the run before, describe the largest groups, and keep the result."""
        part, found = await self._read(view, job)
        division, marked = await asyncio.gather(  # the server divides meanwhile
            self._divided(view, job, part, found), asyncio.to_thread(marks, part, found)
        )
        doubt = await of_groups(view, part, division.group, division.method, job)
        job.report("describing")
        vertex = node_digests(division.snapshot, part.member[part.start[:-1]])
        names = division.names()
        changed = () if before is None else self._changes(view, names, division.group, vertex, before)
        division = msgspec.structs.replace(division, doubt=doubt, changes=changed)
        names = tuple(change.stable_name for change in changed) or names
        beside = Before(doubt, changed, names, division.method.resolution)
        run = begin(
            view,
            self.name,
            self.method.algorithm,
            marked.part,
            scope=self.scope,
            method=self.method,
            parallel=self.parallel,
        )
        groups, beyond = await described(view, division, range(min(STORED, division.total)), LISTED)
        answer = Communities(
            groups=groups,
            total=division.total,
            identities=part.size,
            records=len(part.member),
            links=len(part.link),
            modularity=modularity(part, division.group, division.method.resolution),
            algorithm=self.method.algorithm,
            seed=self.method.seed,
            resolution=division.method.resolution,
            parallel=self.parallel,
            as_of=view.scope.as_of,
            run=run,
        )
        told = msgspec.msgpack.encode(answer), msgspec.msgpack.encode(beside)
        arrays = {"group": division.group.astype(np.int32), "vertex": vertex}
        return await keep(view, self.name, run, marked, *told, beyond=beyond, arrays=arrays)

    def _changes(
        self, view: View, names: tuple[str, ...], group: Array, vertex: Array, before: Kept
    ) -> tuple[Change, ...]:
        old = msgspec.msgpack.decode(before.beside, type=Before)
        results = view.gds.results
        return changes(
            names,
            group,
            vertex,
            old.names,
            results.array(self.name, "group"),
            results.array(self.name, "vertex"),
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
    fresh: bool = False,
    job: Job | None = None,
) -> Communities:
    """A page of the groups of a scope; ``after`` is the rank of the last group of the page before.

    The same seed on the same visible data gives the same answer, and what was worked out before is answered from
    its store. ``fresh`` works it out anew where that has aged, and says what became of each group.

    Raises UsageError, NotFound for a hidden seed, LimitError, Cancelled.
    """
    if not 1 <= first <= MOST_GROUPS or after < 0:
        raise UsageError(f"Ask for 1 to {MOST_GROUPS} groups a page.")
    asked, job = _question(scope, Method(algorithm, seed, resolution), parallel), job or Job()
    kept = await asked.current(view, job, fresh=fresh)
    answer = msgspec.msgpack.decode(kept.answer, type=Communities)
    last = min(after + first, answer.total)
    groups = answer.groups[after:last]
    if last > len(answer.groups):
        groups, _ = await described(view, await asked.divide(view, job, kept), range(after, last), LISTED)
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
    fresh: bool = False,
    job: Job | None = None,
) -> Group:
    """The group that a record is in, ``fresh`` as in ``communities``.

    Raises NotFound for one that is hidden, absent, or without links in the scope.
    """
    if not 1 <= members <= MOST_MEMBERS:
        raise UsageError(f"Ask for 1 to {MOST_MEMBERS} members.")
    (await view.links()).number(id)
    asked, job = _question(scope, Method(algorithm, seed, resolution), parallel), job or Job()
    kept = await asked.current(view, job, fresh=fresh)
    division = await asked.divide(view, job, kept)
    part = division.part
    at = np.flatnonzero(part.member == division.snapshot.number(id))
    if not len(at):
        raise NotFound("This record has no links in this scope, so it is in no group.")
    vertex = int(np.searchsorted(part.start, at[0], "right")) - 1
    (found,), _ = await described(view, division, [int(division.group[vertex])], members)
    return found


def _question(scope: ScopeSpec | None, method: Method, parallel: str) -> Question:
    method.check()
    if parallel not in PARALLEL:
        raise UsageError(f"Parallel links are {', '.join(PARALLEL)}; {parallel!r} is none of them.")
    return Question(scope or ScopeSpec(), method, parallel)
