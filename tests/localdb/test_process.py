"""The ticket of a start, and whose process it names."""

import os
import signal
from pathlib import Path

import pytest

from graphsvc.localdb import process


def test_a_ticket_comes_back_as_it_was(tmp_path: Path) -> None:
    ticket = process.Ticket("a1", 7687, 42)
    process.write_ticket(tmp_path / "server.json", ticket)
    assert process.read_ticket(tmp_path / "server.json") == ticket


@pytest.mark.parametrize("text", ["", '{"instance": "a1"', '{"instance": "a1"}', "[]"])
def test_a_cut_ticket_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)
    assert process.read_ticket(tmp_path / "server.json") is None


def test_no_ticket_is_none(tmp_path: Path) -> None:
    assert process.read_ticket(tmp_path / "server.json") is None


def test_the_server_keeps_no_file_of_whoever_started_it(tmp_path: Path) -> None:
    """A lock or pipe that the server kept would be held for as long as it runs."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    pid = process.spawn(["/bin/sleep", "60"], tmp_path / "log")
    os.close(writer)
    try:
        os.set_blocking(reader, False)
        assert os.read(reader, 1) == b""  # end of file: nobody else has the pipe open
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(reader)
