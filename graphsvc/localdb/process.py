"""The server's process: started apart from ours, known again without doubt, stopped cleanly."""

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from graphsvc.errors import StoreError

STOP_SECONDS = 120.0
EXEC_TRIES = 20
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Ticket:
    """What is written down about a start: ``instance`` is drawn anew each time and stands on the command line."""

    instance: str
    port: int
    pid: int


def read_ticket(path: Path) -> Ticket | None:
    """The ticket at ``path``, None when there is none or it was cut."""
    try:
        return Ticket(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_ticket(path: Path, ticket: Ticket) -> None:
    """Replace the ticket in one step."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(ticket)), encoding="utf-8")
    fresh.replace(path)


def inherited() -> list[int]:
    """Open files above standard error that a child would get: a lock or pipe of whoever started us, not ours."""
    found = []
    for path in Path("/dev/fd").iterdir():
        with suppress(OSError):  # the listing itself, closed by now
            if int(path.name) > 2 and os.get_inheritable(int(path.name)):
                found.append(int(path.name))
    return found


def spawn(command: list[str], log: Path) -> int:
    """Start ``command`` in a session of its own, so that our end or Ctrl-C is not its end; return its process id."""
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
        *((os.POSIX_SPAWN_CLOSE, number) for number in inherited()),
    ]
    return os.posix_spawn(command[0], command, os.environ, file_actions=actions, setsid=True)


def ours(home: Path, ticket: Ticket) -> bool:
    """Whether the process of this ticket lives and was started for ``home`` under this ticket."""
    try:
        arguments = arguments_of(ticket.pid)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return f"--home-dir={home}" in arguments and f"-Dgraphsvc.instance={ticket.instance}" in arguments


def arguments_of(pid: int) -> list[str]:
    """The command line of a process, which is empty for a moment while it is being replaced by its program."""
    for _ in range(EXEC_TRIES):
        arguments = psutil.Process(pid).cmdline()
        if arguments:
            return arguments
        time.sleep(POLL_SECONDS)
    return []


def listens(ticket: Ticket) -> bool:
    """Whether this very process holds the listening port."""
    try:
        sockets = psutil.Process(ticket.pid).net_connections("tcp")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return any(s.status == psutil.CONN_LISTEN and s.laddr.port == ticket.port for s in sockets)


def strays(home: Path) -> list[int]:
    """Ids of servers that run for ``home``, whatever the ticket says."""
    wanted = f"--home-dir={home}"
    return [p.pid for p in psutil.process_iter(["cmdline"]) if wanted in (p.info["cmdline"] or [])]


def stop(home: Path, ticket: Ticket) -> None:
    """Ask the process of this ticket to end, and wait until it has. Raises StoreError when it does not."""
    if not ours(home, ticket):
        return
    process = psutil.Process(ticket.pid)
    process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    while alive(process):
        if time.monotonic() > deadline:
            raise StoreError(
                f"The private Neo4j (process {ticket.pid}) did not stop in {STOP_SECONDS:.0f} s; "
                f"look at {home / 'logs'} and end it by hand."
            )
        time.sleep(POLL_SECONDS)
    reap(process)


def alive(process: psutil.Process) -> bool:
    """Whether it still runs; an ended child that nobody took off the table does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def reap(process: psutil.Process) -> None:
    """Take the ended process off the table when it is a child of ours."""
    try:
        process.wait(timeout=1)
    except psutil.TimeoutExpired:
        return
