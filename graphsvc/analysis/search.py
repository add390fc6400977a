"""Operation 1: find records by name or identifier. Candidates share exact terms; ranking sees visible ones only."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from rapidfuzz import fuzz

from graphsvc.access.view import View
from graphsvc.errors import UsageError
from graphsvc.identity import terms
from graphsvc.model.derive import sound, words
from graphsvc.model.kinds import BY_NAME
from graphsvc.model.vocabulary import AREAS

MOST_CANDIDATES = 5_000
MOST_PAGE = 100
LEAST_SCORE = 0.5
MOST_FACETS = 50


class Filter(msgspec.Struct, frozen=True):
    """Narrows a search; None leaves a part open. ``birth_date`` is an ISO 8601 prefix, and ``birth_days`` how many
    days earlier or later will do."""

    kinds: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    areas: tuple[str, ...] | None = None
    owners: tuple[str, ...] | None = None
    birth_date: str | None = None
    birth_days: int = 0


class Hit(msgspec.Struct, frozen=True):
    """A candidate. ``score`` lies between 0 and 1 and is no probability; ``reasons`` say what it rests on."""

    id: Annotated[str, Meta(description="Id of the record.")]
    score: Annotated[float, Meta(description="Between 0 and 1; no probability.")]
    reasons: Annotated[tuple[str, ...], Meta(description="What the score rests on.")]


class Facet(msgspec.Struct, frozen=True):
    """How many of the candidates have this value."""

    value: Annotated[str, Meta(description="The value.")]
    count: Annotated[int, Meta(description="How many candidates have it.")]


class Found(msgspec.Struct, frozen=True):
    """One page of a search, best first, equals in order of their ids. ``total`` and the facets count all
    candidates; ``truncated`` says that there are more, and that a narrower search would see them."""

    hits: tuple[Hit, ...]
    total: int
    truncated: bool
    more: bool
    kinds: tuple[Facet, ...]
    countries: tuple[Facet, ...]
    owners: tuple[Facet, ...]


async def search(
    view: View,
    text: str,
    where: Filter,
    *,
    fuzzy: bool = True,
    first: int = 20,
    after: tuple[float, str] | None = None,
) -> Found:
    """Candidates for a text. ``after`` is the score and id of the last hit of the page before.

    Raises UsageError for a text, filter or page that cannot be.
    """
    if not 1 <= first <= MOST_PAGE:
        raise UsageError(f"Ask for 1 to {MOST_PAGE} candidates a page.")
    wanted = terms.read(text, fuzzy=fuzzy)
    parameters = _parameters(wanted, where)
    rows = await view.rows("identity/candidates", terms=wanted.all_words, **parameters)
    if not rows and wanted.any_word != wanted.all_words:
        rows = await view.rows("identity/candidates", terms=wanted.any_word, **parameters)
    truncated = len(rows) > MOST_CANDIDATES
    ranked = await asyncio.to_thread(_ranked, wanted, rows[:MOST_CANDIDATES])
    kept = [row for _, row, _ in ranked]
    page = [hit for score, row, hit in ranked if after is None or (-score, row["id"]) > (-after[0], after[1])]
    return Found(
        tuple(page[:first]),
        len(ranked),
        truncated,
        len(page) > first,
        _facets(row["kind"] for row in kept),
        _facets(country for row in kept for country in row["countries"] or ()),
        _facets(row["owner"] for row in kept),
    )


def _ranked(wanted: terms.Terms, rows: list[dict[str, Any]]) -> list[tuple[float, dict[str, Any], Hit]]:
    """Candidates with their scores, best first, equals in order of their ids."""
    ranked = [(score, row, hit) for row in rows for score, hit in judged(wanted, row)]
    ranked.sort(key=lambda one: (-one[0], one[1]["id"]))
    return ranked


def _parameters(wanted: terms.Terms, where: Filter) -> dict[str, Any]:
    _declared("kind", where.kinds, BY_NAME)
    _declared("crime area", where.areas, AREAS)
    born_from, born_to = terms.born(where.birth_date, where.birth_days)
    return {
        "words": list(dict.fromkeys((*wanted.words, *wanted.whole))),
        "kinds": where.kinds,
        "countries": where.countries,
        "areas": where.areas,
        "owners": where.owners,
        "born_from": born_from,
        "born_to": born_to,
        "most": MOST_CANDIDATES + 1,
    }


def _declared(what: str, given: Sequence[str] | None, known: Any) -> None:
    for name in given or ():
        if name not in known:
            raise UsageError(f"There is no {what} {name}.")


def judged(wanted: terms.Terms, row: dict[str, Any]) -> list[tuple[float, Hit]]:
    """Score and reasons of a candidate, none when it is too far from what was asked."""
    score, reasons = 0.0, []
    if exact := sorted(set(row["shared"]) & set(wanted.whole)):
        score = 1.0
        reasons.append(f"holds exactly {exact[0]}")
    name, likeness = _closest(wanted.words, row["names"])
    if name and likeness >= LEAST_SCORE:
        score = max(score, likeness)
        reasons.append(f"name “{name}” {likeness:.2f}")
    held = [word for word in wanted.words if word in row["shared"]]
    if held and not exact:
        score = max(score, 0.9 * len(held) / len(wanted.words))
        reasons.append("holds " + ", ".join(held))
    reasons.extend(_heard(wanted.words, row["names"]))
    if not wanted.words and not reasons:  # wildcards only
        score, reasons = LEAST_SCORE, ["fits the pattern"]
    score = round(score, 4)
    return [(score, Hit(row["id"], score, tuple(reasons)))] if score >= LEAST_SCORE else []


def _closest(asked: tuple[str, ...], names: list[str]) -> tuple[str, float]:
    """The name most like the words asked for, and how much."""
    if not asked:
        return "", 0.0
    text = " ".join(asked)
    best = ("", 0.0)
    for name in names:
        folded = " ".join(words(name))
        likeness = max(fuzz.token_sort_ratio(text, folded), 0.95 * fuzz.token_set_ratio(text, folded)) / 100
        if likeness > best[1]:
            best = (name, likeness)
    return best


def _heard(asked: tuple[str, ...], names: list[str]) -> list[str]:
    """Words that sound alike without being alike."""
    own = {word for name in names for word in words(name)}
    sounds = {sound(word) for word in own} - {""}
    alike = [word for word in asked if word not in own and sound(word) in sounds]
    return ["sounds like " + ", ".join(alike)] if alike else []


def _facets(values: Any) -> tuple[Facet, ...]:
    counted = sorted(Counter(values).items(), key=lambda one: (-one[1], one[0]))
    return tuple(Facet(value, count) for value, count in counted[:MOST_FACETS])
