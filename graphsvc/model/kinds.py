"""The declared kinds of record: upserts, constraints, loaders, docs and GraphQL follow from this table."""

import msgspec

from graphsvc.model.fields import Field, Reference, Type
from graphsvc.model.vocabulary import AREAS, COLOURS, CONTROL, DOCUMENT_STATUSES, EVENT_TYPES, WEAPON_STATUSES

T = Type


class Kind(msgspec.Struct, frozen=True):
    """One kind of record: its label in Neo4j, its own fields, and the columns that become links.

    ``caption`` names the fields from which the one line shown to people is made: the first that is filled.
    """

    name: str
    help: str
    fields: tuple[Field, ...]
    references: tuple[Reference, ...] = ()
    caption: tuple[str, ...] = ("name",)
    plural: str = ""

    @property
    def command(self) -> str:
        """The name by which ``graphsvc load`` knows it: persons, documents …"""
        return self.plural or f"{self.name.lower()}s"

    def field(self, name: str) -> Field | None:
        """The declared field of that name."""
        return next((field for field in self.fields if field.name == name), None)


NAME = Field("name", help="Name as the owner writes it.", example="Exampleville Trading")
NOTE = Field("note", help="Free text; flagged where it speaks of what must not be held.")
AREA = Field("areas", T.CHOICE, "Crime areas.", many=True, choices=AREAS, example="HUMAN_TRAFFICKING")
COUNTRY = Field("country", T.COUNTRY, "Country.", example="FR")


def _common_event_fields() -> tuple[Field, ...]:
    return (
        Field("type", T.CHOICE, "What happened.", required=True, choices=EVENT_TYPES, example="trip"),
        Field(
            "reference",
            help="Reference under which several countries report the same event.",
            example="JOP-2024-118",
        ),
        Field("time", T.TIME, "When, as precisely as is known.", example="2024-03-05T14:30"),
        Field("until", T.TIME, "When it ended.", example="2024-03-06"),
        NAME,
        AREA,
        Field("modus", help="How it was done.", example="hidden in a vehicle"),
        Field("commodity", help="What was moved or seized.", example="cocaine"),
        Field("quantity", T.NUMBER, "How much.", example="12.5"),
        Field("unit", help="Unit of the quantity.", example="kg"),
        Field("country", T.COUNTRY, "Where it happened.", example="ES"),
        Field("place", help="Place within the country.", example="Algeciras"),
        Field("origin", T.COUNTRY, "Where it came from.", example="MA"),
        Field("transit", T.COUNTRY, "Countries on the way.", many=True, example="ES;FR"),
        Field("destination", T.COUNTRY, "Where it was going.", example="DE"),
        Field("route", help="Route, carrier or flight.", example="ferry Tangier-Algeciras"),
        Field("latitude", T.NUMBER, "Degrees north.", example="36.13"),
        Field("longitude", T.NUMBER, "Degrees east.", example="-5.45"),
        Field("duration", T.NUMBER, "Seconds, for calls.", example="62"),
        NOTE,
    )


