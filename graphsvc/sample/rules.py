"""Handling columns of a row: what its owner lets others see."""

from graphsvc.model.regions import desk
from graphsvc.sample.draw import Draw
from graphsvc.sample.lands import Land

Row = dict[str, str]

COLUMNS = ("level", "allow", "deny", "units", "purposes", "conditions", "class")
OPEN: Row = {"level": "1", "allow": "*"}
VICTIM: Row = {"level": "2", "allow": "*", "class": "victim"}
MINOR: Row = {"level": "2", "allow": "*", "class": "minor"}


def _denied(land: Land, draw: Draw, codes: tuple[str, ...]) -> str:
    return next(code for code in (draw.pick(codes), *codes) if code != land.code)


def handling(land: Land, draw: Draw, codes: tuple[str, ...]) -> Row:
    """Most records are open; some are restricted, denied to a country, kept to a region or to one's own police."""
    match draw.below(100):
        case n if n < 84:
            return OPEN
        case n if n < 89:
            return {"level": "2", "allow": "*"}
        case n if n < 93:
            return {"level": "1", "allow": "*", "deny": _denied(land, draw, codes)}
        case n if n < 96:
            return {"level": "1", "allow": f"region:{desk(land.code)}"}
        case n if n < 98:
            return {
                "level": "2",
                "allow": "*",
                "purposes": "INVESTIGATE;ARREST",
                "conditions": "ask before use in court",
            }
        case 98:
            return {"level": "2", "allow": "*", "units": f"{land.code}-organised-crime"}
        case _:
            return {"level": "3", "allow": land.code}
