"""Rows of the declared kinds into records, each with the links that its references make."""

from collections.abc import Callable
from typing import Any

from graphsvc.errors import RowError
from graphsvc.model import kinds
from graphsvc.model.derive import link_id
from graphsvc.model.fields import Field, Reference
from graphsvc.model.kinds import Kind
from graphsvc.model.links import ROLES_OF_REFERENCES
from graphsvc.model.record import Link, Record, Value
from loaders.parcel import Element
from loaders.terms import COLUMNS, Handlings, Terms
from loaders.values import column_reader, exact, local_id, reader, whole_id

Put = Callable[["Draft", Any], None]


class Draft:
    """What a row has given so far."""

    __slots__ = ("columns", "id", "properties", "references", "sequence")

    def __init__(self) -> None:
        self.id = ""
        self.sequence: int | None = None
        self.properties: dict[str, Value] = {}
        self.columns: dict[str, Any] = {}
        self.references: list[tuple[Reference, list[str]]] = []


def normal(column: str) -> str:
    """``Birth Date`` and ``birth-date`` are ``birth_date``."""
    return column.strip().lower().replace(" ", "_").replace("-", "_")


class Shaper:
    """Rows of one declared kind into a record and the links that its references make."""

    def __init__(self, kind: Kind, terms: Terms) -> None:
        self.kind = kind
        self.terms = terms
        self.handlings = Handlings(terms)
        fields = {field.name: field for field in (*kind.fields, *kinds.COMMON)}
        self.required = tuple(name for name, field in fields.items() if field.required)
        self._puts: dict[str, Put] = {name: _field(field) for name, field in fields.items()}
        self._puts |= {reference.name: self._reference(reference) for reference in kind.references}
        self._puts |= {name: _column(name) for name in COLUMNS}
        self._puts["id"] = self._id
        self._puts["sequence"] = _sequence(fields["sequence"])
        self.known = tuple(self._puts)
        self.declared = frozenset(self.known)
        self.fields = {name: column_reader(field) for name, field in fields.items() if name != "id"}
        self.references = {reference.name: reference for reference in kind.references}
        self._aliases: dict[str, str] = {}

    def put(self, column: str) -> Put | None:
        """What is done with a column of this name, or nothing for one that is not declared."""
        return self._puts.get(column) or self._puts.get(self._alias(column))

    def _alias(self, column: str) -> str:
        found = self._aliases.get(column)
        if found is None:
            found = self._aliases[column] = normal(column)
        return found

    def _id(self, draft: Draft, raw: Any) -> None:
        prefix = f"{self.terms.source}:"
        try:
            draft.id = local_id(self.terms.source, exact(raw).removeprefix(prefix))
        except ValueError as error:
            raise RowError(f"id: {error}", field="id") from None

    def _reference(self, reference: Reference) -> Put:
        source = self.terms.source

        def put(draft: Draft, raw: Any) -> None:
            parts = raw.split(";") if isinstance(raw, str) else raw if isinstance(raw, list) else [raw]
            try:
                ids = [whole_id(source, text) for part in parts if (text := exact(part))]
            except ValueError as error:
                raise RowError(f"{reference.name}: {error}", field=reference.name) from None
            draft.references.append((reference, list(dict.fromkeys(ids))))

        return put

    def elements(self, values: dict[str, Any], line: int) -> list[Element]:
        """The record and its links. Raises RowError with everything that is wrong with the row."""
        draft = Draft()
        wrong: list[RowError] = []
        others: set[str] = set()
        for column, raw in values.items():
            if raw is None or raw == "":
                continue
            put = self._puts.get(column)
            if put is None and (put := self.put(column)) is not None:
                name = self._alias(column)
                if name in others or values.get(name) not in (None, ""):
                    wrong.append(
                        RowError(f"{name}: stands there twice, also as {column!r}: remove one", field=name)
                    )
                others.add(name)
            if put is not None:
                try:
                    put(draft, raw)
                except RowError as error:
                    wrong.append(error)
        blamed = {error.field for error in wrong}
        for name in self.required:
            if name not in blamed and not (draft.id if name == "id" else name in draft.properties):
                wrong.append(RowError(f"{name} is empty: fill it in", field=name))
        if wrong:
            raise wrong[0] if len(wrong) == 1 else RowError("; ".join(map(str, wrong)), field=wrong[0].field)
        return self._build(draft, line)

    def _build(self, draft: Draft, line: int) -> list[Element]:
        properties = draft.properties
        if self.terms.grade and "grade" not in properties:
            properties["grade"] = self.terms.grade
        handling = self.handlings.of(draft.columns)
        sequence = self.terms.sequence if draft.sequence is None else draft.sequence
        record = Record(draft.id, self.kind.name, handling, properties, sequence, line)
        return [record, *self.links(record, draft.references)]

    def links(self, record: Record, references: list[tuple[Reference, list[str]]]) -> list[Link]:
        """The links that the references of a record make."""
        if not references:
            return []
        properties = record.properties
        shared = {name: properties[name] for name in SHARED if name in properties}
        if self.kind.name in MOMENTS:
            shared |= moments(properties)
        return [
            self._link(record, reference, other, shared) for reference, ids in references for other in ids
        ]

    def _link(self, record: Record, reference: Reference, other: str, shared: dict[str, Value]) -> Link:
        from_, to = (record.id, other) if reference.outward else (other, record.id)
        properties = dict(shared)
        role = ROLES_OF_REFERENCES.get(reference.name, "")
        if role:
            properties["role"] = role
        id_ = link_id(self.terms.source, reference.link, from_, to, role)
        return Link(id_, reference.link, from_, to, record.handling, properties, record.sequence, record.line)


SHARED = ("recorded_at", "retain_until", "grade")
"""What the links of a row take over from its record."""


MOMENTS = frozenset({"Event", "Transaction"})
"""Kinds whose links are of the time of the record itself."""


def moments(properties: dict[str, Value]) -> dict[str, Value]:
    """First and last day of an event or transaction, for its links."""
    first, last = properties.get("time"), properties.get("until") or properties.get("time")
    if first is None or last is None:
        return {}
    return {"first_seen": str(first)[:10], "last_seen": str(last)[:10]}


def _field(field: Field) -> Put:
    read = reader(field)
    name = field.name

    def put(draft: Draft, raw: Any) -> None:
        value = read(raw)
        if value is not None:
            draft.properties[name] = value

    return put


def _column(name: str) -> Put:
    def put(draft: Draft, raw: Any) -> None:
        draft.columns[name] = raw

    return put


def _sequence(field: Field) -> Put:
    read = reader(field)

    def put(draft: Draft, raw: Any) -> None:
        value = read(raw)
        draft.sequence = value if isinstance(value, int) else None

    return put
