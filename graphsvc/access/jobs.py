"""Long work that others may watch and stop."""

import threading
import uuid
from collections.abc import Callable

from graphsvc.errors import Cancelled

Watcher = Callable[[str, float], None]


class Job:
    """One piece of work. ``watch`` is told the stage and how much of it is done, between 0 and 1.

    ``cancel`` may be called from any thread; the work ends at its next step with Cancelled.
    """

    def __init__(self, watch: Watcher | None = None) -> None:
        self.id = uuid.uuid4().hex
        self.stage = "waiting"
        self.done = 0.0
        self._watch = watch
        self._cancelled = threading.Event()

    def report(self, stage: str, done: float = 0.0) -> None:
        """Tell how far the work is. Raises Cancelled when it was given up."""
        self.check()
        self.stage, self.done = stage, done
        if self._watch is not None:
            self._watch(stage, done)

    def cancel(self) -> None:
        """Give the work up."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether it was given up."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise Cancelled when it was given up."""
        if self.cancelled:
            raise Cancelled("The analysis was given up.")
