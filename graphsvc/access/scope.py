"""A scope: what one caller may see at one moment, as numbers of handlings."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from graphsvc.access.caller import Caller
from graphsvc.model import days
from graphsvc.model.handling import Asker, Handling, permits
from graphsvc.model.vocabulary import Class
from graphsvc.store.reader import Reader

HEAD = """
MATCH (m:Meta {name: 'graph'})
OPTIONAL MATCH (a:Agreement)
RETURN m.seq AS seq, m.built AS built, m.handlings AS handlings,
       collect({name: a.name, members: a.members}) AS agreements
"""

HANDLINGS = "MATCH (h:Handling) WHERE h.number >= $known RETURN properties(h) AS h ORDER BY h.number"

REMEMBERED = 1_000
GONE = frozenset({Class.BLOCKED, Class.EXPIRED})


class Scope(msgspec.Struct, frozen=True, eq=False):
    """What a caller may see. ``held`` are the numbers of visible handlings, ascending; ``seq`` is the head of
    the change feed when it was worked out and never leaves the service; ``as_of`` may."""

    caller: Caller
    held: tuple[int, ...]
    today: int
    seq: int
    built: str
    as_of: str

    @property
    def mark(self) -> object:
        """What must differ for an answer to differ."""
        return self.built, self.seq, self.held, self.today


class Scopes:
    """Works out scopes. Handlings never change once interned, so only new ones are read; the head of the feed
    and the agreements are read for every request, so that a restriction or a changed agreement counts at once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._handlings: list[Handling] = []
        self._built = ""
        self._held: dict[tuple[Asker, int], tuple[int, ...]] = {}

    async def of(self, caller: Caller) -> Scope:
        """The caller's scope now."""
        now = datetime.now(UTC)
        head = (await self._reader.rows(HEAD))[0]
        await self._learn(head)
        parties = {row["name"]: frozenset(row["members"] or ()) for row in head["agreements"] if row["name"]}
        held = self._visible(caller.asker(parties))
        return Scope(
            caller, held, days.today(), head["seq"], head["built"], now.isoformat(timespec="seconds")
        )

    async def learn(self) -> None:
        """Read the handlings before the first request, which would wait for them."""
        await self._learn((await self._reader.rows(HEAD))[0])

    async def _learn(self, head: dict[str, Any]) -> None:
        if head["built"] != self._built or head["handlings"] < len(self._handlings):
            self._handlings, self._held, self._built = [], {}, head["built"]
        if head["handlings"] > len(self._handlings):
            rows = await self._reader.rows(HANDLINGS, known=len(self._handlings))
            known = len(self._handlings)
            self._handlings.extend(
                msgspec.convert(row["h"], Handling) for row in rows if row["h"]["number"] >= known
            )

    def _visible(self, asker: Asker) -> tuple[int, ...]:
        key = (asker, len(self._handlings))
        if key not in self._held:
            if len(self._held) >= REMEMBERED:
                self._held.clear()
            self._held[key] = tuple(
                number for number, handling in enumerate(self._handlings) if permits(handling, asker)
            )
        return self._held[key]

    def between(self, scope: Scope, mode: str) -> list[int]:
        """Handlings that the scope does not hold, and whose owners chose to hear of a match in this mode."""
        held = set(scope.held)
        return [
            number
            for number, handling in enumerate(self._handlings)
            if handling.hit == mode and handling.class_ not in GONE and number not in held
        ]

    def handling(self, number: int) -> Handling:
        """The handling of a number that the scope holds, for its conditions of use."""
        return self._handlings[number]
