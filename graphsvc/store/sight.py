"""Whether a contributor may know that a record is there, where no caller asks: for messages and for the operator."""

import msgspec

from graphsvc.model.handling import Asker, Handling, permits
from graphsvc.model.narrowing import Terms, decided
from graphsvc.model.regions import desk
from graphsvc.model.vocabulary import Class, Level, Purpose
from graphsvc.store.database import Database
from graphsvc.store.decisions import Books, Element

PARTY = "MATCH (a:Agreement) WHERE $member IN a.members RETURN collect(a.name) AS names"
HANDLINGS = "MATCH (h:Handling) RETURN h.number AS number, properties(h) AS h"


def seen_by(books: Books, contributor: str, element: Element) -> bool:
    """Whether any caller of the contributor sees it, with no level, unit or role of one's own.

    That it was withdrawn or has expired is left aside: what counts is who saw it before.
    """
    names = books.tx.run(PARTY, member=contributor).single(strict=True)["names"]
    loaded = element.handling if element.loaded is None else element.loaded
    handling = books.whole({loaded})[loaded]
    stood = [_without_end(terms) for terms in books.terms(set(element.decisions)).values()]
    return permits(decided(handling, stood), _anybody(contributor, names))


def known_to(database: Database, contributor: str) -> frozenset[int]:
    """The handlings under which a contributor knows what is there: all of its own, and what any caller of it sees."""
    asker = _anybody(contributor, database.rows(PARTY, member=contributor)[0]["names"])
    rules = {row["number"]: msgspec.convert(row["h"], Handling) for row in database.rows(HANDLINGS)}
    return frozenset(
        n for n, rule in rules.items() if rule.contributor == contributor or permits(rule, asker)
    )


def _anybody(contributor: str, agreements: list[str]) -> Asker:
    terms = {contributor, *(f"agreement:{name}" for name in agreements)}
    if region := desk(contributor):
        terms.add(f"region:{region}")
    return Asker(contributor, Level.OFFICIAL, Purpose.INVESTIGATE, frozenset(terms))


def _without_end(terms: Terms) -> Terms:
    return msgspec.structs.replace(terms, class_="") if terms.class_ == Class.EXPIRED else terms
