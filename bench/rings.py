"""What is planted in a synthetic world, and how much of it the questions of link analysis find: precision and recall.

The truth is the sample's own: ``truth/groups.json`` says who belongs to which planted group and whether it is innocent,
``truth/circles.csv`` who moves in one circle. A finding with a known innocent explanation is no lead and counts as not
found. Nothing is timed.
"""

import asyncio
import csv
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.figures import Figure
from graphsvc.access.caller import Caller
from graphsvc.access.view import Door, View
from graphsvc.analysis.cyber import cyber_pivot
from graphsvc.analysis.money import money_flows
from graphsvc.analysis.offenders import co_offenders
from graphsvc.analysis.trafficking import Indicator, trafficking_indicators
from graphsvc.analysis.travel import co_travel
from graphsvc.localdb import server as localdb
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.sample.make import make
from graphsvc.settings import Settings, settings

SIZE = 20_000
SEED = 7
LEAST_LIFT = 2.0
WANTED = frozenset(
    {
        ("one_payer", "ro-cases:p-ring-organiser"),
        ("held_documents", "ro-cases:p-ring-courier"),
        ("shared_document", "es-cases:d-ring-passport"),
    }
)
"""The indicators that the planted ring gives by what its files say; the records are the first of their identities."""
SUSPECTS = {
    "ro-cases": ("p-ring-organiser", "p-ring-recruiter", "p-ring-courier"),
    "es-cases": ("p-ring-driver", "p-ring-keeper"),
    "fr-cases": ("p-ring-boss", "p-ring-landlord", "p-ring-lookout"),
    "bg-cases": tuple(f"p-gang-member{n}" for n in range(1, 6)),
}
"""The suspects of each planted case."""
GANG = frozenset(
    [
        *(f"bg-cases:inf-gang-{name}" for name in ("control", "relay1", "relay2", "lure", "shared")),
        *(f"bg-cases:oa-gang-handle{number}" for number in range(2, 6)),
        *("es-cases:inf-gang-control", "es-cases:wal-gang-ransom"),
        *("bg-cases:wal-gang-ransom", "bg-cases:f-gang-sample", "bg-cases:cert-gang-cert"),
    ]
)
"""The planted gang's infrastructure, handles and wallet, in both files."""


class Score(msgspec.Struct, frozen=True):
    """How many of the findings are right, and how many of those wanted are found, between 0 and 1."""

    name: str
    found: int
    right: int
    wanted: int
    hit: int

    @property
    def precision(self) -> float:
        """Right ones of those found; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Found ones of those wanted; 1 when nothing was."""
        return self.hit / self.wanted if self.wanted else 1.0


def score(name: str, found: Iterable[Any], wanted: Iterable[Any]) -> Score:
    """The score where exactly those wanted are right."""
    one, other = set(found), set(wanted)
    return Score(name, len(one), len(one & other), len(other), len(one & other))


async def scores(view: View, folder: Path) -> tuple[Score, ...]:
    """The scores of a loaded world, whose files lie in a folder."""
    groups = {one["name"]: one for one in json.loads((folder / "truth" / "groups.json").read_text("utf-8"))}
    return (
        *await _indicators(view, groups),
        await _money(view, groups),
        await _co_offending(view),
        await _co_travel(view, folder),
        await _cyber(view),
    )


async def _indicators(view: View, groups: dict[str, Any]) -> tuple[Score, ...]:
    """On the trips of the planted groups' own records, and on all trips of the world."""
    members = {id_ for group in groups.values() for id_ in group["members"] if ":p-" in id_ or ":e-" in id_}
    planted = await trafficking_indicators(view, ids=sorted(members)[:500], first=10_000)
    everywhere = await trafficking_indicators(view, first=10_000)
    criminal = {id_ for group in groups.values() if group["criminal"] for id_ in group["members"]}
    own = {id_ for group in groups.values() for id_ in group["members"]}
    return (
        score("indicators, planted groups", _leads(i for i in planted.indicators if i.about in own), WANTED),
        Score(
            "indicators, all trips",
            len(leads := _leads(everywhere.indicators)),
            sum(about in criminal for _, about in leads),
            len(WANTED),
            len(leads & WANTED),
        ),
    )


