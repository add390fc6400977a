"""Operation 19: indicators of trafficking: rules that say what to look at and on what it rests; nobody is scored."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.around import EvidenceLink, Roots, Tie, around, seeds, sources
from graphsvc.analysis.evidence import day
from graphsvc.errors import UsageError
from graphsvc.model import days
from graphsvc.topology.layout import FAR

TRIPS = ("trip", "crossing", "booking")
MOST_EVENTS = 5_000
MINOR_YEARS = 18
LEAST_TRAVELLERS = 3
LEAST_TRIPS = 2


class IndicatorRule(msgspec.Struct, frozen=True):
    """A rule, its version, and what it means in words."""

    name: Annotated[str, Meta(description="Name of the rule.")]
    version: Annotated[int, Meta(description="Version; it grows whenever the rule would decide otherwise.")]
    help: Annotated[str, Meta(description="What makes it fire.")]


RULES = (
    IndicatorRule(
        "one_payer", 1, "One payer for at least three travellers who are no relatives of one another."
    ),
    IndicatorRule(
        "one_phone", 1, "One phone used by at least three travellers who are no relatives of one another."
    ),
    IndicatorRule("one_escort", 1, "One escort on at least two trips of different travellers."),
    IndicatorRule("held_documents", 1, "Somebody holds documents that others travelled on or used."),
    IndicatorRule(
        "changing_adults", 1, "A minor on at least two trips with different adults who are no relatives."
    ),
    IndicatorRule("shared_document", 1, "One document with several persons."),
)
BY_NAME = {rule.name: rule for rule in RULES}


class Indicator(msgspec.Struct, frozen=True):
    """A rule that fired. It is a reason to look, and says nothing of guilt."""

    rule: Annotated[str, Meta(description="Name of the rule.")]
    version: Annotated[int, Meta(description="Its version.")]
    about: Annotated[str, Meta(description="The record that it fired on; the first of its identity.")]
    with_: Annotated[tuple[str, ...], Meta(description="The others concerned, by id.")]
    events: Annotated[tuple[str, ...], Meta(description="The trips concerned, by id.")]
    explanation: Annotated[
        str | None, Meta(description="A known innocent reason; such indicators come last and are no leads.")
    ]
    evidence: Annotated[tuple[EvidenceLink, ...], Meta(description="The links that it rests on.")]


class Indicators(msgspec.Struct, frozen=True):
    """Rules that fired, those without a known explanation first, then by rule and record."""

    indicators: Annotated[tuple[Indicator, ...], Meta(description="What fired.")]
    rules: Annotated[tuple[IndicatorRule, ...], Meta(description="The rules that were tried.")]
    trips: Annotated[int, Meta(description="Trips that were looked at.")]
    truncated: Annotated[bool, Meta(description="There are more trips or links than one question reads.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


async def trafficking_indicators(
    view: View,
    *,
    ids: Sequence[str] | None = None,
    areas: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    rules: Sequence[str] | None = None,
    first: int = 200,
) -> Indicators:
    """Rules on the trips of some records (persons, cases, trips), or on all trips of areas and a window.

    Travellers are protected where their role says so: they stand in the evidence, and no rule fires on them but
    the one for minors. Raises NotFound, UsageError.
    """
    chosen = [BY_NAME[name] for name in rules or BY_NAME if name in BY_NAME]
    if rules is not None and len(chosen) != len(set(rules)):
        raise UsageError(f"use rules of {', '.join(BY_NAME)}.")
    scene = _Scene(view)
    await scene.read(ids, areas or (), day(since), day(until, last=True))
    found = [indicator for rule in chosen for indicator in FIRING[rule.name](scene)]
    found.sort(key=lambda one: (one.explanation is not None, one.rule, one.about, one.with_))
    cut = scene.truncated or len(found) > first
    return Indicators(tuple(found[:first]), tuple(chosen), len(scene.events), cut, view.scope.as_of)


class _Scene:
    """Trips with their parties, and what those hold, use and are to one another. People go by their identity."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.roots = Roots(view)
        self.events: dict[str, dict[str, Any]] = {}
        self.parties: dict[str, list[Tie]] = defaultdict(list)
        self.people: dict[str, dict[str, Any]] = {}
        self.things: list[Tie] = []
        self.kin: dict[str, set[str]] = defaultdict(set)
        self.firms: dict[str, Tie] = {}
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
        for tie in await self._around(people, ["DIRECTS"], ["Organization"]):
            if tie.record.get("type") == "company" and tie.record.get("registration"):
                self.firms.setdefault(self.roots[tie.id], tie)
        own = await self.view.rows("identity/records", ids=sorted(people))
        self.people = {self.roots[row["record"]["id"]]: row["record"] for row in own}

    def in_role(self, trip: str, *roles: str) -> dict[str, list[Tie]]:
        """Parties of a trip in some roles, by identity."""
        found: dict[str, list[Tie]] = defaultdict(list)
        for tie in self.parties[trip]:
            if tie.role in roles:
                found[self.roots[tie.other]].append(tie)
        return found

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

    def fire(
        self,
        rule: str,
        about: str,
        others: set[str],
        trips: set[str],
        ties: list[Tie],
        why: str | None = None,
    ) -> Indicator:
        return Indicator(
            rule,
            BY_NAME[rule].version,
            about,
            tuple(sorted(others)),
            tuple(sorted(trips)),
            why,
            sources(ties),
        )


TRAVELLERS = ("traveller", "smuggled_migrant", "victim", "")


