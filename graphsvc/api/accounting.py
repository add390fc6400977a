"""What a request was given, counted and audited before it leaves. The one place through which every answer goes."""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec
from graphql import DocumentNode, FieldNode, OperationDefinitionNode, OperationType

from graphsvc.access.audit import entry
from graphsvc.access.caller import Caller
from graphsvc.access.office import Office
from graphsvc.access.scope import Scope
from graphsvc.access.sealed import Sealed
from graphsvc.errors import LimitError

ANSWERED = "answered"
ID_FIELDS = ("id", "from_id", "to_id")
"""Fields by which the structs of answers name records and links."""
NAMED = """
about cases core events evidence from_holder ids judgement judgements links one other person_id record record_id records
subject_ids through to_holder trips with_
"""
NAMING = frozenset(NAMED.split())
"""Fields that name more of them, as texts or lists of texts; they count where they are asked for."""


class Given:
    """What one request has resolved so far, and what it asked for."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self.operations: tuple[str, ...] = ()
        self.writes = False

    def note(self, ids: Iterable[Any]) -> None:
        """These records or links are part of the answer."""
        self._ids.update(dict.fromkeys(id for id in ids if isinstance(id, str)))

    def note_named(self, value: Any) -> None:
        """What a field of ``NAMING`` holds: whole ids are part of the answer, and nothing else in it is."""
        values = value if isinstance(value, list | tuple) else (value,)
        self.note(one for one in values if isinstance(one, str) and one.count(":") == 1)

    @property
    def ids(self) -> tuple[str, ...]:
        """Each id once, in the order of the answer."""
        return tuple(self._ids)

    def emptied(self) -> "Given":
        """The same question before its next event."""
        fresh = Given()
        fresh.operations, fresh.writes = self.operations, self.writes
        return fresh

    def read(self, document: DocumentNode, known: Iterable[str]) -> None:
        """Take the names of the operations from a parsed text; what is no operation of ours is not repeated."""
        names: dict[str, None] = {}
        known = frozenset(known)
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self.writes |= definition.operation is OperationType.MUTATION
                fields = (node for node in definition.selection_set.selections if isinstance(node, FieldNode))
                names |= dict.fromkeys(node.name.value for node in fields if node.name.value in known)
        self.operations = tuple(names)


class Asked(msgspec.Struct, frozen=True):
    """The question as it came."""

    query: str
    variables: dict[str, Any] | None = None
    operation: str | None = None


async def account(
    office: Office, caller: Caller, scope: Scope | None, given: Given, asked: Asked, outcome: str, body: bytes
) -> None:
    """Count and audit an answer; only then may it leave.

    Raises LimitError when it goes over the caller's quota, and StoreUnavailable when it cannot be written down.
    """
    refusal: LimitError | None = None
    try:
        office.quotas.add(caller, len(given.ids))
    except LimitError as error:
        if not given.writes:  # what was done is done, and its answer belongs to the caller
            refusal, outcome = error, error.code
    returned = () if refusal else given.ids
    sealed = Sealed(
        msgspec.to_builtins(asked), returned, hashlib.sha256(b"" if refusal else body).hexdigest()
    )
    name = ",".join(given.operations) or "none"
    await office.auditor.write(entry(caller, name, outcome, scope=scope, objects=len(returned)), sealed)
    if refusal is not None:
        raise refusal
