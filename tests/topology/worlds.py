"""Small worlds for the kernels, and what networkx says of them: the oracle sees only what the caller may see."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any, Protocol

import msgspec
import networkx as nx
import numpy as np
from hypothesis import strategies as st

from graphsvc.topology import assemble
from graphsvc.topology.layout import (
    CONFIDENCE_STEPS,
    FAR,
    FORMAT,
    KIND_CODES,
    KIND_NAMES,
    TYPE_CODES,
    TYPES,
    Meta,
)
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question, stored_confidence
from graphsvc.topology.snapshot import Snapshot
from graphsvc.topology.spaces import Spaces

TODAY = 20_000
KINDS = ("Person", "Vehicle", "Event")
LINK_TYPES = ("ASSOCIATE_OF", "CALLED", "PARTICIPATED_IN")
RETAINED = (None, None, None, TODAY, TODAY - 1)
SPACES = Spaces()


class Node(msgspec.Struct, frozen=True):
    id: str
    kind: str = "Person"
    handling: int = 0
    retain: int | None = None
    keys: tuple[str, ...] = ()
    days: tuple[int, int] | None = None


class Link(msgspec.Struct, frozen=True):
    id: str
    type: str
    from_: str
    to: str
    handling: int = 0
    retain: int | None = None
    days: tuple[int, int] | None = None
    confidence: float | None = None
    decision: str | None = None


class World(msgspec.Struct, frozen=True):
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    handlings: int = 4

    def snapshot(self) -> Snapshot:
        """The arrays of this world, as a build makes them."""
        arrays = self.arrays()
        meta = Meta(
            FORMAT, "world", 0, TYPES, KIND_NAMES, self.digests(), {k: len(v) for k, v in arrays.items()}
        )
        return Snapshot.of(arrays, meta)

    def digests(self) -> list[str]:
        return [f"{(n * 7) % 5}-{n}" for n in range(self.handlings)]

    def arrays(self) -> dict[str, assemble.Array]:
        places = {node.id: at for at, node in enumerate(self.nodes)}
        return assemble.arrays(
            assemble.Nodes(
                [node.id for node in self.nodes],
                np.array([KIND_CODES[node.kind] for node in self.nodes], np.int32),
                np.array([node.handling for node in self.nodes], np.int32),
                np.array([FAR if node.retain is None else node.retain for node in self.nodes], np.int32),
                np.array([node.days[0] if node.days else FAR for node in self.nodes], np.int32),
                np.array([node.days[1] if node.days else -FAR for node in self.nodes], np.int32),
                {at: node.keys for at, node in enumerate(self.nodes) if node.keys},
            ),
            assemble.Links(
                [link.id for link in self.links],
                np.array([TYPE_CODES[link.type] for link in self.links], np.int32),
                np.array([places[link.from_] for link in self.links], np.int32),
                np.array([places[link.to] for link in self.links], np.int32),
                np.array([link.handling for link in self.links], np.int32),
                np.array([FAR if link.retain is None else link.retain for link in self.links], np.int32),
                np.array([link.days[0] if link.days else FAR for link in self.links], np.int32),
                np.array([link.days[1] if link.days else -FAR for link in self.links], np.int32),
                np.array([stored_confidence(link.confidence) for link in self.links], np.int32),
                np.array([assemble.judged(link.type, link.decision) for link in self.links], np.int8),
            ),
            self.digests(),
        )

    def under(self, held: set[int], snapshot: Snapshot | None = None) -> Links:
        """The world as one who holds these handlings sees it."""
        mask = np.zeros(self.handlings, bool)
        mask[list(held)] = True
        return Links(snapshot or self.snapshot(), mask, TODAY, spaces=SPACES)

    def without_hidden(self, held: set[int]) -> "World":
        """The same world, in which what they may not see never was. Numbers of handlings stay."""
        nodes = tuple(n for n in self.nodes if n.handling in held and (n.retain is None or n.retain >= TODAY))
        ids = {node.id for node in nodes}
        links = tuple(
            link
            for link in self.links
            if link.handling in held
            and (link.retain is None or link.retain >= TODAY)
            and {link.from_, link.to} <= ids
        )
        return World(nodes, links, self.handlings)


class Oracle:
    """A visible world by other means: networkx, sets and plain loops."""

    def __init__(self, world: World, held: set[int], question: Question) -> None:
        self.question = question
        self.world = world.without_hidden(held)
        self.kind = {node.id: node.kind for node in self.world.nodes}
        self.event_days = {n.id: n.days for n in self.world.nodes if n.days and n.kind == "Event"}
        self.clusters = self._clusters()
        self.root = {id_: min(members) for members in self.clusters for id_ in members}
        self.links = [link for link in self.world.links if self._usable(link)]

    def _clusters(self) -> list[set[str]]:
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(node.id for node in self.world.nodes)
        holders: dict[str, list[str]] = {}
        for node in self.world.nodes:
            for key in node.keys:
                holders.setdefault(key, []).append(node.id)
        for held in holders.values():
            if len(held) <= self.question.key_cap:
                graph.add_edges_from(combinations(held, 2))
        for link in self.world.links:
            if link.type == "SAME_AS" and link.decision == "same" and self._sure(link):
                graph.add_edge(link.from_, link.to)
        return list(nx.connected_components(graph))

    def _sure(self, link: Link) -> bool:
        least = self.question.least_confidence
        return least <= 0 or (link.confidence is not None and link.confidence >= least)

    def days(self, link: Link) -> tuple[int, int] | None:
        return link.days or self.event_days.get(link.from_) or self.event_days.get(link.to)

    def _usable(self, link: Link) -> bool:
        asked = self.question
        if link.from_ == link.to or (link.type == "SAME_AS" and link.decision):
            return False
        if asked.types is not None and link.type not in asked.types:
            return False
        days = self.days(link)
        if asked.dated or asked.since is not None or asked.until is not None:
            if days is None:
                return False
            if asked.since is not None and days[1] < asked.since:
                return False
            if asked.until is not None and days[0] > asked.until:
                return False
        return self._sure(link)

    def passable(self, *ends: str) -> set[str]:
        """Records that links may be followed through when these are the ends."""
        degree = Counter(end for link in self.links for end in (link.from_, link.to))
        exempt = {self.root[end] for end in ends}
        asked = self.question
        return {
            id_
            for id_, root in self.root.items()
            if root in exempt
            or ((asked.kinds is None or self.kind[id_] in asked.kinds) and degree[id_] <= asked.hub_cap)
        }

    def graph(self, *ends: str) -> "nx.MultiGraph[str]":
        """Clusters and the usable links between them."""
        passable = self.passable(*ends)
        graph: nx.MultiGraph[str] = nx.MultiGraph()
        graph.add_nodes_from(set(self.root.values()))
        for link in self.links:
            one, other = self.root[link.from_], self.root[link.to]
            if one != other and {link.from_, link.to} <= passable:
                graph.add_edge(one, other, key=(link.type, link.id), link=link)
        return graph

    def within(self, seeds: list[str], hops: int) -> tuple[dict[str, int], set[str]]:
        """Records by hops from the seeds, and those that have too many links to be walked through."""
        degree = Counter(end for link in self.links for end in (link.from_, link.to))
        asked = self.question
        members = {
            self.root[id_]: {m for m in self.root if self.root[m] == self.root[id_]} for id_ in self.root
        }
        found = {id_: 0 for seed in seeds for id_ in members[self.root[seed]]}
        held_back = set()
        for hop in range(hops):
            for id_ in [id_ for id_, at in found.items() if at == hop]:
                if hop and degree[id_] > asked.hub_cap:
                    held_back.add(id_)
                    continue
                for link in self.links:
                    if id_ not in (link.from_, link.to):
                        continue
                    other = link.to if link.from_ == id_ else link.from_
                    if asked.kinds is None or self.kind[other] in asked.kinds:
                        for member in members[self.root[other]]:
                            found.setdefault(member, hop + 1)
        return found, held_back

    def paths(self, a: str, b: str, most: int) -> Iterator[tuple[str, ...]]:
        """All paths without loops in order of length and then of ids."""
        one, other = self.root[a], self.root[b]
        if one == other:
            return iter([(one,)])
        graph: nx.Graph[str] = nx.Graph(self.graph(a, b))
        found = {tuple(path) for path in nx.all_simple_paths(graph, one, other, cutoff=most)}
        return iter(sorted(found, key=lambda path: (len(path), path)))


def arrival(path: tuple[str, ...], graph: "nx.MultiGraph[str]", oracle: "Oracle") -> int | None:
    """The earliest day at which a path can be walked to its end, dates never going back."""
    day = -FAR
    for one, other in pairwise(path):
        spans = [oracle.days(data["link"]) for data in (graph.get_edge_data(one, other) or {}).values()]
        reached = [max(day, span[0]) for span in spans if span and span[1] >= day]
        if not reached:
            return None
        day = min(reached)
    return day


class Pick(Protocol):
    """Where a world takes its chances from, such as ``random.Random``."""

    def randint(self, a: int, b: int, /) -> int: ...
    def choice(self, seq: Any, /) -> Any: ...


class Drawn(msgspec.Struct):
    """Chances that hypothesis draws one by one, so that it can make a world that fails smaller."""

    draw: st.DrawFn

    def randint(self, a: int, b: int, /) -> int:
        return self.draw(st.integers(a, b))

    def choice(self, seq: Any, /) -> Any:
        return self.draw(st.sampled_from(seq))


SMALLER = os.environ.get("GRAPHSVC_SHRINK", "1") == "1"
"""Whether a world that fails is made smaller. Drawing each number of it takes twenty times as long as asking."""


def worlds(most_nodes: int = 14, most_links: int = 34) -> st.SearchStrategy[World]:
    """Worlds with several owners, expiry, shared keys, judgements, parallel links and loops."""
    if not SMALLER:
        return st.integers(0, 2**64 - 1).map(lambda seed: chance(random.Random(seed), most_nodes, most_links))

    @st.composite
    def make(draw: st.DrawFn) -> World:
        return chance(Drawn(draw), most_nodes, most_links)

    return make()


def chance(pick: Pick, most_nodes: int, most_links: int) -> World:
    """A world by chance."""
    nodes = tuple(_node(pick, n) for n in range(pick.randint(2, most_nodes)))
    ids = [node.id for node in nodes]
    return World(nodes, tuple(_link(pick, n, ids) for n in range(pick.randint(0, most_links))))


def _node(pick: Pick, n: int) -> Node:
    kind = pick.choice(KINDS)
    return Node(
        f"s{pick.randint(0, 2)}:{n}",
        kind,
        pick.randint(0, 3),
        pick.choice(RETAINED),
        (pick.choice("kmnop"),) if n % 2 and pick.choice((False, True)) else (),
        _days(pick) if n % 3 == 0 and kind == "Event" else None,
    )


def _link(pick: Pick, n: int, ids: list[str]) -> Link:
    type_ = pick.choice((*LINK_TYPES, *LINK_TYPES, "SAME_AS"))
    return Link(
        f"l:{n}",
        type_,
        pick.choice(ids),
        pick.choice(ids),
        pick.randint(0, 3),
        pick.choice(RETAINED),
        _days(pick),
        pick.randint(0, CONFIDENCE_STEPS) / CONFIDENCE_STEPS if pick.choice((False, True)) else None,
        pick.choice(("same", "different", None)) if type_ == "SAME_AS" else None,
    )


def _days(pick: Pick) -> tuple[int, int] | None:
    if pick.choice((True, False)):
        return None
    first = pick.randint(0, 9)
    return first, first + pick.randint(0, 4)


def questions() -> st.SearchStrategy[Question]:
    """Questions with every restriction, most of the time with none or one of them."""
    some = st.booleans
    day = st.none() | st.integers(0, 12)

    @st.composite
    def make(draw: st.DrawFn) -> Question:
        return Question(
            types=frozenset(draw(st.sets(st.sampled_from(LINK_TYPES), min_size=2))) if draw(some()) else None,
            kinds=frozenset(draw(st.sets(st.sampled_from(KINDS), min_size=2))) if draw(some()) else None,
            since=draw(day) if draw(some()) else None,
            until=draw(day) if draw(some()) else None,
            least_confidence=draw(st.sampled_from((0.0, 0.0, 0.3, 0.6))),
            hub_cap=draw(st.sampled_from((1000, 1000, 6, 3))),
            key_cap=draw(st.sampled_from((100, 3, 2))),
        )

    return make()
