"""Taking back for good: what a source retracts is taken out, and a replay of any earlier file doesn't undo it."""

from collections.abc import Sequence
from functools import partial

import msgspec

from graphsvc.errors import AccessError
from graphsvc.store.database import Database
from graphsvc.store.decisions import Books, change, find, new_id, pairs
from graphsvc.store.retention import DERIVED
from graphsvc.store.sweeping import take_links, take_nodes
from graphsvc.store.tell import tell_recipients
from graphsvc.store.tombstones import Hash, bury

CLAIM = "MERGE (s:Source {name: $source}) ON CREATE SET s.owner = $owner RETURN s.owner AS owner"
DROP = """
MATCH (w:WaitingLink) WHERE w.link IN $ids WITH w, w.link AS id DELETE w RETURN count(DISTINCT id) AS n
"""


class Retracted(msgspec.Struct):
    """What was taken out, links that waited among the links; ``absent`` were not there, and will not come either."""

    nodes: int = 0
    links: int = 0
    absent: int = 0


def retract(
    database: Database, *, source: str, owner: str, ids: Sequence[str], at_once: int = 500
) -> Retracted:
    """Take out these records and links of one source and leave a tombstone for each, there or not.

    ``ids`` are whole. Raises AccessError when one is not of the source, or the source not of the owner.
    """
    _claim(database, source, owner)
    foreign = [id for id in ids if not id.startswith(f"{source}:")]
    if foreign:
        raise AccessError(f"{foreign[0]} is not of the source {source}: a source retracts its own only.")
    done = Retracted()
    for start in range(0, len(ids), at_once):
        some = list(dict.fromkeys(ids[start : start + at_once]))
        work = partial(_take_back, hash=database.hash, ids=some, owner=owner)
        nodes, links = change(database, new_id("retract"), work)
        done.nodes += nodes
        done.links += links
        done.absent += len(some) - nodes - links
    return done


def _claim(database: Database, source: str, owner: str) -> None:
    def work(books: Books) -> str:
        return str(books.tx.run(CLAIM, source=source, owner=owner).single(strict=True)["owner"])

    if change(database, new_id("retract"), work) != owner:
        raise AccessError(f"The source {source} belongs to another; retract from sources of your own only.")


def _take_back(books: Books, hash: Hash, ids: list[str], owner: str) -> tuple[int, int]:
    """Links to a record that is taken back are not taken back with it: they wait, as they do when they come later."""
    elements = find(books, ids)
    nodes, links = pairs(elements, link=False), pairs(elements, link=True)
    tell_recipients(books.tx, "retract", [element.id for element in elements])
    bury(books.tx, hash, ids, "retract", owner)
    books.touch(ids)
    for text in DERIVED:
        books.tx.run(text, ids=ids).consume()
    waited = int(books.tx.run(DROP, ids=ids).single(strict=True)["n"])
    if links:
        take_links(books, links)
    if nodes:
        take_nodes(books, nodes)
    return len(nodes), len(links) + waited
