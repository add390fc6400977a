"""Operations 3 to 6 in GraphQL: checks of many items at once, and notices."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from graphsvc.access.compliance import PUBLICATIONS
from graphsvc.analysis import checks
from graphsvc.analysis import notices as listing
from graphsvc.api import cursor
from graphsvc.api.context import Info
from graphsvc.api.fields import AFTER, FIRST, argument, operation, told
from graphsvc.api.inputs import given, taken
from graphsvc.api.types import output
from graphsvc.identity import sought

COUNTRY = "Country, as an ISO 3166 code or the code of a travel document."
DocumentItem = given(
    sought.Document,
    "DocumentItem",
    {
        "number": "Number as printed.",
        "type": f"{', '.join(sought.DOCUMENT_TYPES)}; without it there are candidates only.",
        "country": COUNTRY,
        "mrz": "Machine-readable zone instead: its lines, joined by a line feed or not at all.",
    },
)
VehicleItem = given(
    sought.Vehicle,
    "VehicleItem",
    {
        "vin": "Vehicle identification number.",
        "chassis": "Chassis number where there is no VIN; goes with the make.",
        "engine_number": "Engine number; goes with the make.",
        "plate": "Whole plate; goes with the country.",
        "plate_part": "A part of a plate, `?` for one sign and `*` for any; goes with make or colour.",
        "country": COUNTRY,
        "make": "Make.",
        "colour": "Colour.",
    },
)
WeaponItem = given(
    sought.Weapon,
    "WeaponItem",
    {
        "serial": "Serial number.",
        "make": "Make; without make and calibre there are candidates only.",
        "calibre": "Calibre.",
    },
)
PersonItem = given(
    sought.Person,
    "PersonItem",
    {
        "name": "Name, in any script; gives candidates and never a hit.",
        "birth_date": "Birth date, as precisely as is known.",
        "birth_days": "Days by which a birth date may be off.",
        "national_id": "National identity number; goes with the country of birth.",
        "birth_country": COUNTRY,
    },
)
IdentifierItem = given(
    sought.Identifier,
    "IdentifierItem",
    {
        "type": ", ".join(sought.SCHEMES),
        "value": "The identifier.",
        "within": "Chain of a wallet, bank of an account, platform of a handle.",
    },
)
NoticeWhere = given(
    listing.NoticeFilter,
    "NoticeWhere",
    {
        "colours": "Colours.",
        "issuers": "Countries that asked for them.",
        "charge": "A part of a charge.",
        "areas": "Crime areas.",
        "compliance": f"States of review: {', '.join(listing.COMPLIANCE)}.",
        "publications": f"States of publication: {', '.join(PUBLICATIONS)}.",
        "diffusion": "Only diffusions, or none.",
        "since": "Published on or after this day.",
        "until": "Published on or before this day.",
    },
)


class NoticePage(msgspec.Struct, frozen=True):
    """Notices, latest first."""

    notices: Annotated[tuple[listing.NoticeLine, ...], told("The notices.")]
    next: Annotated[str | None, told("Cursor of the next page; null on the last one.")]
    as_of: Annotated[str, told("Time for which the answer holds.")]


async def _checked(info: Info, struct: type[msgspec.Struct], items: Sequence[Any]) -> checks.Checks:
    """The answers, with every record in them counted and audited, whichever fields were asked for."""
    found = await checks.check(await info.context.view(), [taken(struct, item) for item in items])
    for answer in found.answers:
        info.context.given.note(match.id for match in (*answer.matches, *answer.valid))
        info.context.given.note(id for notice in answer.noticed for id in (notice.id, notice.person_id))
    return found


async def check_documents(
    info: Info,
    documents: Annotated[Any, argument("Documents, 1,000 at most.", list[DocumentItem])],
) -> checks.Checks:
    return await _checked(info, sought.Document, documents)


async def check_vehicles(
    info: Info, vehicles: Annotated[Any, argument("Vehicles, 1,000 at most.", list[VehicleItem])]
) -> checks.Checks:
    return await _checked(info, sought.Vehicle, vehicles)


async def check_weapons(
    info: Info, weapons: Annotated[Any, argument("Weapons, 1,000 at most.", list[WeaponItem])]
) -> checks.Checks:
    return await _checked(info, sought.Weapon, weapons)


async def check_persons(
    info: Info, persons: Annotated[Any, argument("Persons, 200 at most.", list[PersonItem])]
) -> checks.Checks:
    return await _checked(info, sought.Person, persons)


async def check_identifiers(
    info: Info, identifiers: Annotated[Any, argument("Identifiers, 1,000 at most.", list[IdentifierItem])]
) -> checks.Checks:
    return await _checked(info, sought.Identifier, identifiers)


async def find_notices(
    info: Info,
    where: Annotated[Any, argument("Which; all when it is left out.", NoticeWhere | None)] = None,
    first: Annotated[int, argument(FIRST)] = 50,
    after: Annotated[str | None, argument(AFTER)] = None,
) -> NoticePage:
    wanted = taken(listing.NoticeFilter, where)
    asked = cursor.question("notices", wanted)
    position = cursor.read(asked, after, tuple[int, str])
    view = await info.context.view()
    found = await listing.notices(view, wanted, first=first, after=position)
    following = None if found.last is None else cursor.write(asked, found.last)
    return NoticePage(found.notices, following, view.scope.as_of)


CHECKED = output(checks.Checks)
FIELDS = [
    operation(
        "checkDocuments", check_documents, CHECKED, "Documents by number, type and country or machine-readable zone."
    ),
    operation("checkVehicles", check_vehicles, CHECKED, "Vehicles by VIN, chassis, engine, plate or a part of it."),
    operation("checkWeapons", check_weapons, CHECKED, "Weapons by serial, make and calibre."),
    operation("checkPersons", check_persons, CHECKED, "Persons by name and birth date: candidates, no hit by name."),
    operation("checkIdentifiers", check_identifiers, CHECKED, "Phones, accounts, wallets, domains, vessels and more."),
    operation("notices", find_notices, output(NoticePage), "Notices and diffusions, latest first."),
]  # fmt: skip
