"""Shortest paths through GraphQL over HTTP, from servers as ``graphsvc serve`` starts them."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import numpy as np
import psutil

from bench.figures import Figure, under
from bench.groups import say
from bench.links_graph import World, drawn, held
from graphsvc.access.tokens import Claims, issue
from graphsvc.settings import Settings

QUESTIONS, CALLERS, WORKERS = 1_000, 8, 2
BEFORE = 1_000
"""Questions that are not timed, in which Neo4j compiles what it answers with and reads its pages."""
START_SECONDS = 300
PATHS = """
query($a: ID!, $b: ID!) { paths(a: $a, b: $b, hubCap: 1000000000) {
  truncated paths { hops steps { link { id type owner } fromRecord { caption } toRecord { caption } } }
} }
"""


def over_http(given: Settings, graph: World) -> Iterator[Figure]:
    """One caller at one worker, then eight at two. Germany holds half of the handlings, France all."""
    for ncb, half in (("FR", False), ("DE", True)):
        who = "half" if half else "all"
        questions = drawn(graph, held(half), QUESTIONS, seed=9)
        others = drawn(graph, held(half), BEFORE, seed=8)
        with serving(given, workers=1) as (address, _):
            say(f"Asking over HTTP as one who holds {who}")
            asked(given, address, ncb, others, callers=1)
            one = asked(given, address, ncb, questions, callers=1)
        yield Figure(f"{who}: GraphQL shortest path, one caller, p50", "ms", float(np.percentile(one[0], 50)))
        p95 = float(np.percentile(one[0], 95))
        yield under(f"{who}: GraphQL shortest path, one caller, p95", "ms", p95, 25)
        with serving(given, workers=WORKERS) as (address, server):
            many, seconds = asked(given, address, ncb, questions, callers=CALLERS)
            own = memory(server)
        what = f"{who}: GraphQL shortest path, {CALLERS} callers, {WORKERS} workers"
        yield Figure(what, "answers/s", len(many) / seconds)
        yield Figure(f"{what}, p95", "ms", float(np.percentile(many, 95)))
        yield Figure(f"memory: {who}: of each worker alone, beside what they share", "MB", own)


@contextmanager
def serving(given: Settings, *, workers: int) -> Iterator[tuple[str, int]]:
    """A service on the data of the bench, with room for as many questions as it asks: its address and process."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    more = {
        "GRAPHSVC_DATA_DIR": str(given.home), "GRAPHSVC_JARS_DIR": str(given.jars_home),
        "GRAPHSVC_OBJECTS_HOUR": "1000000000", "GRAPHSVC_OBJECTS_DAY": "1000000000",
    }  # fmt: skip
    command = [sys.executable, "-m", "graphsvc", "serve", "--port", str(port), "--workers", str(workers)]
    log = (given.home / "serve.log").open("ab")
    process = subprocess.Popen(command, env=os.environ | more, stdout=log, stderr=log)
    try:
        _await(f"http://127.0.0.1:{port}/readyz", process)
        yield f"http://127.0.0.1:{port}/graphql", process.pid
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def memory(server: int) -> float:
    """Memory that the largest process of a service has for itself, in MB: what no other maps too."""
    parent = psutil.Process(server)
    return max(one.memory_full_info().uss for one in (parent, *parent.children(recursive=True))) / 2**20


def _await(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(address, timeout=10).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit("the service did not start; its log is in serve.log of the data folder.")


def asked(
    given: Settings, address: str, ncb: str, questions: list[tuple[str, str]], *, callers: int
) -> tuple[list[float], float]:
    """Milliseconds of each answer and seconds in all. Each caller asks on a connection of its own."""
    clients = [Client(address, headers(given, ncb, n)) for n in range(callers)]
    with ThreadPoolExecutor(callers) as pool, ExitStack() as closing:
        for client in clients:
            closing.callback(client.connection.close)
        for _ in range(10):  # kernels and plans are there, in every worker
            list(pool.map(lambda client: client.ready(questions[:3]), clients))
        began = time.perf_counter()
        parts = [questions[n::callers] for n in range(callers)]
        found = pool.map(lambda client, part: client.ask(part), clients, parts)
        return [taken for part in found for taken in part], time.perf_counter() - began


class Client:
    """One caller on a connection that stays open, by the standard library: it takes a third of a millisecond of each
    question for itself, where others take one or two."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        parts = urlsplit(address)
        self.connection = HTTPConnection(parts.netloc, timeout=300)
        self.path = parts.path
        self.headers = headers | {"Content-Type": "application/json"}

    def post(self, a: str, b: str) -> dict[str, Any]:
        """The answer to one question."""
        self.connection.request("POST", self.path, msgspec.json.encode(body(a, b)), self.headers)
        answer: dict[str, Any] = json.loads(self.connection.getresponse().read())
        return answer

    def ready(self, questions: list[tuple[str, str]]) -> None:
        """Ask until the service has compiled what it answers with."""
        for _ in range(START_SECONDS):
            with suppress(OSError, HTTPException):
                if "errors" not in self.post(*questions[0]):
                    break
            self.connection.close()
            time.sleep(1)
        self.ask(questions)

    def ask(self, questions: list[tuple[str, str]]) -> list[float]:
        """One question after another; an answer with errors ends the bench."""
        found = []
        for a, b in questions:
            began = time.perf_counter()
            answer = self.post(a, b)
            found.append((time.perf_counter() - began) * 1000)
            if "errors" in answer:
                raise SystemExit(f"the service answered with errors: {answer['errors']}")
        return found


def body(a: str, b: str) -> dict[str, object]:
    """The question as it is sent."""
    return {"query": PATHS, "variables": {"a": a, "b": b}}


def headers(given: Settings, ncb: str, number: int) -> dict[str, str]:
    """An analyst who asks for a case."""
    claims = {
        "sub": f"bench-{number}", "ncb": ncb, "exp": time.time() + 3600, "level": "CONFIDENTIAL",
        "purposes": ["INVESTIGATE"],
    }  # fmt: skip
    token = issue(given, msgspec.convert(claims, Claims))
    return {"Authorization": f"Bearer {token}", "Graphsvc-Case": "BENCH-1"}
