"""What callers change, what they follow, and what they hand out: answers, events and files are the same on both sides.

Changes are asked last about a batch, since they alter both worlds of a pair; each side is given the ids that it gave.
"""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec

from graphsvc.access.caller import Caller
from graphsvc.access.hits import SECRETARIAT
from graphsvc.access.recipients import Recipient
from graphsvc.analysis.entity import entities
from graphsvc.api.context import Connection, Known
from graphsvc.api.limits import Limits
from graphsvc.api.schema import make_schema
from graphsvc.errors import Error
from graphsvc.exports.chart import chart
from graphsvc.exports.formats import FORMATS, written
from graphsvc.model import days
from graphsvc.model.links import LINKS
from graphsvc.model.record import Record
from graphsvc.model.vocabulary import Level, Purpose
from tests.noninterference import requests
from tests.noninterference.callers import REGIONS, sees
from tests.noninterference.pools import Pools
from tests.noninterference.servers import Pair, Server, both
from tests.noninterference.worlds import World, owner_of

SPEAKING = frozenset({"liaison", "subject-requests", "secretariat"})
"""Roles that are added to a caller who changes something; they show nothing more of the graph."""
LAST: dict[str, dict[str, Any]] = {"leaveAgreement": {"name": "PRUM", "reason": "by law"}}
"""Leaving an agreement opens what was hidden, on one side alone: it is asked at the very end, for its answer."""
EVENT_SECONDS = 120
QUIET_SECONDS = 1.2
"""Longer than a pulse: an event of what is hidden would come in that time, before the one of what is not."""
OURS = re.compile(r"(hit|request|restrict|widen|withdraw|subject|contact)-[0-9a-f-]+")
DECISIONS = ("restrict", "widen", "withdraw")
Made = dict[str, Any]
Make = Callable[[Pools, random.Random], Made]
SOON = days.iso(days.today() + 30)


def _ids(pools: Pools, rng: random.Random) -> list[str]:
    links = [link[0] for link in (*pools.links, *pools.hidden_links)]
    return [*pools.ids(rng, 2), *(rng.sample(links, 1) if links and rng.random() < 0.3 else [])]


def _terms(rng: random.Random) -> Made:
    return rng.choice(
        ({"level": 2}, {"also": ["BR"]}, {"deny": ["KE"]}, {"conditions": ["no use in court"]}, {})
    )


CHANGES: dict[str, Make] = {
    "openHit": lambda pools, rng: {"record": pools.id_(rng)},
    "reviewHit": lambda pools, rng: {
        "id": "@hit",
        "state": rng.choice(("confirmed", "false")),
        "reason": "seen",
    },
    "requestToOwner": lambda pools, rng: {
        "kind": rng.choice(("verify", "widen", "contact")),
        "about": pools.id_(rng),
        "reason": "our case",
        "deadline": SOON,
    },
    "answerRequest": lambda pools, rng: {
        "id": "@request",
        "granted": rng.random() < 0.5,
        "answer": "as asked",
    },
    "forwardAnswer": lambda pools, rng: {"reference": "contact-0", "answer": "call them"},
    "changeHandling": lambda pools, rng: {
        "op": rng.choice(("restrict", "widen", "withdraw")),
        "ids": _ids(pools, rng),
        "reason": "under way",
        "terms": _terms(rng),
    },
    "releaseDecision": lambda pools, rng: {"id": "@decision", "reason": "over"},
    "renewRetention": lambda pools, rng: {
        "ids": _ids(pools, rng),
        "until": days.iso(days.today() + 500),
        "reason": "trial goes on",
    },
    "readMessages": lambda pools, rng: {"ids": ["m-1"]},
    "reviewCompliance": lambda pools, rng: {
        "id": pools.id_(rng),
        "decision": rng.choice(("compliant", "blocked", "needs_information")),
        "reason": "looked at",
    },
    "addRemark": lambda pools, rng: {"id": pools.id_(rng), "text": "looked at"},
    "setPublication": lambda pools, rng: {"id": pools.id_(rng), "publication": "published"},
    "noteFact": lambda pools, rng: {"person": pools.id_(rng), "kind": "asylum", "country": "CH"},
    "subjectRequest": lambda pools, rng: {
        "kind": "access",
        "applicant": "A-1",
        "name": rng.choice(pools.standing),
    },
    "answerSubjectRequest": lambda pools, rng: {
        "id": "@subject-1",
        "answer": "refused",
        "reason": "under way",
    },
}
"""Every change with its arguments; ``@hit`` stands for the last hit that the same side gave."""
FILED = ("hits", "requests", "messages", "decisions", "subjectRequests", "agreements")
"""What the books show after the changes."""


def speaking(caller: Caller) -> Caller:
    """A caller with the roles of one who speaks for a contributor."""
    return msgspec.structs.replace(caller, roles=caller.roles | SPEAKING)


