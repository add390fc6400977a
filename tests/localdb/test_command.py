"""``graphsvc db`` as a person types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphsvc import localdb
from graphsvc.settings import Settings


def db(data_dir: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRAPHSVC_")}
    environment |= {"GRAPHSVC_DATA_DIR": str(data_dir), **variables}
    command = [sys.executable, "-m", "graphsvc", "db", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_status_without_a_server_says_what_to_do(tmp_path: Path) -> None:
    done = db(tmp_path, "status")
    assert (done.returncode, done.stdout) == (
        3,
        "The private Neo4j is not running; `graphsvc db start` starts it.\n",
    )


def test_stop_without_a_server_is_no_error(tmp_path: Path) -> None:
    done = db(tmp_path, "stop")
    assert (done.returncode, done.stdout) == (0, "The private Neo4j was not running.\n")


def test_start_over_another_server_is_one_sentence(tmp_path: Path) -> None:
    done = db(tmp_path, "start", GRAPHSVC_NEO4J_URI="neo4j://db.example:7687")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert done.stderr.startswith("graphsvc: GRAPHSVC_NEO4J_URI names a server")


@pytest.mark.neo4j
def test_status_tells_where_and_never_the_password(alpha: localdb.Server, alpha_settings: Settings) -> None:
    done = db(alpha_settings.home, "status")
    assert done.returncode == 0
    assert done.stdout.startswith(f"The private Neo4j runs at {alpha.uri} (process {alpha.pid}).")
    assert alpha.password not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["start"], ["stop"], ["status"]], ids=lambda a: " ".join(a) or "db"
)
def test_help_has_an_example(tmp_path: Path, arguments: list[str]) -> None:
    assert "Example: " in db(tmp_path, *arguments, "--help").stdout
