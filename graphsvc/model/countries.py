"""Country codes: ISO 3166, what travel documents add to it, and the ids of the public notices that are neither."""

from functools import cache, lru_cache

TRAVEL_DOCUMENTS: dict[str, str] = {
    "D": "DE",
    "GBD": "GB", "GBN": "GB", "GBO": "GB", "GBP": "GB", "GBS": "GB",
    "RKS": "XK", "XKX": "XK", "KS": "XK", "XK": "XK",
    "EUE": "EU", "EU": "EU",
    "UNO": "UNO", "UNA": "UNA", "UNK": "UNK",
    "UTO": "UTO",
    "XAA": "XAA", "XBA": "XBA", "XCC": "XCC", "XCE": "XCE", "XCO": "XCO", "XDC": "XDC", "XEC": "XEC",
    "XES": "XES", "XIM": "XIM", "XMP": "XMP", "XOM": "XOM", "XPO": "XPO",
    "XXA": "XXA", "XXB": "XXB", "XXC": "XXC", "XXX": "XXX",
}  # fmt: skip
"""Codes of ICAO Doc 9303-3 that ISO 3166 lacks: organisations, stateless persons, refugees, specimens."""

NOTICES: dict[str, str] = {"914": "XXX", "916": "XXX", "922": "XXX"}
"""Ids in the public notices that name no country: unknown or not stated. Read as ``XXX``, unspecified."""

FORMER: dict[str, str] = {"AN": "AN", "ANT": "AN", "CS": "CS", "SCG": "CS", "YU": "YU", "YUG": "YU",
                          "SU": "SU", "SUN": "SU", "DD": "DD", "DDR": "DD", "TP": "TL", "TMP": "TL",
                          "ZR": "CD", "ZAR": "CD", "BU": "MM", "BUR": "MM"}  # fmt: skip
"""Codes that were withdrawn and still stand in old files; those without one successor are kept."""


OTHER_NAMES: dict[str, str] = {
    "turkey": "TR", "swaziland": "SZ", "burma": "MM", "russia": "RU", "cape verde": "CV", "macedonia": "MK",
    "macedonia, the former yugoslav republic of": "MK", "north macedonia, the republic of": "MK", "kosovo": "XK",
    "kosovo under unscr 1244": "XK", "libyan arab jamahiriya": "LY", "lao peoples democratic republic": "LA",
    "macau": "MO", "macau, sar of china": "MO", "hong kong, sar of china": "HK", "palestine": "PS",
    "palestinian": "PS", "isle of man": "IM", "man, isle of": "IM", "aland islands": "AX",
    "netherlands antilles": "AN", "ivory coast": "CI", "cote d'ivoire": "CI", "cote d ivoire": "CI",
    "the gambia": "GM", "gambia, the": "GM", "the bahamas": "BS", "bahamas, the": "BS", "czech republic": "CZ",
    "korea, north": "KP", "korea, south": "KR", "north korea": "KP", "south korea": "KR",
    "virgin islands, british": "VG", "virgin islands, u.s.": "VI", "st. kitts and nevis": "KN",
    "congo, democratic republic of the": "CD", "congo, republic of the": "CG", "sint maarten": "SX",
    "brunei": "BN", "england": "GB", "scotland": "GB", "wales": "GB", "united kingdom (england and wales)": "GB",
    "united kingdom (northern ireland)": "GB", "united kingdom (scotland)": "GB",
}  # fmt: skip
"""Names in English that ISO 3166 does not give, and that stand in files."""


@cache
def codes() -> dict[str, str]:
    """Every code that is understood, upper case, with the code that it is kept as."""
    import pycountry

    table = {**FORMER, **NOTICES, **TRAVEL_DOCUMENTS}
    for country in pycountry.countries:
        table[country.alpha_2] = country.alpha_2
        table[country.alpha_3] = country.alpha_2
    return table


@cache
def names() -> dict[str, str]:
    """English names, lower case, with their codes: names, common names and official names of ISO 3166."""
    import pycountry

    table: dict[str, str] = dict(OTHER_NAMES)
    for country in pycountry.countries:
        for name in ("name", "common_name", "official_name"):
            text = getattr(country, name, None)
            if text:
                table[text.lower()] = country.alpha_2
                table.setdefault(text.split(",")[0].lower(), country.alpha_2)
    return table


@lru_cache(maxsize=4_096)
def country_code(text: str) -> str:
    """ISO 3166 alpha-2 of a code or an English name, or the code itself where ISO has none. Raises ValueError."""
    code = codes().get(text.strip("<").upper()) or names().get(text.lower())
    if code is None:
        raise ValueError(f"{text!r} is not a known country: write its ISO 3166 code, such as FR or FRA")
    return code
