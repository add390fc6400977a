"""The one door. A ``View`` holds a caller's scope, and is all that code which answers ever gets."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from graphsvc.access.caller import Caller
from graphsvc.access.gds import Science, ScopedScience
from graphsvc.access.office import Office
from graphsvc.access.scope import Scope, Scopes
from graphsvc.model.handling import Handling
from graphsvc.settings import Settings
from graphsvc.store.queries import named
from graphsvc.store.reader import Reader

if TYPE_CHECKING:
    from graphsvc.access.hits import Contact, Stand
    from graphsvc.access.recipients import Recipient
    from graphsvc.topology.events_live import LiveEvents
    from graphsvc.topology.events_scope import Events
    from graphsvc.topology.links import Links


NAMING = frozenset({"id", "ids", "of", "from", "to", "link", "links", "record", "records"})


class Shape(Protocol):
    """The topology, as far as the door knows it."""

    async def under(self, scope: Scope) -> "Links":
        """The shape of the graph under a scope, fresh to its head of the feed."""

    async def whole(self, scope: Scope) -> "Links":
        """The same with every addition in it, however many."""


def ids_in(value: Any, name: str = "") -> Iterator[str]:
    """The ids of records and links in rows: whole ids in columns and properties that are named for one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ids_in(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from ids_in(inner, name)
    elif isinstance(value, str) and ":" in value and (name in NAMING or name.endswith(("_id", "_ids"))):
        yield value


class View:
    """What one caller may see, for one request. There is no way from here to what the scope does not hold."""

    __slots__ = ("__events", "__noted", "__office", "__reader", "__science", "__scopes", "__shape", "scope")

    def __init__(
        self,
        scope: Scope,
        reader: Reader,
        scopes: Scopes,
        shape: Shape | None,
        events: "LiveEvents",
        science: Science | None,
        office: Office | None = None,
        *,
        note: bool = False,
    ) -> None:
        self.scope = scope
        self.__noted: set[str] | None = set() if note else None
        self.__office = office
        self.__reader = reader
        self.__scopes = scopes
        self.__shape = shape
        self.__events = events
        self.__science = science

    async def rows(self, query: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of the named query ``cypher/<query>.cypher``, with ``$held`` and ``$today`` bound to the scope."""
        bound = {**parameters, "held": self.scope.held, "today": self.scope.today}
        rows = await self.__reader.rows(named(query).text, **bound)
        if self.__noted is not None:
            self.__noted.update(ids_in(rows))
        return rows

    @property
    def noted(self) -> tuple[str, ...]:
        """All records and links that queries gave, for the register of what is handed out; of ``view_of_all`` only."""
        return tuple(sorted(self.__noted or ()))

    async def links(self) -> "Links":
        """The topology under this scope."""
        if self.__shape is None:
            raise RuntimeError("this door was opened without a topology")
        return await self.__shape.under(self.scope)

    async def whole(self) -> "Links":
        """The topology under this scope with every addition in it, for work on all of it."""
        if self.__shape is None:
            raise RuntimeError("this door was opened without a topology")
        return await self.__shape.whole(self.scope)

    async def events(self) -> "Events":
        """The event columns under this scope."""
        return await self.__events.under(self.scope)

    async def contacts(self, keys: Sequence[str]) -> tuple["Contact", ...]:
        """Where somebody holds a hidden record on one of these identity keys and wants to be reached through the
        General Secretariat. Owners who chose to hear in silence are told, and nobody else.

        To be asked by every check of identifiers, after its answer is worked out.
        """
        from graphsvc.access.hits import between

        if self.__office is None:
            return ()
        return await between(self.__reader, self.__scopes, self.__office, self.scope, keys)

    async def stands(self, records: Sequence[str]) -> "dict[str, Stand]":
        """What became of the hits that the caller's contributor opened on these records for this case, by record."""
        from graphsvc.access.hits import stands

        if self.__office is None or not records:
            return {}
        return await self.__office.do(self.scope, stands, records)

    @property
    def gds(self) -> ScopedScience:
        """Graph Data Science under this scope."""
        if self.__science is None:
            raise RuntimeError("this door was opened without Graph Data Science")
        return ScopedScience(self.__science, self.scope)

    def handling(self, number: int) -> Handling:
        """The handling of a record that this view has shown."""
        at = bisect_left(self.scope.held, number)
        if at == len(self.scope.held) or self.scope.held[at] != number:
            raise KeyError(number)
        return self.__scopes.handling(number)


class Door:
    """Opens views. Made once a process; keeps the connection to itself."""

    def __init__(
        self,
        reader: Reader,
        shape: Shape | None = None,
        science: Science | None = None,
        office: Office | None = None,
    ) -> None:
        from graphsvc.topology.events_live import LiveEvents

        self.__events = LiveEvents(reader)
        self.__reader = reader
        self.__scopes = Scopes(reader)
        self.__shape = shape
        self.__science = science
        self.__office = office

    @property
    def office(self) -> Office:
        """The audit, the quotas and the way to write."""
        if self.__office is None:
            raise RuntimeError("this door was opened without an office")
        return self.__office

    @classmethod
    async def open(cls, settings: Settings) -> "Door":
        """Connect to the store and open the topology. Raises StoreUnavailable."""
        reader = await Reader.open(settings)
        try:
            from graphsvc.topology.live import Live

            science = Science(settings)
            door = cls(reader, await Live.open(settings, reader), science, Office(settings))
            await door.__scopes.learn()
            await door.__events.open(settings)
            await science.start()
            return door
        except BaseException:
            await reader.close()
            raise

    async def view(self, caller: Caller) -> View:
        """What this caller may see now."""
        scope = await self.__scopes.of(caller)
        return View(
            scope,
            self.__reader,
            self.__scopes,
            self.__shape,
            self.__events,
            self.__science,
            self.__office,
            note=True,
        )

    async def view_of_all(
        self, caller: Caller, recipients: "Sequence[Recipient]", use: str = "police"
    ) -> View:
        """What the caller and all recipients may see now, under the conditions for passing it on."""
        from graphsvc.access.recipients import scope_of_all

        scope = await scope_of_all(self.__scopes, caller, recipients, use)
        return View(
            scope,
            self.__reader,
            self.__scopes,
            self.__shape,
            self.__events,
            self.__science,
            self.__office,
            note=True,
        )

    async def check(self) -> None:
        """Raise StoreUnavailable unless the store answers."""
        await self.__reader.check()

    async def close(self) -> None:
        """Let go of the store and the topology."""
        if self.__office is not None:
            await self.__office.close()
        close = getattr(self.__shape, "close", None)
        if close is not None:
            await close()
        if self.__science is not None:
            self.__science.close()
        await self.__reader.close()
