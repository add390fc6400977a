"""Alpha runs throughout; beta is another data folder's server, which comes and goes."""

import asyncio
import os
import signal
import stat
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing import get_context
from pathlib import Path
from threading import Thread

import psutil
import pytest
from neo4j import AsyncGraphDatabase, Driver, GraphDatabase
from neo4j.exceptions import ClientError

from graphsvc import localdb
from graphsvc.errors import SetupError, StoreUnavailable, UsageError
from graphsvc.localdb import process
from graphsvc.localdb.server import ticket_path
from graphsvc.settings import Settings

pytestmark = pytest.mark.neo4j


def driver_of(server: localdb.Server) -> Driver:
    return GraphDatabase.driver(server.uri, auth=(server.user, server.password))


def value(driver: Driver, query: str) -> object:
    return driver.execute_query(query).records[0].value()


def start_elsewhere(settings: Settings) -> int:
    return localdb.start(settings).pid


def test_a_second_start_finds_the_first(alpha: localdb.Server, alpha_settings: Settings) -> None:
    assert localdb.start(alpha_settings) == alpha
    assert localdb.status(alpha_settings) == alpha


def test_a_taken_port_is_left_to_its_owner(alpha: localdb.Server, taken_port: int) -> None:
    assert alpha.port != taken_port
    assert alpha.uri == f"bolt://127.0.0.1:{alpha.port}"


def test_it_listens_on_the_loopback_and_on_bolt_alone(alpha: localdb.Server) -> None:
    listening = [
        s for s in psutil.Process(alpha.pid).net_connections("tcp") if s.status == psutil.CONN_LISTEN
    ]
    assert {(s.laddr.ip.removeprefix("::ffff:"), s.laddr.port) for s in listening} == {
        ("127.0.0.1", alpha.port)
    }


