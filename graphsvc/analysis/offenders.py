"""Operation 16: who stands in the same cases as a person."""

from collections import defaultdict
from typing import Annotated

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.around import EvidenceLink, Roots, Tie, around, seeds, sources
from graphsvc.analysis.evidence import day
from graphsvc.topology.layout import FAR

MOST_IN_A_CASE = 200
CASES = ("Case", "Event")
OFFENDING = frozenset({"suspect", "accused", "convicted", ""})
"""Roles in a case through which somebody is a co-offender; none is given where the source has none."""
LEFT_OUT = (
    "victims, witnesses, smuggled migrants, complainants, those in other roles such as investigators, and cases that "
    "ended in acquittal or were discontinued"
)


class CoOffender(msgspec.Struct, frozen=True):
    """Somebody who is involved in the same cases or offences, other than as a victim or witness."""

    id: Annotated[str, Meta(description="Id of the record; the first of its identity.")]
    records: Annotated[tuple[str, ...], Meta(description="All records of the identity that take part.")]
    cases: Annotated[
        tuple[str, ...], Meta(description="The shared cases or offences, first of their ids each.")
    ]
    weight: Annotated[float, Meta(description="Sum over shared cases of 1 / (persons in the case - 1).")]
    evidence: Annotated[tuple[EvidenceLink, ...], Meta(description="The links that it rests on.")]


class CoOffenders(msgspec.Struct, frozen=True):
    """Co-offenders, heaviest first, then by shared cases and id."""

    found: Annotated[tuple[CoOffender, ...], Meta(description="The co-offenders.")]
    cases: Annotated[int, Meta(description="Cases and offences that were looked at.")]
    truncated: Annotated[bool, Meta(description="There are more links than one question reads.")]
    left_out: Annotated[tuple[str, ...], Meta(description="What was left out, in words.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


async def co_offenders(
    view: View, id: str, *, since: str | None = None, until: str | None = None, first: int = 100
) -> CoOffenders:
    """Persons and bodies in the same cases as a person. ``since`` and ``until`` bound the days of the cases.

    Only suspects, the accused and the convicted count, and those whose role is unknown, and nobody through a case that
    ended in acquittal or was discontinued. Raises NotFound.
    """
    mine = (await seeds(view, [id]))[id]
    roots = Roots(view)
    await roots.learn(mine)
    own, cut = await around(view, mine, ["INVOLVED_IN"], CASES)
    cases = {tie.other for tie in own if _counts(tie) and _within(tie, day(since), day(until, last=True))}
    await roots.learn(cases)
    ties, more = await around(view, roots.all(cases), ["INVOLVED_IN"])
    ties = [tie for tie in ties if _counts(tie) and tie.link["from"] == tie.other]
    await roots.learn(tie.other for tie in ties)
    inside: dict[str, dict[str, list[Tie]]] = defaultdict(lambda: defaultdict(list))
    for tie in ties:
        inside[roots[tie.id]][roots[tie.other]].append(tie)
    large = {case for case, people in inside.items() if len(people) > MOST_IN_A_CASE}
    found = _ranked(inside, large, roots[id])
    said = [LEFT_OUT]
    if large:
        said.append(f"{len(large)} cases with more than {MOST_IN_A_CASE} persons")
    return CoOffenders(
        found[:first], len(inside), cut or more or len(found) > first, tuple(said), view.scope.as_of
    )


def _counts(tie: Tie) -> bool:
    return tie.role in OFFENDING and not tie.protected and tie.record.get("status") != "discontinued"


def _within(tie: Tie, since: int | None, until: int | None) -> bool:
    if since is None and until is None:
        return True
    first, last = tie.record.get("first_day"), tie.record.get("last_day")
    if first is None or last is None:
        return False
    return bool(first <= (FAR if until is None else until) and last >= (-FAR if since is None else since))


def _ranked(inside: dict[str, dict[str, list[Tie]]], large: set[str], me: str) -> tuple[CoOffender, ...]:
    shared: dict[str, list[str]] = defaultdict(list)
    for case, people in inside.items():
        if me in people and case not in large:
            for other in people.keys() - {me}:
                shared[other].append(case)
    found = [
        CoOffender(
            id=other,
            records=tuple(sorted({tie.other for case in cases for tie in inside[case][other]})),
            cases=tuple(sorted(cases)),
            weight=round(sum(1 / (len(inside[case]) - 1) for case in cases), 4),
            evidence=sources(tie for case in cases for who in (me, other) for tie in inside[case][who]),
        )
        for other, cases in shared.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.weight, -len(one.cases), one.id)))
