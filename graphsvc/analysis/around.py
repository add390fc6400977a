"""Records and their surroundings with their properties, for questions that look at a few hundred of them."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from graphsvc.access.view import View
from graphsvc.analysis.walks import walk
from graphsvc.errors import NotFound
from graphsvc.model.kinds import KINDS
from graphsvc.model.vocabulary import PROTECTED_ROLES

MOST = 20_000
ENDED = frozenset({"acquitted", "discontinued"})
"""Outcomes after which nobody counts as a suspect through a link."""
ALL_KINDS = tuple(kind.name for kind in KINDS)


class Tie(msgspec.Struct, frozen=True):
    """A link at a record and the record at its other end, as their owners wrote them."""

    id: str
    link: dict[str, Any]
    record: dict[str, Any]

    @property
    def other(self) -> str:
        """Id of the other end."""
        return str(self.record["id"])

    @property
    def type(self) -> str:
        """Type of the link."""
        return str(self.link["kind"])

    @property
    def role(self) -> str:
        """Role on the link, or nothing."""
        return str(self.link.get("role") or "")

    @property
    def protected(self) -> bool:
        """Whether nobody may be ranked or offered as a lead through it."""
        return self.role in PROTECTED_ROLES or self.link.get("outcome") in ENDED


class EvidenceLink(msgspec.Struct, frozen=True):
    """One link that a finding rests on."""

    id: Annotated[str, Meta(description="Id of the link.")]
    type: Annotated[str, Meta(description="Type of link.")]
    from_id: Annotated[str, Meta(description="Record that it goes from.")]
    to_id: Annotated[str, Meta(description="Record that it goes to.")]
    owner: Annotated[str, Meta(description="Contributor whose link it is.")]
    role: Annotated[str | None, Meta(description="In which role.")]
    grade: Annotated[str | None, Meta(description="Grade as its owner gave it.")]
    confidence: Annotated[float | None, Meta(description="Between 0 and 1; null when unknown.")]


def source(tie: Tie) -> EvidenceLink:
    """A tie as evidence."""
    link = tie.link
    return EvidenceLink(
        link["id"], link["kind"], link["from"], link["to"], link["owner"],
        link.get("role"), link.get("grade"), link.get("confidence"),
    )  # fmt: skip


def sources(ties: Iterable[Tie]) -> tuple[EvidenceLink, ...]:
    """Evidence without repeats, in order."""
    found = {(tie.type, tie.link["id"]): source(tie) for tie in ties}
    return tuple(found[name] for name in sorted(found))


async def around(
    view: View,
    ids: Iterable[str],
    types: Sequence[str],
    kinds: Sequence[str] = ALL_KINDS,
    *,
    most: int = MOST,
) -> tuple[list[Tie], bool]:
    """Visible links of some types at records, and whether there were more than ``most``."""
    wanted = sorted(set(ids))
    if not wanted:
        return [], False
    rows = await view.rows("links/around", ids=wanted, types=list(types), kinds=list(kinds), most=most + 1)
    return [Tie(row["id"], row["link"], row["record"]) for row in rows[:most]], len(rows) > most


async def records(view: View, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Visible records by id."""
    rows = await view.rows("identity/records", ids=sorted(set(ids)))
    return {row["record"]["id"]: row["record"] for row in rows}


async def identities(view: View, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each visible record all records of its identity, first of the ids first; hidden ones are left out."""
    wanted = sorted(set(ids))
    return await walk(view, lambda links: links.clusters(wanted))


async def seeds(view: View, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The same for records that were asked for. Raises NotFound when one is absent or hidden."""
    found = await identities(view, ids)
    if any(id_ not in found for id_ in ids):
        raise NotFound("There is no such record, or none that you may see.")
    return found


class Roots:
    """Which identity each record belongs to, by the first of its ids; learns as it goes."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.members: dict[str, tuple[str, ...]] = {}
        self._root: dict[str, str] = {}

    async def learn(self, ids: Iterable[str]) -> None:
        """Work out the identities of records."""
        found = await identities(self._view, (id_ for id_ in ids if id_ not in self._root))
        for members in found.values():
            for member in members:
                self._root[member] = members[0]
            self.members[members[0]] = members

    def __getitem__(self, id_: str) -> str:
        return self._root.get(id_, id_)

    def all(self, ids: Iterable[str]) -> set[str]:
        """Every record of the identities of some records."""
        return {member for id_ in ids for member in self.members.get(self[id_], (id_,))}
