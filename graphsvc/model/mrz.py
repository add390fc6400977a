"""Machine-readable zones of travel documents: ICAO Doc 9303 parts 4 to 7, formats TD1, TD2, TD3, MRV-A and MRV-B.

Reading informs and does not judge: what does not add up is said in ``findings``.
"""

import re

import msgspec

WEIGHTS = (7, 3, 1)
SHAPES = {(3, 30): "TD1", (2, 36): "TD2", (2, 44): "TD3"}
FILLER = "<"


class Mrz(msgspec.Struct, frozen=True):
    """What a zone says. Dates are as written there (YYMMDD); ``findings`` is empty when all check digits agree."""

    format: str
    type: str
    country: str
    number: str
    surname: str
    given_names: str
    nationality: str
    birth: str
    sex: str
    expiry: str
    optional: str
    findings: tuple[str, ...]


def check_digit(text: str) -> str:
    """Weights 7, 3, 1 over 0-9, A=10 … Z=35, filler 0, modulo 10."""
    total = sum(_value(sign) * WEIGHTS[place % 3] for place, sign in enumerate(text))
    return str(total % 10)


def _value(sign: str) -> int:
    if sign.isdecimal():
        return int(sign)
    return ord(sign) - 55 if "A" <= sign <= "Z" else 0


def lines(text: str) -> list[str]:
    """The lines of a zone, upper case; one run of 60, 72, 88 or 90 signs is cut where its format cuts it."""
    found = [re.sub(r"\s", "", line).upper() for line in text.strip().splitlines() if line.strip()]
    if len(found) == 1:
        whole = found[0]
        for (count, width), _ in SHAPES.items():
            if len(whole) == count * width:
                return [whole[start : start + width] for start in range(0, len(whole), width)]
    return found


def read(text: str) -> Mrz:
    """The fields of a zone. Raises ValueError when the text has the shape of none."""
    rows = lines(text)
    width = len(rows[0]) if rows else 0
    shape = SHAPES.get((len(rows), width))
    if shape is None or any(len(row) != width for row in rows):
        raise ValueError("is not a machine-readable zone: write its 2 or 3 lines of 30, 36 or 44 signs")
    wrong = sorted(set("".join(rows)) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"))
    if wrong:
        raise ValueError(f"holds {wrong[0]!r}, which no machine-readable zone has: write A-Z, 0-9 and <")
    if shape == "TD1":
        return _td1(rows)
    if rows[0].startswith("V"):
        return _two("MRV-A" if width == 44 else "MRV-B", rows)
    return _two(shape, rows)


def _clean(text: str) -> str:
    return text.replace(FILLER, " ").strip()


def _names(text: str) -> tuple[str, str]:
    surname, _, given = text.partition(FILLER * 2)
    return _clean(surname), " ".join(_clean(given).split())


def _number(field: str, digit: str, optional: str) -> tuple[str, str, str]:
    """Number, check digit and the rest of the optional data; numbers of more than nine signs go on in it."""
    if digit != FILLER or not optional.strip(FILLER):
        return field.rstrip(FILLER), digit, optional
    tail, _, rest = optional.partition(FILLER)
    return field + tail[:-1], tail[-1:], rest


def _checks(pairs: list[tuple[str, str, str]]) -> tuple[str, ...]:
    return tuple(
        f"check digit of {what} is {digit} and should be {check_digit(text)}"
        for what, text, digit in pairs
        if digit != check_digit(text) and not (digit == FILLER and not text.strip(FILLER))
    )


def _td1(rows: list[str]) -> Mrz:
    top, middle, bottom = rows
    number, digit, optional = _number(top[5:14], top[14], top[15:30])
    surname, given = _names(bottom)
    padded = number if len(number) > 9 else top[5:14]
    findings = _checks(
        [
            ("the number", padded, digit),
            ("the birth date", middle[0:6], middle[6]),
            ("the expiry date", middle[8:14], middle[14]),
            ("the whole", top[5:30] + middle[0:7] + middle[8:15] + middle[18:29], middle[29]),
        ]
    )
    rest = _clean(optional + FILLER + middle[18:29])
    return Mrz(
        "TD1", _clean(top[0:2]), _clean(top[2:5]), number, surname, given, _clean(middle[15:18]), middle[0:6],
        _sex(middle[7]), middle[8:14], rest, findings,
    )  # fmt: skip


def _two(shape: str, rows: list[str]) -> Mrz:
    top, bottom = rows
    surname, given = _names(top[5:])
    optional = bottom[28:]
    number, digit = bottom[0:9].rstrip(FILLER), bottom[9]
    checks = [("the birth date", bottom[13:19], bottom[19]), ("the expiry date", bottom[21:27], bottom[27])]
    padded = bottom[0:9]
    if shape == "TD2":
        number, digit, optional = _number(bottom[0:9], bottom[9], bottom[28:35])
        padded = number if len(number) > 9 else bottom[0:9]
        checks.append(("the whole", bottom[0:10] + bottom[13:20] + bottom[21:35], bottom[35]))
    elif shape == "TD3":
        optional = bottom[28:42]
        checks.append(("the optional data", bottom[28:42], bottom[42]))
        checks.append(("the whole", bottom[0:10] + bottom[13:20] + bottom[21:43], bottom[43]))
    findings = _checks([("the number", padded, digit), *checks])
    return Mrz(
        shape, _clean(top[0:2]), _clean(top[2:5]), number, surname, given, _clean(bottom[10:13]), bottom[13:19],
        _sex(bottom[20]), bottom[21:27], _clean(optional), findings,
    )  # fmt: skip


def _sex(sign: str) -> str:
    return {"F": "F", "M": "M", FILLER: "X", "X": "X"}.get(sign, "")
