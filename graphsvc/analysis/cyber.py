"""Operation 21: from one piece of a cyber case to the rest: what is shared, who is behind it, whom to warn."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.around import MOST, EvidenceLink, Roots, Tie, around, records, seeds, sources
from graphsvc.errors import UsageError
from graphsvc.identity.terms import quoted
from graphsvc.model.regions import desk

PASSED = (
    "Infrastructure", "File", "Certificate", "Malware", "Wallet", "Campaign", "Organization", "Tool", "Event",
)  # fmt: skip
"""Kinds that a pivot goes on from; techniques and persons end it, for too many share them."""
KINDS = (*PASSED, "Email", "Vulnerability", "Technique", "OnlineAccount", "Case", "Person")
TYPES = (
    "RESOLVES_TO", "HOSTS", "CONTROLS", "COMMUNICATES_WITH", "USES", "ATTRIBUTED_TO", "TARGETS", "OWNS", "INVOLVES",
    "ALIAS_OF", "MEMBER_OF", "REGISTERED_TO",
)  # fmt: skip
SHARING: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Infrastructure": (("RESOLVES_TO", "HOSTS", "COMMUNICATES_WITH"), ("Infrastructure", "File", "Malware")),
    "Certificate": (("USES",), ("Infrastructure",)),
    "Malware": (("USES",), ("Organization",)),
    "Tool": (("USES",), ("Organization",)),
    **dict.fromkeys(("Organization", "Person", "Email"), (("REGISTERED_TO",), ("Infrastructure",))),
}
"""By which links, and with which kinds, a record is shared; from what very many share a pivot does not go on."""
THINGS = ("Infrastructure", "File", "Certificate", "Wallet", "Email", "OnlineAccount")
ACTORS = ("threat_actor", "criminal_network")
MOST_HOPS = 4
MOST_RECORDS = 2_000


class CyberRecord(msgspec.Struct, frozen=True):
    """A record that the pivot reached; the first of its identity."""

    id: Annotated[str, Meta(description="Id of the record.")]
    kind: Annotated[str, Meta(description="Kind of record.")]
    caption: Annotated[str, Meta(description="One line for people.")]
    hops: Annotated[int, Meta(description="Links from the record asked for.")]
    control: Annotated[
        str | None, Meta(description="Who controls infrastructure: actor, leased, compromised.")
    ]
    takedown: Annotated[str | None, Meta(description="State of takedown of infrastructure.")]
    records: Annotated[tuple[str, ...], Meta(description="All visible records of the identity.")]


class SharedRecord(msgspec.Struct, frozen=True):
    """Hosting, a certificate, a tool or a registrant that many share: shown with who runs it, and not gone on from."""

    id: Annotated[str, Meta(description="Id of the record.")]
    links: Annotated[int, Meta(description="How many of the links that share it may be seen.")]


class Registrant(msgspec.Struct, frozen=True):
    """A registrant, as text, that stands on several pieces of infrastructure."""

    name: Annotated[str, Meta(description="The registrant, in lower case without blanks.")]
    ids: Annotated[tuple[str, ...], Meta(description="Infrastructure in that name, and its mail address.")]
    followed: Annotated[
        bool, Meta(description="False when more than the cap stand in that name, as with privacy services.")
    ]


class ToWarn(msgspec.Struct, frozen=True):
    """Somebody to warn: the bureau of a country in which infrastructure is compromised or a target stands."""

    country: Annotated[str, Meta(description="Country whose bureau to warn.")]
    desk: Annotated[str | None, Meta(description="Regional desk.")]
    ids: Annotated[
        tuple[str, ...], Meta(description="Compromised infrastructure, those who run it, and targets there.")
    ]


class CyberPivot(msgspec.Struct, frozen=True):
    """What a pivot reached, nearest first, then by id."""

    infrastructure: Annotated[
        tuple[CyberRecord, ...], Meta(description="Domains, addresses, files, wallets.")
    ]
    actors: Annotated[tuple[CyberRecord, ...], Meta(description="Threat actors, groups and persons.")]
    bodies: Annotated[
        tuple[CyberRecord, ...], Meta(description="Other bodies: hosting companies, registrants, owners.")
    ]
    targets: Annotated[
        tuple[CyberRecord, ...], Meta(description="Whom actors and attacks target; not gone on from.")
    ]
    campaigns: Annotated[tuple[CyberRecord, ...], Meta(description="Campaigns, malware, tools, techniques.")]
    events: Annotated[tuple[CyberRecord, ...], Meta(description="Attacks and cases.")]
    registrants: Annotated[tuple[Registrant, ...], Meta(description="Registrants of several, by name.")]
    shared: Annotated[
        tuple[SharedRecord, ...], Meta(description="What many share, and was not gone on from.")
    ]
    warn: Annotated[tuple[ToWarn, ...], Meta(description="Whom to warn.")]
    evidence: Annotated[tuple[EvidenceLink, ...], Meta(description="The links that it rests on.")]
    truncated: Annotated[bool, Meta(description="There is more than one question reads.")]
    left_out: Annotated[tuple[str, ...], Meta(description="What was not gone on from, in words.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


async def cyber_pivot(view: View, id: str, *, hops: int = 3, shared_cap: int = 10) -> CyberPivot:
    """What hangs together with a domain, address, file, certificate, malware, wallet or registrant.

    What more than ``shared_cap`` visible ones share is shown and not gone on from, but for the record asked for and
    infrastructure that a visible record says the actor controls. Raises NotFound, UsageError.
    """
    if not 1 <= hops <= MOST_HOPS or shared_cap < 1:
        raise UsageError(f"ask for 1 to {MOST_HOPS} hops and a cap of at least 1.")
    mine = (await seeds(view, [id]))[id]
    walk = _Walk(view, shared_cap)
    await walk.learn(mine)
    for hop in range(1, hops + 1):
        await walk.step(hop)
    return walk.answer()


class _Walk:
    """A pivot while it grows."""

    def __init__(self, view: View, cap: int) -> None:
        self.view, self.cap = view, cap
        self.roots = Roots(view)
        self.hops: dict[str, int] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.ties: list[Tie] = []
        self.shared: dict[str, int] = {}
        self.named: dict[str, Registrant] = {}
        self.front: set[str] = set()
        self.truncated = False

    async def learn(self, ids: Sequence[str]) -> None:
        await self.roots.learn(ids)
        self.front = {self.roots[ids[0]]}
        self.hops[self.roots[ids[0]]] = 0
        self.records |= await records(self.view, self.roots.all(ids))

    async def step(self, hop: int) -> None:
        ties, cut = await around(self.view, self.roots.all(self.front), TYPES, KINDS)
        self.truncated |= cut or len(self.hops) > MOST_RECORDS
        await self.roots.learn(tie.other for tie in ties)
        by: dict[str, list[Tie]] = defaultdict(list)
        for tie in ties:
            by[self.roots[tie.id]].append(tie)
            self.records.setdefault(tie.other, tie.record)
        following: set[str] = set()
        for root, own in by.items():
            crowded = hop > 1 and self._crowded(root, own)
            kept = [tie for tie in own if not crowded or _runs(tie)]
            self.ties += kept
            for tie in kept:
                self._reach(self.roots[tie.other], hop, following, goes_on=not crowded and _goes_on(tie))
        await self._registered(hop, following)
        new = self.roots.all(following) - self.records.keys()
        self.records |= await records(self.view, new) if new else {}
        self.front = set() if self.truncated else following

    def _reach(self, root: str, hop: int, following: set[str], *, goes_on: bool) -> None:
        if root not in self.hops:
            self.hops[root] = hop
            if goes_on:
                following.add(root)

    def _crowded(self, root: str, own: list[Tie]) -> bool:
        """Whether so many share a record that sharing it says little."""
        types, kinds = SHARING.get(self.records[root]["kind"], ((), ()))
        others = {
            self.roots[tie.other]
            for tie in own
            if tie.type in types
            and tie.record["kind"] in kinds
            and (tie.link["to"] == tie.id or tie.type == "HOSTS")
        }
        theirs = any(record.get("control") == "actor" for record in self._members(root))
        if len(others) <= self.cap or theirs:
            return False
        self.shared[root] = len(others)
        return True

    async def _registered(self, hop: int, following: set[str]) -> None:
        """Go on by registrants that stand as text on the records of the front."""
        names = {
            name for root in self.front for record in self._members(root) if (name := _registrant(record))
        }
        names -= self.named.keys()
        if not names:
            return
        rows = await self.view.rows(
            "links/registered",
            terms=" OR ".join(map(quoted, sorted(names))),
            registrants=sorted(names),
            most=MOST + 1,
        )
        self.truncated |= len(rows) > MOST
        await self.roots.learn(row["id"] for row in rows)
        for name in sorted(names):
            found = {row["id"]: row["record"] for row in rows[:MOST] if _registrant(row["record"]) == name}
            if len(found) > 1:
                followed = len({self.roots[id_] for id_ in found}) <= self.cap + 1
                self.named[name] = Registrant(name, tuple(found), followed)
                if followed:
                    self.records |= found
                    for id_ in found:
                        self._reach(self.roots[id_], hop, following, goes_on=True)

    def _members(self, root: str) -> list[dict[str, Any]]:
        members = self.roots.members.get(root, (root,))
        return [self.records[member] for member in members if member in self.records]

    def _reached(self, *kinds: str, roots: Iterable[str]) -> tuple[CyberRecord, ...]:
        found = []
        for root in roots:
            members = self._members(root)
            if members[0]["kind"] in kinds:
                found.append(
                    CyberRecord(
                        root, members[0]["kind"], members[0]["caption"], self.hops[root], _known(members, "control"),
                        _known(members, "takedown"), tuple(member["id"] for member in members),
                    )
                )  # fmt: skip
        return tuple(sorted(found, key=lambda one: (one.hops, one.id)))

    def _targets(self) -> set[str]:
        return {self.roots[tie.link["to"]] for tie in self.ties if tie.type == "TARGETS"} & self.hops.keys()

    def _warn(self) -> tuple[ToWarn, ...]:
        hit = {r for r in self.hops if any(one.get("control") == "compromised" for one in self._members(r))}
        run_by = {
            self.roots[tie.link["from"]]
            for tie in self.ties
            if tie.type in ("CONTROLS", "OWNS") and self.roots[tie.link["to"]] in hit
        }
        where: dict[str, set[str]] = defaultdict(set)
        for root in hit | self._targets() | {root for root in run_by if not self._is_actor(root)}:
            members = self._members(root)
            countries = {country for one in members for country in one.get("countries") or ()}
            for country in countries or {one["owner"] for one in members}:
                where[country].update(one["id"] for one in members)
        return tuple(
            ToWarn(country, desk(country), tuple(sorted(ids))) for country, ids in sorted(where.items())
        )

    def _is_actor(self, root: str) -> bool:
        return any(one["kind"] == "Person" or one.get("type") in ACTORS for one in self._members(root))

    def answer(self) -> CyberPivot:
        targets = self._targets()
        others = [root for root in self.hops if root not in targets]
        actors = [root for root in others if self._is_actor(root)]
        bodies = [root for root in others if not self._is_actor(root)]
        return CyberPivot(
            infrastructure=self._reached(*THINGS, roots=others),
            actors=self._reached("Organization", "Person", roots=actors),
            bodies=self._reached("Organization", roots=bodies),
            targets=self._reached(*KINDS, roots=targets),
            campaigns=self._reached(
                "Campaign", "Malware", "Tool", "Technique", "Vulnerability", roots=others
            ),
            events=self._reached("Event", "Case", roots=others),
            registrants=tuple(self.named[name] for name in sorted(self.named)),
            shared=tuple(SharedRecord(id_, links) for id_, links in sorted(self.shared.items())),
            warn=self._warn(),
            evidence=sources(self.ties),
            truncated=self.truncated,
            left_out=(
                f"hosting, certificates, malware, tools and registrants that more than {self.cap} share",
                "techniques, vulnerabilities, persons who are no registrants, and those who are targeted",
            ),
            as_of=self.view.scope.as_of,
        )


def _goes_on(tie: Tie) -> bool:
    if tie.type == "TARGETS" and tie.link["to"] == tie.other:
        return False
    return tie.record["kind"] in PASSED or tie.type == "REGISTERED_TO"


def _runs(tie: Tie) -> bool:
    """Whether the other end runs the record, as a hosting company does."""
    return tie.type in ("CONTROLS", "OWNS") and bool(tie.link["to"] == tie.id)


def _registrant(record: dict[str, Any]) -> str:
    """The registrant of infrastructure, or a mail address, as the index holds it."""
    value = record.get("address" if record["kind"] == "Email" else "registrant")
    return "".join(str(value or "").split()).lower()


def _known(members: list[dict[str, Any]], name: str) -> str | None:
    """What the first record says that says something."""
    values = [str(one[name]) for one in members if one.get(name)]
    return next(
        (value for value in values if value not in ("unknown", "none")), values[0] if values else None
    )
