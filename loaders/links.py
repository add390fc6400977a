"""Rows into links of the declared types."""

from typing import Any

from graphsvc.errors import RowError
from graphsvc.model import links
from graphsvc.model.derive import link_id
from graphsvc.model.links import LinkKind
from graphsvc.model.record import Link, Value
from loaders.terms import COLUMNS, Handlings, Terms
from loaders.values import Read, ReadColumn, column_reader, exact, local_id, reader, whole_id

ENDS = ("from", "to")
ON_TERMS = frozenset(COLUMNS)


class LinkShaper:
    """The values of one link into a link of a declared type."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.handlings = Handlings(terms)
        self._common = {
            field.name: reader(field) for field in links.COMMON if field.name not in ("id", "kind", *ENDS)
        }
        self._of: dict[str, dict[str, Read]] = {
            kind.name: {**self._common, **{field.name: reader(field) for field in kind.fields}}
            for kind in links.LINKS
        }
        self._columns: dict[str, dict[str, ReadColumn]] = {}
        names = {name for readers in self._of.values() for name in readers}
        self.known = tuple(sorted({"id", "kind", *ENDS, *names, *COLUMNS}))

    def element(self, values: dict[str, Any], line: int) -> Link:
        """The link. Raises RowError with everything that is wrong with it."""
        kind = self.kind(values.get("kind"))
        wrong: list[RowError] = []
        properties: dict[str, Value] = {}
        readers = self._of[kind.name]
        for name, raw in values.items():
            read = readers.get(name)
            if read is None or raw is None or raw == "":
                continue
            try:
                value = read(raw)
            except RowError as error:
                wrong.append(error)
                continue
            if value is not None:
                properties[name] = value
        if wrong:
            raise wrong[0] if len(wrong) == 1 else RowError("; ".join(map(str, wrong)), field=wrong[0].field)
        return self._build(kind, values, properties, line)

    def columns(self, kind: LinkKind) -> dict[str, ReadColumn]:
        """The readers of whole columns of this kind."""
        if kind.name not in self._columns:
            fields = (*links.COMMON, *kind.fields)
            self._columns[kind.name] = {
                field.name: column_reader(field) for field in fields if field.name in self._of[kind.name]
            }
        return self._columns[kind.name]

    def kind(self, raw: Any) -> LinkKind:
        """The kind of this name. Raises RowError."""
        if raw.__class__ is str and raw in links.BY_NAME:
            return links.BY_NAME[raw]
        text = str(raw or "").strip().upper().replace(" ", "_")
        kind = links.BY_NAME.get(text)
        if kind is None:
            raise RowError(
                f"kind: {text[:60]!r} is no type of link: see docs/formats/links.md for the list",
                field="kind",
            )
        return kind

    def _build(self, kind: LinkKind, values: dict[str, Any], properties: dict[str, Value], line: int) -> Link:
        from_, to = (self._end(values, name) for name in ENDS)
        sequence = properties.pop("sequence", self.terms.sequence)
        confidence = properties.get("confidence")
        if isinstance(confidence, float) and not 0 <= confidence <= 1:
            raise RowError(
                f"confidence: {confidence} is not between 0 and 1: write such as 0.8", field="confidence"
            )
        if self.terms.grade and "grade" not in properties:
            properties["grade"] = self.terms.grade
        id_ = self._id(values.get("id")) or link_id(
            self.terms.source,
            kind.name,
            from_,
            to,
            str(properties.get("role", "")),
            str(properties.get("first_seen", "")),
        )
        handling = self.handlings.of(
            {}
            if ON_TERMS.isdisjoint(values)
            else {name: values[name] for name in COLUMNS if values.get(name) not in (None, "")}
        )
        return Link(
            id_,
            kind.name,
            from_,
            to,
            handling,
            properties,
            sequence if isinstance(sequence, int) else None,
            line,
        )

    def _end(self, values: dict[str, Any], name: str) -> str:
        try:
            text = exact(values.get(name))
            if text:
                return whole_id(self.terms.source, text)
        except ValueError as error:
            raise RowError(f"{name}: {error}", field=name) from None
        raise RowError(f"{name} is empty: give the id of the record", field=name)

    def _id(self, raw: Any) -> str:
        try:
            text = exact(raw)
            return text and local_id(self.terms.source, text.removeprefix(f"{self.terms.source}:"))
        except ValueError as error:
            raise RowError(f"id: {error}", field="id") from None
