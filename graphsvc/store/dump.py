"""Everything that one source holds in the graph, as it was shaped when it was loaded.

Records come each after the links that it may tell of, as far as these are between records of the same owner; then, by
their ids, all links with an end of another owner and all that wait: whether the record of another is there can't be
told from what stands in the file, nor where.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from graphsvc.errors import AccessError
from graphsvc.model import grades, kinds, links
from graphsvc.model.derive import SPANS
from graphsvc.model.fields import Field
from graphsvc.model.handling import Handling, make
from graphsvc.model.record import Link, Record
from graphsvc.store import statements as cypher
from graphsvc.store.database import Database
from graphsvc.store.sweeping import HEAD, RANGE, SOURCE, WAITING


class Tie(Link):
    """A link as it stands in the graph, with the kinds of its ends that are of the source itself, else empty."""

    kinds: tuple[str, str] = ("", "")


AT_ONCE = 1_000
NODES = """
MATCH (n:Entity) WHERE n.no >= $from AND n.no < $to AND n.source = $source RETURN properties(n) AS row ORDER BY n.no
"""
LINKS = """
MATCH (n:Entity)<-[r]-(m:Entity) WHERE n.no >= $from AND n.no < $to AND r.source = $source AND r.kind <> 'LIVES_AT'
  AND n.owner = r.owner AND m.owner = r.owner
RETURN properties(r) AS row, [end IN [m, n] | CASE end.source WHEN $source THEN end.kind ELSE '' END] AS kinds
ORDER BY r.id
"""
HOMES = """
MATCH (n:Entity)-[r:LIVES_AT]->(m:Entity) WHERE n.no >= $from AND n.no < $to AND r.source = $source
  AND n.owner = r.owner AND m.owner = r.owner
RETURN properties(r) AS row, [end IN [n, m] | CASE end.source WHEN $source THEN end.kind ELSE '' END] AS kinds
ORDER BY r.id
"""
APART = """
MATCH (n:Entity)-[r]->(m:Entity) WHERE n.no >= $from AND n.no < $to AND r.source = $source
  AND NOT (n.owner = r.owner AND m.owner = r.owner)
RETURN r.id AS id, r.kind AS kind
"""
PAYLOADS = "MATCH (w:WaitingLink) WHERE w.id IN $ids RETURN w.payload AS payload"
ENDS = "MATCH (n:Entity) WHERE n.id IN $ids AND n.source = $source RETURN n.id AS id, n.kind AS kind"


def elements(database: Database, source: str, owner: str) -> Iterator[Record | Link]:
    """The source's own records, each after the links that lead to it, or from it to where it lives; then other links.

    Raises AccessError when the source is not the owner's.
    """
    found = database.rows(SOURCE, source=source)
    if not found or found[0]["owner"] != owner:
        raise AccessError(f"There is no source {source} of {owner}: give out sources of your own only.")
    handling = make(owner)
    apart = [(row["id"], row["kind"]) for row in database.rows(WAITING, prefix=f"{source}:")]
    end = database.rows(HEAD)[0]["next"]
    for start in range(0, end, RANGE):
        bounds = {"from": start, "to": start + RANGE}
        for text in (LINKS, HOMES):
            for found_link in database.rows(text, source=source, **bounds):
                yield _link(found_link["row"], found_link["kinds"], handling)
        for found_node in database.rows(NODES, source=source, **bounds):
            yield _record(found_node["row"], handling)
        apart += [(row["id"], row["kind"]) for row in database.rows(APART, source=source, **bounds)]
    apart.sort()
    for start in range(0, len(apart), AT_ONCE):
        yield from _whole(database, source, apart[start : start + AT_ONCE], handling)


def _whole(
    database: Database, source: str, some: list[tuple[str, str]], handling: Handling
) -> Iterator[Link]:
    """These links, whether they wait or not, by id."""
    waiting = database.rows(PAYLOADS, ids=[f"{kind} {id}" for id, kind in some])
    rows: list[dict[str, Any]] = [msgspec.json.decode(found["payload"]) for found in waiting]
    by_kind: dict[str, list[str]] = defaultdict(list)
    for id, kind in some:
        by_kind[kind].append(id)
    for kind, ids in by_kind.items():
        rows += [found["row"] for found in database.rows(cypher.whole_links(kind), ids=ids)]
    ends = sorted({row[end] for row in rows for end in ("from", "to")})
    own = {found["id"]: found["kind"] for found in database.rows(ENDS, ids=ends, source=source)}
    for row in sorted(rows, key=lambda row: (row["id"], row["kind"])):
        yield _link(row, [own.get(row["from"], ""), own.get(row["to"], "")], handling)


def _record(row: dict[str, Any], handling: Handling) -> Record:
    own = _own(row, (*kinds.BY_NAME[row["kind"]].fields, *kinds.COMMON))
    first, last = SPANS.get(row["kind"], ("first_seen", "last_seen"))
    begin, until = own.pop("first_seen", None), own.pop("last_seen", None)
    if begin is not None and begin != own.get(first):
        own["first_seen"] = begin
    if until is not None and until != (own.get(last) or begin):
        own["last_seen"] = until
    return Record(row["id"], row["kind"], handling, own, row.get("sequence"))


def _link(row: dict[str, Any], of: list[str], handling: Handling) -> Tie:
    own = _own(row, (*links.BY_NAME[row["kind"]].fields, *links.COMMON))
    if own.get("confidence") == grades.confidence(str(own.get("grade", ""))):
        own.pop("confidence", None)
    ends = (row["from"], row["to"])
    return Tie(row["id"], row["kind"], *ends, handling, own, row.get("sequence"), kinds=(of[0], of[1]))


def _own(row: dict[str, Any], fields: tuple[Field, ...]) -> dict[str, Any]:
    """What the source said itself, without what was worked out of it."""
    names = [field.name for field in fields if field.name not in ("id", "kind", "from", "to", "sequence")]
    return {name: row[name] for name in names if row.get(name) is not None}
