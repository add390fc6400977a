"""Reading a part: from what the topology and the store show a caller to the arrays of ``Part``."""

import asyncio
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.access.view import View
from graphsvc.analysis.projection import Part, Rows, ScopeSpec, around, build
from graphsvc.model.vocabulary import PROTECTED_ROLES, Class
from graphsvc.topology.layout import FAR, FIRST, LAST, RETAIN, SHIFT
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question
from graphsvc.topology.snapshot import Snapshot

Array = npt.NDArray[Any]
Found = list[dict[str, Any]]

ENDED = ("acquitted", "discontinued")
"""Outcomes that end use as a suspect."""


class Told(msgspec.Struct, frozen=True):
    """What the store tells of a scope beside the topology: links left out, weights, and records that name the areas
    and the countries asked for, a list for each of the two that was asked. ``based`` are the ties that rest on one of
    the bases asked for, None for all links."""

    left_out: Found
    weights: Found
    naming: list[list[str]]
    based: Found | None
    victims: list[int]


class Reading:
    """One caller's part of one snapshot."""

    def __init__(self, links: Links, spec: ScopeSpec, question: Question, told: Told) -> None:
        self.links = links
        self.snapshot: Snapshot = links.snapshot
        self.spec = spec
        self.question = question
        self.told = told
        self.rank = self.snapshot.ranks(np.arange(self.snapshot.nodes))

    def part(self, parallel: str, directed: bool) -> Part:
        """The part, cut to the surroundings of the seeds where there are any."""
        rows, first_of = self._rows()
        rows = rows.take(~np.isin(rows.link, self._numbers(self.told.left_out)))
        if self.told.based is not None:
            rows = rows.take(np.isin(rows.link, self._numbers(self.told.based)))
        if parallel == "weighted":
            rows = msgspec.structs.replace(rows, weight=self._weights()[rows.link])
        for ids in self.told.naming:
            named = np.zeros(self.snapshot.nodes, bool)
            named[[number for id_ in ids if (number := self.snapshot.number(id_)) >= 0]] = True
            rows = rows.take(named[rows.source] | named[rows.target])
        made = build(rows, first_of, self.rank, parallel=parallel, directed=directed)
        if not self.spec.seeds:
            return made
        near = self._near(made, first_of)[first_of]
        rows = rows.take(near[rows.source] & near[rows.target])
        return build(rows, first_of, self.rank, parallel=parallel, directed=directed)

    def until(self, part: Part) -> int:
        """The last day on which everything in the part may be used."""
        graph = self.snapshot.graph
        days = [part.retain.min(initial=FAR), graph.card[part.member, 1].min(initial=FAR)]
        judged = graph.tie_card[(graph.tie_card[:, 3] >= 0) & (graph.tie_card[:, 1] >= self.links.today)]
        return int(min(*days, judged[self.links.mask[judged[:, 0]], 1].min(initial=FAR)))

    def _rows(self) -> tuple[Rows, Array]:
        """The links that may be used, and for each record the one that stands for its identity."""
        from graphsvc.topology.kernels.whole import identities, seen, used_links

        graph, rules = self.snapshot.graph, self.links.rules(self.question)
        saw = seen(graph, rules)
        keep = saw & rules.kinds[graph.card[:, 2] & 0xFF]
        keep &= ~np.isin(graph.card[:, 0], np.array(self.told.victims, np.int32) + SHIFT)
        found = np.empty((self.snapshot.used.entries // 2 + 1, 4), np.int32)
        made = used_links(graph, rules, keep, found)
        entry = found[:made, 3]
        rows = Rows(
            source=found[:made, 0],
            target=found[:made, 1],
            link=found[:made, 2],
            first=graph.cold[entry, FIRST],
            last=graph.cold[entry, LAST],
            retain=graph.hot[entry, RETAIN],
            weight=np.ones(made),
        )
        return rows, identities(graph, rules, saw, keep)

    def _numbers(self, links: Found) -> Array:
        found = (self.snapshot.link_number(row["id"], row["type"]) for row in links)
        return np.array([number for number in found if number >= 0], np.int32)

    def _weights(self) -> Array:
        """What each link weighs by itself: what its source counted, or one."""
        table = np.ones(len(self.snapshot.links) + len(self.snapshot.added.links))
        for row in self.told.weights:
            for id_, weight in zip(row["ids"], row["weights"], strict=True):
                if (number := self.snapshot.link_number(id_, row["type"])) >= 0 and weight > 0:
                    table[number] = weight
        return table

    def _near(self, made: Part, first_of: Array) -> Array:
        """Which records stand for an identity near the seeds, so that their links count."""
        vertex = np.full(self.snapshot.nodes, -1, np.int64)
        vertex[made.member] = np.repeat(np.arange(made.size), np.diff(made.start))
        seeds = vertex[first_of[[self.links.number(seed) for seed in self.spec.seeds]]]
        near = np.append(around(made, seeds[seeds >= 0], self.spec.hops), False)
        return near[vertex]


async def reading(view: View, spec: ScopeSpec, *, weighted: bool = False) -> Reading:
    """All that a part is made from. Raises UsageError."""
    question = spec.question()
    links = await view.whole()
    links.rules(question)
    told = Told(
        left_out=await view.rows("groups/left_out", roles=sorted(PROTECTED_ROLES), outcomes=list(ENDED)),
        weights=await view.rows("groups/weights") if weighted else [],
        naming=await _naming(view, spec),
        based=await view.rows("groups/based", bases=list(spec.bases)) if spec.bases else None,
        victims=[number for number in view.scope.held if view.handling(number).class_ == Class.VICTIM],
    )
    return Reading(links, spec, question, told)


async def read(
    view: View, spec: ScopeSpec, *, parallel: str = "counted", directed: bool = False
) -> tuple[Part, Reading]:
    """The part that the caller may see within the scope, and what it was read from.

    Left out are links in protected roles and in cases that ended, records under the protection of victims, and who
    has no other link. Raises UsageError, and NotFound for a seed that is absent or hidden.
    """
    found = await reading(view, spec, weighted=parallel == "weighted")
    return await asyncio.to_thread(found.part, parallel, directed), found


async def _naming(view: View, spec: ScopeSpec) -> list[list[str]]:
    if not spec.areas and not spec.countries:
        return []
    found = await view.rows("groups/naming", areas=list(spec.areas), countries=list(spec.countries))
    pairs = ((spec.areas, found[0]["area_ids"]), (spec.countries, found[0]["country_ids"]))
    return [ids for asked, ids in pairs if asked]
