"""Every error of the driver becomes one of ours, and its text stays inside."""

import inspect

import pytest
from neo4j import exceptions as neo

from graphsvc.errors import Error, OutcomeUnknown, StoreError, StoreTimeout, StoreUnavailable
from graphsvc.store.failures import StoreMemory, translate, translated

CODES = [
    ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", StoreMemory),
    ("Neo.TransientError.General.TransactionOutOfMemoryError", StoreMemory),
    ("Neo.ClientError.Transaction.TransactionTimedOut", StoreTimeout),
    ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", StoreTimeout),
    ("Neo.ClientError.Security.Unauthorized", StoreUnavailable),
    ("Neo.ClientError.Statement.SyntaxError", StoreError),
]


def server_error(code: str) -> neo.Neo4jError:
    return neo.Neo4jError._hydrate_neo4j(code=code, message="secret name in a message")


@pytest.mark.parametrize(("code", "ours"), CODES)
def test_server_codes(code: str, ours: type[Error]) -> None:
    error = translate(server_error(code))
    assert type(error) is ours
    assert "secret" not in str(error)


def test_every_class_of_the_driver_is_mapped() -> None:
    classes = [
        c
        for _, c in inspect.getmembers(neo, inspect.isclass)
        if issubclass(c, neo.DriverError | neo.Neo4jError)
    ]
    assert len(classes) > 20
    for one in classes:
        assert isinstance(translate(one("text")), StoreError)


def test_a_lost_commit_is_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown), translated():
        raise neo.IncompleteCommit("lost")
