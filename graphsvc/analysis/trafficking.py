"""Operation 19: indicators of trafficking: rules that say what to look at and on what it rests; nobody is scored."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.around import EvidenceLink, Tie, sources
from graphsvc.analysis.evidence import day
from graphsvc.analysis.trips import Scene
from graphsvc.errors import UsageError
from graphsvc.model import days
from graphsvc.model.derive import words

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
    IndicatorRule("one_escort", 2, "One escort on at least two trips of different travellers."),
    IndicatorRule(
        "held_documents", 2,
        "Somebody who is no relative holds documents that others used, or that travellers on other trips hold too.",
    ),
    IndicatorRule(
        "changing_adults", 2, "A minor on at least two trips with different adults who are no relatives."
    ),
    IndicatorRule(
        "shared_document", 2, "One document with several persons; explained where they seem to be one in two files."
    ),
)  # fmt: skip
LEFT_OUT = (
    "no rule fires on victims, witnesses and smuggled migrants, who stand in the evidence, but for that on minors",
    "relatives and those who live together count as one",
    "trips without a day, unless they are asked for by id",
)
ALIKE = 85
"""Likeness of two names, of 100, from which on one person may stand in two files."""
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
    left_out: Annotated[tuple[str, ...], Meta(description="What was left out, in words.")]
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
    scene = Scene(view)
    await scene.read(ids, areas or (), day(since), day(until, last=True))
    found = [indicator for rule in chosen for indicator in FIRING[rule.name](scene)]
    found.sort(key=lambda one: (one.explanation is not None, one.rule, one.about, one.with_))
    cut = scene.truncated or len(found) > first
    return Indicators(tuple(found[:first]), tuple(chosen), len(scene.events), cut, LEFT_OUT, view.scope.as_of)


def _fire(
    rule: str, about: str, others: set[str], trips: set[str], ties: list[Tie], why: str | None = None
) -> Indicator:
    version = BY_NAME[rule].version
    return Indicator(rule, version, about, tuple(sorted(others)), tuple(sorted(trips)), why, sources(ties))


TRAVELLERS = ("traveller", "smuggled_migrant", "victim", "")


def one_payer(scene: Scene) -> Iterator[Indicator]:
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
            why = None if firm is None else f"directs the registered body {firm}, and no trip had an escort"
            yield _fire("one_payer", payer, travellers, set(trips), ties, why)


def one_phone(scene: Scene) -> Iterator[Indicator]:
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
            yield _fire("one_phone", phone, travellers, set(), ties)


def one_escort(scene: Scene) -> Iterator[Indicator]:
    """Escorts of travellers."""
    trips: dict[str, dict[str, list[Tie]]] = defaultdict(dict)
    for trip in scene.parties:
        for escort, ties in scene.in_role(trip, "escort").items():
            trips[escort][trip] = ties
    for escort, on in trips.items():
        aboard = [frozenset(scene.in_role(trip, *TRAVELLERS)) - {escort} for trip in on]
        if len({people for people in aboard if people}) >= LEAST_TRIPS:
            ties = [tie for own in on.values() for tie in own]
            paid = any(scene.in_role(trip, "recruiter") for trip in on)
            body = None if paid else scene.body_of([escort])
            why = None if body is None else f"belongs to the registered body {body}, and nobody was recruited"
            yield _fire(
                "one_escort", escort, {who for people in aboard for who in people}, set(on), ties, why
            )


def _documents(scene: Scene) -> dict[str, dict[str, list[Tie]]]:
    found: dict[str, dict[str, list[Tie]]] = defaultdict(lambda: defaultdict(list))
    for tie in scene.things:
        if tie.type in ("HOLDS", "USED"):
            found[scene.roots[tie.link["to"]]][scene.roots[tie.link["from"]]].append(tie)
    return found


def held_documents(scene: Scene) -> Iterator[Indicator]:
    """Documents that one holds and others use, or that belong to travellers among whom the holder is not."""
    travellers = {who for trip in scene.parties for who in scene.in_role(trip, *TRAVELLERS)}
    theirs: dict[str, dict[str, list[Tie]]] = defaultdict(dict)
    for document, people in _documents(scene).items():
        for holder, ties in people.items():
            if any(tie.type == "HOLDS" for tie in ties):
                others = {
                    who
                    for who, own in people.items()
                    if (
                        any(t.type == "USED" for t in own) or (who in travellers and holder not in travellers)
                    )
                    and scene.unrelated({who, holder}) > 1
                }
                if others:
                    theirs[holder][document] = ties + [tie for who in others for tie in people[who]]
    for holder, documents in theirs.items():
        why = _one_in_two_files(scene, holder, documents)
        ties = [tie for own in documents.values() for tie in own]
        yield _fire("held_documents", holder, set(documents), set(), ties, why)


def _one_in_two_files(scene: Scene, holder: str, documents: dict[str, list[Tie]]) -> str | None:
    people = {scene.roots[tie.link["from"]] for ties in documents.values() for tie in ties}
    return _alike(scene, people | {holder})


def shared_document(scene: Scene) -> Iterator[Indicator]:
    """Documents that several hold or use."""
    for document, people in _documents(scene).items():
        if len(people) > 1:
            ties = [tie for own in people.values() for tie in own]
            yield _fire("shared_document", document, set(people), set(), ties, _alike(scene, set(people)))


def _alike(scene: Scene, people: set[str]) -> str | None:
    """An explanation where names and birth dates of all agree, so that they seem to be one person in several files."""
    from rapidfuzz import fuzz

    for one, other in combinations(sorted(people), 2):
        pairs = [(a, b) for a in scene.people.get(one, ()) for b in scene.people.get(other, ())]
        if not any(
            _born_alike(a, b) and fuzz.token_set_ratio(_names(a), _names(b)) >= ALIKE for a, b in pairs
        ):
            return None
    return "names and birth dates agree: they seem to be one person in several files; judge their identity"


def _born_alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    first, second = str(one.get("birth_date") or ""), str(other.get("birth_date") or "")
    return bool(first and second) and (first.startswith(second) or second.startswith(first))


def _names(record: dict[str, Any]) -> str:
    texts = (
        record.get("name"),
        record.get("given_name"),
        record.get("family_name"),
        *(record.get("names") or ()),
    )
    return " ".join(sorted({word for text in texts if text for word in words(str(text))}))


def changing_adults(scene: Scene) -> Iterator[Indicator]:
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
            strangers = {who for people in sets for who in people}
            body = scene.body_of(strangers)
            why = None if body is None else f"all of them belong to the registered body {body}"
            yield _fire("changing_adults", minor, strangers, set(on), ties[minor], why)


def _minor(scene: Scene, id_: str, trip: str) -> bool:
    when = scene.when.get(trip)
    known = (one.get("birth_date") for one in scene.people.get(scene.roots[id_], ()))
    born = next((str(one) for one in known if one), None)
    if born is None or when is None:
        return False
    return when < days.last_day(f"{int(born[:4]) + MINOR_YEARS}{born[4:]}".replace("-02-29", "-02-28"))


FIRING = {
    "one_payer": one_payer,
    "one_phone": one_phone,
    "one_escort": one_escort,
    "held_documents": held_documents,
    "changing_adults": changing_adults,
    "shared_document": shared_document,
}
