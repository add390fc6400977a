"""Operation 21: from one piece of a cyber case to the rest: what is shared, who is behind it, whom to warn."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.around import EvidenceLink, Roots, Tie, around, records, seeds, sources
from graphsvc.errors import UsageError
from graphsvc.model.regions import desk

STARTS = (
    "Infrastructure",
    "File",
    "Certificate",
    "Malware",
    "Tool",
    "Wallet",
    "Organization",
    "Campaign",
    "Email",
)
KINDS = (*STARTS, "Vulnerability", "Technique", "OnlineAccount", "Event", "Case", "Person")
PASSED = (
    "Infrastructure",
    "File",
    "Certificate",
    "Malware",
    "Wallet",
    "Campaign",
    "Organization",
    "Tool",
    "Event",
)
"""Kinds that a pivot goes on from; techniques and persons end it, for too many share them."""
TYPES = (
    "RESOLVES_TO", "HOSTS", "CONTROLS", "COMMUNICATES_WITH", "USES", "ATTRIBUTED_TO", "TARGETS", "OWNS", "INVOLVES",
    "ALIAS_OF", "MEMBER_OF",
)  # fmt: skip
MOST_HOPS = 4
MOST_RECORDS = 2_000


class CyberRecord(msgspec.Struct, frozen=True):
    """A record that the pivot reached; the first of its identity."""

    id: Annotated[str, Meta(description="Id of the record.")]
    kind: Annotated[str, Meta(description="Kind of record.")]
    caption: Annotated[str, Meta(description="One line for people.")]
    hops: Annotated[int, Meta(description="Links from the record asked for.")]
    control: Annotated[str | None, Meta(description="Who controls infrastructure.")]
    takedown: Annotated[str | None, Meta(description="State of takedown of infrastructure.")]
    records: Annotated[tuple[str, ...], Meta(description="All visible records of the identity.")]


class SharedHosting(msgspec.Struct, frozen=True):
    """Hosting that many use: shown and not gone on from, since sharing it says little."""

    id: Annotated[str, Meta(description="Id of the record.")]
    links: Annotated[int, Meta(description="How many of its links may be seen.")]


class ToWarn(msgspec.Struct, frozen=True):
    """Somebody to warn: the bureau of a country in which infrastructure is compromised or a target stands."""

    country: Annotated[str, Meta(description="Country whose bureau to warn.")]
    desk: Annotated[str | None, Meta(description="Regional desk.")]
    ids: Annotated[tuple[str, ...], Meta(description="Compromised infrastructure and targets there.")]


class CyberPivot(msgspec.Struct, frozen=True):
    """What a pivot reached, nearest first, then by id."""

    infrastructure: Annotated[
        tuple[CyberRecord, ...], Meta(description="Domains, addresses, files, wallets.")
    ]
    actors: Annotated[tuple[CyberRecord, ...], Meta(description="Threat actors, groups and persons.")]
    campaigns: Annotated[tuple[CyberRecord, ...], Meta(description="Campaigns, malware, tools, techniques.")]
    events: Annotated[tuple[CyberRecord, ...], Meta(description="Attacks and cases.")]
    shared: Annotated[
        tuple[SharedHosting, ...], Meta(description="SharedHosting hosting that was not gone on from.")
    ]
    warn: Annotated[tuple[ToWarn, ...], Meta(description="Whom to warn.")]
    evidence: Annotated[tuple[EvidenceLink, ...], Meta(description="The links that it rests on.")]
    truncated: Annotated[bool, Meta(description="There is more than one question reads.")]
    as_of: Annotated[str, Meta(description="Time for which the answer holds.")]


async def cyber_pivot(view: View, id: str, *, hops: int = 3, shared_cap: int = 10) -> CyberPivot:
    """What hangs together with a domain, address, file, certificate, malware or wallet.

    Infrastructure with more than ``shared_cap`` visible links is taken for shared hosting. Raises NotFound, UsageError.
    """
    if not 1 <= hops <= MOST_HOPS or shared_cap < 1:
        raise UsageError(f"ask for 1 to {MOST_HOPS} hops and a cap of at least 1.")
    mine = (await seeds(view, [id]))[id]
    walk = _Walk(view)
    await walk.learn(mine)
    for hop in range(1, hops + 1):
        await walk.step(hop, shared_cap, start=hop == 1)
    return walk.answer(view.scope.as_of)


class _Walk:
    """A pivot while it grows."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.roots = Roots(view)
        self.hops: dict[str, int] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.ties: list[Tie] = []
        self.shared: dict[str, int] = {}
        self.front: set[str] = set()
        self.truncated = False

    async def learn(self, ids: Sequence[str]) -> None:
        await self.roots.learn(ids)
        self.front = {self.roots[ids[0]]}
        self.hops[self.roots[ids[0]]] = 0
        self.records |= await records(self.view, self.roots.all(ids))

    async def step(self, hop: int, cap: int, *, start: bool) -> None:
        ties, cut = await around(self.view, self.roots.all(self.front), TYPES, KINDS)
        self.truncated |= cut or len(self.hops) > MOST_RECORDS
        await self.roots.learn(tie.other for tie in ties)
        by: dict[str, list[Tie]] = defaultdict(list)
        for tie in ties:
            by[self.roots[tie.id]].append(tie)
            self.records.setdefault(tie.other, tie.record)
        following = set()
        for root, own in by.items():
            if not start and self._crowded(root, own, cap):
                continue
            self.ties += own
            for tie in own:
                other = self.roots[tie.other]
                if other not in self.hops:
                    self.hops[other] = hop
                    if tie.record["kind"] in PASSED:
                        following.add(other)
        new = self.roots.all(following) - self.records.keys()
        self.records |= await records(self.view, new) if new else {}
        self.front = set() if self.truncated else following

    def _crowded(self, root: str, own: list[Tie], cap: int) -> bool:
        crowded = self.records[root]["kind"] == "Infrastructure" and len(own) > cap
        if crowded:
            self.shared[root] = len(own)
        return crowded

    def _reached(self, *kinds: str) -> tuple[CyberRecord, ...]:
        found = []
        for root, hop in self.hops.items():
            members = [m for m in self.roots.members.get(root, (root,)) if m in self.records]
            record = self.records[members[0]]
            if record["kind"] in kinds:
                found.append(
                    CyberRecord(
                        root,
                        record["kind"],
                        record["caption"],
                        hop,
                        self._known(members, "control"),
                        self._known(members, "takedown"),
                        tuple(members),
                    )
                )
        return tuple(sorted(found, key=lambda one: (one.hops, one.id)))

    def _known(self, members: list[str], name: str) -> str | None:
        values = [str(self.records[m][name]) for m in members if self.records[m].get(name)]
        return next(
            (value for value in values if value not in ("unknown", "none")), values[0] if values else None
        )

    def _warn(self) -> tuple[ToWarn, ...]:
        targets = {tie.link["to"] for tie in self.ties if tie.type == "TARGETS"}
        where: dict[str, set[str]] = defaultdict(set)
        for id_, record in self.records.items():
            hit = record.get("control") == "compromised" or id_ in targets
            if hit and self.roots[id_] in self.hops:
                for country in record.get("countries") or [record["owner"]]:
                    where[country].add(id_)
        return tuple(
            ToWarn(country, desk(country), tuple(sorted(ids))) for country, ids in sorted(where.items())
        )

    def answer(self, as_of: str) -> CyberPivot:
        return CyberPivot(
            infrastructure=self._reached(
                "Infrastructure", "File", "Certificate", "Wallet", "Email", "OnlineAccount"
            ),
            actors=self._reached("Organization", "Person"),
            campaigns=self._reached("Campaign", "Malware", "Tool", "Technique", "Vulnerability"),
            events=self._reached("Event", "Case"),
            shared=tuple(SharedHosting(id_, links) for id_, links in sorted(self.shared.items())),
            warn=self._warn(),
            evidence=sources(self.ties),
            truncated=self.truncated,
            as_of=as_of,
        )
