"""Common units of quantities: what is measured in one dimension can be added up.

Factors are exact by definition: the International System of Units (BIPM, SI Brochure, 9th edition, 2019) for the gram,
tonne, hectare and litre; the yard and pound agreement of 1959 for the pound, ounce and acre; UK and US gallons of
the Weights and Measures Act 1985 and NIST Handbook 44 (2024), appendix C. Pieces are counted as they come: a tablet is
not turned into a mass, because its mass is not known.
"""

import msgspec

MASS, VOLUME, AREA, LENGTH = "kg", "l", "m2", "m"

FACTORS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("kg", "kilogram", "kilograms", "kilogramme", "kilogrammes", "kilo"), (MASS, 1.0)),
    **dict.fromkeys(("g", "gram", "grams", "gramme", "grammes"), (MASS, 1e-3)),
    **dict.fromkeys(("mg", "milligram", "milligrams"), (MASS, 1e-6)),
    **dict.fromkeys(("µg", "microgram", "micrograms"), (MASS, 1e-9)),
    **dict.fromkeys(("t", "ton", "tonne", "tonnes", "metric ton", "metric tons"), (MASS, 1e3)),
    **dict.fromkeys(("lb", "pound", "pounds"), (MASS, 0.45359237)),
    **dict.fromkeys(("oz", "ounce", "ounces"), (MASS, 0.028349523125)),
    **dict.fromkeys(("l", "litre", "litres", "liter", "liters"), (VOLUME, 1.0)),
    **dict.fromkeys(("ml", "millilitre", "millilitres", "milliliter", "milliliters", "cc"), (VOLUME, 1e-3)),
    **dict.fromkeys(("cl", "centilitre", "centilitres"), (VOLUME, 1e-2)),
    **dict.fromkeys(("m2", "square metre", "square metres"), (AREA, 1.0)),
    **dict.fromkeys(("ha", "hectare", "hectares", "hectars"), (AREA, 1e4)),
    **dict.fromkeys(("m", "metre", "metres"), (LENGTH, 1.0)),
    **dict.fromkeys(("cubic centimetre", "cubic centimeter"), (VOLUME, 1e-3)),
    **dict.fromkeys(("acre", "acres"), (AREA, 4046.8564224)),
    **dict.fromkeys(("gallons (us, liquid)",), (VOLUME, 3.785411784)),
    **dict.fromkeys(("gallons (uk)",), (VOLUME, 4.54609)),
    **dict.fromkeys(("us gallon", "us gallons"), (VOLUME, 3.785411784)),
    **dict.fromkeys(("imperial gallon", "imperial gallons"), (VOLUME, 4.54609)),
}


class Unit(msgspec.Struct, frozen=True):
    """A common unit, and by what a quantity is multiplied to be in it."""

    name: str
    factor: float


def common(unit: str) -> Unit:
    """The common unit of a unit as a source writes it. One that is not in the table stays what it is."""
    text = " ".join(unit.casefold().split())
    name, factor = FACTORS.get(text, (text, 1.0))
    return Unit(name, factor)