def _leads(indicators: Iterable[Indicator]) -> set[tuple[str, str]]:
    return {(one.rule, one.about) for one in indicators if one.explanation is None}


async def _money(view: View, groups: dict[str, Any]) -> Score:
    """The chain from whoever pays first; a shape is right when it is of the planted payments alone."""
    chain = groups["chain"]["expected"]
    flows = (await money_flows(view, chain["path"]["from"], hops=6)).flows
    found = {frozenset(payment.id for payment in flow.payments) for flow in flows if flow.explanation is None}
    return score("money flows", found, {frozenset(chain["money"])})


async def _co_offending(view: View) -> Score:
    found, wanted = set(), set()
    for source, names in SUSPECTS.items():
        people = {f"{source}:{name}" for name in names}
        wanted |= {(one, other) for one in people for other in people - {one}}
        for one in people:
            found |= {(one, other.id) for other in (await co_offenders(view, one)).found}
    return score("co-offending", found, wanted)


async def _co_travel(view: View, folder: Path) -> Score:
    """Pairs on every lane of the world; right are those who move in one circle, and innocents are never wanted."""
    circle = _circles(folder)
    pairs = set()
    for origin, destination in sorted(_lanes(folder)):
        found = await co_travel(
            view, origin=origin, destination=destination, least_lift=LEAST_LIFT, first=10_000
        )
        pairs |= {(pair.one, pair.other) for pair in found.pairs}
    right = sum(one in circle and circle[one] == circle.get(other) for one, other in pairs)
    return Score("co-travel", len(pairs), right, 0, 0)


def _circles(folder: Path) -> dict[str, str]:
    with (folder / "truth" / "circles.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row["circle"] for row in csv.DictReader(stream)}


def _lanes(folder: Path) -> set[tuple[str, str]]:
    found = set()
    for path in folder.glob("*/events.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row["type"] in ("trip", "crossing") and row["origin"] and row["destination"]:
                    found.add((row["origin"], row["destination"]))
    return found


async def _cyber(view: View) -> Score:
    """From the domain in the Spanish attacks; the innocent hosting company's customers are not wanted."""
    found = await cyber_pivot(view, "es-cases:inf-gang-control", hops=4)
    reached = {id_ for one in found.infrastructure for id_ in one.records}
    return score("cyber pivot", reached - {"fr-cases:inf-hosting-ip1"}, GANG)


def run(size: int = SIZE) -> Iterator[Figure]:
    """The figures of a world of its own, loaded in bulk into a private server."""
    from loaders import bulk
    from loaders.catalogue import Request, loaders

    with tempfile.TemporaryDirectory(prefix="graphsvc-bench-") as folder:
        world = Path(folder) / "world"
        make(world, size, SEED)
        given = Settings(
            data_dir=Path(folder) / "data", bolt_port=0, neo4j_heap_mb=1024, jars_dir=settings().jars_home
        )
        try:
            bulk.load(given, list(loaders(Request("world", [world]))))
            localdb.start(given, lambda text: print(text, file=sys.stderr))
            for one in asyncio.run(_asked(given, world)):
                yield from figures(one)
        finally:
            localdb.stop(given)


async def _asked(given: Settings, world: Path) -> tuple[Score, ...]:
    door = await Door.open(given)
    try:
        caller = Caller("bench", "FR", Level.CONFIDENTIAL, Purpose.INVESTIGATE, case="bench")
        return await scores(await door.view(caller), world)
    finally:
        await door.close()


def figures(one: Score) -> Iterator[Figure]:
    """Precision with what was found, and recall with what was wanted."""
    yield Figure(f"{one.name}: precision of {one.found}", "of 1", round(one.precision, 4))
    if one.wanted:
        yield Figure(f"{one.name}: recall of {one.wanted}", "of 1", round(one.recall, 4))
