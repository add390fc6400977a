"""The report on a case: what happened when, who is connected, what is not known, and what the analyst makes of it."""

from collections.abc import Sequence

from graphsvc.access.view import View
from graphsvc.reports.document import Section, Table
from graphsvc.reports.network import Around, around, identities, members, summary, ties

SCALE = (
    ("Remote chance", "up to 5%"), ("Highly unlikely", "10 to 20%"), ("Unlikely", "25 to 35%"),
    ("Realistic possibility", "40 to 50%"), ("Likely or probable", "55 to 75%"), ("Highly likely", "80 to 90%"),
    ("Almost certain", "95% and more"),
)  # fmt: skip
"""The yardstick of the United Kingdom's Professional Head of Intelligence Assessment (2019)."""


async def sections(view: View, ids: Sequence[str], text: str) -> tuple[Section, ...]:
    """The sections of a case report; ``text`` is the analyst's, kept apart from what the records say."""
    near = await around(view, ids, 2)
    return (
        summary(near, ids), chronology(near), members(near), ties(near), identities(near), gaps(near), assessment(text),
    )  # fmt: skip


def chronology(near: Around) -> Section:
    """Everything that has a date, in its order."""
    dated = sorted((one.first_seen or "", one.id) for one in near.records.values() if one.first_seen)
    rows = tuple(
        (when, near.records[id_].kind, near.records[id_].caption, near.records[id_].owner)
        for when, id_ in dated
    )
    return Section(
        "Chronology", (), (), (Table("What happened when", ("When", "Kind", "What", "Contributor"), rows),)
    )


def gaps(near: Around) -> Section:
    """What the records do not say, as questions to their owners."""
    said = []
    for id_, one in sorted(near.records.items()):
        if one.kind == "Person" and not one.fields.get("birth_date"):
            said.append(f"The birth date of {one.caption} ({id_}) is not on record; ask {one.owner}.")
        if one.kind == "Event" and not one.first_seen:
            said.append(f"The date of {one.caption} ({id_}) is not on record; ask {one.owner}.")
        if one.kind == "Vehicle" and not one.fields.get("vin"):
            said.append(
                f"The identification number of the vehicle {one.caption} ({id_}) is not on record; ask {one.owner}."
            )
    return Section("Intelligence gaps", tuple(said[:60]) or ("None of the usual details is missing.",))


def assessment(text: str) -> Section:
    """The analyst's own words, and the scale in which they speak of likelihood."""
    said = tuple(part.strip() for part in text.split("\n\n") if part.strip()) or (
        "The analyst has added no assessment.",
    )
    return Section("Assessment", said, (), (Table("Words of likelihood", ("Word", "Chance"), SCALE),))