def text_of(name: str, made: Made) -> str:
    """The mutation, or question, with every field of its answer."""
    mutation = requests.schema().mutation_type
    assert mutation is not None
    if name not in mutation.fields:
        return requests.Request(name, made, 2).text
    field = mutation.fields[name]
    declared = ", ".join(f"${key}: {field.args[key].type}" for key in made)
    given = ", ".join(f"{key}: ${key}" for key in made)
    return f"mutation({declared}) {{ answer: {name}({given}) {requests.selection(field.type, 1)} }}"


class _Side:
    """One of the two, with the ids that it gave."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.given: dict[str, str] = {}

    async def change(self, caller: Caller, name: str, made: Made) -> bytes:
        sent = {key: self.filled(value) for key, value in made.items()}
        status, body = await self.server.ask(caller, text_of(name, made), sent)
        for found in OURS.finditer(body.decode()):
            self.given["decision" if found[1] in DECISIONS else found[1]] = found[0]
        return b"%d " % status + requests.plain(body)

    def filled(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("@"):
            what, _, part = value[1:].partition("-")
            return self.given.get(what, f"{what}-0") + (f"-{part}" if part else "")
        return value


async def changes(
    pair: Pair, world: World, callers: tuple[Caller, ...], rng: random.Random
) -> AsyncIterator[tuple[Caller, str, bytes, bytes]]:
    """Every change about a world by anyone, then by those who may, and what graph and books show after them."""
    pools, sides = Pools.of(world), (_Side(pair.whole), _Side(pair.part))
    anyone = [(rng.choice(callers), name, make(pools, rng)) for name, make in CHANGES.items()]
    for caller, name, made in (*anyone, *_allowed(world, callers, pools, rng)):
        speaker = speaking(caller)
        one, other = await both(side.change(speaker, name, made) for side in sides)
        yield speaker, f"{name} {json.dumps(made)}", one, other
    ids = [*pools.shown, *pools.hidden]
    for caller in callers:
        one, other = await both(_shown(side, caller, ids) for side in pair.sides)
        yield caller, "after the changes", one, other
        for name in FILED:
            one, other = await both(side.change(speaking(caller), name, {}) for side in sides)
            yield speaking(caller), f"{name} after the changes", _in_no_order(one), _in_no_order(other)


def _allowed(
    world: World, callers: tuple[Caller, ...], pools: Pools, rng: random.Random
) -> Iterator[tuple[Caller, str, Made]]:
    """Changes by those who may make them, about what they see, each after those that it follows from."""

    def change(caller: Caller, name: str, **given: Any) -> tuple[Caller, str, Made]:
        return caller, name, CHANGES[name](pools, rng) | given

    for owner in callers:
        own = [r.id for r in world.records if owner_of(r.id) == owner.ncb and sees(owner, r.handling)]
        if own:
            record = rng.choice(own)
            yield change(owner, "openHit", record=record)
            yield change(owner, "reviewHit", state="confirmed")
            yield change(owner, "requestToOwner", about=record)
            yield change(owner, "answerRequest")
            yield change(owner, "renewRetention", ids=[record])
            yield change(owner, "changeHandling", op="restrict", ids=[record], terms={"deny": ["KE"]})
            yield change(owner, "releaseDecision")
    owners = [caller for caller in callers if caller.ncb == owner_of(world.standing[0].id)]
    for officer in callers:
        if officer.purpose is Purpose.COMPLIANCE and "compliance" in officer.roles:
            record = rng.choice([r.id for r in world.records if sees(officer, r.handling)])
            yield change(officer, "reviewCompliance", id=record, decision="blocked")
            yield change(officer, "reviewCompliance", id=record, decision="compliant")
            yield change(officer, "addRemark", id=record)
            yield change(officer, "setPublication", id=record)
            yield change(officer, "noteFact", person=record)
            yield change(officer, "subjectRequest")
            yield from (change(owner, "answerSubjectRequest") for owner in owners)
    for asker in callers:
        if asker not in owners:
            yield asker, "contacts", {"keys": pools.standing_keys}
            yield change(asker, "requestToOwner", kind="contact", about="@contact")
            yield from ((owner, "requests", {}) for owner in owners)
            yield from (change(owner, "answerRequest", granted=True) for owner in owners)
            yield from (
                change(caller, "forwardAnswer", reference="@contact")
                for caller in callers
                if caller.ncb == SECRETARIAT
            )


async def the_last(
    pair: Pair, callers: tuple[Caller, ...]
) -> AsyncIterator[tuple[Caller, str, bytes, bytes]]:
    """What changes who sees what: for its answer alone."""
    sides = (_Side(pair.whole), _Side(pair.part))
    for name, made in LAST.items():
        for caller in map(speaking, callers):
            one, other = await both(side.change(caller, name, made) for side in sides)
            yield caller, f"{name} {json.dumps(made)}", one, other


def _in_no_order(answer: bytes) -> bytes:
    """A list of what may have come in one moment, and then stands in the order of ids that were drawn."""
    found = (json.loads(answer.partition(b" ")[2]).get("data") or {}).get("answer")
    return answer if found is None else json.dumps(sorted(found, key=repr)).encode()


async def _shown(server: Server, caller: Caller, ids: list[str]) -> bytes:
    return repr(await entities(await server.view(caller), ids)).encode()


# files


async def files(
    pair: Pair, world: World, caller: Caller, rng: random.Random
) -> AsyncIterator[tuple[Caller, str, bytes, bytes]]:
    """What leaves for named recipients, in every format."""
    pools = Pools.of(world)
    to = [Recipient(ncb, rng.choice(list(Level))) for ncb in rng.sample(sorted(REGIONS), 2)]
    use = rng.choice(("police", "court"))
    ids = sorted([*pools.shown, *pools.hidden])
    for format_ in FORMATS:
        one, other = await both(_file(side, caller, to, use, ids, format_) for side in pair.sides)
        yield caller, f"export as {format_} for {to} {use}", one, other


async def _file(
    server: Server, caller: Caller, to: list[Recipient], use: str, ids: list[str], format_: str
) -> bytes:
    view = await server.door.view_of_all(caller, to, use)
    try:
        made = await chart(view, ids, [link.name for link in LINKS])
    except Error as error:
        return f"{error.code} {error}".encode()
    moment = msgspec.structs.replace(made, as_of="2024-01-01T00:00:00+00:00")
    return msgspec.json.encode(written(moment, format_)) + repr(view.noted).encode()


# events

WATCH = (
    "subscription($ids: [ID!]!) { watch(ids: $ids) { records { id state record { caption conditions } } } }"
)
PROGRESS = (
    "subscription { communitiesProgress(first: 5) { answer { found { total groups { name size } } next } } }",
    "subscription($id: ID!) { communityProgress(id: $id) { answer { name size members { id } } } }",
    "subscription { overlappingGroupsProgress(first: 5) { answer { groups { size } shared { who { id } } } } }",
    "subscription { keyPlayersProgress(k: 2) { answer { players { id } score } } }",
    "subscription { removalProgress(steps: 3) { answer { steps { removed { id } largest } } } }",
    "subscription { brokersProgress(first: 5) { answer { ranked { who { id } score } } } }",
    "subscription { rankingProgress(first: 5) { answer { ranked { who { id } score } } } }",
    "subscription { coreStructureProgress(first: 5) { answer { core { who { id } core } } } }",
    "subscription { missingLinksProgress(first: 5) { answer { likely { one { id } other { id } score } } } }",
)


async def events(
    pair: Pair, worlds: list[World], caller: Caller
) -> AsyncIterator[tuple[Caller, str, bytes, bytes]]:
    """What one who watches is told: of what it sees when it begins, and of one visible change, but of no hidden one."""
    world = next((one for one in worlds if one.hidden_records), worlds[0])
    ids = [*world.shown_ids[:20], *world.hidden_ids[:10]]
    one, other = await both(
        _watched(side, caller, world, ids, hidden=side is pair.whole) for side in pair.sides
    )
    yield caller, f"watch {ids}", one, other


def stream(server: Server, caller: Caller, text: str, variables: Made) -> Any:
    """A subscription as a web socket opens it."""
    connection = Connection({}, server.door, Limits.of(server.settings))
    connection.known = Known(caller, float("inf"))
    return make_schema().stream(text, variables, context_value=connection)


async def _watched(server: Server, caller: Caller, world: World, ids: list[str], *, hidden: bool) -> bytes:
    told = await stream(server, caller, WATCH, {"ids": ids})
    events = [await asyncio.wait_for(anext(told), EVENT_SECONDS)]
    seen = {one["id"] for one in events[0].data["watch"]["records"] if one["state"] == "seen"}
    for record in world.hidden_records[:3] if hidden else ():
        _load(server, record, 7)
    await asyncio.sleep(QUIET_SECONDS)
    visible = next((record for record in world.records if record.id in seen), None)
    if visible is not None:
        _load(server, visible, 8)
        events.append(await asyncio.wait_for(anext(told), EVENT_SECONDS))
    await told.aclose()
    return repr([event.data for event in events]).encode()


def _load(server: Server, record: Record, sequence: int) -> None:
    """Write a new version of a record."""
    changed = {**record.properties, "grade": f"B{sequence}"}
    newer = msgspec.structs.replace(record, properties=changed, sequence=sequence)
    server.write(owner_of(record.id), ([newer], []), f"{record.id} {sequence}")


async def progress(pair: Pair, world: World, caller: Caller) -> tuple[bytes, bytes]:
    """The outcome of each question that is followed; how often it tells is a matter of time."""
    return await both(_progress(side, caller, world.shown_ids[0]) for side in pair.sides)


async def _progress(server: Server, caller: Caller, id_: str) -> bytes:
    outcomes = []
    for text in PROGRESS:
        last = None
        async for event in await stream(server, caller, text, {"id": id_}):
            last = event.data, [error.message for error in event.errors or ()]
        outcomes.append(last)
    return repr(outcomes).encode()
