"""The stages of a load, and a process that ends itself at one of them as ``kill -9`` would."""

import itertools
import os
import signal
from collections.abc import Callable
from functools import wraps
from typing import Any

from graphsvc.store import pipeline, runs
from graphsvc.store.batch import Counts
from graphsvc.store.writing import Writing

STAGES: dict[str, tuple[Any, str]] = {
    "begin": (runs, "_begin"),  # before the first batch, nothing is written
    "shaping": (runs.Run, "prepare"),  # in the thread that reads; for the first time before the first batch
    "writing": (Writing, "_close"),  # within a transaction, all rows written, neither ledger nor feed
    "committing": (pipeline.Attempt, "commit"),  # all of it written, not committed
    "between": (Counts, "add"),  # a batch is committed, and nobody has been told of it
    "finish": (runs.Run, "finish"),  # all batches are committed, the run is not closed
    "finishing": (runs, "check_revocations"),  # within the transaction that closes the run
}
"""Where each stage begins: a function of a module or class."""


def die_at(stage: str, times: int) -> None:
    """End this process at the how-manieth time that it comes to a stage."""
    where, name = STAGES[stage]
    setattr(where, name, _fatal(getattr(where, name), times))


def _fatal(work: Callable[..., Any], times: int) -> Callable[..., Any]:
    count = itertools.count(1)

    @wraps(work)
    def fatal(*given: Any, **named: Any) -> Any:
        if next(count) == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*given, **named)

    return fatal
