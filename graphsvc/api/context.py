"""What the fields of one request share: its caller, its view, and records fetched together."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import strawberry
from strawberry.dataloader import DataLoader

from graphsvc.access.caller import Caller, check_purpose
from graphsvc.access.office import Office
from graphsvc.access.recipients import Recipient
from graphsvc.access.refusals import Refusals
from graphsvc.access.scope import Scope
from graphsvc.access.tokens import Claims, Verifier
from graphsvc.access.view import Door, View
from graphsvc.analysis.entity import Entity, entities
from graphsvc.api.accounting import Given
from graphsvc.api.limits import Limits
from graphsvc.errors import AccessError, TokenError, UsageError
from graphsvc.model.vocabulary import Level, Purpose

PURPOSE = "graphsvc-purpose"
CASE = "graphsvc-case"
LONGEST_CASE = 200


class Context:
    """One request. The view is opened when a field first needs it, and all its fields share that one."""

    def __init__(self, caller: Caller, door: Door, limits: Limits, expires: float = float("inf")) -> None:
        self.caller = caller
        self.expires = expires
        self.limits = limits
        self._door = door
        self._view: asyncio.Future[View] | None = None
        self.given = Given()
        self.remarks: list[str] = []
        self.records: DataLoader[str, Entity | None] = DataLoader(self._load, max_batch_size=1_000)

    async def view(self) -> View:
        """What the caller may see, the same for the whole request."""
        if self._view is None:
            self._view = asyncio.ensure_future(self._door.view(self.caller))
        return await self._view

    def meet(self, records: Iterable[Entity]) -> None:
        """Records that came with an answer need not be read again for its fields."""
        self.records.prime_many({record.id: record for record in records})

    def remark(self, said: str | None) -> None:
        """Say beside the answer what it leaves out and why, asked for or not."""
        if said is not None and said not in self.remarks:
            self.remarks.append(said)

    async def renewed(self) -> View:
        """What the caller may see now, which the fields of the next event share. Raises TokenError in the end."""
        if time.time() >= self.expires:
            raise TokenError("The token has expired; open the subscription again with a new one.")
        self._view = asyncio.ensure_future(self._door.view(self.caller))
        self.records.clear_all()
        self.given = self.given.emptied()
        return await self._view

    async def leaving(self, recipients: Sequence[Recipient]) -> View:
        """What the caller and all recipients may see, for what is to leave the service."""
        return await self._door.view_of_all(self.caller, recipients)

    @property
    def office(self) -> Office:
        """The audit, the quotas and the way to write."""
        return self._door.office

    def scope(self) -> Scope | None:
        """The scope of the request, None when nothing was looked at."""
        if self._view is None or not self._view.done() or self._view.cancelled() or self._view.exception():
            return None
        return self._view.result().scope

    async def _load(self, ids: list[str]) -> list[Entity | None]:
        return await entities(await self.view(), ids)


class Nobody:
    """One without a token, to whom the operator shows the schema and nothing else."""

    def __init__(self, limits: Limits, refusals: Refusals) -> None:
        self.limits = limits
        self.refusals = refusals
        self.given = Given()


class Connection:
    """A web socket: one caller, and a context for each of its subscriptions."""

    def __init__(self, headers: Mapping[str, str], door: Door, limits: Limits) -> None:
        self.connection_params: dict[str, object] = {}
        self.known: Known | None = None
        self._headers = headers
        self._door = door
        self._limits = limits

    @property
    def refusals(self) -> Refusals:
        """Where those who are refused are written down."""
        return self._door.office.refusals

    def all_headers(self) -> dict[str, str]:
        """Those of the handshake, and those of the first message, which win."""
        given = {
            name.lower(): value for name, value in self.connection_params.items() if isinstance(value, str)
        }
        return {**self._headers, **given}

    def context(self) -> Context:
        """The context of a new subscription."""
        assert self.known is not None
        return Context(self.known.caller, self._door, self._limits, self.known.expires)


Info: TypeAlias = strawberry.Info[Context, None]


class Known(NamedTuple):
    """A caller who showed a valid token; ``expires`` in seconds since 1970."""

    caller: Caller
    expires: float


class Callers:
    """Tells from the headers of a request who asks and why."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    async def of(self, headers: Mapping[str, str], refusals: Refusals) -> Known:
        """The caller, and how long the token holds. Whoever is refused is audited first.

        Raises TokenError without a valid token, and AccessError for a purpose that it doesn't allow.
        """
        try:
            claims = await self._claims(headers)
        except TokenError:
            await refusals.token()
            raise
        try:
            return Known(_caller(headers, claims), claims.exp)
        except (AccessError, UsageError) as error:
            await refusals.purpose(claims, _known_purpose(headers.get(PURPOSE)), error)
            raise

    async def _claims(self, headers: Mapping[str, str]) -> Claims:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenError(
                "Send a token as `Authorization: Bearer …`; `graphsvc token --help` says how to get one."
            )
        return await asyncio.to_thread(self._verifier.verify, token.strip())


def _caller(headers: Mapping[str, str], claims: Claims) -> Caller:
    purpose = _purpose(headers.get(PURPOSE), claims.purposes)
    case = headers.get(CASE, "").strip()
    if len(case) > LONGEST_CASE:
        raise UsageError(f"A case reference may have {LONGEST_CASE} signs at most.")
    check_purpose(purpose, case, claims.purposes)
    return Caller(
        claims.sub,
        claims.ncb,
        Level[claims.level],
        purpose,
        case,
        frozenset(claims.roles),
        frozenset(claims.units),
    )


def _known_purpose(named: str | None) -> str:
    name = (named or "").strip().upper()
    return name if name in Purpose.__members__ else ""


def _purpose(named: str | None, allowed: tuple[Purpose, ...]) -> Purpose:
    if named is None:
        if len(allowed) == 1:
            return allowed[0]
        raise AccessError(
            f"Say why you ask with the header {PURPOSE.title()}; your token allows {_list(allowed)}."
        )
    try:
        return Purpose(named.strip().upper())
    except ValueError:
        raise AccessError(f"There is no such purpose; your token allows {_list(allowed)}.") from None


def _list(purposes: tuple[Purpose, ...]) -> str:
    return ", ".join(purposes) or "none"
