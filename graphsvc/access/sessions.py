"""Aura Graph Analytics: sessions in the cloud, for a part that outgrows the server of this machine.

A session is opened for one job and deleted when it ends, so that neither projection nor result stays there. What goes
to it are numbers of vertices, pairs of them and weights: no id, no name, no property. Imports pandas where it works.
"""

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import numpy as np

from graphsvc.access.edges import Edges
from graphsvc.access.jobs import Job
from graphsvc.access.leases import abandoned
from graphsvc.access.plugin import done
from graphsvc.errors import Error, SetupError, StoreUnavailable
from graphsvc.settings import Settings

ALGORITHM = "leiden"
"""What the size of a session is estimated for: the one that takes most."""
IDLE = timedelta(minutes=30)
"""After so long without work Aura itself deletes a session, whatever became of those who opened it."""
OPEN_SECONDS = 900
TYPE = "LINK"


@contextmanager
def told() -> Iterator[None]:
    """Raise one error of ours for whatever the cloud or the way to it raises; its own stays as the cause."""
    try:
        yield
    except Error:
        raise
    except Exception as error:
        raise StoreUnavailable(
            "Aura Graph Analytics failed or cannot be reached; narrow the scope, or ask your operator."
        ) from error


def frames(edges: Edges) -> tuple[Any, Any]:
    """Vertices in order, and links, as the client takes them."""
    from pandas import DataFrame

    links = {"sourceNodeId": edges.source.astype(np.int64), "targetNodeId": edges.target.astype(np.int64)}
    weight = {} if edges.weight is None else {"weight": edges.weight.astype(np.float64)}
    nodes = DataFrame({"nodeId": np.arange(edges.size, dtype=np.int64)})
    return nodes, DataFrame({**links, "relationshipType": TYPE, **weight})


class Sessions:
    """Sessions of one account. Every method blocks, and raises our errors."""

    def __init__(self, settings: Settings) -> None:
        """Raises SetupError where only a part of the account is given."""
        given = settings.aura_client_id, settings.aura_client_secret_file, settings.aura_location
        if None in given:
            raise SetupError(
                "Sessions of Aura Graph Analytics need GRAPHSVC_AURA_CLIENT_ID, GRAPHSVC_AURA_CLIENT_SECRET_FILE and "
                "GRAPHSVC_AURA_LOCATION together; set all of them or none."
            )
        self._settings = settings
        self._known: Any = None

    @classmethod
    def of(cls, settings: Settings) -> "Sessions | None":
        """Sessions of the account that the settings name; None where they name none. Raises SetupError."""
        given = settings.aura_client_id, settings.aura_client_secret_file, settings.aura_location
        return None if given == (None, None, None) else cls(settings)

    @property
    def _account(self) -> Any:
        if self._known is None:
            from graphdatascience.session import AuraAPICredentials, GdsSessions

            settings = self._settings
            assert settings.aura_client_id is not None
            assert settings.aura_client_secret_file is not None
            secret = settings.aura_client_secret_file.read_text(encoding="utf-8").strip()
            self._known = GdsSessions(
                AuraAPICredentials(settings.aura_client_id, secret, settings.aura_project_id)
            )
        return self._known

    def admits(self, edges: Edges) -> bool:
        """Whether the largest session that may be opened is expected to hold so much."""
        with told(), warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            links = len(edges.source) * (1 if edges.directed else 2)
            weights = 0 if edges.weight is None else 1
            needed = self._account.estimate(
                edges.size, links, relationship_property_count=weights, algorithms=[ALGORITHM]
            )
        too_large = any(issubclass(one.category, ResourceWarning) for one in found)
        return not too_large and gigabytes(str(needed.value)) <= gigabytes(self._settings.aura_memory)

    def open(self, name: str, edges: Edges, job: Job) -> Any:
        """The client of a new session. It has the calls that the one of the database has."""
        from graphdatascience.session import CloudLocation

        provider, _, region = str(self._settings.aura_location).partition("/")
        with told():
            return self._account.get_or_create(
                session_name=session_name(name),
                memory=self._settings.aura_memory,
                ttl=IDLE,
                cloud_location=CloudLocation(provider, region),
                timeout=OPEN_SECONDS,
                show_progress=False,
            )

    def project(self, client: Any, name: str, edges: Edges) -> Any:
        """The projection of the edges."""
        nodes, links = frames(edges)
        with told():
            return client.graph.construct(
                name,
                nodes,
                links,
                concurrency=1,
                undirected_relationship_types=[] if edges.directed else [TYPE],
            )

    def drop(self, name: str) -> None:
        """Delete the session of this name, if it is there, with all that is in it."""
        with told():
            self._account.delete(session_name=session_name(name))

    def sweep(self) -> None:
        """Delete the sessions that nobody works with any more."""
        with told():
            for one in self._account.list(list_only_owned=True):
                if abandoned(one.name.replace("_", ":")):
                    self._account.delete(session_id=one.id)

    def stop(self, name: str, job: Job) -> None:
        """End what the job runs: with its session."""
        self.drop(name)

    def progress(self, client: Any, job: Job) -> float:
        """How much of the job's step is done, between 0 and 1."""
        with told():
            return done([one.progress for one in client.list_progress()])

    def failures(self) -> AbstractContextManager[None]:
        """Raise our error for those of the cloud in the block."""
        return told()

    def close(self) -> None:
        """Nothing is kept open."""


def session_name(name: str) -> str:
    """The name of a session for a lease."""
    return name.replace(":", "_")


def gigabytes(text: str) -> int:
    """``16GB`` as 16."""
    return int(text.removesuffix("GB"))
