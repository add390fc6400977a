"""Mapping files, read strictly: every name is held against the declared kinds before a row is read."""

import re
from collections.abc import Mapping as Dict
from pathlib import Path
from typing import Any

import msgspec

from graphsvc.errors import UsageError
from graphsvc.model import kinds, links
from loaders.mapping_spec import EntityRule, Join, Key, LinkRule, MappingSpec, Query, Source, Sources, Table
from loaders.rows import Reading
from loaders.terms import COLUMNS
from loaders.yamlnodes import Node, load, nearest

UNMAPPED = ("reject", "keep", "drop")
PRECISIONS = {"year": 4, "month": 7, "day": 10}
CASES = ("upper", "lower")
NOBODY = ";"
"""A list without parts, as text."""


def read(path: Path) -> MappingSpec:
    """The mapping in a YAML file. Raises UsageError that names the place and what to do."""
    return parse(load(path), path.name)


def parse(data: Any, file: str) -> MappingSpec:
    """The mapping in plain data: one name, and under it ``queries`` and defaults."""
    if not isinstance(data, dict) or len(data) != 1:
        raise UsageError(f"{file}: must hold one name, with 'queries' under it")
    name, body = next(iter(data.items()))
    parts = Node(body, f"{file}: {name}").table(
        "label", "info_url", "source", "owner", "grade", "handling", "nulls", "queries"
    )
    if "queries" not in parts:
        raise UsageError(f"{file}: {name}: has no queries")
    nulls = frozenset(parts["nulls"].texts()) if "nulls" in parts else frozenset()
    handling = parts["handling"].table(*COLUMNS) if "handling" in parts else {}
    return MappingSpec(
        str(name),
        _text(parts, "source") or str(name),
        _text(parts, "owner"),
        _text(parts, "grade"),
        {key: ";".join(node.texts()) or NOBODY for key, node in handling.items()},
        tuple(_query(node, nulls) for node in parts["queries"].items()),
    )


def _text(parts: Dict[str, Node], name: str) -> str | None:
    return parts[name].text() if name in parts else None


def _texts(parts: Dict[str, Node], *names: str) -> tuple[str, ...]:
    return next((parts[name].texts() for name in names if name in parts), ())


def _flag(parts: Dict[str, Node], name: str) -> bool:
    return parts[name].flag() if name in parts else False


def _query(node: Node, nulls: frozenset[str]) -> Query:
    parts = node.table(
        "csv", "csv_url", "csv_urls", "reading", "filters", "filters_not", "joins", "entities", "links"
    )
    files = next((parts[name] for name in ("csv", "csv_url", "csv_urls") if name in parts), None)
    if files is None:
        raise node.fail("names no file: give csv")
    if "entities" not in parts and "links" not in parts:
        raise node.fail("gives nothing: add entities or links")
    entities = _entities(parts["entities"], nulls) if "entities" in parts else ()
    names = frozenset(rule.name for rule in entities)
    for rule in entities:
        _check_entities(node, rule.properties, names)
    rules = parts["links"].table() if "links" in parts else {}
    return Query(
        tuple(_table(part) for part in files.items()),
        _reading(parts.get("reading")),
        _filters(parts.get("filters")),
        _filters(parts.get("filters_not")),
        tuple(_join(part) for part in parts["joins"].items()) if "joins" in parts else (),
        entities,
        tuple(_link(name, part, names, nulls) for name, part in rules.items()),
    )


def _check_entities(node: Node, properties: Sources, names: frozenset[str]) -> None:
    for sources in properties.values():
        for source in sources:
            if source.entity is not None and source.entity not in names:
                raise node.fail(f"there is no entity {source.entity!r}{nearest(source.entity, tuple(names))}")


def _table(node: Node) -> Table:
    if not isinstance(node.value, dict):
        return Table(node.text(), {})
    parts = node.table("file", "columns")
    if "file" not in parts:
        raise node.fail("names no file")
    given = parts["columns"].table() if "columns" in parts else {}
    return Table(parts["file"].text(), {name: part.text() for name, part in given.items()})


def _reading(node: Node | None) -> Reading:
    if node is None:
        return Reading()
    parts = node.table("encoding", "delimiter", "header", "comment", "sheet")
    return Reading(
        _text(parts, "encoding") or "utf-8",
        _text(parts, "delimiter"),
        _texts(parts, "header"),
        _text(parts, "comment") or "",
        _text(parts, "sheet"),
    )


def _filters(node: Node | None) -> dict[str, frozenset[str]]:
    return {} if node is None else {name: frozenset(part.texts()) for name, part in node.table().items()}


def _join(node: Node) -> Join:
    parts = node.table("csv", "by", "columns", "required", "reading")
    for name in ("csv", "by"):
        if name not in parts:
            raise node.fail(f"{name!r} is missing")
    by = {name: part.text() for name, part in parts["by"].table().items()}
    columns = (
        {name: part.text() for name, part in parts["columns"].table().items()} if "columns" in parts else {}
    )
    return Join(parts["csv"].text(), by, columns, _flag(parts, "required"), _reading(parts.get("reading")))


def _entities(node: Node, nulls: frozenset[str]) -> tuple[EntityRule, ...]:
    return tuple(_entity(name, part, nulls) for name, part in node.table().items())


