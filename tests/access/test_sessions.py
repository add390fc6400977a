"""Sessions of Aura Graph Analytics, as far as they can be tried without the cloud: what they are asked for is there in
the client of sessions as in that of the database, and what goes to them gives the graph that it should."""

import ast
import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphsvc.access.edges import Edges
from graphsvc.access.gds import Science
from graphsvc.access.jobs import Job
from graphsvc.access.plugin import Plugin
from graphsvc.access.sessions import Sessions, gigabytes, session_name
from graphsvc.errors import SetupError
from graphsvc.settings import Settings
from graphsvc.store.database import Database

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = {
    "aura_client_id": "id",
    "aura_client_secret_file": Path("secret"),
    "aura_location": "gcp/europe-west1",
}


def test_no_session_is_opened_unless_the_settings_name_an_account() -> None:
    assert Sessions.of(Settings()) is None
    assert Sessions.of(Settings(**ACCOUNT)) is not None  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ACCOUNT)
def test_a_part_of_an_account_is_refused_at_the_start(name: str) -> None:
    given = {key: value for key, value in ACCOUNT.items() if key != name}
    with pytest.raises(SetupError, match="GRAPHSVC_AURA_LOCATION"):
        Science(Settings(**given))  # type: ignore[arg-type]


@pytest.mark.parametrize(("field", "value"), [("aura_location", "europe-west1"), ("aura_memory", "a lot")])
def test_a_place_or_size_that_is_none_is_refused(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=field):
        Settings(**{field: value})  # type: ignore[arg-type]


def test_the_largest_session_is_a_size_that_aura_has() -> None:
    from graphdatascience.session import SessionMemory

    assert gigabytes(str(SessionMemory.of(Settings().aura_memory).value)) == 64


def calls(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is called on a client, as ``leiden.stream``, with the names of its arguments."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and (path := ast.unparse(call.func)).startswith(("gds.", "client.")):
            yield path.partition(".")[2], tuple(word.arg for word in call.keywords if word.arg)


def used() -> set[tuple[str, tuple[str, ...]]]:
    """All calls of the analysis, and those with which a session is filled."""
    files = [*(ROOT / "graphsvc" / "analysis").glob("*.py"), ROOT / "graphsvc" / "access" / "sessions.py"]
    found = {call for file in files for call in calls(ast.parse(file.read_text(encoding="utf-8")))}
    return {(path, words) for path, words in found if not path.startswith("estimate")}


def test_every_call_is_one_of_sessions_and_of_the_database() -> None:
    from graphdatascience import GraphDataScience
    from graphdatascience.session import AuraGraphDataScience

    asked = used()
    assert {path for path, _ in asked} >= {
        *(
            "leiden.stream",
            "louvain.stream",
            "wcc.stream",
            "scc.stream",
            "kcore.stream",
            "betweenness.stream",
        ),
        *("closeness.stream", "harmonic.stream", "articulation_points.stream", "bridges.stream"),
        *("graph.construct", "list_progress"),
    }
    for client in (AuraGraphDataScience, GraphDataScience):
        for path, words in asked:
            assert set(words) <= arguments(client, path), (
                f"{client.__name__} has no {path}({', '.join(words)})"
            )


def arguments(client: type, path: str) -> set[str]:
    """The arguments that a call of a client takes, by the endpoints that its properties promise."""
    name, _, method = path.partition(".")
    getter = getattr(client, name).fget
    endpoints = inspect.get_annotations(getter, eval_str=False)["return"]
    made = getattr(inspect.getmodule(client), endpoints)
    return set(inspect.signature(getattr(made, method or "__call__")).parameters)


@pytest.fixture
def plugin(open_server: Settings, database: Database) -> Iterator[Plugin]:
    found = Plugin(open_server)
    yield found
    found.drop("session")
    found.drop("plain")
    found.close()


@pytest.mark.neo4j
@pytest.mark.filterwarnings("ignore:The inplace keyword")  # in the client's own way to fill the database
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_what_goes_to_a_session_gives_the_graph_that_the_database_projects(
    plugin: Plugin, weighted: bool, directed: bool
) -> None:
    random = np.random.default_rng(4)
    ends = np.unique(np.sort(random.integers(0, 60, (200, 2)), axis=1)[:, ::-1], axis=0)
    ends = ends[ends[:, 0] != ends[:, 1]]
    weight = random.integers(1, 5, len(ends)).astype(float) if weighted else None
    edges = Edges(62, ends[:, 0], ends[:, 1], weight, directed)
    client = plugin.open("session", edges, Job())
    sessions = Sessions(Settings(**ACCOUNT))  # type: ignore[arg-type]
    graphs = sessions.project(client, "session", edges), plugin.project(client, "plain", edges)
    answers = [answered(client, graph, weighted, directed) for graph in graphs]
    assert answers[0] == answers[1]
    assert graphs[0].node_count() == 62


def answered(client: Any, graph: Any, weighted: bool, directed: bool) -> list[Any]:
    """Degrees by vertex, and groups where links have no direction."""
    how = {"concurrency": 1, "relationship_weight_property": "weight" if weighted else None}
    found = [client.degree.stream(graph, **how).sort_values("nodeId")["score"].tolist()]
    if not directed:
        groups = client.leiden.stream(graph, random_seed=3, **how).sort_values("nodeId")
        found.append(groups["communityId"].tolist())
    return found


def test_a_session_is_named_so_that_it_is_known_again() -> None:
    name = "graphsvc:host-1.example:12:345:groups-0a1b:7:1"
    assert session_name(name).replace("_", ":") == name


@pytest.mark.neo4j
def test_what_the_server_holds_goes_to_no_session(open_server: Settings, database: Database) -> None:
    """The account is none, so that asking the cloud would fail."""
    from tests.access.test_gds import SCOPE, ring

    science = Science(open_server.model_copy(update=ACCOUNT))

    async def small() -> int:
        async with science.projected(SCOPE, "test", ring(10), Job()) as projection:
            return int(await projection.run("count", lambda gds, graph: graph.node_count()))

    try:
        assert asyncio.run(small()) == 10
    finally:
        science.close()