def one_payer(scene: _Scene) -> Iterator[Indicator]:
    """A payer who directs a registered company, on trips without an escort, may be selling travel."""
    paid: dict[str, dict[str, list[Tie]]] = defaultdict(lambda: defaultdict(list))
    for trip in scene.parties:
        for payer, ties in scene.in_role(trip, "payer").items():
            paid[payer][trip] += ties
    for payer, trips in paid.items():
        aboard = {trip: scene.in_role(trip, *TRAVELLERS) for trip in trips}
        travellers = {who for people in aboard.values() for who in people} - {payer}
        if scene.unrelated(travellers) >= LEAST_TRAVELLERS:
            ties = [tie for own in trips.values() for tie in own]
            ties += [tie for people in aboard.values() for own in people.values() for tie in own]
            escorted = any(scene.in_role(trip, "escort", "recruiter") for trip in trips)
            firm = None if escorted else scene.firms.get(payer)
            why = (
                None
                if firm is None
                else f"directs the registered company {firm.other}, and no trip had an escort"
            )
            yield scene.fire("one_payer", payer, travellers, set(trips), ties, why)


def one_phone(scene: _Scene) -> Iterator[Indicator]:
    """Phones of travellers."""
    on_trips = {who for trip in scene.parties for who in scene.in_role(trip, *TRAVELLERS)}
    users: dict[str, dict[str, list[Tie]]] = defaultdict(lambda: defaultdict(list))
    for tie in scene.things:
        if tie.type == "USES":
            users[scene.roots[tie.link["to"]]][scene.roots[tie.link["from"]]].append(tie)
    for phone, by in users.items():
        travellers = set(by) & on_trips
        if scene.unrelated(travellers) >= LEAST_TRAVELLERS:
            ties = [tie for who in travellers for tie in by[who]]
            yield scene.fire("one_phone", phone, travellers, set(), ties)


def one_escort(scene: _Scene) -> Iterator[Indicator]:
    """Escorts of travellers."""
    trips: dict[str, dict[str, list[Tie]]] = defaultdict(dict)
    for trip in scene.parties:
        for escort, ties in scene.in_role(trip, "escort").items():
            trips[escort][trip] = ties
    for escort, on in trips.items():
        aboard = [frozenset(scene.in_role(trip, *TRAVELLERS)) - {escort} for trip in on]
        if len({people for people in aboard if people}) >= LEAST_TRIPS:
            ties = [tie for own in on.values() for tie in own]
            yield scene.fire(
                "one_escort", escort, {who for people in aboard for who in people}, set(on), ties
            )


def _documents(scene: _Scene) -> dict[str, dict[str, list[Tie]]]:
    found: dict[str, dict[str, list[Tie]]] = defaultdict(lambda: defaultdict(list))
    for tie in scene.things:
        if tie.type in ("HOLDS", "USED"):
            found[scene.roots[tie.link["to"]]][scene.roots[tie.link["from"]]].append(tie)
    return found


def held_documents(scene: _Scene) -> Iterator[Indicator]:
    """Documents that one holds and others use."""
    theirs: dict[str, dict[str, list[Tie]]] = defaultdict(dict)
    for document, people in _documents(scene).items():
        for holder, ties in people.items():
            others = {
                who for who, own in people.items() if who != holder and any(t.type == "USED" for t in own)
            }
            if any(tie.type == "HOLDS" for tie in ties) and others:
                theirs[holder][document] = ties + [tie for who in others for tie in people[who]]
    for holder, documents in theirs.items():
        ties = [tie for own in documents.values() for tie in own]
        yield scene.fire("held_documents", holder, set(documents), set(), ties)


def shared_document(scene: _Scene) -> Iterator[Indicator]:
    """Documents that several hold or use."""
    for document, people in _documents(scene).items():
        if len(people) > 1:
            yield scene.fire(
                "shared_document", document, set(people), set(), [t for own in people.values() for t in own]
            )


def changing_adults(scene: _Scene) -> Iterator[Indicator]:
    """Minors who travel with now these, now those."""
    trips: dict[str, dict[str, set[str]]] = defaultdict(dict)
    ties: dict[str, list[Tie]] = defaultdict(list)
    for trip, parties in scene.parties.items():
        minors = {scene.roots[tie.other] for tie in parties if _minor(scene, tie.other, trip)}
        adults = {scene.roots[tie.other] for tie in parties} - minors
        for minor in minors:
            strangers = {adult for adult in adults if scene.unrelated({minor, adult}) > 1}
            if strangers:
                trips[minor][trip] = strangers
                ties[minor] += parties
    for minor, on in trips.items():
        sets = list(on.values())
        if len(on) >= LEAST_TRIPS and any(not one & other for one in sets for other in sets):
            yield scene.fire(
                "changing_adults", minor, {who for people in sets for who in people}, set(on), ties[minor]
            )


def _minor(scene: _Scene, id_: str, trip: str) -> bool:
    born = scene.people.get(scene.roots[id_], {}).get("birth_date")
    when = scene.when.get(trip)
    if born is None or when is None:
        return False
    return bool(
        when < days.last_day(f"{int(str(born)[:4]) + MINOR_YEARS}{str(born)[4:]}".replace("-02-29", "-02-28"))
    )


FIRING = {
    "one_payer": one_payer,
    "one_phone": one_phone,
    "one_escort": one_escort,
    "held_documents": held_documents,
    "changing_adults": changing_adults,
    "shared_document": shared_document,
}
