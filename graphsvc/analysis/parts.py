"""Reading a part: from what the topology and the store show a caller to the arrays of ``Part``."""

import asyncio
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.access.view import View
from graphsvc.analysis.projection import Part, Rows, ScopeSpec, around, build
from graphsvc.model.vocabulary import PROTECTED_ROLES, Class
from graphsvc.topology.layout import SHIFT
from graphsvc.topology.links import Links
from graphsvc.topology.question import Question
from graphsvc.topology.snapshot import Snapshot

Array = npt.NDArray[Any]

ENDED = ("acquitted", "discontinued")
"""Outcomes that end use as a suspect."""


class Reading:
    """One caller's part of one snapshot, read once and cut as the questions ask."""

    def __init__(self, links: Links, spec: ScopeSpec, victims: list[int]) -> None:
        self.links = links
        self.snapshot: Snapshot = links.snapshot
        self.spec = spec
        self.victims = victims
        self.rank = self.snapshot.ranks(np.arange(self.snapshot.nodes))

    def rows(self, question: Question) -> tuple[Rows, Array]:
        """The links that may be used, and for each record the one that stands for its identity."""
        from graphsvc.topology.kernels.whole import identities, seen, used_links

        graph, rules = self.snapshot.graph, self.links.rules(question)
        saw = seen(graph, rules)
        keep = saw & rules.kinds[graph.card[:, 2] & 0xFF]
        keep &= ~np.isin(graph.card[:, 0], np.array(self.victims, np.int32) + SHIFT)
        found = np.empty((self.snapshot.used.entries // 2 + 1, 4), np.int32)
        made = used_links(graph, rules, keep, found)
        entry = found[:made, 3]
        rows = Rows(
            source=found[:made, 0],
            target=found[:made, 1],
            link=found[:made, 2],
            first=graph.first[entry],
            last=graph.last[entry],
            weight=np.ones(made),
        )
        return rows, identities(graph, rules, saw, keep)

    def numbers(self, links: list[dict[str, Any]]) -> Array:
        """The numbers of links given by id and type."""
        found = (self.snapshot.link_number(row["id"], row["type"]) for row in links)
        return np.array([number for number in found if number >= 0], np.int32)

    def weighted(self, rows: Rows, weights: list[dict[str, Any]]) -> Rows:
        """The rows with the weights that their sources gave; one where they gave none."""
        table = np.ones(len(self.snapshot.links) + len(self.snapshot.added.links))
        for row in weights:
            for id_, weight in zip(row["ids"], row["weights"], strict=True):
                if (number := self.snapshot.link_number(id_, row["type"])) >= 0:
                    table[number] = weight
        return msgspec.structs.replace(rows, weight=table[rows.link])

    def naming(self, rows: Rows, ids: list[str]) -> Rows:
        """The rows of which one end is among these records."""
        named = np.zeros(self.snapshot.nodes, bool)
        named[[number for id_ in ids if (number := self.snapshot.number(id_)) >= 0]] = True
        return rows.take(named[rows.source] | named[rows.target])

    def part(self, rows: Rows, first_of: Array, parallel: str, directed: bool) -> Part:
        """The part, cut to the surroundings of the seeds where there are any."""
        made = build(rows, first_of, self.rank, parallel=parallel, directed=directed)
        if not self.spec.seeds:
            return made
        tops = np.full(self.snapshot.nodes, -1, np.int64)
        tops[made.member] = np.repeat(np.arange(made.size), np.diff(made.start))
        seeds = tops[first_of[[self.links.number(seed) for seed in self.spec.seeds]]]
        near = around(made, seeds[seeds >= 0], self.spec.hops)
        chosen = np.zeros(self.snapshot.nodes, bool)
        chosen[made.member] = near[tops[made.member]]
        rows = rows.take(chosen[first_of[rows.source]] & chosen[first_of[rows.target]])
        return build(rows, first_of, self.rank, parallel=parallel, directed=directed)


async def read(
    view: View, spec: ScopeSpec, *, parallel: str = "counted", directed: bool = False
) -> tuple[Part, Snapshot]:
    """The part that the caller may see within the scope, and the snapshot whose numbers it holds.

    Left out are links in protected roles and in cases that ended, records under the protection of victims, and who
    has no other link. Raises UsageError, and NotFound for a seed that is absent or hidden.
    """
    question = spec.question()
    links = await view.links()
    victims = [number for number in view.scope.held if view.handling(number).class_ == Class.VICTIM]
    reading = Reading(links, spec, victims)
    left_out = await view.rows("groups/left_out", roles=sorted(PROTECTED_ROLES), outcomes=list(ENDED))
    weights = await view.rows("groups/weights") if parallel == "weighted" else []
    named = await _named(view, spec)

    def work() -> Part:
        rows, first_of = reading.rows(question)
        rows = rows.take(~np.isin(rows.link, reading.numbers(left_out)))
        rows = reading.weighted(rows, weights)
        for ids in named:
            rows = reading.naming(rows, ids)
        return reading.part(rows, first_of, parallel, directed)

    return await asyncio.to_thread(work), reading.snapshot


async def _named(view: View, spec: ScopeSpec) -> list[list[str]]:
    if not spec.areas and not spec.countries:
        return []
    found = await view.rows("groups/naming", areas=list(spec.areas), countries=list(spec.countries))
    pairs = ((spec.areas, found[0]["area_ids"]), (spec.countries, found[0]["country_ids"]))
    return [ids for asked, ids in pairs if asked]
