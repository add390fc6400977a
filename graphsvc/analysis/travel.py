"""Operation 18: who travels together, measured against how busy the route is."""

from collections import defaultdict
from itertools import combinations
from typing import Annotated

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.around import EvidenceLink, Roots, Tie, around, seeds, sources
from graphsvc.analysis.evidence import day
from graphsvc.errors import UsageError
from graphsvc.topology.layout import FAR

TRIPS = ("trip", "crossing", "booking")
ASHORE = frozenset({"payer", "organiser", "recruiter", "sender", "receiver", "caller", "called", "host"})
"""Roles of those who need not have been on the trip."""
MOST_EVENTS = 20_000
MOST_ABOARD = 60
"""More than so many known parties on one trip, such as a cruise, say nothing of who belongs together."""


class TravelPair(msgspec.Struct, frozen=True):
    """Two who were on the same trips. ``lift`` compares with chance on trips between the same two countries."""

    one: Annotated[str, Meta(description="Id of one; the first of its identity.")]
    other: Annotated[str, Meta(description="Id of the other.")]
    trips: Annotated[tuple[str, ...], Meta(description="The trips they share, by id.")]
    expected: Annotated[float, Meta(description="Shared trips that chance would give on these routes.")]
    lift: Annotated[float, Meta(description="Shared trips by expected ones.")]
    evidence: Annotated[tuple[EvidenceLink, ...], Meta(description="The links that it rests on.")]


class CoTravel(msgspec.Struct, frozen=True):
    """Pairs with the most shared trips first, then by lift and ids."""

    pairs: Annotated[tuple[TravelPair, ...], Meta(description="The pairs.")]
    trips: Annotated[int, Meta(description="Trips on the routes that were looked at.")]
    truncated: Annotated[bool, Meta(description="There are more trips or links than one question reads.")]
    left_out: Annotated[tuple[str, ...], Meta(description="What was left out, in words.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


async def co_travel(
    view: View,
    *,
    id: str | None = None,
    origin: str | None = None,
    destination: str | None = None,
    since: str | None = None,
    until: str | None = None,
    least_trips: int = 2,
    least_lift: float = 0.0,
    first: int = 100,
) -> CoTravel:
    """Pairs that travelled together, of one person or on one route. Raises NotFound, UsageError.

    Trips are the same when they are one record or identity, or have the same named route, countries and day.
    Victims, witnesses and smuggled migrants are left out, and so are trips without origin or destination.
    """
    if id is None and (not origin or not destination):
        raise UsageError("name a person, or both the origin and the destination of a route.")
    window = day(since), day(until, last=True)
    reading = _Reading(
        view, (-FAR if window[0] is None else window[0], FAR if window[1] is None else window[1])
    )
    if id is not None:
        await reading.person(id)
    else:
        await reading.lane(str(origin), str(destination))
    await reading.parties()
    pairs = reading.pairs(least_trips, least_lift, None if id is None else reading.roots[id])
    said = (
        "victims, witnesses and smuggled migrants",
        "those who paid for a trip, arranged it or recruited for it",
        f"pairs with fewer than {least_trips} shared trips or a lift under {least_lift:g}",
        f"trips with more than {MOST_ABOARD} known parties",
        "trips without a day, an origin or a destination",
    )
    return CoTravel(
        pairs[:first], len(reading.trip), reading.truncated or len(pairs) > first, said, view.scope.as_of
    )


Lane = tuple[str, str]


class _Reading:
    """The trips of a question: ``trip`` maps each event to the trip that it is, ``lanes`` each trip to its lane."""

    def __init__(self, view: View, window: tuple[int, int]) -> None:
        self.view, self.window = view, window
        self.roots = Roots(view)
        self.trip: dict[str, str] = {}
        self.lanes: dict[str, Lane] = {}
        self.aboard: dict[str, dict[str, list[Tie]]] = defaultdict(lambda: defaultdict(list))
        self.truncated = False

    async def person(self, id_: str) -> None:
        mine = (await seeds(self.view, [id_]))[id_]
        await self.roots.learn(mine)
        ties, cut = await around(self.view, mine, ["PARTICIPATED_IN"], ["Event"])
        self.truncated |= cut
        lanes = {
            (tie.record["origin"], tie.record["destination"])
            for tie in ties
            if tie.record["type"] in TRIPS and tie.record.get("origin") and tie.record.get("destination")
        }
        for lane in sorted(lanes):
            await self.lane(*lane)

    async def lane(self, origin: str, destination: str) -> None:
        rows = await self.view.rows(
            "links/events", types=list(TRIPS), areas=[], since=self.window[0], until=self.window[1],
            origin=origin, destination=destination, most=MOST_EVENTS + 1,
        )  # fmt: skip
        self.truncated |= len(rows) > MOST_EVENTS
        events = [row["record"] for row in rows[:MOST_EVENTS]]
        await self.roots.learn(event["id"] for event in events)
        named: dict[tuple[str, int], str] = {}
        for event in sorted(events, key=lambda event: str(event["id"])):
            trip = self.roots[event["id"]]
            if event.get("route") and event["first_day"] == event["last_day"]:
                trip = named.setdefault((event["route"], event["first_day"]), trip)
            self.trip[event["id"]] = trip
            self.lanes[trip] = (origin, destination)

    async def parties(self) -> None:
        ties, cut = await around(
            self.view, self.trip, ["PARTICIPATED_IN"], ["Person", "Organization"], most=100_000
        )
        self.truncated |= cut
        ties = [tie for tie in ties if not tie.protected and tie.role not in ASHORE]
        await self.roots.learn(tie.other for tie in ties)
        for tie in ties:
            self.aboard[self.trip[tie.id]][self.roots[tie.other]].append(tie)

    def pairs(self, least: int, lift: float, me: str | None) -> tuple[TravelPair, ...]:
        shared: dict[tuple[str, str], list[str]] = defaultdict(list)
        made: dict[tuple[str, Lane], int] = defaultdict(int)
        volume: dict[Lane, int] = defaultdict(int)
        for trip, lane in self.lanes.items():
            volume[lane] += 1
            people = sorted(self.aboard[trip])
            for who in people:
                made[who, lane] += 1
            if len(people) <= MOST_ABOARD:
                for one, other in combinations(people, 2):
                    if me is None or me in (one, other):
                        shared[one, other].append(trip)
        found = [
            self._pair(*pair, trips, made, volume) for pair, trips in shared.items() if len(trips) >= least
        ]
        found = [pair for pair in found if pair.lift >= lift]
        return tuple(sorted(found, key=lambda pair: (-len(pair.trips), -pair.lift, pair.one, pair.other)))

    def _pair(
        self,
        one: str,
        other: str,
        trips: list[str],
        made: dict[tuple[str, Lane], int],
        volume: dict[Lane, int],
    ) -> TravelPair:
        lanes = {self.lanes[trip] for trip in trips}
        expected = sum(made[one, lane] * made[other, lane] / volume[lane] for lane in lanes)
        return TravelPair(
            one, other, tuple(sorted(trips)), round(expected, 4), round(len(trips) / expected, 4),
            sources(tie for trip in trips for who in (one, other) for tie in self.aboard[trip][who]),
        )  # fmt: skip
