"""The asynchronous connection for answers. Only ``graphsvc.access`` holds one."""

from typing import Any, Self

import neo4j
from neo4j import AsyncGraphDatabase

from graphsvc.errors import StoreUnavailable
from graphsvc.settings import Settings
from graphsvc.store import schema
from graphsvc.store.database import DRIVER, Address
from graphsvc.store.failures import translated
from graphsvc.store.unsaid import unsaid


class Reader:
    """Runs reading statements with a time limit. Cancelling the task ends the query in the server."""

    def __init__(self, driver: neo4j.AsyncDriver, address: Address, seconds: float) -> None:
        self.driver = driver
        self.address = address
        self.seconds = seconds

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Connect; the server is proven to be the one it should be. Raises StoreUnavailable."""
        address = Address.of(settings)
        driver = AsyncGraphDatabase.driver(address.uri, auth=address.auth, **DRIVER)
        reader = cls(driver, address, settings.query_seconds)
        try:
            await reader.check()
        except BaseException:
            await driver.close()
            raise
        return reader

    async def check(self) -> None:
        """Raise StoreUnavailable unless the database answers, is our own where it should be, and has its schema.

        Our own may have been started anew since.
        """
        with translated():
            await self.driver.verify_connectivity()
            if self.address.server is not None:
                from graphsvc.localdb import server as localdb

                self.address.server = localdb.current(self.address.server)
                await localdb.verify_own_async(self.driver, self.address.server)
        applied = {row["name"] for row in await self.rows("MATCH (m:Migration) RETURN m.name AS name")}
        if any(migration.name not in applied for migration in schema.written()):
            raise StoreUnavailable("The schema of the database is not up to date; start with `graphsvc up`.")

    async def rows(self, text: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of a reading statement. Raises StoreTimeout past the time of one question."""
        query = neo4j.Query(text, timeout=self.seconds)
        with translated():
            async with self.driver.session(
                database=self.address.database, default_access_mode=neo4j.READ_ACCESS
            ) as session:
                result = await session.run(query, unsaid(parameters))
                return await result.data()

    async def close(self) -> None:
        """Give the connections back."""
        await self.driver.close()
