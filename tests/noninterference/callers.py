"""Who asks, under which terms records stand, and a second statement of the rule to hold the first against."""

import msgspec

from graphsvc.access.caller import Caller
from graphsvc.model.handling import Handling, make
from graphsvc.model.vocabulary import Level, Purpose

AGREEMENTS = {"PRUM": ["DE", "AT"], "SAHEL": ["KE"]}
REGIONS = {"DE": "EUROPE", "FR": "EUROPE", "AT": "EUROPE", "BR": "AMERICAS", "US": "AMERICAS", "KE": "AFRICA"}


def _caller(
    name: str,
    ncb: str,
    level: Level,
    purpose: Purpose,
    *,
    roles: frozenset[str] = frozenset(),
    units: frozenset[str] = frozenset(),
) -> Caller:
    return Caller(name, ncb, level, purpose, "2024/17", roles, units)


CALLERS = (
    _caller("investigator", "DE", Level.CONFIDENTIAL, Purpose.INVESTIGATE),
    _caller("clerk", "DE", Level.OFFICIAL, Purpose.INVESTIGATE),
    _caller("analyst", "BR", Level.RESTRICTED, Purpose.TRENDS),
    _caller("border guard", "KE", Level.RESTRICTED, Purpose.SECURITY_CHECK),
    _caller("identifier", "FR", Level.CONFIDENTIAL, Purpose.IDENTIFY, units=frozenset({"FR-BRI"})),
    _caller("searcher", "BR", Level.CONFIDENTIAL, Purpose.LOCATE),
    _caller("officer", "US", Level.RESTRICTED, Purpose.COMPLIANCE, roles=frozenset({"compliance"})),
    _caller("without the role", "US", Level.RESTRICTED, Purpose.COMPLIANCE),
    _caller(
        "officer elsewhere", "US", Level.CONFIDENTIAL, Purpose.INVESTIGATE, roles=frozenset({"compliance"})
    ),
    _caller("case team", "IPSG", Level.CONFIDENTIAL, Purpose.INVESTIGATE, units=frozenset({"team-7"})),
    _caller("junior", "AT", Level.OFFICIAL, Purpose.IDENTIFY),
)

OWNERS = ("FR", "DE", "BR", "KE")


def handlings(owner: str) -> tuple[Handling, ...]:
    """Terms of one owner: each hides from some callers for one reason alone."""
    return (
        make(owner),
        make(owner, level=Level.RESTRICTED),
        make(owner, level=Level.CONFIDENTIAL),
        make(owner, allow=frozenset()),
        make(owner, allow=frozenset({"BR", "region:AFRICA"})),
        make(owner, allow=frozenset({"agreement:PRUM"})),
        make(owner, allow=frozenset({"region:EUROPE", "US"})),
        make(owner, deny=frozenset({"DE", "US"})),
        make(owner, deny=frozenset({"region:AMERICAS"})),
        make(owner, deny=frozenset({"agreement:PRUM", "agreement:SAHEL"})),
        make(owner, units=frozenset({"FR-BRI"})),
        make(owner, units=frozenset({"team-7", "other"})),
        make(owner, purposes=frozenset({"LOCATE", "IDENTIFY"})),
        make(owner, purposes=frozenset({"TRENDS", "SECURITY_CHECK"})),
        make(owner, class_="minor"),
        make(owner, class_="victim"),
        make(owner, class_="blocked"),
        make(owner, class_="expired"),
        make(owner, allow=frozenset(), hit="silent"),
        make(owner, conditions=frozenset({"no onward use"})),
    )


def behind(owner: str) -> Handling:
    """Terms under which a match tells that there is something: nothing past its day may tell even that."""
    return make(owner, allow=frozenset(), hit="contact")


def sees(caller: Caller, handling: Handling) -> bool:
    """The rule said a second time, part by part, so that a change of the first shows."""
    terms = {caller.ncb, f"region:{REGIONS.get(caller.ncb)}"}
    terms |= {f"agreement:{name}" for name, members in AGREEMENTS.items() if caller.ncb in members}
    oversight = caller.purpose == Purpose.COMPLIANCE and "compliance" in caller.roles
    reserved = {
        "ordinary": True,
        "victim": caller.purpose in ("INVESTIGATE", "IDENTIFY") and caller.level >= 2,
        "minor": caller.purpose in ("INVESTIGATE", "IDENTIFY", "LOCATE") and caller.level >= 2,
        "blocked": oversight,
        "expired": oversight,
    }[handling.class_]
    for_all = (
        reserved
        and int(caller.level) >= handling.level
        and (not handling.units or bool(set(handling.units) & caller.units))
    )
    others = (
        (not handling.purposes or caller.purpose in handling.purposes or oversight)
        and not terms & set(handling.deny)
        and ("*" in handling.allow or bool(terms & set(handling.allow)))
    )
    return for_all and (caller.ncb == handling.contributor or others)


class Group(msgspec.Struct, frozen=True):
    """Callers who ask about one pair of worlds; what is hidden in it is hidden from all of them."""

    callers: tuple[Caller, ...]

    def shown(self, owner: str) -> list[Handling]:
        """Terms of an owner under which at least one of them sees."""
        return [h for h in handlings(owner) if any(sees(caller, h) for caller in self.callers)]

    def hidden(self, owner: str) -> list[Handling]:
        """Terms of an owner under which none of them sees."""
        return [h for h in handlings(owner) if not any(sees(caller, h) for caller in self.callers)]

    def open_(self, owner: str) -> list[Handling]:
        """Terms of an owner under which all of them see."""
        return [h for h in handlings(owner) if all(sees(caller, h) for caller in self.callers)]