def _entity(name: str, node: Node, nulls: frozenset[str]) -> EntityRule:
    parts = node.table(
        "schema",
        "kind",
        "key",
        "keys",
        "id_column",
        "key_literal",
        "properties",
        "handling",
        "optional",
        "once",
    )
    kind_node = parts.get("schema") or parts.get("kind")
    if kind_node is None:
        raise node.fail("names no schema: say which kind of record this is")
    kind = kinds.BY_NAME[kind_node.choice(kinds.BY_NAME)]
    allowed = (
        *(field.name for field in (*kind.fields, *kinds.COMMON) if field.name != "id"),
        *(reference.name for reference in kind.references),
    )
    properties = _properties(parts, allowed, kind.name, nulls)
    missing = [field.name for field in kind.fields if field.required and field.name not in properties]
    if missing:
        raise node.fail(f"a {kind.name} needs {', '.join(missing)}: add it to properties")
    return EntityRule(
        name, kind, _key(node, parts), properties, _flag(parts, "optional"), _flag(parts, "once")
    )


def _properties(
    parts: dict[str, Node], allowed: tuple[str, ...], what: str, nulls: frozenset[str]
) -> Sources:
    found: Sources = {}
    for section, names in (("properties", allowed), ("handling", COLUMNS)):
        for name, node in parts[section].table().items() if section in parts else ():
            if name not in names:
                raise node.fail(f"a {what} has no {name!r}{nearest(name, names)}")
            sources = tuple(_source(part, nulls) for part in node.items())
            found[name] = _restrictive(sources) if section == "handling" else sources
    return found


def _restrictive(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """An empty list in a handling allows nobody, where elsewhere it is no value at all."""
    if not sources:
        return (Source(literals=(NOBODY,)),)
    return tuple(
        msgspec.structs.replace(
            source, values={text: [NOBODY] if to == [] else to for text, to in source.values.items()}
        )
        if source.values
        else source
        for source in sources
    )


def _key(node: Node, parts: dict[str, Node]) -> Key:
    columns = _texts(parts, "keys", "key", "id_column")
    if not columns:
        raise node.fail("has no keys: name the columns that its id is made of")
    return Key(columns, _text(parts, "key_literal"))


def _link(name: str, node: Node, entities: frozenset[str], nulls: frozenset[str]) -> LinkRule:
    parts = node.table(
        "kind", "schema", "from", "to", "key", "keys", "key_literal", "properties", "handling", "optional"
    )
    kind_node = parts.get("kind") or parts.get("schema")
    if kind_node is None or "from" not in parts or "to" not in parts:
        raise node.fail("needs kind, from and to")
    kind = links.BY_NAME[kind_node.choice(links.BY_NAME)]
    fields = (*kind.fields, *links.COMMON)
    allowed = tuple(field.name for field in fields if field.name not in ("id", "kind", "from", "to"))
    own = any(part in parts for part in ("key", "keys"))
    return LinkRule(
        name,
        kind.name,
        _end(parts["from"], entities),
        _end(parts["to"], entities),
        _key(node, parts) if own else None,
        _properties(parts, allowed, kind.name, nulls),
        _flag(parts, "optional"),
    )


def _end(node: Node, entities: frozenset[str]) -> Key:
    parts = node.table("entity", "key", "keys", "id_column", "key_literal", "source")
    if "entity" in parts:
        return Key(entity=parts["entity"].choice(tuple(sorted(entities))))
    key = _key(node, parts)
    return msgspec.structs.replace(key, source=_text(parts, "source"))


def _source(node: Node, nulls: frozenset[str]) -> Source:
    if not isinstance(node.value, dict):
        return Source(literals=(node.text(),))
    names = (*(name.rstrip("_") for name in Source.__struct_fields__), "column", "literal", "null")
    parts = node.table(*names)
    found = Source(
        columns=_texts(parts, "columns", "column"),
        literals=_texts(parts, "literals", "literal"),
        template=_text(parts, "template"),
        entity=_text(parts, "entity"),
        nulls=nulls | frozenset(_texts(parts, "nulls", "null")),
        pattern=_compiled(parts.get("pattern")),
        join=_text(parts, "join"),
        split=_text(parts, "split"),
        values={key: _mapped(part) for key, part in parts["values"].table().items()}
        if "values" in parts
        else None,
        unmapped=parts["unmapped"].choice(UNMAPPED) if "unmapped" in parts else "reject",
        as_=_texts(parts, "as"),
        case=parts["case"].choice(CASES) if "case" in parts else None,
        format=_texts(parts, "format"),
        precision=PRECISIONS[parts["precision"].choice(PRECISIONS)] if "precision" in parts else None,
        required=_flag(parts, "required"),
    )
    if not (found.columns or found.literals or found.template or found.entity):
        raise node.fail("has no value: give column, columns, literal, template or entity")
    return found


def _mapped(node: Node) -> Any:
    return None if node.value is None else list(node.texts())


def _compiled(node: Node | None) -> str | None:
    if node is None:
        return None
    try:
        re.compile(node.text())
    except re.error as error:
        raise node.fail(f"is not a pattern: {error}") from None
    return node.text()
