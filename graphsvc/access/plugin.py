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


def statement(*, weighted: bool) -> str:
    """The statement that projects ``$codes``: one number a link, source times ``$stride`` and one more than the target.

    Vertices without targets have the target -1. One flat list is made, sent and read in less time than a list for each
    vertex. With weights, ``$weights`` has one for each code.
    """
    walk, data = "UNWIND $codes AS code", "{}"
    if weighted:
        walk = "UNWIND range(0, size($codes) - 1) AS at WITH at, $codes[at] AS code"
        data = "{relationshipProperties: {weight: $weights[at]}}"
    target = "nullIf(code % $stride, 0) - 1"
    return f"{walk} RETURN gds.graph.project($name, code / $stride, {target}, {data}, $configuration)"


def parameters(edges: Edges) -> dict[str, Any]:
    """``codes``, ``stride`` and ``weights`` for the statement. All vertices come in order: with the links that go from
    them, or, where links have a direction, before the first link."""
    stride = edges.size + 1
    codes = edges.source.astype(np.int64) * stride + edges.target + 1
    alone = np.arange(edges.size)
    if not edges.directed:
        alone = np.flatnonzero(np.bincount(edges.source, minlength=edges.size) == 0)
    place = np.zeros(len(alone), np.int64) if edges.directed else np.searchsorted(edges.source, alone)
    given = {"codes": np.insert(codes, place, alone * stride).tolist(), "stride": stride}
    if edges.weight is None:
        return given
    return given | {"weights": np.insert(edges.weight.astype(np.float64), place, 1.0).tolist()}


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
            statement(weighted=edges.weight is not None),
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
