"""What raises a review: triggers that a loader found in the text, and rules on notices. Nobody computes a verdict here.

Rules on the Processing of Data, articles 34 (article 3 of the Constitution), 83 (red notices) and 97 (diffusions).
"""

from collections.abc import Mapping
from typing import Any

LEAST_PENALTY_YEARS = 2.0
"""A red notice needs an offence punishable by at least two years: Rules on the Processing of Data, article 83."""
LEAST_FACTS = 40
"""Signs below which a summary of facts can't say what somebody did, where and when."""
MASS_REVOCATION = 100
"""Documents that one load may report as revoked before somebody looks."""

MEANINGS: dict[str, str] = {
    "red notice:penalty": "the highest penalty is missing or below two years",
    "red notice:facts": "the summary of facts is missing or too short to tell what was done",
    "red notice:charges": "no charge is named",
    "diffusion:not reviewed": "it went out before it was reviewed",
    "notice:claims compliance": "its sender says that it was reviewed, which only the reviewers can",
    "changed after review": "it is no longer what was reviewed",
    "passports:mass revocation": "very many documents were reported revoked at once",
    "facts:asylum": "its subject has protection as a refugee",
    "facts:refused extradition": "another country refused to extradite its subject",
    "refused before": "a notice on the same person by the same sender was refused before",
}
"""Rules in words. Triggers of loaders name the field and speak for themselves."""


def triggers(row: Mapping[str, Any], *, reviewer: bool) -> list[str]:
    """The names of all that a stored record raises, sorted. ``reviewer`` says that its owner is the one who reviews."""
    found = set(row.get("triggers") or ())
    if row["kind"] == "Notice":
        found |= _of_notice(row, reviewer=reviewer)
    return sorted(found)


def _of_notice(row: Mapping[str, Any], *, reviewer: bool) -> set[str]:
    found: set[str] = set()
    if row.get("colour") == "red":
        if (row.get("penalty_years") or 0) < LEAST_PENALTY_YEARS:
            found.add("red notice:penalty")
        if len(str(row.get("facts") or "")) < LEAST_FACTS:
            found.add("red notice:facts")
        if not row.get("charges"):
            found.add("red notice:charges")
    if row.get("diffusion"):
        found.add("diffusion:not reviewed")
    if row.get("compliance") == "compliant" and not reviewer:
        found.add("notice:claims compliance")
    return found


def state_before_review(row: Mapping[str, Any], *, reviewer: bool) -> str:
    """What a notice may say of its review before anybody here decided: only the reviewers' own word counts."""
    return str(row.get("compliance") or "not_reviewed") if reviewer else "not_reviewed"
