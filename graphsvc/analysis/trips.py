"""Trips with their parties, and what stands around those: what the rules on trafficking look at."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from graphsvc.access.view import View
from graphsvc.analysis.around import Roots, Tie, around, seeds
from graphsvc.topology.layout import FAR

TRIPS = ("trip", "crossing", "booking")
MOST_EVENTS = 5_000
REGISTERED = ("company", "public_body")


class Scene:
    """Trips with their parties, and what those hold, use and are to one another. People go by their identity."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.roots = Roots(view)
        self.events: dict[str, dict[str, Any]] = {}
        self.parties: dict[str, list[Tie]] = defaultdict(list)
        self.people: dict[str, list[dict[str, Any]]] = {}
        self.things: list[Tie] = []
        self.kin: dict[str, set[str]] = defaultdict(set)
        self.firms: dict[str, str] = {}
        self.bodies: dict[str, str] = {}
        self.when: dict[str, int | None] = {}
        self.truncated = False

    async def read(
        self, ids: Sequence[str] | None, areas: Sequence[str], since: int | None, until: int | None
    ) -> None:
        low, high = -FAR if since is None else since, FAR if until is None else until
        found = await (self._all(areas, low, high) if ids is None else self._near(ids))
        events = [
            event
            for event in found
            if event["type"] in TRIPS
            and (event.get("first_day") is None or low <= event["first_day"] <= high)
            and (not areas or set(areas) & set(event.get("areas") or ()))
        ]
        self.truncated |= len(events) > MOST_EVENTS
        self.events = {event["id"]: event for event in events[:MOST_EVENTS]}
        await self.roots.learn(self.events)
        self.when = {self.roots[id_]: event.get("first_day") for id_, event in self.events.items()}
        for tie in await self._around(self.events, ["PARTICIPATED_IN"], ["Person", "Organization"]):
            self.parties[self.roots[tie.id]].append(tie)
        people = {tie.other for ties in self.parties.values() for tie in ties} | set(ids or ())
        await self.roots.learn(people)
        await self._surroundings(self.roots.all(people))

    async def _around(self, ids: Any, types: Sequence[str], kinds: Sequence[str]) -> list[Tie]:
        ties, cut = await around(self.view, ids, types, kinds, most=50_000)
        self.truncated |= cut
        await self.roots.learn(tie.other for tie in ties)
        return ties

    async def _all(self, areas: Sequence[str], low: int, high: int) -> list[dict[str, Any]]:
        rows = await self.view.rows(
            "links/events", types=list(TRIPS), areas=list(areas), since=low, until=high,
            origin="", destination="", most=MOST_EVENTS + 1,
        )  # fmt: skip
        return [row["record"] for row in rows]

    async def _near(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Trips of the records, and of all who stand in a case with them."""
        members = await seeds(self.view, ids)
        await self.roots.learn(ids)
        near = {member for found in members.values() for member in found}
        cases = await self._around(near, ["INVOLVED_IN", "PART_OF"], ["Case", "Person"])
        near |= self.roots.all(tie.other for tie in cases)
        others = await self._around(near, ["INVOLVED_IN", "INVOLVES"], ["Person", "Document", "Phone"])
        near |= self.roots.all(tie.other for tie in others)
        ties = await self._around(near, ["PARTICIPATED_IN", "PART_OF"], ["Event"])
        own = await self.view.rows("identity/records", ids=sorted(near))
        events = {row["record"]["id"]: row["record"] for row in own if row["record"]["kind"] == "Event"}
        events |= {tie.other: tie.record for tie in ties}
        await self._things_of(near)
        return [events[id_] for id_ in sorted(events)]

    async def _things_of(self, ids: set[str]) -> None:
        ties = await self._around(
            ids, ["HOLDS", "USED", "USES"], ["Document", "Phone", "Person", "Organization"]
        )
        await self.roots.learn(tie.id for tie in ties)
        self.things += ties

    async def _surroundings(self, people: set[str]) -> None:
        await self._things_of(people)
        things = self.roots.all(tie.link["to"] for tie in self.things)
        await self._things_of(things)
        kin = await self._around(people, ["FAMILY_OF", "LIVES_AT"], ["Person", "Location"])
        await self.roots.learn(tie.id for tie in kin)
        for tie in kin:
            one, other = self.roots[tie.id], self.roots[tie.other]
            self.kin[one].add(other)
            self.kin[other].add(one)
        for tie in await self._around(people, ["DIRECTS", "MEMBER_OF"], ["Organization"]):
            if tie.record.get("type") in REGISTERED and tie.record.get("registration"):
                bodies = self.firms if tie.type == "DIRECTS" else self.bodies
                bodies.setdefault(self.roots[tie.id], self.roots[tie.other])
        users = {tie.link["from"] for tie in self.things}
        own = await self.view.rows("identity/records", ids=sorted(people | self.roots.all(users)))
        for row in own:
            self.people.setdefault(self.roots[row["record"]["id"]], []).append(row["record"])

    def in_role(self, trip: str, *roles: str) -> dict[str, list[Tie]]:
        """Parties of a trip in some roles, by identity."""
        found: dict[str, list[Tie]] = defaultdict(list)
        for tie in self.parties[trip]:
            if tie.role in roles:
                found[self.roots[tie.other]].append(tie)
        return found

    def body_of(self, people: Iterable[str]) -> str | None:
        """The one registered body that all of some people direct or are members of."""
        found = {self.firms.get(one) or self.bodies.get(one) for one in people}
        return found.pop() if len(found) == 1 else None

    def unrelated(self, people: set[str]) -> int:
        """How many of the people are left when relatives and those who live together count once."""
        left, count = set(people), 0
        while left:
            count += 1
            front = {min(left)}
            seen: set[str] = set()
            while front:
                seen |= front
                front = {other for one in front for other in self.kin[one]} - seen
            left -= seen
        return count
