"""Gradings are kept as given; for weighing, a confidence is derived from this table.

Sources: the 5x5x5 and 3x5x2 intelligence reports of the United Kingdom, and Europol's 4x4 codes.
The first sign grades the source (A or 1 is best), the second the information.
"""

from functools import lru_cache

SOURCE = {"A": 0.95, "B": 0.8, "C": 0.6, "D": 0.4, "E": 0.3, "X": 0.4, "1": 0.9, "2": 0.6, "3": 0.3}
INFORMATION_FIGURE = {"1": 0.95, "2": 0.8, "3": 0.6, "4": 0.4, "5": 0.2}
INFORMATION_LETTER = {"A": 0.95, "B": 0.8, "C": 0.6, "D": 0.4, "E": 0.2}


@lru_cache(maxsize=1_024)
def confidence(grade: str | None) -> float | None:
    """Between 0 and 1, or nothing for a grade that the tables do not know.

    ``B2`` is a 5x5x5 or 4x4 grade, ``2B1`` or ``2-B-1`` a 3x5x2 one.
    """
    signs = [sign for sign in (grade or "").upper() if sign.isalnum()]
    if len(signs) < 2 or signs[0] not in SOURCE:
        return None
    table = INFORMATION_FIGURE if signs[1].isdecimal() else INFORMATION_LETTER
    if signs[1] not in table:
        return None
    return round(SOURCE[signs[0]] * table[signs[1]], 3)
