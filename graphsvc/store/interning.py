"""Handlings by number: the same rule is found again, a new one gets the next number."""

from collections.abc import Iterable, Mapping, Set

import msgspec
from neo4j import Transaction

from graphsvc.model.handling import Handling
from graphsvc.store import statements as cypher


def intern(
    tx: Transaction, handlings: Iterable[Handling], next_number: int
) -> tuple[dict[Handling, int], int]:
    """The number of each handling, and the next number that is free. The writer's lock must be held."""
    wanted = set(handlings)
    found = tx.run(cypher.HANDLINGS, digests=[handling.digest for handling in wanted]).data()
    return given(tx, wanted, {row["digest"]: row["number"] for row in found}, next_number)


def given(
    tx: Transaction, wanted: Set[Handling], known: Mapping[str, int], next_number: int
) -> tuple[dict[Handling, int], int]:
    """The same where the numbers of those that are there are ``known``, by digest."""
    numbers = {handling: known[handling.digest] for handling in wanted if handling.digest in known}
    rows = []
    for handling in sorted(wanted - numbers.keys(), key=lambda handling: handling.digest):
        numbers[handling] = next_number
        rows.append(msgspec.to_builtins(handling) | {"number": next_number, "digest": handling.digest})
        next_number += 1
    if rows:
        tx.run(cypher.CREATE_HANDLINGS, rows=rows).consume()
    return numbers, next_number
