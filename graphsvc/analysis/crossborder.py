"""Operation 22: which countries a group touches, where custody or contact passes from one to the next, whom to ask."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise, product
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.around import ALL_KINDS, EvidenceLink, Roots, Tie, around, records, seeds, source
from graphsvc.errors import UsageError
from graphsvc.model.links import BY_NAME
from graphsvc.model.regions import desk

MOST_SEEDS = 200
PARTIES = ("Account", "Wallet", "Person", "Organization")
MEANS = ("Account", "Wallet", "Phone")
LEFT_OUT = (
    "where people live",
    "what is further than one link away, but for payments and calls of accounts, wallets and phones",
)
TYPES = tuple(name for name in BY_NAME if name not in ("LIVES_AT", "SAME_AS"))


class Jurisdiction(msgspec.Struct, frozen=True):
    """A country that the group touches."""

    country: Annotated[str, Meta(description="Country.")]
    desk: Annotated[str | None, Meta(description="Regional desk.")]
    records: Annotated[tuple[str, ...], Meta(description="Records that name it or are its bureau's.")]
    contact: Annotated[bool, Meta(description="Its bureau owns records here, so it is one to ask.")]


class Transfer(msgspec.Struct, frozen=True):
    """A place where custody or contact passes from one country to another."""

    how: Annotated[
        str, Meta(description="event: a trip or crossing; payment; link: a tie; key: one identifier.")
    ]
    from_country: Annotated[str, Meta(description="Where from.")]
    to_country: Annotated[str, Meta(description="Where to.")]
    time: Annotated[str | None, Meta(description="When, as its owner wrote it.")]
    ids: Annotated[tuple[str, ...], Meta(description="The records concerned.")]
    key: Annotated[
        str | None,
        Meta(description="The identity key that both carry; null where they were judged the same."),
    ]
    evidence: Annotated[tuple[EvidenceLink, ...], Meta(description="The links that it rests on.")]


class CrossBorder(msgspec.Struct, frozen=True):
    """Jurisdictions by country, and transfers in time order, undated ones last."""

    jurisdictions: Annotated[tuple[Jurisdiction, ...], Meta(description="Countries.")]
    transfers: Annotated[tuple[Transfer, ...], Meta(description="Transfer points.")]
    truncated: Annotated[bool, Meta(description="There is more than one question reads.")]
    left_out: Annotated[tuple[str, ...], Meta(description="What was left out, in words.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


async def cross_border(view: View, ids: Sequence[str], *, first: int = 200) -> CrossBorder:
    """Jurisdictions and transfer points of a person, or of the members of a group. Raises NotFound, UsageError."""
    if not 1 <= len(ids) <= MOST_SEEDS:
        raise UsageError(f"name 1 to {MOST_SEEDS} records.")
    found = await seeds(view, ids)
    roots = Roots(view)
    await roots.learn(ids)
    group = {member for members in found.values() for member in members}
    ties, cut = await around(view, group, TYPES, ALL_KINDS)
    await roots.learn(tie.other for tie in ties)
    theirs = roots.all(
        tie.other for tie in ties if tie.type in ("OWNS", "USES") and tie.record["kind"] in MEANS
    )
    used, more = await around(view, theirs - group, ["SENT", "RECEIVED", "CALLED"], ["Transaction", "Phone"])
    ties += used
    await roots.learn(tie.other for tie in used)
    known = await records(view, group | roots.all(tie.other for tie in ties))
    paid = {tie.other for tie in ties if tie.record["kind"] == "Transaction"}
    sides, cut_off = await around(view, paid, ["SENT", "RECEIVED"], PARTIES)
    cut |= more or cut_off
    transfers = [*_events(ties, known), *_payments(sides, known), *_links(ties, known), *_keys(roots, known)]
    transfers.sort(key=lambda one: (one.time is None, one.time or "", one.how, one.ids))
    return CrossBorder(
        _jurisdictions(known), tuple(transfers[:first]), cut or len(transfers) > first, LEFT_OUT,
        view.scope.as_of,
    )  # fmt: skip


def _jurisdictions(known: dict[str, dict[str, Any]]) -> tuple[Jurisdiction, ...]:
    where: dict[str, set[str]] = defaultdict(set)
    owners = {record["owner"] for record in known.values()}
    for id_, record in known.items():
        for country in {*(record.get("countries") or ()), record["owner"]}:
            where[country].add(id_)
    return tuple(
        Jurisdiction(one, desk(one), tuple(sorted(ids)), one in owners) for one, ids in sorted(where.items())
    )


def _events(ties: list[Tie], known: dict[str, dict[str, Any]]) -> list[Transfer]:
    parties: dict[str, list[Tie]] = defaultdict(list)
    for tie in ties:
        if tie.record["kind"] == "Event":
            parties[tie.other].append(tie)
    found = []
    for id_, own in parties.items():
        event = known.get(id_, own[0].record)
        legs = [event.get("origin"), *(event.get("transit") or ()), event.get("destination")]
        stops = [stop for stop in legs if stop]
        for one, other in pairwise(stops):
            if one != other:
                found.append(
                    Transfer("event", one, other, event.get("time"), (id_,), None, tuple(map(source, own)))
                )
    return found


def _payments(sides: list[Tie], known: dict[str, dict[str, Any]]) -> list[Transfer]:
    """Payments between parties in two countries: that of an account or body, otherwise the contributor's."""
    by: dict[str, tuple[list[Tie], list[Tie]]] = defaultdict(lambda: ([], []))
    for tie in sides:
        by[tie.id][tie.type == "RECEIVED"].append(tie)
    found = []
    for id_, (sent, received) in by.items():
        for giver, taker in product(sent, received):
            one, other = _place(giver.record), _place(taker.record)
            if one != other:
                ids, both = (id_, giver.other, taker.other), (source(giver), source(taker))
                found.append(Transfer("payment", one, other, known.get(id_, {}).get("time"), ids, None, both))
    return found


def _place(record: dict[str, Any]) -> str:
    return str(record.get("country") or record["owner"])


def _owner(record: dict[str, Any]) -> str:
    return str(record["owner"])


def _links(ties: list[Tie], known: dict[str, dict[str, Any]]) -> list[Transfer]:
    found: dict[str, Transfer] = {}
    for tie in ties:
        one, other = known.get(tie.link["from"]), known.get(tie.link["to"])
        if tie.record["kind"] == "Transaction":
            continue
        if one is None or other is None:
            continue
        place = _place if tie.type == "CALLED" else _owner
        if place(one) != place(other):
            ends, when = (tie.link["from"], tie.link["to"]), tie.link.get("first_seen")
            found[tie.link["id"]] = Transfer(
                "link", place(one), place(other), when, ends, None, (source(tie),)
            )
    return list(found.values())


def _keys(roots: Roots, known: dict[str, dict[str, Any]]) -> list[Transfer]:
    found = []
    for members in roots.members.values():
        seen = [known[member] for member in members if member in known]
        for one, other in pairwise(seen):
            if one["owner"] != other["owner"]:
                key = min({*(one.get("keys") or ())} & {*(other.get("keys") or ())}, default=None)
                ids = (one["id"], other["id"])
                found.append(Transfer("key", one["owner"], other["owner"], None, ids, key, ()))
    return found
