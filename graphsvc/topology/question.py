"""What a question asks of the topology, apart from who asks."""

from datetime import date

import msgspec
import numpy as np

from graphsvc.errors import UsageError
from graphsvc.topology.kernels.space import Array, Rules
from graphsvc.topology.layout import CONFIDENCE_STEPS, FAR, INWARD, KIND_CODES, TYPE_CODES

HUB_CAP = 5_000
KEY_CAP = 100
BUDGET = 2_000_000
CALM = 64
"""Links up to which a record is not crowded; those of a level are expanded first."""


class Question(msgspec.Struct, frozen=True):
    """Which links and records may be used. ``None`` means all.

    ``outward`` and ``inward`` take types of link that may be followed in that direction only, seen along the
    way. ``since`` and ``until`` are days since 1970-01-01, inclusive; a window leaves undated links out, and
    ``dated`` leaves them out without a window. ``least_confidence`` leaves out links of unknown confidence too.
    """

    types: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    since: int | None = None
    until: int | None = None
    dated: bool = False
    least_confidence: float = 0.0
    outward: frozenset[str] = frozenset()
    inward: frozenset[str] = frozenset()
    hub_cap: int = HUB_CAP
    key_cap: int = KEY_CAP
    budget: int = BUDGET

    @property
    def uses(self) -> tuple[object, ...]:
        """What decides which links count against the hub cap, and the cap."""
        chosen = (self.types, self.outward, self.inward, self.least_confidence, self.hub_cap)
        return *chosen, self.dated, self.since, self.until

    def rules(self, mask: Array, today: int, crowd: Array, sight: Array, hubs: Array) -> Rules:
        """The question as kernels read it. Raises UsageError for an unknown type or kind, or a bad figure."""
        if not 0 <= self.least_confidence <= 1:
            raise UsageError("the least confidence must be between 0 and 1.")
        if min(self.hub_cap, self.key_cap, self.budget) < 1:
            raise UsageError("caps and budgets must be at least 1.")
        return Rules(
            mask=mask,
            crowd=crowd,
            sight=sight,
            hubs=hubs,
            free=self.kinds is None and self.hub_cap >= CALM,
            today=today,
            types=self._types(),
            kinds=_table(self.kinds, KIND_CODES, 256, "kind of record"),
            dated=self.dated or self.since is not None or self.until is not None,
            since=-FAR + 1 if self.since is None else self.since,
            until=FAR - 1 if self.until is None else self.until,
            least=stored_confidence(self.least_confidence) if self.least_confidence > 0 else 0,
            hub_cap=min(self.hub_cap, FAR),
            key_cap=min(self.key_cap, FAR),
            budget=self.budget,
        )

    def _types(self) -> Array:
        used = _table(self.types, TYPE_CODES, INWARD, "type of link")
        both = np.concatenate((used, used))
        both[INWARD:] &= ~_chosen(self.outward)
        both[:INWARD] &= ~_chosen(self.inward)
        return both


def _chosen(names: frozenset[str]) -> Array:
    return _table(names, TYPE_CODES, INWARD, "type of link")


def _table(names: frozenset[str] | None, codes: dict[str, int], size: int, what: str) -> Array:
    table = np.full(size, names is None)
    for name in names or ():
        if name not in codes:
            raise UsageError(f"there is no {what} called {name!r}; the docs list them all.")
        table[codes[name]] = True
    return table


def stored_confidence(value: float | None) -> int:
    """A confidence as the arrays hold it."""
    return 0 if value is None else round(min(max(value, 0.0), 1.0) * CONFIDENCE_STEPS) + 1


def shown_confidence(stored: int) -> float | None:
    """A confidence as people read it."""
    return None if stored == 0 else (stored - 1) / CONFIDENCE_STEPS


def day(text: str | None) -> int | None:
    """A day number from ``YYYY-MM-DD``."""
    return None if text is None else (date.fromisoformat(text) - date(1970, 1, 1)).days
