"""The regional desks, and which of them each country belongs to: one desk a country.

Desks follow Interpol's four regions (Americas; Europe; Africa; Asia and South Pacific, with the Middle East).
"""

from functools import cache

EUROPE = (
    "AD AL AM AT AX AZ BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GE GG GI GR HR HU IE IL IM IS IT JE KZ LI LT LU LV "
    "MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM TR UA UZ VA XK"
)
AFRICA = (
    "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE "
    "NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW"
)
AMERICAS = (
    "AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GT GY HN HT JM KN KY LC MF MQ MS MX "
    "NI PA PE PM PR PY SR SV SX TC TT US UY VC VE VG VI"
)
ASIA_PACIFIC = (
    "AE AF AS AU BD BH BN BT CC CK CN CX FJ FM GU HK ID IN IO IQ IR JO JP KG KH KI KP KR KW LA LB LK MH MM MN MO MP MV "
    "MY NC NF NP NR NU NZ OM PF PG PH PK PN PS PW QA SA SB SG SY TH TJ TK TL TM TO TV TW VN VU WF WS YE"
)

DESKS: dict[str, tuple[str, ...]] = {
    "EUROPE": tuple(EUROPE.split()),
    "AFRICA": tuple(AFRICA.split()),
    "AMERICAS": tuple(AMERICAS.split()),
    "ASIA_PACIFIC": tuple(ASIA_PACIFIC.split()),
}


@cache
def _desk_of() -> dict[str, str]:
    return {country: desk for desk, countries in DESKS.items() for country in countries}


def desk(country: str) -> str | None:
    """The desk of a country (ISO 3166 alpha-2), or nothing for codes that name no country."""
    return _desk_of().get(country)
