"""Generated writes. Pure text, one per declared type, so that the planner sees literal labels and types."""

from functools import cache

from graphsvc.model.kinds import BY_NAME as KINDS
from graphsvc.model.links import BY_NAME as LINKS


def _kind(name: str) -> str:
    return KINDS[name].name  # a KeyError here keeps undeclared text out of Cypher


def _link(name: str) -> str:
    return LINKS[name].name


def _found(kind: str, id_: str) -> str:
    """A plan made while there are no links yet may read all of them for each, and stays in the plan cache.

    A hint without SEEK is no help: reading the whole index follows it too (measured: 35 s of 50,000 links, not 5).
    """
    name = _link(kind)
    return f"MATCH ()-[r:{name} {{id: {id_}}}]->() USING INDEX SEEK r:{name}(id)"


@cache
def create_nodes(kind: str) -> str:
    """Parameter ``rows``: whole property maps of records that are new."""
    return f"UNWIND $rows AS row CREATE (n:Entity:{_kind(kind)}) SET n = row"


UPDATE_NODES = "UNWIND $rows AS row MATCH (n:Entity {id: row.id}) USING INDEX SEEK n:Entity(id) SET n = row"
"""Parameter ``rows``: whole property maps, ``no`` included."""

NODE_FACTS = (
    "id", "no", "kind", "digest", "sequence", "recorded_at", "run", "handling", "decisions", "retain_day",
    "retain_until",
)  # fmt: skip
LINK_FACTS = (
    "id", "from", "to", "digest", "sequence", "recorded_at", "run", "handling", "decisions", "retain_day",
    "retain_until",
)  # fmt: skip
"""What the writer must know of elements that are there."""


def _facts(name: str, facts: tuple[str, ...]) -> str:
    """All in one row: unpacking a row each takes the driver six times as long as the database needs to find it."""
    return f"collect([{', '.join(f'{name}.{fact}' for fact in facts)}]) AS facts"


STORED_NODES = (
    f"MATCH (n:Entity) USING INDEX SEEK n:Entity(id) WHERE n.id IN $ids RETURN {_facts('n', NODE_FACTS)}"
)
"""Parameter ``ids``. One row of ``NODE_FACTS``, a list for each."""


@cache
def create_links(kind: str) -> str:
    """Parameter ``rows``: whole property maps. Returns how many had both ends there and were made."""
    return (
        "UNWIND $rows AS row MATCH (a:Entity {id: row.from}) USING INDEX SEEK a:Entity(id) "
        "MATCH (b:Entity {id: row.to}) USING INDEX SEEK b:Entity(id) "
        f"CREATE (a)-[r:{_link(kind)}]->(b) SET r = row RETURN count(r) AS made"
    )


@cache
def update_links(kind: str) -> str:
    """Parameter ``rows``: whole property maps of links whose ends stay."""
    return f"UNWIND $rows AS row {_found(kind, 'row.id')} SET r = row"


@cache
def delete_links(kind: str) -> str:
    """Parameter ``ids``."""
    return f"UNWIND $ids AS id {_found(kind, 'id')} DELETE r"


@cache
def stored_links(kind: str) -> str:
    """Parameter ``ids``. One row of ``LINK_FACTS``, a list for each."""
    return f"UNWIND $ids AS id {_found(kind, 'id')} RETURN {_facts('r', LINK_FACTS)}"


@cache
def whole_links(kind: str) -> str:
    """Parameter ``ids``. A row of all properties each."""
    return f"UNWIND $ids AS id {_found(kind, 'id')} RETURN properties(r) AS row"


WAITING_FACTS = LINK_FACTS[1:]
WAITING_LINKS = (
    "MATCH (w:WaitingLink) WHERE w.id IN $ids "
    f"RETURN w.link AS id, {', '.join(f'w.{fact} AS {fact}' for fact in WAITING_FACTS)}"
)
"""What the writer must know of links that wait: the same as of others, so that the same becomes of them."""

KEEP_WAITING = """
UNWIND $rows AS row MERGE (w:WaitingLink {id: row.id}) SET w = row
"""

ARRIVED = """
UNWIND $ids AS id
CALL (id) {
  MATCH (w:WaitingLink {from: id}) USING INDEX SEEK w:WaitingLink(from) RETURN w
  UNION MATCH (w:WaitingLink {to: id}) USING INDEX SEEK w:WaitingLink(to) RETURN w
}
RETURN DISTINCT w.id AS waiting, w.kind AS kind, w.payload AS payload
"""

STILL_WAITING = "MATCH (w:WaitingLink) WHERE w.id IN $ids SET w.run = $run, w.foreign = false"
"""The run that brought a waiting link last is the one that accounts for it. Both ends are in the owner's own sources by
then, also where one of these was nobody's before."""

DROP_WAITING = "MATCH (w:WaitingLink) WHERE w.id IN $ids DELETE w"

LOCK = """
MATCH (m:Meta {name: 'graph'}) SET m.writer = $batch
RETURN m.seq AS seq, m.next_no AS next_no, m.handlings AS handlings
"""

HEAD = """
MATCH (m:Meta {name: 'graph'}) SET m.held = $batch
WITH m, m.writer AS last SET m.writer = $batch
WITH m, last OPTIONAL MATCH (b:Batch {id: $batch})
RETURN m.seq AS seq, m.next_no AS next_no, m.handlings AS handlings, last, properties(b) AS done,
  EXISTS { MATCH (:Tombstone) } AS tombstones, EXISTS { MATCH (:WaitingLink) } AS waiting,
  COLLECT { MATCH (h:Handling) WHERE h.digest IN $digests RETURN [h.digest, h.number] } AS known
"""
"""The writer's lock, and with it all that a batch must know before it looks at its rows, in one round trip.

``last`` is read when the lock is held: whoever wrote last.
"""

CLOSE = """
MATCH (m:Meta {name: 'graph'}) SET m.seq = $seq, m.next_no = $next_no, m.handlings = $handlings
"""

TAIL = """
MATCH (m:Meta {name: 'graph'}) SET m.seq = $seq, m.next_no = $next_no, m.handlings = $handlings
CREATE (b:Batch) SET b = $batch, b.at = datetime()
WITH b UNWIND $feed AS row CREATE (c:Change) SET c = row, c.at = datetime()
"""
"""The end of a batch: the books' numbers, the ledger's row and the feed."""

FEED = "UNWIND $rows AS row CREATE (c:Change) SET c = row, c.at = datetime()"

REJECTS = "UNWIND $rows AS row CREATE (r:Reject) SET r = row"

HANDLINGS = "MATCH (h:Handling) WHERE h.digest IN $digests RETURN h.digest AS digest, h.number AS number"

CREATE_HANDLINGS = "UNWIND $rows AS row CREATE (h:Handling) SET h = row"