def test_password_and_folder_are_closed_to_other_users(alpha: localdb.Server) -> None:
    assert stat.S_IMODE((alpha.home / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(alpha.home.stat().st_mode) == 0o700
    assert alpha.password not in " ".join(psutil.Process(alpha.pid).cmdline())
    assert alpha.password not in repr(alpha)


def test_nobody_enters_without_the_password(alpha: localdb.Server) -> None:
    with GraphDatabase.driver(alpha.uri, auth=("neo4j", "neo4j")) as driver, pytest.raises(ClientError):
        driver.verify_connectivity()


def test_cypher_reads_no_file(alpha_driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name\nMara Elin\n")
    with pytest.raises(ClientError, match="allow_csv_import_from_file_urls"):
        alpha_driver.execute_query(f"LOAD CSV FROM 'file://{tmp_path / 'list.csv'}' AS row RETURN row")


class Page(BaseHTTPRequestHandler):
    """A page that remembers that it was asked for."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"name\n")


def test_cypher_reads_no_address(alpha_driver: Driver) -> None:
    with HTTPServer(("127.0.0.1", 0), Page) as page:
        Thread(target=page.serve_forever, daemon=True).start()
        with pytest.raises(ClientError, match="cypher_ip_blocklist"):
            alpha_driver.execute_query(
                f"LOAD CSV FROM 'http://127.0.0.1:{page.server_port}/' AS row RETURN row"
            )
        page.shutdown()
    assert Page.asked == 0


def test_queries_are_not_logged(alpha: localdb.Server, alpha_driver: Driver) -> None:
    alpha_driver.execute_query("RETURN 'Mara Elin' AS name")
    logged = [p.name for p in (alpha.home / "logs").iterdir() if "Mara Elin" in p.read_text(errors="replace")]
    assert logged == []


def test_every_transaction_has_an_end(alpha_driver: Driver) -> None:
    assert value(alpha_driver, "SHOW SETTINGS 'db.transaction.timeout' YIELD value") == "10m"


def test_graph_data_science_answers(alpha_driver: Driver) -> None:
    ranked = alpha_driver.execute_query(
        "CALL gds.graph.generate('ring', 10, 2, {relationshipSeed: 1}) YIELD nodes WITH nodes "
        "CALL gds.pageRank.stream('ring') YIELD nodeId RETURN nodes, count(nodeId) AS ranked"
    ).records
    alpha_driver.execute_query("CALL gds.graph.drop('ring') YIELD graphName RETURN graphName")
    assert [r.data() for r in ranked] == [{"nodes": 10, "ranked": 10}]


def test_it_is_known_as_our_own(alpha: localdb.Server, alpha_driver: Driver) -> None:
    localdb.verify_own(alpha_driver, alpha)


def test_starts_at_once_make_one_server(beta_settings: Settings) -> None:
    localdb.stop(beta_settings)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        pids = set(pool.map(start_elsewhere, [beta_settings, beta_settings]))
    assert len(pids) == 1
    assert process.strays(beta_settings.home / "neo4j") == list(pids)


def test_a_foreign_server_is_refused(alpha: localdb.Server, beta_settings: Settings) -> None:
    foreign = localdb.start(beta_settings)
    with driver_of(foreign) as driver, pytest.raises(StoreUnavailable, match="is not the private Neo4j of"):
        localdb.verify_own(driver, alpha)


def test_an_asynchronous_driver_is_held_to_the_same(alpha: localdb.Server, beta_settings: Settings) -> None:
    async def ask(asked: localdb.Server, expected: localdb.Server) -> None:
        async with AsyncGraphDatabase.driver(asked.uri, auth=(asked.user, asked.password)) as driver:
            await localdb.verify_own_async(driver, expected)

    asyncio.run(ask(alpha, alpha))
    with pytest.raises(StoreUnavailable, match="is not the private Neo4j of"):
        asyncio.run(ask(localdb.start(beta_settings), alpha))


def test_a_server_in_the_place_of_ours_gets_no_word(alpha: localdb.Server, beta_settings: Settings) -> None:
    """Beta's port is written in a ticket as if alpha held it: the process is asked before the server is."""
    foreign = localdb.start(beta_settings)
    mistaken = replace(alpha, uri=foreign.uri, port=foreign.port)
    with driver_of(foreign) as driver, pytest.raises(StoreUnavailable, match="Another program answers"):
        localdb.verify_own(driver, mistaken)


def test_stop_leaves_data_and_nothing_else(beta_settings: Settings) -> None:
    first = localdb.start(beta_settings)
    running = psutil.Process(first.pid)
    with driver_of(first) as driver:
        driver.execute_query("CREATE (:Kept)")
    assert localdb.stop(beta_settings)
    assert not process.alive(running)
    assert localdb.status(beta_settings) is None
    assert not ticket_path(first.home).exists()
    assert not localdb.stop(beta_settings)
    again = localdb.start(beta_settings)
    assert (again.password, again.pid == first.pid) == (first.password, False)
    with driver_of(again) as driver:
        assert value(driver, "MATCH (n:Kept) RETURN count(n)") == 1


def test_a_killed_server_starts_again(beta_settings: Settings) -> None:
    killed = localdb.start(beta_settings)
    with driver_of(killed) as driver:
        driver.execute_query("CREATE (:Committed)")
    os.kill(killed.pid, signal.SIGKILL)
    psutil.Process(killed.pid).wait(timeout=30)
    assert localdb.status(beta_settings) is None
    with pytest.raises(StoreUnavailable, match="has ended"):
        localdb.server.verify_process(killed)
    with driver_of(localdb.start(beta_settings)) as driver:
        assert value(driver, "MATCH (n:Committed) RETURN count(n)") == 1


def test_another_programs_process_is_never_stopped(alpha: localdb.Server) -> None:
    """A ticket can outlive its process, and the number can pass to a stranger."""
    stranger = process.Ticket(alpha.instance, alpha.port, os.getpid())
    process.stop(alpha.home, stranger)
    assert not process.ours(alpha.home, stranger)


def test_a_server_that_nobody_wrote_down_is_named(beta_settings: Settings) -> None:
    server = localdb.start(beta_settings)
    ticket = ticket_path(server.home).rename(server.home / "aside")
    with pytest.raises(StoreUnavailable, match=f"kill {server.pid}"):
        localdb.start(beta_settings)
    ticket.rename(ticket_path(server.home))


def test_a_lost_password_is_said(beta_settings: Settings) -> None:
    server = localdb.start(beta_settings)
    localdb.stop(beta_settings)
    kept = (server.home / "password").rename(server.home / "aside")
    with pytest.raises(SetupError, match="password of the private Neo4j is gone"):
        localdb.start(beta_settings)
    kept.rename(server.home / "password")


def test_another_server_in_the_settings_is_not_started_over(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="GRAPHSVC_NEO4J_URI"):
        localdb.start(Settings(data_dir=tmp_path, neo4j_uri="neo4j://db.example:7687"))


def test_a_detour_leads_to_the_same_folder(alpha: localdb.Server, alpha_settings: Settings) -> None:
    roundabout = alpha_settings.home / ".." / alpha_settings.home.name

    assert localdb.start(alpha_settings.model_copy(update={"data_dir": roundabout})) == alpha
