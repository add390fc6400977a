"""Handlings by number: the same rule is found again, a new one gets the next number."""

from collections.abc import Iterable

import msgspec
from neo4j import Transaction

from graphsvc.model.handling import Handling
from graphsvc.store import statements as cypher


def intern(
    tx: Transaction, handlings: Iterable[Handling], next_number: int
) -> tuple[dict[Handling, int], int]:
    """The number of each handling, and the next number that is free. The writer's lock must be held."""
    by_digest = {handling.digest: handling for handling in handlings}
    found = tx.run(cypher.HANDLINGS, digests=list(by_digest)).data()
    numbers = {by_digest[row["digest"]]: row["number"] for row in found}
    missing = sorted((h for h in by_digest.values() if h not in numbers), key=lambda h: h.digest)
    rows = []
    for handling in missing:
        numbers[handling] = next_number
        rows.append(msgspec.to_builtins(handling) | {"number": next_number, "digest": handling.digest})
        next_number += 1
    if rows:
        tx.run(cypher.CREATE_HANDLINGS, rows=rows).consume()
    return numbers, next_number
