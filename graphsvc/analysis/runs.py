"""Runs: what was worked out is kept under its scope with all that it takes to repeat it, and answers again at once.

A kept result ages when something that its caller sees is added, and says so. It dies when anything that it was worked
out from is no longer seen.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from graphsvc import __version__
from graphsvc.access.view import View
from graphsvc.analysis.parts import Reading, read
from graphsvc.analysis.projection import Part, ScopeSpec
from graphsvc.errors import NotFound
from graphsvc.topology.layout import FAR, LINK, TYPE_CODES
from graphsvc.topology.links import Links
from graphsvc.topology.snapshot import Snapshot

Array = npt.NDArray[Any]
T = TypeVar("T", bound=msgspec.Struct)

CODE = 3
"""Goes up with every change of the algorithms that changes answers."""
GONE = ("restrict", "delete")


class Run(msgspec.Struct, frozen=True):
    """How a result came about."""

    id: Annotated[str, Meta(description="Name of the run: the same for the same question and data.")]
    algorithm: Annotated[str, Meta(description="What was worked out.")]
    version: Annotated[str, Meta(description="Version of the service that worked it out.")]
    parameters: Annotated[str, Meta(description="All parameters, as JSON.")]
    data_as_of: Annotated[str, Meta(description="Time of the data that it was worked out from.")]
    aged: Annotated[bool, Meta(description="Something that you see was added or changed since then.")]


class Kept(msgspec.Struct, frozen=True):
    """What is kept with a result. ``until`` is the last day on which all of its elements may be used."""

    run: Run
    seq: int
    until: int
    part: str
    answer: bytes
    beside: bytes = b""


class Beyond(msgspec.Struct, frozen=True):
    """What an answer tells of records and links that are not in its part: their ids, and the last day on which all of
    them may be used."""

    ids: frozenset[str] = frozenset()
    until: int = FAR

    def also(self, ids: Iterable[str], until: int | None) -> "Beyond":
        """This and more."""
        return Beyond(self.ids.union(ids), self.until if until is None else min(self.until, until))


NOTHING = Beyond()


def question(name: str, *parts: object) -> str:
    """The name of a question, the same for the same parameters and program."""
    return hashlib.blake2b(
        msgspec.json.encode((CODE, name, parts), order="deterministic"), digest_size=16
    ).hexdigest()


class Marks(msgspec.Struct, frozen=True, eq=False):
    """What is kept of a part: figures for the ids of its records and links, in order, the last day on which all of
    them may be used, and the hash of its shape."""

    nodes: Array
    links: Array
    until: int
    part: str


def marks(part: Part, found: Reading) -> Marks:
    """What is kept of a part, whatever is worked out from it. Texts are read in the order in which they lie."""
    nodes = node_digests(found.snapshot, np.sort(part.member))
    links = link_digests(found.snapshot, np.sort(part.link))
    return Marks(np.sort(nodes), np.sort(links), found.until(part), part.digest())


def begin(view: View, asked: str, algorithm: str, part: str, **parameters: Any) -> Run:
    """The run of a question on a part, which is given by its hash."""
    named = hashlib.blake2b(f"{asked}{part}".encode(), digest_size=8).hexdigest()
    told = msgspec.json.encode(parameters, order="deterministic").decode()
    return Run(named, algorithm, __version__, told, view.scope.as_of, aged=False)


async def keep(
    view: View,
    asked: str,
    run: Run,
    marked: Marks,
    answer: bytes,
    beside: bytes = b"",
    *,
    beyond: Beyond = NOTHING,
    arrays: Mapping[str, Array] | None = None,
) -> Kept:
    """Keep a result: the answer, and what it takes to go on from it."""

    def work() -> Kept:
        held = {**(arrays or {}), "nodes": marked.nodes, "links": marked.links}
        held["beyond"] = text_digests(beyond.ids)
        kept = Kept(run, view.scope.seq, min(marked.until, beyond.until), marked.part, answer, beside)
        view.gds.results.keep(asked, kept, held)
        return kept

    return await asyncio.to_thread(work)


async def recall(view: View, asked: str, spec: ScopeSpec, **how: Any) -> Kept | None:
    """The kept result of a question, if it still holds; one that died is forgotten."""
    results = view.gds.results
    kept = results.answer(asked, Kept)
    if kept is None and results.inherit(asked):
        kept = results.answer(asked, Kept)
    if kept is None:
        return None
    grown = results.grown(asked)
    if not grown and kept.seq == view.scope.seq and kept.until >= view.scope.today:
        return kept
    if kept.until < view.scope.today:
        view.gds.results.forget(asked)
        return None
    changes = await view.rows("groups/changes", after=kept.seq)
    links = await view.whole()
    aged = grown or kept.run.aged or any(_touches(links, row) for row in changes if row["op"] not in GONE)
    gone = [row for row in changes if row["op"] in GONE]
    if gone and (_told(view, asked, gone) or not await _still_there(view, asked, spec, **how)):
        view.gds.results.forget(asked)
        return None
    return msgspec.structs.replace(kept, run=msgspec.structs.replace(kept.run, aged=aged))


async def stored(
    view: View,
    name: str,
    type_: type[T],
    spec: ScopeSpec,
    work: Callable[[Part, Reading, Run], Awaitable[T]],
    *,
    algorithm: str,
    parallel: str = "collapsed",
    directed: bool = False,
    fresh: bool = False,
    **parameters: Any,
) -> T:
    """The kept answer of an operation, or what ``work`` makes of the part, which is kept. ``fresh`` works an aged one
    out anew.

    ``type_`` is a struct with the fields ``run`` and ``as_of``; ``parameters`` are all that the answer depends on.
    Raises UsageError, NotFound for a hidden seed, and what ``work`` raises.
    """
    how = {"parallel": parallel, "directed": directed}
    asked = question(name, spec, algorithm, how, parameters)
    kept = await recall(view, asked, spec, **how)
    if kept is not None and not (fresh and kept.run.aged):
        answer = msgspec.msgpack.decode(kept.answer, type=type_)
        return msgspec.structs.replace(answer, run=kept.run, as_of=view.scope.as_of)
    part, found = await read(view, spec, parallel=parallel, directed=directed)
    marked = await asyncio.to_thread(marks, part, found)
    run = begin(view, asked, algorithm, marked.part, scope=spec, **how, **parameters)
    answer = await work(part, found, run)
    await keep(view, asked, run, marked, msgspec.msgpack.encode(answer))
    return answer


async def _still_there(view: View, asked: str, spec: ScopeSpec, **how: Any) -> bool:
    """Whether all that a result was worked out from is there still."""
    try:
        part, found = await read(view, spec, **how)
    except NotFound:  # a seed
        return False

    def work() -> bool:
        results = view.gds.results
        nodes, links = node_digests(found.snapshot, part.member), link_digests(found.snapshot, part.link)
        there = np.isin(results.array(asked, "nodes"), nodes).all()
        return bool(there and np.isin(results.array(asked, "links"), links).all())

    return await asyncio.to_thread(work)


def _told(view: View, asked: str, gone: list[dict[str, Any]]) -> bool:
    """Whether a result tells of any of these, which its part does not hold."""
    ids = [id_ for row in gone for id_ in (*row["nodes"], *row["links"])]
    return bool(np.isin(text_digests(ids), view.gds.results.array(asked, "beyond")).any())


def _touches(links: Links, row: dict[str, Any]) -> bool:
    """Whether a change is about anything that the caller sees."""
    snapshot = links.snapshot
    numbers = (snapshot.number(id_) for id_ in row["nodes"])
    if any(number >= 0 and links.visible(number) for number in numbers):
        return True
    pairs = zip(row["links"], row["link_kinds"], strict=True)
    return any(_sees(links, snapshot.link_number(id_, kind)) for id_, kind in pairs if kind in TYPE_CODES)


def _sees(links: Links, number: int) -> bool:
    start = links.snapshot.link_start(number) if number >= 0 else -1
    if start < 0 or not links.visible(start):
        return False
    graph = links.snapshot.graph
    entries = links.snapshot.entries_of(start)
    for other, handling, retain, _ in graph.hot[entries][graph.cold[entries, LINK] == number].tolist():
        return bool(links.mask[handling] and retain >= links.today and links.visible(other))
    return False


def text_digests(ids: Iterable[str]) -> Array:
    """The same figures for ids as texts."""
    from graphsvc.topology.names import Names

    return _digests(Names.of([]), np.zeros(0, np.int64), list(ids))


def node_digests(snapshot: Snapshot, numbers: Array) -> Array:
    """One figure for the id of each record, the same in every process and generation."""
    added = [
        snapshot.added.ids[number - snapshot.graph.size] for number in numbers[numbers >= snapshot.graph.size]
    ]
    return _digests(snapshot.ids, numbers[numbers < snapshot.graph.size], added)


def link_digests(snapshot: Snapshot, numbers: Array) -> Array:
    """The same for links."""
    base = len(snapshot.links)
    added = [snapshot.added.links[number - base] for number in numbers[numbers >= base]]
    return _digests(snapshot.links, numbers[numbers < base], added)


def _digests(names: Any, numbers: Array, added: list[str]) -> Array:
    from graphsvc.topology.kernels.whole import digests
    from graphsvc.topology.names import Names

    later = Names.of(added)
    parts = [(names, numbers.astype(np.int64)), (later, np.arange(len(added), dtype=np.int64))]
    return np.concatenate(
        [digests(np.frombuffer(table.blob, np.uint8), np.asarray(table.ends), at) for table, at in parts]
    )
