"""The connection to Neo4j for those who write or read everything: loaders, schema, topology."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import neo4j
from neo4j import GraphDatabase

from graphsvc.errors import Error, OutcomeUnknown, SetupError
from graphsvc.settings import Settings
from graphsvc.store import schema
from graphsvc.store.failures import translated
from graphsvc.store.tombstones import Hash, hasher
from graphsvc.store.unsaid import unsaid
from graphsvc.vault import Vault

if TYPE_CHECKING:
    from graphsvc.localdb.server import Server

T = TypeVar("T")


class Address:
    """Where the database is and how to get in. ``server`` is the private one when it is ours."""

    def __init__(self, uri: str, user: str, password: str, database: str, server: Any = None) -> None:
        self.uri = uri
        self.auth = (user, password)
        self.database = database
        self.server = server

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The server that the settings name, or the private one, which is started when it does not run."""
        if settings.neo4j_uri is not None:
            password = settings.password()
            if password is None:
                raise SetupError("GRAPHSVC_NEO4J_URI needs a password; set GRAPHSVC_NEO4J_PASSWORD_FILE.")
            return cls(settings.neo4j_uri, settings.neo4j_user, password, settings.neo4j_database)
        from graphsvc.localdb import server as localdb

        own = localdb.start(settings)
        return cls(own.uri, own.user, own.password, settings.neo4j_database, own)


class Database:
    """A pool of connections with a short list of verbs. Not for code that answers callers: that has a ``View``."""

    def __init__(self, driver: neo4j.Driver, name: str, vault: Vault) -> None:
        self.driver = driver
        self.name = name
        self.vault = vault

    @property
    def hash(self) -> Hash:
        """The keyed hash by which tombstones know an id again."""
        return hasher(self.vault.key("tombstones"))

    @classmethod
    def open(cls, settings: Settings, *, migrate: bool = True) -> Self:
        """Connect, make sure that the server is the one it should be, and bring the schema up to date.

        Raises StoreUnavailable when it cannot be reached or is not ours.
        """
        address = Address.of(settings)
        driver = GraphDatabase.driver(address.uri, auth=address.auth, **DRIVER)
        with translated():
            try:
                driver.verify_connectivity()
                if address.server is not None:
                    from graphsvc.localdb import server as localdb

                    localdb.verify_own(driver, address.server)
            except BaseException:
                driver.close()
                raise
        database = cls(driver, address.database, Vault(settings.home / "keys"))
        if migrate:
            database.migrate()
        return database

    @classmethod
    def beside(cls, settings: Settings, server: "Server") -> Self:
        """As ``open``, for a private server that runs already, with the keys of these settings; nothing is migrated."""
        from graphsvc.localdb import server as localdb

        driver = GraphDatabase.driver(server.uri, auth=(server.user, server.password), **DRIVER)
        database = cls(driver, settings.neo4j_database, Vault(settings.home / "keys"))
        with translated():
            try:
                localdb.verify_own(driver, server)
            except BaseException:
                driver.close()
                raise
        return database

    def migrate(self) -> list[str]:
        """Bring the schema up to date; the names of what was applied."""
        with self.session() as session:
            return schema.migrate(session)

    @contextmanager
    def session(self) -> Iterator[neo4j.Session]:
        """A session whose errors are ours."""
        with translated(), self.driver.session(database=self.name) as session:
            yield session

    def rows(self, text: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of a reading statement."""

        def read() -> list[dict[str, Any]]:
            with self.session() as session:
                return session.execute_read(lambda tx: tx.run(text, unsaid(parameters)).data())

        return again(read)

    def write(self, work: Callable[[neo4j.ManagedTransaction], object]) -> None:
        """One writing transaction, tried again after what passes."""
        with self.session() as session:
            session.execute_write(work)

    def head(self) -> int:
        """The sequence number of the last change."""
        return int(self.rows("MATCH (m:Meta {name: 'graph'}) RETURN m.seq AS seq")[0]["seq"])

    def close(self) -> None:
        """Give the connections back."""
        self.driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def again(
    work: Callable[[], T], patience: float = 30.0, passing: tuple[type[Error], ...] = (OutcomeUnknown,)
) -> T:
    """Do what is as well done twice, again while the answer of a commit was lost, or what else is ``passing``."""
    end = time.monotonic() + patience
    while True:
        try:
            return work()
        except passing:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


DRIVER: dict[str, Any] = {
    "connection_timeout": 10.0,
    "connection_acquisition_timeout": 30.0,
    "max_transaction_retry_time": 30.0,
    "keep_alive": True,
    "telemetry_disabled": True,
    "notifications_min_severity": "OFF",
    "user_agent": "graphsvc",
}
