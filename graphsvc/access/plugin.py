"""Graph Data Science as it stands in Neo4j."""

from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from graphsvc.access.edges import Edges
from graphsvc.access.jobs import Job
from graphsvc.access.leases import abandoned
from graphsvc.settings import Settings
from graphsvc.store.failures import translated

HEAP_SHARE = 0.8
"""How much of the server's heap one job may be expected to fill."""
BYTES_A_LINK = 64
"""What a link takes in the server on its way into a projection, beside the projection itself."""


def statement(*, weighted: bool, directed: bool) -> str:
    """The statement that projects ``$rows``, for each vertex its targets as numbers.

    A row's number is its source. With weights, a target stands as ``position of its weight * $size + target``.
    Vertices without targets have the one target -1. All vertices come first, in order.
    """
    code = "code % $size" if weighted else "code"
    target = f"CASE WHEN code < 0 THEN null ELSE {code} END"
    data = "{relationshipProperties: {weight: $weights[CASE WHEN code < 0 THEN 0 ELSE code / $size END]}}"
    walk = (
        "UNWIND range(0, 2 * size($rows) - 1) AS row "
        "WITH row % size($rows) AS source, "
        "CASE WHEN row < size($rows) THEN [-1] ELSE $rows[row - size($rows)] END AS codes "
        "UNWIND codes AS code "
        if directed
        else "UNWIND range(0, size($rows) - 1) AS source UNWIND $rows[source] AS code "
    )
    return f"{walk}RETURN gds.graph.project($name, source, {target}, {data if weighted else '{}'}, $configuration)"


def parameters(edges: Edges) -> dict[str, Any]:
    """``rows``, ``weights`` and ``size`` for the statement."""
    codes = edges.target.astype(np.int64)
    weights = np.ones(1)
    if edges.weight is not None:
        weights, kind = np.unique(edges.weight, return_inverse=True)
        codes = codes + kind.reshape(-1) * edges.size
    flat = codes.tolist()
    cuts = np.searchsorted(edges.source, np.arange(edges.size + 1)).tolist()
    nothing = [] if edges.directed else [-1]
    rows = [flat[cuts[at] : cuts[at + 1]] or nothing for at in range(edges.size)]
    return {"rows": rows, "weights": weights.tolist(), "size": edges.size}


class Plugin:
    """The procedures of the database itself. Every method blocks, and raises our errors."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._driver: Any = None

    def _open(self) -> Any:
        if self._driver is None:
            from neo4j import GraphDatabase

            from graphsvc.store.database import DRIVER, Address

            address = Address.of(self.settings)
            self._driver = GraphDatabase.driver(address.uri, auth=address.auth, **DRIVER)
            self._database = address.database
        return self._driver

    def _ask(self, text: str, **given: Any) -> list[Any]:
        """The first column of a statement, which is sent once."""
        with translated(), self._open().session(database=self._database) as session:
            return list(session.run(text, given).value())

    def open(self, name: str, edges: Edges, job: Job) -> Any:
        """A client whose statements carry the job's number."""
        from graphsvc.access.science import client

        with translated():
            return client(self._open(), self._database, job.id)

    def admits(self, edges: Edges) -> bool:
        """Whether a projection of so much is expected to leave room in the server."""
        links = len(edges.source) * (1 if edges.directed else 2)
        needed = self._ask(
            "CALL gds.leiden.stats.estimate({nodeProjection: '*', relationshipProjection: '*', nodeCount: $nodes, "
            "relationshipCount: $links}, {}) YIELD bytesMax RETURN bytesMax",
            nodes=edges.size,
            links=links,
        )[0]
        heap = self._ask(
            "CALL dbms.queryJmx('java.lang:type=Memory') YIELD attributes "
            "RETURN attributes.HeapMemoryUsage.value.properties.max AS most"
        )[0]
        return bool(needed + BYTES_A_LINK * len(edges.source) <= heap * HEAP_SHARE)

    def project(self, client: Any, name: str, edges: Edges) -> Any:
        """The projection of the edges."""
        configuration: dict[str, Any] = {"readConcurrency": 1}
        if not edges.directed:
            configuration["undirectedRelationshipTypes"] = ["*"]
        graph, _ = client.graph.project.cypher(
            statement(weighted=edges.weight is not None, directed=edges.directed),
            **parameters(edges),
            name=name,
            configuration=configuration,
        )
        return graph

    def drop(self, name: str) -> None:
        """Drop a projection, if it is there."""
        self._ask("CALL gds.graph.drop($name, false) YIELD graphName RETURN graphName", name=name)

    def sweep(self) -> None:
        """Drop the projections that nobody works with any more."""
        for name in self._ask("CALL gds.graph.list() YIELD graphName RETURN graphName"):
            if abandoned(name):
                self.drop(name)

    def stop(self, name: str, job: Job) -> None:
        """End what the job runs."""
        self._ask(
            "SHOW TRANSACTIONS YIELD transactionId AS id, metaData AS data WHERE data.job = $job "
            "TERMINATE TRANSACTIONS id YIELD message RETURN message",
            job=job.id,
        )

    def progress(self, client: Any, job: Job) -> float:
        """How much of the job's step is done, between 0 and 1."""
        return done(self._ask("CALL gds.listProgress($job) YIELD progress RETURN progress", job=job.id))

    def failures(self) -> AbstractContextManager[None]:
        """Raise our errors for the driver's in the block."""
        return translated()

    def close(self) -> None:
        """Give the connections back."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None


def done(told: list[str]) -> float:
    """The furthest of what Graph Data Science tells of its tasks, such as ``42%`` or ``n/a``."""
    numbers = [float(text.rstrip("%")) for text in told if text.rstrip("%").replace(".", "").isdigit()]
    return min(max(numbers, default=0.0) / 100, 1.0)
