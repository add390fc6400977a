"""Small shapes that questions look for, whole and with each part hidden in turn.

A test of visibility on one record or link of a shape shows only where all the rest of the shape is visible. So a
motif stands in a world once as it is, and once for each of its parts with that part hidden and no other.
"""

from typing import Any

import msgspec


class Motif(msgspec.Struct, frozen=True):
    """Records by kind, and links between them by their places."""

    records: tuple[tuple[str, dict[str, Any]], ...]
    links: tuple[tuple[int, str, int, dict[str, Any]], ...]


PERSON: tuple[str, dict[str, Any]] = ("Person", {})
NOTICE: tuple[str, dict[str, Any]] = ("Notice", {})
ACTOR: tuple[str, dict[str, Any]] = ("Organization", {"type": "threat_actor"})


def _on(day: str) -> dict[str, Any]:
    return {"first_seen": day, "last_seen": day, "confidence": 0.9}


MOTIFS = (
    Motif((("Document", {}), PERSON, NOTICE), ((1, "HOLDS", 0, {}), (1, "SUBJECT_OF", 2, {}))),
    Motif((("Vehicle", {}), PERSON, NOTICE), ((1, "DROVE", 0, {}), (1, "SUBJECT_OF", 2, {}))),
    Motif((PERSON, NOTICE, NOTICE), ((0, "SUBJECT_OF", 1, {}), (0, "SUBJECT_OF", 2, {}))),
    Motif((ACTOR, ("Malware", {}), ("Tool", {})), ((0, "USES", 1, {}), (0, "USES", 2, {}))),
    Motif((ACTOR, ("Malware", {}), ("Technique", {})), ((0, "USES", 1, {}), (1, "USES", 2, {}))),
    Motif(
        (ACTOR, ("Organization", {"country": "KE"}), ("Technique", {})),
        ((0, "TARGETS", 1, {}), (0, "USES", 2, {})),
    ),
    Motif((ACTOR, ("Infrastructure", {"control": "actor"})), ((0, "CONTROLS", 1, {}), (0, "USES", 1, {}))),
    Motif(
        (PERSON, PERSON, ("Case", {})),
        ((0, "INVOLVED_IN", 2, {"role": "suspect"}), (1, "INVOLVED_IN", 2, {"role": "suspect"})),
    ),
    Motif(
        (PERSON, PERSON, ("Event", {"type": "trip", "origin": "MA", "destination": "ES"})),
        (
            (0, "PARTICIPATED_IN", 2, {"role": "traveller"}),
            (1, "PARTICIPATED_IN", 2, {"role": "traveller"}),
        ),
    ),
    Motif(
        (PERSON, ("Account", {}), ("Transaction", {}), ("Account", {})),
        ((0, "OWNS", 1, {}), (1, "SENT", 2, {}), (3, "RECEIVED", 2, {})),
    ),
    Motif(
        (PERSON, PERSON, PERSON),
        ((0, "SAME_AS", 1, {"decision": "same"}), (1, "SAME_AS", 2, {"decision": "same"})),
    ),
    Motif(
        (PERSON, PERSON),
        ((0, "SAME_AS", 1, {"decision": "same"}), (1, "SAME_AS", 0, {"decision": "same"})),
    ),
    # the second way stands open only to one who comes by the earlier of two links
    Motif(
        (PERSON, PERSON, PERSON, PERSON, PERSON),
        (
            (0, "ASSOCIATE_OF", 1, _on("2024-05-01")),
            (0, "ASSOCIATE_OF", 1, _on("2024-01-01")),
            (1, "ASSOCIATE_OF", 2, _on("2024-06-01")),
            (1, "ASSOCIATE_OF", 3, _on("2024-03-01")),
            (2, "ASSOCIATE_OF", 4, _on("2024-07-01")),
            (3, "ASSOCIATE_OF", 4, _on("2024-07-01")),
        ),
    ),
)
