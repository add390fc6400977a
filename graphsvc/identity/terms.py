"""What to look for in an index of exact terms, from what somebody typed. Pure text."""

from datetime import date, timedelta
from itertools import combinations

import msgspec

from graphsvc.errors import UsageError
from graphsvc.model import days
from graphsvc.model.derive import sound, words
from graphsvc.model.keys import compact, phone

LONGEST_TEXT = 200
MOST_WORDS = 8
LEAST_PREFIX = 2
FUZZY_FROM = 4
LONGEST_FUZZY = 20
FARTHEST_DAYS = 36_525


class Terms(msgspec.Struct, frozen=True):
    """``all_words`` asks for every word, or all but one of three or more; ``any_word`` for one of them.

    ``words`` are the plain words to compare names with, ``whole`` the spellings of the text as one identifier.
    """

    all_words: str
    any_word: str
    words: tuple[str, ...]
    whole: tuple[str, ...]


def read(text: str, *, fuzzy: bool) -> Terms:
    """The terms of a search. ``*`` and ``?`` in a word stand for any signs and any one sign."""
    if len(text) > LONGEST_TEXT:
        raise UsageError(f"A search text may have {LONGEST_TEXT} signs at most.")
    parts = [part for part in _parts(text) if part.strip("*?")]
    if not parts:
        raise UsageError("Search for at least one letter or digit.")
    if len(parts) > MOST_WORDS:
        raise UsageError(f"Search for {MOST_WORDS} words at most.")
    groups = [_group(part, fuzzy=fuzzy) for part in parts]
    whole = _whole(text)
    wholes = [quoted(value) for value in whole]
    subsets = combinations(groups, len(groups) - 1) if len(groups) > 2 else [tuple(groups)]
    strict = ["(" + " AND ".join(subset) + ")" for subset in subsets]
    plain = tuple(part for part in parts if not {"*", "?"} & set(part))
    return Terms(" OR ".join([*wholes, *strict]), " OR ".join([*wholes, *groups]), plain, whole)


def _whole(text: str) -> tuple[str, ...]:
    """The spellings under which the whole text may be held as one identifier."""
    bare = "".join(text.split()).lower()
    number = phone(text) if bare.startswith(("+", "00")) else ""
    return tuple(dict.fromkeys(filter(None, (compact(text).lower(), bare, number))))


def born(birth_date: str | None, birth_days: int) -> tuple[str | None, str | None]:
    """The first and last birth date that will do, some days earlier or later than an ISO 8601 prefix."""
    if birth_date is None:
        return None, None
    if not 0 <= birth_days <= FARTHEST_DAYS:
        raise UsageError(f"birthDays lies between 0 and {FARTHEST_DAYS}.")
    try:
        first, last = days.first_day(birth_date), days.last_day(birth_date)
        reach = timedelta(birth_days)
        low, high = date.fromisoformat(days.iso(first)) - reach, date.fromisoformat(days.iso(last)) + reach
    except (ValueError, OverflowError):
        raise UsageError("A birth date looks like 1988, 1988-04 or 1988-04-12.") from None
    return low.isoformat(), high.isoformat()


def quoted(term: str) -> str:
    """One exact term in the syntax of the index."""
    return '"' + term.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _parts(text: str) -> list[str]:
    """Folded words that keep their wildcards."""
    found: list[str] = []
    for piece in text.split():
        if "*" in piece or "?" in piece:
            kept = "".join(sign if sign in "*?" else "".join(words(sign)) for sign in piece)
            found.append(kept)
        else:
            found.extend(words(piece))
    return found


def _group(part: str, *, fuzzy: bool) -> str:
    if "*" in part or "?" in part:
        if len(part.split("*")[0].split("?")[0]) < LEAST_PREFIX:
            raise UsageError(f"Write at least {LEAST_PREFIX} letters before a * or ?.")
        return part
    variants = [quoted(part)]
    if fuzzy:
        if heard := sound(part):
            variants.append(quoted(heard))
        if FUZZY_FROM <= len(part) <= LONGEST_FUZZY and part.isalpha():
            variants.append(near(part))
    return "(" + " OR ".join(variants) + ")"


def near(word: str) -> str:
    """A regular expression for all spellings one change away: one letter other, missing, added or swapped.

    Unlike the fuzzy query of a full-text engine it has no cap on the spellings it expands to, so that hidden
    ones push no visible one out.
    """
    changed = [f"{word[:at]}.{{0,2}}{word[at + 1 :]}" for at in range(len(word))]
    swapped = [
        f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}"
        for at in range(len(word) - 1)
        if word[at] != word[at + 1]
    ]
    return "/" + "|".join(changed + swapped) + "/"
