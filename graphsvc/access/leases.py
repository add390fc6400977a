"""Names of projections and sessions, by which those that nobody works with any more are known.

A name tells the machine, the process and its start. What a process of this machine left when it ended, and what this
one could not take away when its server was out of reach, may go.
"""

import itertools
import socket

import psutil

from graphsvc.access.audit import scope_digest
from graphsvc.access.scope import Scope

PREFIX = "graphsvc"
PARTS = 7

_held: set[str] = set()
_count = itertools.count(1)


def lease(scope: Scope, part: str) -> str:
    """A new name for work on a part: who works on it, what is seen of which version of the data."""
    what = f"{part}-{scope_digest(scope)}", str(scope.seq), str(next(_count))
    name = ":".join((PREFIX, socket.gethostname(), *_process(psutil.Process()), *what))
    _held.add(name)
    return name


def release(name: str) -> None:
    """The work is over; what is still there under this name may go."""
    _held.discard(name)


def abandoned(name: str) -> bool:
    """Whether this is a name of ours, of this machine, that nobody works with any more."""
    parts = name.split(":")
    if len(parts) != PARTS or parts[:2] != [PREFIX, socket.gethostname()] or name in _held:
        return False
    try:
        of = psutil.Process(int(parts[2]))
    except psutil.NoSuchProcess:
        return True
    return of.pid == psutil.Process().pid or _process(of) != tuple(parts[2:4])


def _process(of: psutil.Process) -> tuple[str, str]:
    return str(of.pid), str(int(of.create_time() * 1000))
