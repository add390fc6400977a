"""Sheets of a table into tables of shaped rows, a column at a time: what the same rows come to one by one.

A sheet of which a single row is refused, or wants more than is known here, goes row by row: whatever is raised here
says no more than that.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from graphsvc.model import columns
from graphsvc.model.columns import Columns
from graphsvc.model.derive import link_id
from graphsvc.model.fields import Reference
from graphsvc.model.handling import Handling
from graphsvc.model.links import LinkKind
from graphsvc.model.record import Link, Record
from graphsvc.store.table import Table
from loaders.links import LinkShaper
from loaders.records import Shaper, normal
from loaders.rows import Sheet
from loaders.screen import OF_LINKS, Screen
from loaders.terms import COLUMNS, Handlings, Terms
from loaders.values import ReadColumn, local_ids, whole_id, whole_ids

Texts = Mapping[str, Sequence[str]]


class Unusual(ValueError):
    """The sheet must go row by row."""


class Shaped(msgspec.Struct):
    """What a sheet comes to. ``links`` are those of references, ``told`` are remarks."""

    tables: list[Table]
    links: list[Link] = []
    told: list[str] = []


def records(shaper: Shaper, screen: Screen, sheet: Sheet) -> Shaped:
    """Records of one kind. Raises RowError or ValueError when the sheet must go row by row."""
    texts = declared(sheet, shaper.declared)
    source, count = shaper.terms.source, len(sheet)
    given = values(shaper.fields, texts)
    ordered = sequences(shaper.terms, given, count)
    if any(None in given.get(name, (None,)) for name in shaper.required if name != "id"):
        raise Unusual
    ids = own_ids(source, texts.get("id", ()))
    if len(ids) != count:
        raise Unusual
    rules = handlings(shaper.handlings, count, {name: texts[name] for name in texts if name in COLUMNS})
    given, lines = graded(shaper.terms, given, count), range(sheet.line, sheet.line + count)
    referring, looked = referred(shaper, texts), screen.wanted(shaper.kind.name, given, count)
    wanted = sorted(referring.keys() | set(looked))
    found = {
        number: Record(ids[number], shaper.kind.name, rules[number], row, ordered[number], lines[number])
        for number, row in zip(wanted, some(given, wanted, count), strict=True)
    }
    links = [
        link
        for number, references in sorted(referring.items())
        for link in shaper.links(found[number], references)
    ]
    told = [text for number in looked for text in screen.record(found[number], ())]
    for number in looked:
        rules[number] = found[number].handling
    raised = {number: found[number].properties.get("triggers") for number in looked}
    if any(raised.values()):
        given["triggers"] = [raised.get(number) for number in range(count)]
    whole = columns.nodes(
        shaper.kind.name, ids, given, rules, ordered, source=source, owner=shaper.terms.owner
    )
    return Shaped([Table(shaper.kind.name, False, whole, rules, lines)], links, told)


def some(given: Columns, numbers: list[int], count: int) -> list[dict[str, Any]]:
    """The rows of these numbers."""
    if len(numbers) == count:
        return columns.rows(given, count)
    return columns.rows({name: [column[n] for n in numbers] for name, column in given.items()}, len(numbers))


def referred(shaper: Shaper, texts: Texts) -> dict[int, list[tuple[Reference, list[str]]]]:
    """What each record refers to, by its number."""
    source = shaper.terms.source
    found: dict[int, list[tuple[Reference, list[str]]]] = defaultdict(list)
    for name, reference in shaper.references.items():
        for number, raw in enumerate(texts.get(name, ())):
            ids = [whole_id(source, text) for part in raw.split(";") if (text := part.strip())]
            if ids:
                found[number].append((reference, list(dict.fromkeys(ids))))
    return found


def links(shaper: LinkShaper, screen: Screen, sheet: Sheet) -> Shaped:
    """Links of any kinds. Raises RowError or ValueError when the sheet must go row by row."""
    texts = declared(sheet, frozenset(shaper.known))
    known = {raw: shaper.kind(raw) for raw in set(texts.get("kind", ()))}
    rows: dict[str, list[int]] = defaultdict(list)
    for number, raw in enumerate(texts["kind"]):
        rows[known[raw].name].append(number)
    kinds = {kind.name: kind for kind in known.values()}
    tables: list[Table] = []
    for name, numbers in rows.items():
        part = texts if len(rows) == 1 else {n: [raws[i] for i in numbers] for n, raws in texts.items()}
        tables.append(link_table(shaper, kinds[name], part, [sheet.line + number for number in numbers]))
    return Shaped(tables, told=[text for table in tables for text in spoken(screen, table)])


def spoken(screen: Screen, table: Table) -> list[str]:
    """What there is to tell of the texts of links; each different one is read but once."""
    names = [name for name in OF_LINKS if name in table.columns]
    rows = Counter(zip(*(table.columns[name] for name in names), strict=True))
    return [
        text
        for values, count in rows.items()
        for text in screen.link(dict(zip(names, values, strict=True)))
        for _ in range(count)
    ]


def link_table(shaper: LinkShaper, kind: LinkKind, texts: Texts, lines: list[int]) -> Table:
    """Links of one kind."""
    terms, count = shaper.terms, len(lines)
    given = values(shaper.columns(kind), texts)
    sure = given.get("confidence", [])
    if any(isinstance(value, float) and not 0 <= value <= 1 for value in sure):
        raise Unusual
    one, other = (
        whole_ids(terms.source, [raw.strip() for raw in texts.get(end, ())]) for end in ("from", "to")
    )
    ordered = sequences(terms, given, count)
    given = graded(terms, given, count)
    rules = handlings(
        shaper.handlings, count, {name: texts[name] for name in COLUMNS if any(texts.get(name, ()))}
    )
    ids = link_ids(terms.source, kind.name, texts.get("id"), (one, other), given)
    whole = columns.relationships(
        kind.name, ids, (one, other), given, rules, ordered, source=terms.source, owner=terms.owner
    )
    return Table(kind.name, True, whole, rules, lines)


def link_ids(
    source: str, kind: str, raws: Sequence[str] | None, ends: tuple[list[str], list[str]], given: Columns
) -> list[str]:
    """Their own ids, or those that follow from what they link."""
    if raws and all(map(str.strip, raws)):
        return own_ids(source, raws)
    if raws and any(map(str.strip, raws)):
        raise Unusual
    none = [None] * len(ends[0])
    more = (given.get(name, none) for name in ("role", "first_seen"))
    return [
        link_id(source, kind, one, other, role or "", seen or "")
        for one, other, role, seen in zip(*ends, *more, strict=True)
    ]


def declared(sheet: Sheet, known: frozenset[str]) -> Texts:
    """The columns that are declared, by their declared names, those left out that hold nothing."""
    found: dict[str, Sequence[str]] = {}
    for column, raws in sheet.columns.items():
        name = column if column in known else normal(column)
        if name in known and any(raws):
            if name in found:
                raise Unusual
            found[name] = raws
    return found


def values(readers: Mapping[str, ReadColumn], texts: Texts) -> Columns:
    """What stands in the columns, those left out that hold nothing."""
    found = {name: readers[name](raws) for name, raws in texts.items() if name in readers}
    return {name: column for name, column in found.items() if column.count(None) < len(column)}


def own_ids(source: str, raws: Sequence[str]) -> list[str]:
    """Whole ids of records or links of this source."""
    prefix = f"{source}:"
    return local_ids(source, [raw.strip().removeprefix(prefix) for raw in raws])


def sequences(terms: Terms, given: Columns, count: int) -> list[int | None]:
    """The sequence of each, taken out of what is given."""
    told = given.pop("sequence", [None] * count)
    return [terms.sequence if value is None else value for value in told]


def graded(terms: Terms, given: Columns, count: int) -> Columns:
    """The same with the grade that holds where a row gives none."""
    if terms.grade:
        given["grade"] = [grade or terms.grade for grade in given.get("grade", [None] * count)]
    return given


def handlings(made: Handlings, count: int, texts: Texts) -> list[Handling]:
    """The handling of each."""
    if not texts:
        return [made.default] * count
    return [
        made.of({name: raw for name, raw in zip(texts, raws, strict=True) if raw})
        for raws in zip(*texts.values(), strict=True)
    ]
