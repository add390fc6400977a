"""The report on a case: what happened when, who is connected, what is not known, and what the analyst makes of it."""

from collections.abc import Sequence

from graphsvc.access.view import View
from graphsvc.analysis.entity import Entity
from graphsvc.model.sentences import listed
from graphsvc.reports.document import Section, Table, figure, isolated
from graphsvc.reports.network import (
    HOPS,
    Around,
    around,
    drawn,
    findings,
    held,
    identities,
    kinds,
    members,
    method,
    ties,
    ties_said,
)

SCALE = (
    ("Remote chance", "up to 5%"), ("Highly unlikely", "10 to 20%"), ("Unlikely", "25 to 35%"),
    ("Realistic possibility", "40 to 50%"), ("Likely or probable", "55 to 75%"), ("Highly likely", "80 to 90%"),
    ("Almost certain", "95% and more"),
)  # fmt: skip
"""The yardstick of the United Kingdom's Professional Head of Intelligence Assessment (2019)."""


MOST_GAPS = 60
MOST_UNGRADED = 10
"""Records without a grade that are named for one owner."""
WANTED = {
    "Person": (("birth_date", "birth date"), ("nationalities", "nationality")),
    "Event": (("time", "date"),),
    "Vehicle": (("vin", "identification number"),),
    "Organization": (("country", "country"), ("registration", "registration number")),
    "Infrastructure": (("control", "one who controls it"),),
}
"""Fields by kind that an investigation asks for first, and what they are called."""
OWNED = frozenset({"Phone", "Vehicle", "Account", "Document", "Wallet", "Device", "Email", "OnlineAccount"})
"""Kinds of things that somebody has."""
SOMEBODY = frozenset({"Person", "Organization"})


async def sections(view: View, ids: Sequence[str], text: str) -> tuple[Section, ...]:
    """The sections of a case report; ``text`` is the analyst's, kept apart from what the records say."""
    near = await around(view, ids, HOPS)
    said = (*findings(near, ids), *course(near), *ties_said(near))
    return (
        Section("Key findings", said, (kinds(near),)), chronology(near), drawn(near), members(near), ties(near),
        identities(near), gaps(near), assessment(text), held(near), method(near),
    )  # fmt: skip


def course(near: Around) -> list[str]:
    """From when to when it goes, and how much of it has no date, in sentences."""
    dated = _dated(near)
    if not dated:
        return ["No record of the case has a date."]
    rest = len(near.records) - len(dated)
    return [
        f"Dated records go from {dated[0][0]} ({isolated(near.records[dated[0][1]].caption)}) to {dated[-1][0]} "
        f"({isolated(near.records[dated[-1][1]].caption)}); {figure(rest)} of {figure(len(near.records))} have no date."
    ]


def _dated(near: Around) -> list[tuple[str, str]]:
    return sorted((one.first_seen, one.id) for one in near.records.values() if one.first_seen)


def chronology(near: Around) -> Section:
    """Everything that has a date, in its order."""
    dated = _dated(near)
    rows = tuple(
        (when, near.records[id_].kind, near.records[id_].caption, near.records[id_].owner)
        for when, id_ in dated
    )
    table = Table("What happened when", ("When", "Kind", "What", "Contributor"), rows)
    none = () if rows else ("No record of the case has a date.",)
    return Section("Chronology", none, (), (table,) if rows else ())


def gaps(near: Around) -> Section:
    """What the records do not say, as questions to their owners."""
    said = [
        f"The {name} of {isolated(one.caption)} ({id_}) is not on record; ask {one.owner}."
        for id_, one in sorted(near.records.items())
        for field, name in WANTED.get(one.kind, ())
        if not one.fields.get(field)
    ]
    said += [
        f"Who has to do with {isolated(one.caption)} ({one.id}) is not on record; ask {one.owner}."
        for one in _nobodys(near)
    ]
    said += _ungraded(near)
    more = (f"And {figure(len(said) - MOST_GAPS)} more of the kind.",) if len(said) > MOST_GAPS else ()
    return Section(
        "Intelligence gaps", (*said[:MOST_GAPS], *more) or ("None of the usual details is missing.",)
    )


def _ungraded(near: Around) -> list[str]:
    """A sentence for each owner, however many of its records have no grade."""
    by_owner: dict[str, list[str]] = {}
    for id_, one in sorted(near.records.items()):
        if not one.grade:
            by_owner.setdefault(one.owner, []).append(f"{isolated(one.caption)} ({id_})")
    return [
        f"How sure {owner} is of {figure(len(names))} of these records is not known, for they have no grade: "
        f"{listed(names, MOST_UNGRADED)}."
        for owner, names in sorted(by_owner.items())
    ]


def _nobodys(near: Around) -> list[Entity]:
    """Things that are linked to no person or body, as far as their links are all here."""
    inner = {one.id for one in near.found.records if one.hops < HOPS}
    ends = [(link.from_id, link.to_id) for link in near.found.links]
    ends += [(join.from_id, join.to_id) for join in near.found.joins]
    with_somebody = {
        id_
        for pair in ends
        for id_, other in (pair, pair[::-1])
        if other in near.records and near.records[other].kind in SOMEBODY
    }
    things = (near.records[id_] for id_ in sorted(inner - with_somebody) if id_ in near.records)
    return [one for one in things if one.kind in OWNED]


def assessment(text: str) -> Section:
    """The analyst's own words, and the scale in which they speak of likelihood."""
    said = tuple(part.strip() for part in text.split("\n\n") if part.strip()) or (
        "The analyst has added no assessment.",
    )
    note = "Professional Head of Intelligence Assessment, United Kingdom (2019)."
    table = Table(
        "Words of likelihood and the chance that each stands for", ("Word", "Chance"), SCALE, note=note
    )
    return Section("Assessment", said, (), (table,))
