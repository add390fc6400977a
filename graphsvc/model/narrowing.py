"""What a decision does to a handling: it opens it to more contributors, or takes some of those who may see it away.

A decision does not replace what the owner's file says. It stands beside it, so that a later load of the file neither
undoes it nor is undone by it, and it can be taken back.
"""

from collections.abc import Iterable

import msgspec

from graphsvc.model.handling import Handling
from graphsvc.model.vocabulary import Class, Level

NOBODY = "~nobody"
"""A unit or purpose that nobody has; it stands where two rules leave nobody over."""
STRICTNESS = (Class.ORDINARY, Class.MINOR, Class.VICTIM, Class.BLOCKED, Class.EXPIRED)

PROTECTED = frozenset({str(Class.MINOR), str(Class.VICTIM)})
SET_ASIDE = frozenset({str(Class.BLOCKED), str(Class.EXPIRED)})
"""Classes that compliance officers alone see. Of protected persons, those with a level as for these."""


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """The terms of one decision; what is left out stays as it is.

    ``only`` are the terms that alone may go on seeing it, ``also`` those to whom it is opened beside; an empty ``only``
    keeps it at home, None leaves it. The rest is as in ``Handling``, added to what stands there.
    """

    level: int = 0
    only: tuple[str, ...] | None = None
    also: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    class_: str = msgspec.field(default="", name="class")
    hit: str = ""

    @property
    def widens(self) -> bool:
        """Whether anybody may see more for it."""
        return bool(self.also) or self.hit == "contact"


def decided(handling: Handling, decisions: Iterable[Terms]) -> Handling:
    """The handling with all decisions in force: opened by those that open, then narrowed by those that narrow.

    Who may see the result could see it under each narrowing decision alone, whatever their order.
    """
    decisions = list(decisions)
    for terms in decisions:
        handling = _opened(handling, terms)
    for terms in decisions:
        handling = _narrowed(handling, terms)
    return handling


def _opened(handling: Handling, terms: Terms) -> Handling:
    if not terms.also:
        return handling
    return msgspec.structs.replace(
        handling,
        allow=_sorted(handling.allow, terms.also),
        deny=tuple(term for term in handling.deny if term not in terms.also),
    )


def _narrowed(handling: Handling, terms: Terms) -> Handling:
    classes = {handling.class_, terms.class_}
    least = Level.RESTRICTED if classes & PROTECTED and classes & SET_ASIDE else 0
    return msgspec.structs.replace(
        handling,
        level=max(handling.level, terms.level, int(least)),
        allow=handling.allow if terms.only is None else _both_allow(handling.allow, terms.only),
        deny=_sorted(handling.deny, terms.deny),
        units=_both(handling.units, terms.units),
        purposes=_both(handling.purposes, terms.purposes),
        conditions=_sorted(handling.conditions, terms.conditions),
        class_=max(handling.class_, terms.class_ or Class.ORDINARY, key=_strictness),
        hit=terms.hit or handling.hit,
    )


def _sorted(*parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({term for part in parts for term in part}))


def _both_allow(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    """Terms that both lists name; a country within a region that the other names does not count."""
    if "*" in mine:
        return _sorted(theirs)
    return mine if "*" in theirs else _sorted(tuple(set(mine) & set(theirs)))


def _both(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    """What both demand, where an empty list demands nothing."""
    if not mine or not theirs:
        return _sorted(mine, theirs)
    return _sorted(tuple(set(mine) & set(theirs))) or (NOBODY,)


def _strictness(class_: str) -> int:
    return STRICTNESS.index(Class(class_))
