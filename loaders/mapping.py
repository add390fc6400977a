"""The mapping loader: a YAML file says how the rows of any table become records and links."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from graphsvc.errors import RowError, UsageError
from loaders.files import Input
from loaders.frame import Loader
from loaders.links import LinkShaper
from loaders.mapping_files import Files, need
from loaders.mapping_spec import EntityRule, Join, Key, LinkRule, MappingSpec, Query, Sources, Table
from loaders.mapping_values import PLACE, Skip, Values, as_text, compiled
from loaders.parcel import Element
from loaders.reading import rows
from loaders.records import Shaper
from loaders.rows import Header, Reading, Rejected, Row
from loaders.terms import Terms
from loaders.values import LOCAL

JOINER = "-"
LINE = "$line"
"""A column that every row has: the line on which it stands."""


class Mapping(Loader):
    """The loader of one mapping over one folder, zip file or set of files."""

    def __init__(
        self, spec: MappingSpec, terms: Terms, data: list[Path], reading: Reading | None = None
    ) -> None:
        super().__init__(f"mapping {spec.name}", terms)
        self.spec = spec
        self.data = Files(data)
        self._links = LinkShaper(terms)
        self._plans: list[_Plan] = []
        self._by_input: dict[Input, list[tuple[_Plan, Table]]] = {}
        for query in spec.queries:
            plan = _Plan(query, terms, self._links)
            for table in query.tables:
                self._by_input.setdefault(self.data.find(table.name), []).append((plan, table))
        self._plan = next(iter(self._by_input.values()))[0][0]

    @property
    def inputs(self) -> list[Input]:
        return list(self._by_input)

    def options(self) -> object:
        return hashlib.blake2b(repr(self.spec).encode(), digest_size=16).hexdigest()

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        for plan, table in self._by_input[source]:
            self._plan = plan
            plan.prepare(self)
            with self.open(source) as stream:
                for item in rows(source, stream, plan.query.reading):
                    if isinstance(item, Header):
                        plan.check_columns(item, table)
                    elif isinstance(item, Row):
                        yield from plan.joined(item, table, self)
                    else:
                        yield item

    def check(self, row: Row) -> None:
        """Rows are checked as they are shaped: the mapping says what they must hold."""

    def shape(self, row: Row) -> list[Element]:
        return self._plan.elements(row)


class _Plan:
    """One query, compiled."""

    def __init__(self, query: Query, terms: Terms, links: LinkShaper) -> None:
        self.query = query
        self._links = links
        made: dict[str, set[str]] = {rule.kind.name: set() for rule in query.entities}
        self._entities = [_Entity(rule, terms, made[rule.kind.name]) for rule in _ordered(query.entities)]
        self._rules = [_Link(rule, terms) for rule in query.links]
        self._joins: list[tuple[Join, dict[tuple[str, ...], Values]]] | None = None
        self._columns = tuple(column for column in _used(query) if column != LINE)
        self._by_line = LINE in _used(query)

    def prepare(self, mapping: Mapping) -> None:
        """Read the files that are joined, once."""
        if self._joins is None:
            self._joins = [(join, mapping.data.lookup(join)) for join in self.query.joins]

    def check_columns(self, header: Header, table: Table) -> None:
        """Raises UsageError when the file lacks a column that the mapping names."""
        joined = (name for join in self.query.joins for name in join.columns)
        given = dict.fromkeys((*header.columns, *table.columns, *joined))
        need(Header(header.file, tuple(given)), self._columns)

    def joined(self, row: Row, table: Table, mapping: Mapping) -> Iterator[Row]:
        """The row with what is joined to it, when the filters let it through."""
        values = {**row.values, **table.columns, **({LINE: row.line} if self._by_line else {})}
        for join, found in self._joins or ():
            partner = found.get(tuple(as_text(values.get(column)) for column in join.by))
            if partner is None and join.required:
                mapping.remark(f"rows without a partner in {join.table} are left out", row.file)
                return
            values = {**values, **(partner or dict.fromkeys(join.columns))}
        if self._filtered(values):
            mapping.remark("rows that the mapping's filters leave out", row.file)
            return
        yield Row(row.file, row.line, values)

    def _filtered(self, values: Values) -> bool:
        query = self.query
        if any(as_text(values.get(name)) not in wanted for name, wanted in query.filters.items()):
            return True
        return any(as_text(values.get(name)) in unwanted for name, unwanted in query.filters_not.items())

    def elements(self, row: Row) -> list[Element]:
        """What the row gives. Raises RowError."""
        ids: dict[str, str] = {}
        found: list[Element] = []
        for entity in self._entities:
            try:
                found += entity.elements(row, ids)
            except Skip:
                continue
        for link in self._rules:
            try:
                found.append(self._links.element(link.values(row.values, ids), row.line))
            except Skip:
                continue
        return found


def _ordered(rules: tuple[EntityRule, ...]) -> list[EntityRule]:
    """Entities after those that they refer to. Raises UsageError for a circle."""
    done: list[EntityRule] = []
    left = list(rules)
    while left:
        names = {rule.name for rule in done}
        ready = [rule for rule in left if _wants(rule.properties) <= names]
        if not ready:
            raise UsageError(
                f"The entities {', '.join(rule.name for rule in left)} refer to each other in a circle."
            )
        done += ready
        left = [rule for rule in left if rule not in ready]
    return done


def _wants(properties: Sources) -> set[str]:
    return {source.entity for sources in properties.values() for source in sources if source.entity}


def _used(query: Query) -> tuple[str, ...]:
    """Every column that the query names."""
    names: dict[str, None] = dict.fromkeys((*query.filters, *query.filters_not))
    names.update(dict.fromkeys(column for join in query.joins for column in join.by))
    keys = [rule.key for rule in query.entities]
    for rule in query.links:
        keys += [key for key in (rule.from_, rule.to, rule.key) if key is not None]
    names.update(dict.fromkeys(column for key in keys for column in key.columns))
    for rules in (query.entities, query.links):
        for rule_ in rules:
            for sources in rule_.properties.values():
                for source in sources:
                    names.update(dict.fromkeys((*source.columns, *PLACE.findall(source.template or ""))))
    return tuple(names)


class _Entity:
    def __init__(self, rule: EntityRule, terms: Terms, made: set[str]) -> None:
        self.rule = rule
        self._shaper = Shaper(rule.kind, terms)
        many = {field.name for field in rule.kind.fields if field.many}
        many |= {reference.name for reference in rule.kind.references}
        self._properties = compiled(rule.properties, many)
        self._made = made

    def elements(self, row: Row, ids: dict[str, str]) -> list[Element]:
        local = make_id(self.rule.key, row.values, ids)
        if not local:
            if self.rule.optional:
                raise Skip
            raise RowError(
                f"{self.rule.name} has no id, since {' and '.join(self.rule.key.columns)} are empty: fill in one"
            )
        ids[self.rule.name] = local
        if self.rule.once:
            if local in self._made:
                return []
            self._made.add(local)
        values: Values = {"id": local}
        for name, get in self._properties:
            value = get(row.values, ids)
            if value is not None:
                values[name] = value
        try:
            return self._shaper.elements(values, row.line)
        except RowError:
            self._made.discard(local)
            raise


class _Link:
    def __init__(self, rule: LinkRule, terms: Terms) -> None:
        self.rule = rule
        many: set[str] = {"reasons"}
        self._properties = compiled(rule.properties, many)

    def values(self, row: Values, ids: dict[str, str]) -> Values:
        rule = self.rule
        ends = [make_id(key, row, ids) for key in (rule.from_, rule.to)]
        if not all(ends):
            if rule.optional:
                raise Skip
            key = rule.from_ if not ends[0] else rule.to
            raise RowError(
                f"{rule.name} has no end, since {' and '.join(key.columns) or key.entity} is empty: fill it in"
            )
        values: Values = {"kind": rule.kind, "from": ends[0], "to": ends[1]}
        if rule.key is not None:
            values["id"] = make_id(rule.key, row, ids)
        for name, get in self._properties:
            value = get(row, ids)
            if value is not None:
                values[name] = value
        return values


def make_id(key: Key, values: Values, ids: dict[str, str]) -> str:
    """A local id that people can read, or a hash where the values don't make one; empty when all are empty."""
    if key.entity is not None:
        return ids.get(key.entity, "")
    parts = [_of_key(column, values.get(column)) for column in key.columns]
    if not any(parts):
        return ""
    text = JOINER.join([*([key.literal] if key.literal else []), *parts])
    plain = len(parts) == 1 or not any(JOINER in part or not part for part in parts)
    if not plain or LOCAL.fullmatch(text) is None:
        digest = hashlib.blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()
        text = JOINER.join([*([key.literal] if key.literal else []), f"~{digest}"])
    return f"{key.source}:{text}" if key.source else text


def _of_key(column: str, raw: Any) -> str:
    if isinstance(raw, list | dict):
        raise RowError(f"{column}: holds several values where an id is made of it: give one", field=column)
    return as_text(raw)
