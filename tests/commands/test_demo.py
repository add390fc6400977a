"""The demo, as a person starts it: on a small sample, against the session's server."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from graphsvc import localdb
from graphsvc.commands.demo import asked, check, load_sample
from graphsvc.errors import SetupError, UsageError
from graphsvc.settings import Settings
from graphsvc.store.database import Database

SIZE = 1_000


@contextmanager
def running_demo(now: Settings) -> Iterator[tuple[str, list[str]]]:
    """The address and everything printed of a demo, which is ended as by Ctrl-C."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRAPHSVC_")}
    environment |= {"GRAPHSVC_DATA_DIR": str(now.home), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "graphsvc", "demo", "--port", "0", "--size", str(SIZE)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            printed: list[str] = []
            address = None
            while address is None:
                line = process.stdout.readline()
                assert line, printed
                printed.append(line.rstrip("\n"))
                address = re.search(r"http://127\.0\.0\.1:\d+", line)
            yield address[0], printed
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


def post(address: str, token: str, query: str) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    headers |= {"Graphsvc-Purpose": "INVESTIGATE", "Graphsvc-Case": "example"}
    body = json.dumps({"query": query}).encode()
    with urlopen(Request(f"{address}/graphql", body, headers)) as answer:
        return json.load(answer)  # type: ignore[no-any-return]


@pytest.mark.neo4j
@pytest.mark.usefixtures("database")
def test_it_answers_serves_and_ends_cleanly(open_server: Settings) -> None:
    with running_demo(open_server) as (address, printed):
        assert sum(line.endswith("?") for line in printed) == 3
        assert any("plate:" in line for line in printed), "the link goes through a shared plate"
        token = next(line for line in printed if line.startswith("ey"))
        assert post(address, token, "{ me { ncb } }") == {"data": {"me": {"ncb": "FR"}}}
        with urlopen(address) as page:
            assert page.status == 200
    assert localdb.status(open_server) is not None, "it ran before, so it goes on"


@pytest.mark.neo4j
def test_a_second_start_loads_nothing(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / f"world-1-{SIZE}"
    load_sample(database, folder)
    head = database.head()
    assert head > 0
    capsys.readouterr()
    load_sample(database, folder)
    assert database.head() == head
    assert capsys.readouterr().out == f"The sample is loaded already ({folder}).\n"


@pytest.mark.neo4j
def test_invented_records_never_lie_among_others(database: Database, tmp_path: Path) -> None:
    with database.session() as session:
        session.run("CREATE (:Source {name: 'fr-nominal', owner: 'FR'})").consume()
    with pytest.raises(UsageError, match=r"holds records of fr-nominal.*GRAPHSVC_DATA_DIR"):
        load_sample(database, tmp_path / f"world-1-{SIZE}")
    assert database.rows("MATCH (n:Entity) RETURN count(n) AS n") == [{"n": 0}]


def test_a_taken_port_is_said_before_anything_else(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SetupError, match=rf"Port {port} .* is taken; .* `make demo PORT={port + 1}`"):
            check(Settings(data_dir=tmp_path, neo4j_uri=None, port=port))
    assert list(tmp_path.iterdir()) == []


def test_invented_records_never_go_into_another_server(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unset GRAPHSVC_NEO4J_URI"):
        check(Settings(data_dir=tmp_path, neo4j_uri="neo4j://db.example:7687"))


def test_a_question_is_told_in_the_words_above_it() -> None:
    assert asked("# How are they joined?\n# In at most four steps.\nquery { a }\n# aside\n") == [
        "How are they joined?",
        "In at most four steps.",
    ]
