"""The store's door: every named query, with arguments made from what its header says of its parameters."""

import random
import re
from collections.abc import Callable
from typing import Any

from graphsvc.access.view import View
from graphsvc.identity.terms import quoted
from graphsvc.store.queries import Query, all_names, named
from tests.noninterference.pools import CHOICES, Pools

PRIVATE = frozenset({"no", "handling", "run", "sequence", "digest", "opened_at"})
"""What is the store's own and differs between two stores: its numbers, which no answer may hold, and when a review was
opened, which is when it was loaded."""
Make = Callable[[Pools, random.Random], Any]

PARAMETERS: dict[str, Make] = {
    "ids": lambda pools, rng: _ids(pools, rng),
    "keys": lambda pools, rng: pools.keys,
    "words": lambda pools, rng: rng.sample(pools.words, min(4, len(pools.words))),
    "registrants": lambda pools, rng: pools.values.get("registrant", []),
    "one": lambda pools, rng: rng.choice(_ends(pools, rng))[2],
    "other": lambda pools, rng: rng.choice(_ends(pools, rng))[3],
    "links": lambda pools, rng: [
        {"id": id_, "type": kind, "from": from_, "to": to}
        for id_, kind, from_, to in [*pools.links, *pools.hidden_links]
    ],
    "ends": lambda pools, rng: rng.random() < 0.7,
    "groups": lambda pools, rng: [pools.ids(rng, 9), [*pools.hidden, *pools.shown], pools.ids(rng, 2)],
    "most": lambda pools, rng: rng.choice((3, 1_000)),
    "born_from": lambda pools, rng: None,
    "born_to": lambda pools, rng: None,
    "roles": lambda pools, rng: ["victim", "witness"],
    "id": lambda pools, rng: rng.choice(_ends(pools, rng, "SUBJECT_OF"))[3],
    "state": lambda pools, rng: "open",
    "limit": lambda pools, rng: 1_000,
    "origin": lambda pools, rng: "",
    "destination": lambda pools, rng: "",
    "since": lambda pools, rng: -100_000,
    "until": lambda pools, rng: 100_000,
    "types": lambda pools, rng: ["seizure", "trip", "crossing", "call", *CHOICES["types"]],
    "outcomes": lambda pools, rng: ["acquitted", "discontinued"],
    "areas": lambda pools, rng: ["CYBER", "DRUGS_ORGANIZED"],
    "bases": lambda pools, rng: ["kinship", "telephone"],
    "countries": lambda pools, rng: ["FR", "BR", "KE"],
    "recorded": lambda pools, rng: rng.choice((None, "2024-06", "2025")),
    "asked": lambda pools, rng: _asked(pools, rng),
    "colours": lambda pools, rng: rng.choice((None, ["red"])),
    "issuers": lambda pools, rng: rng.choice((None, ["FR", "DE"])),
    "compliance": lambda pools, rng: rng.choice((None, ["not_reviewed"])),
    "publications": lambda pools, rng: rng.choice((None, ["published"])),
    "charge": lambda pools, rng: rng.choice((None, "traffick")),
    "diffusion": lambda pools, rng: rng.choice((None, None, False)),
    "after_day": lambda pools, rng: 20_000,
    "after_id": lambda pools, rng: rng.choice((None, None, pools.id_(rng))),
}
NULLABLE = frozenset({"kinds", "owners", "countries", "areas"})


def _ids(pools: Pools, rng: random.Random) -> list[str]:
    """Some ids with a few hidden ones among them; all of them now and then."""
    if rng.random() < 0.3:
        return [*pools.shown, *pools.hidden]
    return [*pools.ids(rng, 12), *rng.sample(pools.hidden, min(3, len(pools.hidden)))]


def _ends(pools: Pools, rng: random.Random, kind: str = "") -> list[tuple[str, str, str, str]]:
    chosen = pools.links if rng.random() < 0.5 else pools.hidden_links or pools.links
    return [link for link in chosen if link[1] == kind] or chosen


def _asked(pools: Pools, rng: random.Random) -> list[dict[str, Any]]:
    """Items of a check: one with every key, and others with a few keys and words each."""
    made = []
    for number in range(4):
        keys = pools.keys if not number else rng.sample(pools.keys, min(2, len(pools.keys)))
        found = rng.sample(pools.words, min(3, len(pools.words)))
        made.append(
            {
                "number": number,
                "keys": keys,
                "terms": " OR ".join(map(quoted, [*keys, *found])),
                "kinds": ["Person", "Document", "Vehicle", "Phone", "Account"],
                "words": found,
                "born_from": "1980-01-01" if number == 3 else None,
                "born_to": "1999-12-31" if number == 3 else None,
            }
        )
    return made


def parameter_names(query: Query) -> list[str]:
    """The parameters that a query takes besides the scope's own."""
    bare = re.sub(r"//[^\n]*", "", query.text)
    return sorted(set(re.findall(r"\$([a-z_]\w*)", bare)) - {"held", "today"})


def unknown_parameters(query: Query) -> list[str]:
    """Parameters that nobody has said here how to fill; such a query is not asked, and a test says so."""
    return [name for name in parameter_names(query) if name not in {"terms", *PARAMETERS, *CHOICES}]


def of_books(query: Query) -> bool:
    """Whether a query reads books alone: what it gives is the service's own, and shows in no answer by itself."""
    return not query.predicates


def arguments(query: Query, pools: Pools, rng: random.Random) -> dict[str, Any]:
    """Arguments for one call."""
    made: dict[str, Any] = {}
    for name in parameter_names(query):
        if name == "terms":
            continue
        if name in NULLABLE and f"${name} IS NULL" in query.text:
            made[name] = None if rng.random() < 0.6 else rng.sample(CHOICES[name], 3)
        elif name in PARAMETERS:
            made[name] = PARAMETERS[name](pools, rng)
        else:
            made[name] = list(CHOICES[name]) if name.endswith("s") else rng.choice(CHOICES[name])
    if {"one", "other"} <= made.keys():
        _, _, made["one"], made["other"] = rng.choice(_ends(pools, rng))
    if "$terms" in query.text:
        sought = made.get("keys") or made.get("registrants") or made.get("words") or pools.words
        made["terms"] = " OR ".join(map(quoted, sought))
    return made


def plain(value: Any) -> Any:
    """An answer of the store in one form: without the store's own numbers, and in no order, which operations give."""
    if isinstance(value, dict):
        return sorted((key, plain(inner)) for key, inner in value.items() if key not in PRIVATE)
    if isinstance(value, list | tuple):
        return sorted((plain(inner) for inner in value), key=repr)
    return value


async def ask(view: View, name: str, made: dict[str, Any]) -> bytes:
    """What a query shows."""
    return repr(plain(await view.rows(name, **made))).encode()


def calls(pools: Pools, rng: random.Random, only: str = "") -> list[tuple[str, dict[str, Any]]]:
    """One call of each query, or three of the one named."""
    asked = [named(only)] * 5 if only else list(map(named, all_names()))
    return [
        (query.name, arguments(query, pools, rng))
        for query in asked
        if not of_books(query) and not unknown_parameters(query)
    ]
