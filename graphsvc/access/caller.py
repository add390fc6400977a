"""A caller: who asks, for whom, why."""

import msgspec

from graphsvc.errors import AccessError
from graphsvc.model.handling import Asker
from graphsvc.model.regions import desk
from graphsvc.model.vocabulary import Level, Purpose

CASE_NEEDED = frozenset({Purpose.INVESTIGATE, Purpose.ARREST, Purpose.FORENSIC})
"""Purposes for which a request names the case it serves."""


class Caller(msgspec.Struct, frozen=True):
    """One who asks, for this request. ``subject`` is the person or program in the words of the token."""

    subject: str
    ncb: str
    level: Level
    purpose: Purpose
    case: str = ""
    roles: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()

    @property
    def rights(self) -> tuple[object, ...]:
        """All but the person and the case: who have the same are answered alike while nothing changes."""
        return self.ncb, self.level, self.purpose, sorted(self.roles), sorted(self.units)

    def asker(self, agreements: dict[str, frozenset[str]]) -> Asker:
        """What the rule of handling needs to know, with the terms that hold this caller today.

        ``agreements`` maps the name of each agreement to the contributors that are party to it.
        """
        terms = {self.ncb} | {
            f"agreement:{name}" for name, parties in agreements.items() if self.ncb in parties
        }
        if region := desk(self.ncb):
            terms.add(f"region:{region}")
        return Asker(self.ncb, int(self.level), self.purpose, frozenset(terms), self.units, self.roles)


LIAISON = "liaison"
"""Role of those who speak for a contributor."""


def check_speaks(caller: Caller) -> None:
    """Raise AccessError for those who do not speak for their contributor."""
    if LIAISON not in caller.roles:
        raise AccessError(f"Only those who speak for their contributor may do this, with the role {LIAISON}.")


def check_purpose(purpose: Purpose, case: str, allowed: tuple[Purpose, ...]) -> None:
    """Raise AccessError when the token does not allow the purpose, or it needs a case and has none."""
    if purpose not in allowed:
        raise AccessError(
            f"Your token does not allow the purpose {purpose}; it allows {', '.join(allowed) or 'none'}."
        )
    if purpose in CASE_NEEDED and not case:
        raise AccessError(f"The purpose {purpose} needs a case reference; send it with the request.")
