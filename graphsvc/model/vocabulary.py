"""Closed lists that everything shares: crime areas, notice colours, statuses, purposes, levels, desks."""

from enum import IntEnum, StrEnum

AREAS = (
    "FINANCIAL",
    "CYBER",
    "DRUGS_ORGANIZED",
    "CORRUPTION",
    "TERRORISM_SAFETY",
    "FUGITIVES",
    "HUMAN_TRAFFICKING",
    "INTELLECTUAL_PROPERTY",
    "ENVIRONMENTAL",
    "MARITIME",
    "MIGRANT_SMUGGLING",
)
COLOURS = ("red", "blue", "green", "yellow", "black", "orange", "purple", "silver", "un_special")
CONTROL = ("actor", "leased", "compromised", "unknown")
DOCUMENT_STATUSES = ("stolen", "lost", "revoked", "invalid", "stolen_blank")
WEAPON_STATUSES = ("lost", "stolen", "trafficked", "trace")
EVENT_TYPES = (
    "crossing",
    "trip",
    "seizure",
    "attack",
    "meeting",
    "offence",
    "call",
    "message",
    "incident",
    "booking",
    "other",
)
INVOLVEMENT = (
    "suspect",
    "accused",
    "convicted",
    "victim",
    "witness",
    "smuggled_migrant",
    "complainant",
    "other",
)
PARTICIPATION = (
    "payer",
    "escort",
    "recruiter",
    "traveller",
    "caller",
    "called",
    "organiser",
    "sender",
    "receiver",
    "driver",
    "host",
    "victim",
    "witness",
    "smuggled_migrant",
    "participant",
)
PROTECTED_ROLES = frozenset({"victim", "witness", "smuggled_migrant"})
"""Roles through which nobody is ever ranked, grouped or offered as a lead."""


class Level(IntEnum):
    """Confidentiality, lowest first, with the names of the Rules on the Processing of Data, article 112."""

    OFFICIAL = 1
    RESTRICTED = 2
    CONFIDENTIAL = 3


class Class(StrEnum):
    """What kind of protection a record stands under."""

    ORDINARY = "ordinary"
    MINOR = "minor"
    VICTIM = "victim"
    BLOCKED = "blocked"
    EXPIRED = "expired"


class Purpose(StrEnum):
    """Why a question is asked: article 10 of the Rules on the Processing of Data, and oversight."""

    ARREST = "ARREST"  # find a wanted person with a view to detention
    LOCATE = "LOCATE"  # locate a person or object of interest
    INVESTIGATE = "INVESTIGATE"  # a criminal investigation; needs a case reference
    WARN = "WARN"  # warn of a person, event or way of working
    IDENTIFY = "IDENTIFY"  # identify a person or a dead body
    FORENSIC = "FORENSIC"  # forensic analysis
    SECURITY_CHECK = "SECURITY_CHECK"  # border and security checks
    TRENDS = "TRENDS"  # identify threats, crime trends and criminal networks
    COMPLIANCE = "COMPLIANCE"  # review by those who oversee the processing
