"""The declared kinds of link. A link is one record of one owner, as a node is."""

import msgspec

from graphsvc.model.fields import Field, Type
from graphsvc.model.vocabulary import INVOLVEMENT, PARTICIPATION

T = Type

ROLE = Field("role", help="In which role.", example="associate")


class LinkKind(msgspec.Struct, frozen=True):
    """One type of relationship; ``fields`` come on top of the common columns of links."""

    name: str
    help: str
    fields: tuple[Field, ...] = (ROLE,)


def _status() -> tuple[Field, ...]:
    return (
        Field("role", T.CHOICE, "In which role.", choices=INVOLVEMENT, example="suspect"),
        Field("status", help="State of the person in this case.", example="charged"),
        Field(
            "outcome",
            T.CHOICE,
            "How it ended for the person.",
            choices=("acquitted", "discontinued", "convicted", "pending"),
            example="pending",
        ),
    )


LINKS: tuple[LinkKind, ...] = (
    LinkKind(
        "SAME_AS",
        "A judgement that two records are about one thing.",
        (
            Field("score", T.NUMBER, "Score between 0 and 1.", example="0.93"),
            Field("reasons", help="Reasons.", many=True, example="same passport"),
            Field("judge", help="Who judged.", example="FR analyst 12"),
            Field(
                "decision",
                T.CHOICE,
                "What was judged.",
                choices=("same", "different", "unsure"),
                example="same",
            ),
        ),
    ),
    LinkKind("ALIAS_OF", "Another name for the same group or actor."),
    LinkKind("HOLDS", "Person holds a document."),
    LinkKind("USED", "Person used a thing."),
    LinkKind("OWNS", "Owner owns a thing."),
    LinkKind("REGISTERED_TO", "Thing is registered to someone."),
    LinkKind("DROVE", "Person drove a vehicle."),
    LinkKind("POSSESSED", "Person had a weapon or other thing."),
    LinkKind("MEMBER_OF", "Member of a body."),
    LinkKind("DIRECTS", "Person directs a body."),
    LinkKind(
        "ASSOCIATE_OF",
        "Known associates.",
        (
            ROLE,
            Field("weight", T.NUMBER, "How often or how strongly, as the source counts.", example="4"),
            Field("basis", help="What the tie rests on.", example="telephone"),
        ),
    ),
    LinkKind("FAMILY_OF", "Relatives."),
    LinkKind("INVOLVED_IN", "Person or body in a case or offence, in a role.", _status()),
    LinkKind(
        "PARTICIPATED_IN",
        "Party to an event, in a role.",
        (Field("role", T.CHOICE, "In which role.", choices=PARTICIPATION, example="traveller"),),
    ),
    LinkKind("PART_OF", "Part of something larger."),
    LinkKind("OCCURRED_AT", "Where an event happened."),
    LinkKind("ORIGIN", "Where it came from."),
    LinkKind("TRANSIT", "Where it passed."),
    LinkKind("DESTINATION", "Where it was going."),
    LinkKind("INVOLVES", "Case or event involves a thing."),
    LinkKind("SUBJECT_OF", "Whom a notice or biometric is about."),
    LinkKind("CONTROLS", "Who controls infrastructure."),
    LinkKind("SENT", "Sender of a payment or message."),
    LinkKind("RECEIVED", "Receiver of a payment or message."),
    LinkKind(
        "CALLED",
        "One number called another.",
        (
            ROLE,
            Field("weight", T.NUMBER, "How many calls.", example="4"),
        ),
    ),
    LinkKind("LIVES_AT", "Where someone lives."),
    LinkKind("USES", "Who uses a phone, account, tool or technique."),
    LinkKind("ATTRIBUTED_TO", "Attributed to an actor."),
    LinkKind("TARGETS", "What an actor targets."),
    LinkKind("COMMUNICATES_WITH", "Talks to over a network."),
    LinkKind("RESOLVES_TO", "Domain resolves to an address."),
    LinkKind("HOSTS", "Infrastructure hosts a thing."),
    LinkKind("MATCHED", "Two forensic references matched."),
)

BY_NAME: dict[str, LinkKind] = {link.name: link for link in LINKS}

ROLES_OF_REFERENCES: dict[str, str] = {
    "suspects": "suspect",
    "victims": "victim",
    "witnesses": "witness",
    "participants": "participant",
    "travellers": "traveller",
    "payers": "payer",
    "escorts": "escort",
}
"""Columns of references whose name gives the role on the link that they become."""

COMMON: tuple[Field, ...] = (
    Field(
        "id", help="Id within the source; made from the ends, role and dates when it is empty.", example="l-1"
    ),
    Field("kind", help="Type of link.", required=True, example="ASSOCIATE_OF"),
    Field(
        "from",
        help="Id of the record that it goes from; another source's as source:id.",
        required=True,
        example="p-17",
    ),
    Field("to", help="Id of the record that it goes to.", required=True, example="p-18"),
    Field("first_seen", T.DATE, "First day it is known for.", example="2024-02-01"),
    Field("last_seen", T.DATE, "Last day it is known for.", example="2024-03-01"),
    Field("recorded_at", T.DATE, "When the owner recorded it.", example="2024-03-01"),
    Field("retain_until", T.DATE, "Day on which it expires.", example="2029-03-01"),
    Field("grade", help="Grading as given.", example="B2"),
    Field("confidence", T.NUMBER, "Between 0 and 1; derived from the grade when it is empty.", example="0.8"),
    Field("sequence", T.INTEGER, "Version within the source; the highest wins.", example="3"),
)
