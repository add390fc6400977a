"""What was taken out for good and must not come back: a keyed hash for each record and link, and nothing else of it."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Hash = Callable[[str], str]
"""From an id to what stands for it; without the key of the data folder nobody can tell whose it is."""

ANY = "MATCH (t:Tombstone) RETURN count(t) AS n"
THERE = "MATCH (t:Tombstone) WHERE t.hash IN $hashes RETURN collect(t.hash) AS hashes"
LEAVE = """
UNWIND $hashes AS hash MERGE (t:Tombstone {hash: hash}) ON CREATE SET t.at = datetime(), t.op = $op, t.by = $by
"""

REFUSED = "The id {id} was purged for good; a new record of the same thing needs an id of its own."


def hasher(key: bytes) -> Hash:
    """The hash of this data folder."""
    return lambda id: hmac.digest(key, id.encode(), hashlib.sha256).hex()[:40]


def buried(tx: Any, hash: Hash, ids: Iterable[str]) -> frozenset[str]:
    """Those of the ids that were purged. Costs next to nothing while nothing was."""
    if not tx.run(ANY).single(strict=True)["n"]:
        return frozenset()
    by_hash = {hash(id): id for id in ids}
    found = tx.run(THERE, hashes=list(by_hash)).single(strict=True)["hashes"]
    return frozenset(by_hash[one] for one in found)


def bury(tx: Any, hash: Hash, ids: Sequence[str], op: str, by: str) -> None:
    """Leave tombstones."""
    if ids:
        tx.run(LEAVE, hashes=[hash(id) for id in ids], op=op, by=by).consume()
