"""The mapping loader: a YAML file says how the rows of any table become records and links."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from graphsvc.errors import RowError, UsageError
from graphsvc.model.dates import from_pattern
from loaders import files
from loaders.files import Input
from loaders.frame import Element, Loader
from loaders.links import LinkShaper
from loaders.mapping_spec import EntityRule, Join, Key, LinkRule, MappingSpec, Query, Source, Sources, Table
from loaders.reading import rows
from loaders.records import Shaper
from loaders.rows import Header, Reading, Rejected, Row
from loaders.terms import Terms
from loaders.values import LOCAL

Values = dict[str, Any]
Getter = Callable[[Values, dict[str, str]], list[str]]

JOINER = "-"
LINE = "$line"
"""A column that every row has: the line on which it stands."""

PLACE = re.compile(r"{{([^{}]*)}}")
MOST_JOINED = 2_000_000
"""Rows of a joined file, which is held in memory."""


class _Skip(Exception):
    """An optional entity or link that this row does not give."""


class Mapping(Loader):
    """The loader of one mapping over one folder, zip file or set of files."""

    def __init__(
        self, spec: MappingSpec, terms: Terms, data: list[Path], reading: Reading | None = None
    ) -> None:
        super().__init__(f"mapping {spec.name}", terms)
        self.spec = spec
        self._found = _Files(data)
        self._links = LinkShaper(terms)
        self._plans: list[_Plan] = []
        self._by_input: dict[Input, list[tuple[_Plan, Table]]] = {}
        for query in spec.queries:
            plan = _Plan(query, terms, self._links)
            for table in query.tables:
                self._by_input.setdefault(self._found.find(table.name), []).append((plan, table))
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

    def lookup(self, join: Join) -> dict[tuple[str, ...], Values]:
        """The rows of a joined file by the values of its key columns."""
        source = self._found.find(join.table)
        keys = tuple(join.by.values())
        found: dict[tuple[str, ...], Values] = {}
        with files.open_stream(source) as stream:
            for item in rows(source, stream, join.reading):
                if isinstance(item, Header):
                    _need(item, (*keys, *join.columns.values()))
                elif isinstance(item, Row):
                    key = tuple(_as_text(item.values.get(column)) for column in keys)
                    add(found, key, {name: item.values.get(column) for name, column in join.columns.items()})
                    if len(found) > MOST_JOINED:
                        raise UsageError(
                            f"{source.name} has more than {MOST_JOINED:,} rows, too many to join: split it"
                        )
        return found


def add(found: dict[tuple[str, ...], Values], key: tuple[str, ...], values: Values) -> None:
    """Keep the values under their key; what several rows give to one key becomes lists."""
    before = found.get(key)
    if before is None:
        found[key] = values
        return
    for name, value in values.items():
        held = before[name]
        before[name] = [*(held if isinstance(held, list) else [held]), value]


class _Files:
    """The files that a mapping may name, by path and by name alone."""

    def __init__(self, data: list[Path]) -> None:
        self._inputs = [found for path in _deep(data) for found in files.within(path)]
        self._data = data

    def find(self, name: str) -> Input:
        """The stream of a file that the mapping names. Raises UsageError."""
        wanted = PurePosixPath(name.split("://")[-1])
        for folder in self._data:
            if folder.is_dir() and (folder / wanted).is_file():
                return Input(folder / wanted)
        for exact in (True, False):
            found = [item for item in self._inputs if _fits(item, wanted, exact=exact)]
            if len(found) == 1:
                return found[0]
            if found:
                raise UsageError(
                    f"{name} is there {len(found)} times in the data: give the folder of the right one"
                )
        where = ", ".join(str(path) for path in self._data)
        raise UsageError(
            f"the mapping names {name}, which is not in {where}: give the folder or zip file that holds it"
        )


def _deep(data: list[Path]) -> list[Path]:
    return [
        part
        for path in data
        for part in (
            sorted(p for p in path.rglob("*") if p.is_file() and _table(p)) if path.is_dir() else [path]
        )
    ]


def _table(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith((*files.TABLES, ".zip"))


def _fits(item: Input, wanted: PurePosixPath, *, exact: bool) -> bool:
    path = PurePosixPath(item.member or item.path.as_posix())
    if exact:
        return path.parts[-len(wanted.parts) :] == wanted.parts
    return path.name == wanted.name


def _need(header: Header, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in header.columns]
    if missing:
        raise UsageError(
            f"{header.file}, line 1: the mapping needs the column {missing[0]!r}, which is missing: "
            f"it has {', '.join(header.columns[:12])}"
        )


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
            self._joins = [(join, mapping.lookup(join)) for join in self.query.joins]

    def check_columns(self, header: Header, table: Table) -> None:
        """Raises UsageError when the file lacks a column that the mapping names."""
        joined = (name for join in self.query.joins for name in join.columns)
        given = dict.fromkeys((*header.columns, *table.columns, *joined))
        _need(Header(header.file, tuple(given)), self._columns)

    def joined(self, row: Row, table: Table, mapping: Mapping) -> Iterator[Row]:
        """The row with what is joined to it, when the filters let it through."""
        values = {**row.values, **table.columns, **({LINE: row.line} if self._by_line else {})}
        for join, found in self._joins or ():
            partner = found.get(tuple(_as_text(values.get(column)) for column in join.by))
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
        if any(_as_text(values.get(name)) not in wanted for name, wanted in query.filters.items()):
            return True
        return any(_as_text(values.get(name)) in unwanted for name, unwanted in query.filters_not.items())

    def elements(self, row: Row) -> list[Element]:
        """What the row gives. Raises RowError."""
        ids: dict[str, str] = {}
        found: list[Element] = []
        for entity in self._entities:
            try:
                found += entity.elements(row, ids)
            except _Skip:
                continue
        for link in self._rules:
            try:
                found.append(self._links.element(link.values(row.values, ids), row.line))
            except _Skip:
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
        self._properties = _compile(rule.properties, many)
        self._made = made

    def elements(self, row: Row, ids: dict[str, str]) -> list[Element]:
        local = make_id(self.rule.key, row.values, ids)
        if not local:
            if self.rule.optional:
                raise _Skip
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
        self._properties = _compile(rule.properties, many)

    def values(self, row: Values, ids: dict[str, str]) -> Values:
        rule = self.rule
        ends = [make_id(key, row, ids) for key in (rule.from_, rule.to)]
        if not all(ends):
            if rule.optional:
                raise _Skip
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
    return _as_text(raw)


def _as_text(raw: Any) -> str:
    return "" if raw is None else str(raw).strip()


def _compile(
    properties: Sources, many: set[str]
) -> list[tuple[str, Callable[[Values, dict[str, str]], Any]]]:
    return [(name, _property(name, sources, many=name in many)) for name, sources in properties.items()]


def _property(
    name: str, sources: tuple[Source, ...], *, many: bool
) -> Callable[[Values, dict[str, str]], list[str] | str | None]:
    getters = [_getter(name, source) for source in sources]

    def get(values: Values, ids: dict[str, str]) -> list[str] | str | None:
        found = [text for getter in getters for text in getter(values, ids)]
        if not found:
            return None
        if many:
            return found
        if len(found) > 1:
            raise RowError(
                f"{name}: has {len(found)} values and takes one: use join in the mapping", field=name
            )
        return found[0]

    return get


def _getter(name: str, source: Source) -> Getter:
    """One source as a function of the row, its steps in the order of the fields of ``Source``."""
    steps = [
        step
        for make in (_pattern, _join, _split, _values, _as, _case, _format)
        if (step := make(name, source))
    ]

    def get(values: Values, ids: dict[str, str]) -> list[str]:
        if source.entity is not None:
            return [ids[source.entity]] if source.entity in ids else []
        found = [text for text in _raw(source, values) if text and text not in source.nulls]
        for step in steps:
            found = step(found)
        if source.required and not found:
            raise _Skip
        return found

    return get


def _raw(source: Source, values: Values) -> Iterator[str]:
    yield from source.literals
    if source.template is not None:
        filled = PLACE.sub(lambda place: _as_text(values.get(place.group(1))), source.template)
        yield filled.strip()
    for column in source.columns:
        raw = values.get(column)
        if isinstance(raw, list):
            yield from map(_as_text, raw)
        else:
            yield _as_text(raw)


Step = Callable[[list[str]], list[str]]


def _pattern(name: str, source: Source) -> Step | None:
    if source.pattern is None:
        return None
    pattern = re.compile(source.pattern)
    return lambda texts: [
        found.group(1 if pattern.groups else 0).strip() for text in texts for found in pattern.finditer(text)
    ]


def _join(name: str, source: Source) -> Step | None:
    if source.join is None:
        return None
    joiner = source.join
    return lambda texts: [joiner.join(texts)] if texts else []


def _split(name: str, source: Source) -> Step | None:
    if source.split is None:
        return None
    mark = source.split
    return lambda texts: [part.strip() for text in texts for part in text.split(mark) if part.strip()]


def _values(name: str, source: Source) -> Step | None:
    if source.values is None:
        return None
    table, unmapped = source.values, source.unmapped

    def step(texts: list[str]) -> list[str]:
        found: list[str] = []
        for text in texts:
            if text in table:
                found += table[text] or ()
            elif unmapped == "keep":
                found.append(text)
            elif unmapped == "reject":
                raise RowError(
                    f"{name}: the mapping does not say what {text[:60]!r} means: add it to values", field=name
                )
        return found

    return step


def _as(name: str, source: Source) -> Step | None:
    if not source.as_:
        return None
    instead = source.as_
    return lambda texts: list(instead) if texts else []


def _case(name: str, source: Source) -> Step | None:
    if source.case is None:
        return None
    turn = str.upper if source.case == "upper" else str.lower
    return lambda texts: [turn(text) for text in texts]


def _format(name: str, source: Source) -> Step | None:
    if not source.format and source.precision is None:
        return None
    patterns, length = source.format, source.precision

    def step(texts: list[str]) -> list[str]:
        try:
            dates = [from_pattern(text, patterns) for text in texts] if patterns else texts
        except ValueError as error:
            raise RowError(f"{name}: {error}", field=name) from None
        return [text[:length] for text in dates]

    return step