KINDS: tuple[Kind, ...] = (
    Kind(
        "Person",
        "A person as one owner's file describes them.",
        (
            Field("name", help="Full name in Latin script.", example="Mara Invented"),
            Field(
                "names", help="Other names and spellings, in any script.", many=True, example="Мара Инвентед"
            ),
            Field("given_name", help="Given names.", example="Mara"),
            Field("family_name", help="Family name.", example="Invented"),
            Field("birth_date", T.DATE, "Birth date, as precisely as is known.", example="1988-04"),
            Field("sex", T.CHOICE, "As in the travel document.", choices=("F", "M", "X"), example="F"),
            Field("nationalities", T.COUNTRY, "Nationalities.", many=True, example="FR;MA"),
            Field("birth_country", T.COUNTRY, "Country of birth.", example="FR"),
            Field("birth_place", help="Place of birth.", example="Exampleville"),
            Field("national_id", help="National identity number.", example="880412123"),
            Field("height_cm", T.INTEGER, "Height in centimetres.", example="171"),
            Field("marks", help="Scars, marks and tattoos.", many=True, example="scar left hand"),
            Field("languages", help="Languages spoken.", many=True, example="fra;ara"),
            Field("occupation", help="Occupation.", example="driver"),
            Field("phones", help="Phone numbers, E.164.", many=True, example="+33199000001"),
            Field("emails", help="Mail addresses.", many=True, example="mara@example.org"),
            NOTE,
        ),
        (
            Reference("member_of", "MEMBER_OF", True, "Organisations.", example="org-7"),
            Reference("associates", "ASSOCIATE_OF", True, "Known associates.", example="p-18"),
            Reference("family", "FAMILY_OF", True, "Relatives.", example="p-19"),
            Reference("lives_at", "LIVES_AT", True, "Locations.", example="loc-3"),
        ),
        ("name", "names", "family_name"),
    ),
    Kind(
        "Document",
        "A travel or identity document: stolen, lost, revoked, invalid or stolen blank, or one seen in use.",
        (
            Field(
                "type",
                T.CHOICE,
                "Type of document.",
                required=True,
                choices=("passport", "identity_card", "visa", "residence_permit", "driving_licence", "other"),
                example="passport",
            ),
            Field("number", help="Number as printed.", required=True, example="12AB34567"),
            Field("country", T.COUNTRY, "Issuing country.", required=True, example="FR"),
            Field(
                "status",
                T.CHOICE,
                "Why it is reported; empty for one seen in use.",
                choices=DOCUMENT_STATUSES,
                example="stolen",
            ),
            Field("reported_at", T.DATE, "When it was reported.", example="2024-02-01"),
            Field("issued_at", T.DATE, "When it was issued.", example="2020-02-01"),
            Field("expires_at", T.DATE, "When it expires.", example="2030-02-01"),
            Field("mrz", help="Machine-readable zone, lines joined by a line feed."),
            NOTE,
        ),
        (
            Reference("holders", "HOLDS", False, "Persons it was issued to.", example="p-17"),
            Reference("users", "USED", False, "Persons who used it.", example="p-18"),
        ),
        ("number",),
    ),
    Kind(
        "Vehicle",
        "A road vehicle, part or machine.",
        (
            Field("vin", help="Vehicle identification number.", example="WVWZZZ1JZXW000001"),
            Field("chassis", help="Chassis number where there is no VIN.", example="CH-20331"),
            Field("plate", help="Registration plate.", example="AB-123-CD"),
            Field("country", T.COUNTRY, "Country of registration.", example="FR"),
            Field("engine_number", help="Engine number.", example="EN55321"),
            Field("make", help="Make.", example="Peugeot"),
            Field("model", help="Model.", example="Boxer"),
            Field("colour", help="Colour.", example="white"),
            Field("year", T.INTEGER, "Model year.", example="2019"),
            Field("status", T.CHOICE, "State.", choices=("stolen", "recovered", "suspect"), example="stolen"),
            Field("reported_at", T.DATE, "When it was reported.", example="2024-02-01"),
            NOTE,
        ),
        (
            Reference("owners", "OWNS", False, "Persons or organisations that own it.", example="p-17"),
            Reference(
                "registered_to", "REGISTERED_TO", True, "In whose name it is registered.", example="org-7"
            ),
            Reference("drivers", "DROVE", False, "Persons who drove it.", example="p-18"),
        ),
        ("plate", "vin", "chassis", "model"),
    ),
    Kind(
        "Weapon",
        "A firearm or part of one.",
        (
            Field("make", help="Make.", example="Invented Arms"),
            Field("model", help="Model.", example="IA-9"),
            Field("calibre", help="Calibre.", example="9x19"),
            Field("serial", help="Serial number.", example="IA 004-211"),
            Field("country", T.COUNTRY, "Country of manufacture or last known.", example="AT"),
            Field("status", T.CHOICE, "State.", choices=WEAPON_STATUSES, example="stolen"),
            Field("reported_at", T.DATE, "When it was reported.", example="2024-02-01"),
            NOTE,
        ),
        (Reference("possessors", "POSSESSED", False, "Persons who had it.", example="p-17"),),
        ("serial", "model"),
    ),
    Kind(
        "Case",
        "A case file of one country.",
        (
            Field("number", help="Case number.", required=True, example="2024/00317"),
            Field("country", T.COUNTRY, "Country whose case it is.", required=True, example="FR"),
            Field("title", help="Short title.", example="Operation Example"),
            AREA,
            Field("iccs", help="ICCS code of the offence.", example="02041"),
            Field("modus", help="How it was done.", example="false job offers"),
            Field(
                "status",
                T.CHOICE,
                "State of the case.",
                choices=("open", "suspended", "closed", "discontinued", "tried"),
                example="open",
            ),
            Field("opened_at", T.DATE, "When it was opened.", example="2024-01-10"),
            Field("closed_at", T.DATE, "When it was closed.", example="2024-11-30"),
            Field("place", help="Where.", example="Exampleville"),
            NOTE,
        ),
        (
            Reference("suspects", "INVOLVED_IN", False, "Suspects.", example="p-17;p-18"),
            Reference("victims", "INVOLVED_IN", False, "Victims.", example="p-20"),
            Reference("witnesses", "INVOLVED_IN", False, "Witnesses.", example="p-21"),
            Reference("involves", "INVOLVES", True, "Things and events in the file.", example="v-3;d-4"),
        ),
        ("title", "number"),
    ),
    Kind(
        "Notice",
        "A notice or diffusion.",
        (
            Field("colour", T.CHOICE, "Colour.", required=True, choices=COLOURS, example="red"),
            Field("reference", help="Reference.", example="2024/1234"),
            Field("diffusion", T.BOOLEAN, "Sent by the country itself, before review.", example="false"),
            Field("issuer", T.COUNTRY, "Country that asked for it.", example="FR"),
            Field("charges", help="Charges.", many=True, example="trafficking in persons"),
            Field("penalty_years", T.NUMBER, "Highest penalty in years.", example="10"),
            Field("facts", help="Summary of facts.", example="recruited by false job offers"),
            Field("areas", T.CHOICE, "Crime areas.", many=True, choices=AREAS, example="HUMAN_TRAFFICKING"),
            Field("published_at", T.DATE, "When it was published.", example="2024-03-01"),
            Field(
                "compliance",
                T.CHOICE,
                "State of review.",
                choices=("not_reviewed", "compliant", "needs_information", "blocked"),
                example="compliant",
            ),
            NOTE,
        ),
        (Reference("subjects", "SUBJECT_OF", False, "Whom or what it is about.", example="p-17"),),
        ("reference", "colour"),
    ),
    Kind(
        "Organization",
        "A criminal network, threat actor, company or other body.",
        (
            NAME,
            Field("names", help="Other names.", many=True, example="Example Trading Ltd"),
            Field(
                "type",
                T.CHOICE,
                "What it is.",
                choices=("criminal_network", "threat_actor", "company", "public_body", "other"),
                example="company",
            ),
            COUNTRY,
            AREA,
            Field("registration", help="Registration number.", example="FR-900000001"),
            Field("stix_id", help="STIX id.", example="intrusion-set--00000000-0000-4000-8000-000000000001"),
            Field("revoked", T.BOOLEAN, "Withdrawn by its source."),
            NOTE,
        ),
        (
            Reference("directors", "DIRECTS", False, "Persons who direct it.", example="p-17"),
            Reference("part_of", "PART_OF", True, "Larger bodies.", example="org-8"),
        ),
        ("name", "names"),
    ),
    Kind(
        "Event",
        "Something with parties, place and time: a trip, crossing, seizure, meeting, attack, call, offence.",
        _common_event_fields(),
        (
            Reference("participants", "PARTICIPATED_IN", False, "Who took part.", example="p-17"),
            Reference("travellers", "PARTICIPATED_IN", False, "Who travelled.", example="p-18"),
            Reference("payers", "PARTICIPATED_IN", False, "Who paid.", example="p-19"),
            Reference("escorts", "PARTICIPATED_IN", False, "Who escorted.", example="p-21"),
            Reference("locations", "OCCURRED_AT", True, "Where, as locations.", example="loc-3"),
            Reference("involves", "INVOLVES", True, "Things used or found.", example="v-3"),
            Reference("cases", "PART_OF", True, "Cases it belongs to.", example="c-1"),
        ),
        ("name", "reference", "type"),
    ),
    Kind(
        "Location",
        "A place or address.",
        (
            NAME,
            Field("address", help="Address.", example="6 Example Lane"),
            Field("postcode", help="Postcode.", example="EX4 1PL"),
            Field("city", help="City.", example="Exampleville"),
            COUNTRY,
            Field("latitude", T.NUMBER, "Degrees north.", example="48.85"),
            Field("longitude", T.NUMBER, "Degrees east.", example="2.35"),
        ),
        (Reference("part_of", "PART_OF", True, "The larger place.", example="loc-1"),),
        ("name", "address", "postcode", "city"),
    ),
    Kind(
        "Account",
        "A bank or payment account.",
        (
            Field("iban", help="IBAN.", example="FR7630006000011234567890189"),
            Field("number", help="Number where there is no IBAN.", example="000123"),
            Field("bank", help="Institution.", example="Example Bank"),
            COUNTRY,
            Field("currency", help="ISO 4217.", example="EUR"),
        ),
        (Reference("owners", "OWNS", False, "Who owns it.", example="p-17"),),
        ("iban", "number"),
    ),
    Kind(
        "Wallet",
        "A virtual-asset address.",
        (
            Field("chain", help="Chain.", required=True, example="bitcoin"),
            Field("address", help="Address.", required=True, example="bc1qexampleexampleexample"),
            Field("service", help="Exchange or service that controls it.", example="Example Exchange"),
        ),
        (Reference("owners", "OWNS", False, "Who owns it.", example="p-17"),),
        ("address",),
    ),
    Kind(
        "Transaction",
        "A payment.",
        (
            Field("time", T.TIME, "When.", example="2024-03-05T14:30"),
            Field("amount", T.NUMBER, "How much.", example="950"),
            Field("currency", help="ISO 4217 or asset.", example="EUR"),
            Field(
                "method",
                T.CHOICE,
                "How.",
                choices=("transfer", "cash", "remittance", "virtual", "card", "other"),
                example="remittance",
            ),
            Field("reference", help="Reference.", example="TX-1"),
            Field("purpose", help="Stated purpose.", example="salary"),
        ),
        (
            Reference("senders", "SENT", False, "From whom or which account.", example="acc-1"),
            Reference("receivers", "RECEIVED", False, "To whom or which account.", example="acc-2"),
        ),
        ("reference", "method"),
    ),
    Kind(
        "Phone",
        "A telephone number.",
        (
            Field("number", help="E.164.", required=True, example="+33199000001"),
            COUNTRY,
        ),
        (Reference("users", "USES", False, "Who uses it.", example="p-17"),),
        ("number",),
    ),
    Kind(
        "Device",
        "A handset or other device.",
        (
            Field("imei", help="IMEI.", example="490154203237518"),
            NAME,
            Field("model", help="Model.", example="X1"),
        ),
        (Reference("users", "USES", False, "Who uses it.", example="p-17"),),
        ("imei", "name", "model"),
    ),
    Kind(
        "Sim",
        "A subscriber identity module.",
        (
            Field("imsi", help="IMSI.", example="208010000000001"),
            Field("iccid", help="ICCID.", example="8933010000000000001"),
        ),
        (Reference("users", "USES", False, "Who uses it.", example="p-17"),),
        ("imsi", "iccid"),
    ),
    Kind(
        "Email",
        "A mail address.",
        (Field("address", help="Address.", required=True, example="mara@example.org"),),
        (Reference("users", "USES", False, "Who uses it.", example="p-17"),),
        ("address",),
    ),
    Kind(
        "OnlineAccount",
        "A handle on a platform.",
        (
            Field("platform", help="Platform.", required=True, example="examplegram"),
            Field("handle", help="Handle.", required=True, example="mara_x"),
        ),
        (Reference("users", "USES", False, "Who uses it.", example="p-17"),),
        ("handle",),
        "online-accounts",
    ),
    Kind(
        "Vessel",
        "A ship or boat.",
        (
            NAME,
            Field("imo", help="IMO number.", example="9074729"),
            Field("mmsi", help="MMSI.", example="235000001"),
            Field("flag", T.COUNTRY, "Flag.", example="PA"),
            Field("call_sign", help="Call sign.", example="3EXY9"),
            Field("type", help="Type of vessel.", example="fishing"),
            Field(
                "status", T.CHOICE, "State.", choices=("stolen", "recovered", "suspect"), example="suspect"
            ),
        ),
        (Reference("owners", "OWNS", False, "Who owns it.", example="org-7"),),
        ("name", "imo", "mmsi"),
    ),
    Kind(
        "Infrastructure",
        "A domain, address, server or site.",
        (
            Field(
                "type",
                T.CHOICE,
                "What it is.",
                required=True,
                choices=("domain", "ip", "url", "server", "service", "other"),
                example="domain",
            ),
            Field("value", help="Domain, address or URL.", required=True, example="example.org"),
            COUNTRY,
            Field("control", T.CHOICE, "Who controls it.", choices=CONTROL, example="leased"),
            Field("registrant", help="Registrant as text, best a mail address.", example="mara@example.org"),
            Field(
                "takedown",
                T.CHOICE,
                "State of takedown.",
                choices=("none", "requested", "done", "returned"),
                example="none",
            ),
            Field("asn", T.INTEGER, "Autonomous system.", example="64500"),
            Field("stix_id", help="STIX id."),
            NOTE,
        ),
        (
            Reference("resolves_to", "RESOLVES_TO", True, "Addresses.", example="ip-1"),
            Reference("hosts", "HOSTS", True, "What it hosts.", example="mal-1"),
            Reference(
                "registered_to",
                "REGISTERED_TO",
                True,
                "Registrants that are records: bodies, persons, mail addresses.",
                example="em-3",
            ),
            Reference("controllers", "CONTROLS", False, "Who controls it.", example="org-9"),
        ),
        ("value",),
        "infrastructure",
    ),
    Kind(
        "File",
        "A file by its hashes.",
        (
            NAME,
            Field("sha256", help="SHA-256.", example="0" * 64),
            Field("sha1", help="SHA-1."),
            Field("md5", help="MD5."),
            Field("size", T.INTEGER, "Bytes.", example="1024"),
        ),
        (),
        ("name", "sha256", "sha1", "md5"),
    ),
    Kind(
        "Certificate",
        "A certificate by its fingerprint.",
        (
            Field("fingerprint", help="SHA-256 fingerprint.", required=True, example="0" * 64),
            Field("subject", help="Subject.", example="CN=example.org"),
            Field("issuer", help="Issuer.", example="CN=Example CA"),
        ),
        (Reference("used_by", "USES", False, "Infrastructure that presents it.", example="dom-1"),),
        ("subject", "fingerprint"),
    ),
    *(
        Kind(
            name,
            text,
            (
                NAME,
                Field("names", help="Other names.", many=True),
                Field("reference", help="ATT&CK id, CVE or other reference.", example=reference),
                Field("stix_id", help="STIX id."),
                Field("description", help="Description."),
                Field("platforms", help="Platforms.", many=True),
                Field("revoked", T.BOOLEAN, "Withdrawn by its source."),
                NOTE,
            ),
            (),
            ("name", "names", "reference"),
            plural,
        )
        for name, text, reference, plural in (
            ("Malware", "A malware family or sample.", "S0001", "malware"),
            ("Tool", "A tool used by threat actors.", "S0002", "tools"),
            ("Technique", "A technique or tactic.", "T0800", "techniques"),
            ("Vulnerability", "A vulnerability.", "CVE-2024-0001", "vulnerabilities"),
            ("Campaign", "A campaign.", "C0001", "campaigns"),
        )
    ),
    Kind(
        "Biometric",
        "Where a fingerprint, DNA profile or photograph is held, and its hits; never the template.",
        (
            Field(
                "type",
                T.CHOICE,
                "What it is.",
                required=True,
                choices=("fingerprint", "dna", "photograph"),
                example="fingerprint",
            ),
            Field("database", help="Which database holds it.", required=True, example="FR-AFIS"),
            Field("reference", help="Its reference there.", required=True, example="FP-0001"),
            Field(
                "hit",
                T.CHOICE,
                "Result of a comparison.",
                choices=("none", "candidate", "hit", "no_hit"),
                example="hit",
            ),
            Field("compared_at", T.DATE, "When it was compared.", example="2024-03-05"),
        ),
        (
            Reference("subjects", "SUBJECT_OF", False, "Whose it is.", example="p-17"),
            Reference("matches", "MATCHED", True, "References that it matched.", example="bio-2"),
        ),
        ("reference",),
    ),
)

BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}
BY_COMMAND: dict[str, Kind] = {kind.command: kind for kind in KINDS}

COMMON: tuple[Field, ...] = (
    Field(
        "id",
        help="Id within the source: any text without a colon or a control character.",
        required=True,
        example="p-17",
    ),
    Field("recorded_at", T.DATE, "When the owner recorded it.", example="2024-03-01"),
    Field("first_seen", T.DATE, "First day it is known for.", example="2024-02-01"),
    Field("last_seen", T.DATE, "Last day it is known for.", example="2024-03-01"),
    Field("retain_until", T.DATE, "Day on which it expires.", example="2029-03-01"),
    Field("grade", help="Grading as given: B2, 3-2-1, A1 …", example="B2"),
    Field("sequence", T.INTEGER, "Version within the source; the highest wins.", example="3"),
)
