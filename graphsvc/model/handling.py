"""Handling: who may see an element, and on which terms. Interned once, then one small integer per element."""

import hashlib
from collections.abc import Set as AbstractSet
from functools import lru_cache

import msgspec

from graphsvc.model.vocabulary import Class, Level, Purpose

HIT_MODES = ("open", "silent", "contact")


class Handling(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """The whole tuple. Terms are countries (``FR``), regions (``region:EUROPE``) or
    agreements (``agreement:NAME``); ``*`` allows every contributor.

    Lists are sorted and hold no value twice, so that equal rules have equal digests (see ``make``).
    ``hit`` says what a match shows to those who may not see the record: nothing (``open`` and ``silent``)
    or that it exists (``contact``).
    """

    contributor: str
    level: int = int(Level.OFFICIAL)
    allow: tuple[str, ...] = ("*",)
    deny: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    class_: str = msgspec.field(default=str(Class.ORDINARY), name="class")
    hit: str = "open"

    @property
    def digest(self) -> str:
        """Hash by which the same rule is found again."""
        return _digest(self)


@lru_cache(maxsize=65_536)
def _digest(handling: Handling) -> str:
    return hashlib.blake2b(msgspec.json.encode(handling, order="deterministic"), digest_size=16).hexdigest()


def make(
    contributor: str,
    *,
    level: int = int(Level.OFFICIAL),
    allow: AbstractSet[str] = frozenset({"*"}),
    deny: AbstractSet[str] = frozenset(),
    units: AbstractSet[str] = frozenset(),
    purposes: AbstractSet[str] = frozenset(),
    conditions: AbstractSet[str] = frozenset(),
    class_: str = str(Class.ORDINARY),
    hit: str = "open",
) -> Handling:
    """A handling in its one normal form."""
    return Handling(
        contributor,
        int(Level(level)),
        tuple(sorted(allow)),
        tuple(sorted(deny)),
        tuple(sorted(units)),
        tuple(sorted(purposes)),
        tuple(sorted(conditions)),
        str(Class(class_)),
        hit,
    )


class Asker(msgspec.Struct, frozen=True):
    """What the rule needs to know of one who asks. ``terms`` are the contributor's own code and every
    region and agreement that holds it today."""

    contributor: str
    level: int
    purpose: Purpose
    terms: frozenset[str]
    units: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


VICTIM_PURPOSES = frozenset({Purpose.INVESTIGATE, Purpose.IDENTIFY})
MINOR_PURPOSES = frozenset({Purpose.INVESTIGATE, Purpose.IDENTIFY, Purpose.LOCATE})


def oversees(asker: Asker) -> bool:
    """Whether this is a compliance officer at work."""
    return asker.purpose is Purpose.COMPLIANCE and "compliance" in asker.roles


def _class_permits(handling: Handling, asker: Asker) -> bool:
    match handling.class_:
        case Class.ORDINARY:
            return True
        case Class.VICTIM:
            return asker.purpose in VICTIM_PURPOSES and asker.level >= Level.RESTRICTED
        case Class.MINOR:
            return asker.purpose in MINOR_PURPOSES and asker.level >= Level.RESTRICTED
        case _:  # blocked, expired
            return oversees(asker)


def permits(handling: Handling, asker: Asker) -> bool:
    """Whether the element may be seen. Each part can only take away; denial is stronger than permission.

    The contributor sees its own records under its own level, units and classes, whatever it told others.
    """
    if asker.level < handling.level or not _class_permits(handling, asker):
        return False
    if handling.units and not asker.units.intersection(handling.units):
        return False
    if asker.contributor == handling.contributor:
        return True
    if handling.purposes and asker.purpose not in handling.purposes and not oversees(asker):
        return False
    if asker.terms.intersection(handling.deny):
        return False
    return "*" in handling.allow or bool(asker.terms.intersection(handling.allow))
