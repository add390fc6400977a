"""Documents, phones, vehicles, weapons, accounts and wallets of the synthetic world."""

from collections.abc import Iterator

from graphsvc.sample import rules
from graphsvc.sample.draw import Draw, scatter
from graphsvc.sample.lands import Land, World
from graphsvc.sample.people import PASSPORT_EVERY, original, passport, phone, plate
from graphsvc.sample.rules import Row

MAKES = (
    ("Velora", "Boxer 3"),
    ("Karrel", "Mira"),
    ("Ostwagen", "Lasten"),
    ("Tundo", "Combi"),
    ("Maruga", "City"),
)
COLOURS = ("white", "black", "grey", "blue", "red", "silver")
_VIN = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_DIGIT_IBANS = {"DE": 18, "IL": 19, "AE": 19, "EG": 25, "RS": 18, "TR": 22, "GR": 23, "UA": 25}


def vin(land: Land, number: int) -> str:
    """An invented vehicle identification number with a right check digit (49 CFR 565.15)."""
    raw = f"Z{land.code}INV0X0{scatter(number, 10**7):07}".replace("I", "1").replace("O", "0")
    raw = raw.replace("Q", "9")[:17].ljust(17, "0")
    total = sum(
        _VIN_VALUES.get(sign, ord(sign) - 48) * weight for sign, weight in zip(raw, _VIN_WEIGHTS, strict=True)
    )
    return raw[:8] + "0123456789X"[total % 11] + raw[9:]


def iban(code: str, number: int) -> str:
    """An IBAN with right check digits (ISO 13616) at a bank that does not exist."""
    country = code if code in _DIGIT_IBANS else "DE"
    body = f"{scatter(number, 10**10):010}".rjust(_DIGIT_IBANS[country], "0")
    check = 98 - int(body + "".join(str(ord(sign) - 55) for sign in country) + "00") % 97
    return f"{country}{check:02}{body}"


def _row(world: World, land: Land, draw: Draw, id_: str, codes: tuple[str, ...]) -> Row:
    row: Row = {
        "id": id_,
        "recorded_at": f"{2019 + draw.below(6)}-{1 + draw.below(12):02}-{1 + draw.below(28):02}",
    }
    return row | rules.handling(land, draw, codes)


def _document(world: World, land: Land, number: int, draw: Draw) -> Row:
    own = land.own("documents")
    if number < own and number * PASSPORT_EVERY < land.own("persons"):
        local = number * PASSPORT_EVERY
    elif number >= own and land.own("persons") + number - own < land.counts["persons"]:
        local = land.own("persons") + number - own  # the second-hand person whose passport it is
    else:
        return {
            "type": "identity_card",
            "number": f"ID{scatter(number, 10**8):08}",
            "country": land.code,
            "status": draw.pick(("stolen", "lost", "stolen_blank")),
        }
    home, person = original(world, land, local)
    issued = 2014 + draw.below(10)
    row = {
        "type": "passport",
        "number": passport(home, person),
        "country": home.code,
        "holders": f"p-{local}",
        "issued_at": f"{issued}-{1 + draw.below(12):02}-01",
        "expires_at": f"{issued + 10}-01-01",
    }
    if home.code == land.code and draw.percent(35):  # only the country that issued it may report it
        row["status"] = draw.pick(("stolen", "lost", "revoked", "invalid"))
        row["reported_at"] = f"{2019 + draw.below(6)}-{1 + draw.below(12):02}-{1 + draw.below(28):02}"
    return row


def _phone(world: World, land: Land, number: int, draw: Draw) -> Row:
    own, persons = land.own("phones"), land.counts["persons"]
    if number < own:
        user = 2 * number if 2 * number < land.own("persons") else draw.low(persons)
        users = [user, *(draw.low(persons) for _ in range(draw.percent(10)))]
        return {"number": phone(land, number), "country": land.code, "users": _ids("p", users)}
    local = land.own("persons") + number - own
    home, person = (
        original(world, land, local) if local < persons else world.origin(land, number - own, "persons", 4)
    )
    users = [local] if local < persons else [draw.low(persons)]
    return {
        "number": phone(home, person // 2 % max(1, home.own("phones"))),
        "country": home.code,
        "users": _ids("p", users),
    }


def _ids(prefix: str, numbers: list[int]) -> str:
    return ";".join(f"{prefix}-{number}" for number in dict.fromkeys(numbers))


def _vehicle(world: World, land: Land, number: int, draw: Draw) -> Row:
    own, persons = land.own("vehicles"), land.counts["persons"]
    home, known = (land, number) if number < own else world.origin(land, number - own, "vehicles")
    facts_draw = home.stream("vehicle-facts").at(known)
    make, model = facts_draw.pick(MAKES)
    row = {
        "plate": plate(home, known),
        "country": home.code,
        "make": make,
        "model": model,
        "colour": facts_draw.pick(COLOURS),
        "year": str(2008 + facts_draw.below(16)),
    }
    if facts_draw.percent(60):
        row["vin"] = vin(home, known)
    keeper = number * PASSPORT_EVERY + 1
    row["owners" if number < own else "drivers"] = f"p-{keeper if keeper < persons else draw.low(persons)}"
    if number < land.counts["organizations"] and draw.percent(30):
        row["registered_to"] = f"org-{number}"
    if draw.percent(20):
        row["status"] = draw.pick(("stolen", "stolen", "recovered", "suspect"))
        row["reported_at"] = f"{2019 + draw.below(6)}-{1 + draw.below(12):02}-{1 + draw.below(28):02}"
    return row


def _weapon(world: World, land: Land, number: int, draw: Draw) -> Row:
    return {
        "make": "Invented Arms",
        "model": draw.pick(("IA-9", "IA-45", "Marker")),
        "calibre": draw.pick(("9x19", ".45", "7.62x39")),
        "serial": f"{land.code}{scatter(number, 10**7):07}",
        "country": land.code,
        "status": draw.pick(("stolen", "lost", "trafficked", "trace")),
        "possessors": f"p-{draw.low(land.counts['persons'])}",
    }


def _account(world: World, land: Land, number: int, draw: Draw) -> Row:
    row = {
        "bank": "Bank of Examples",
        "country": land.code,
        "currency": "EUR",
        "owners": f"p-{draw.below(land.counts['persons'])}",
    }
    if land.code in _DIGIT_IBANS:
        return row | {"iban": iban(land.code, number)}
    return row | {"number": f"{land.code}{scatter(number, 10**9):09}"}


def _wallet(world: World, land: Land, number: int, draw: Draw) -> Row:
    address = "".join(f"{draw.below(16**8):08x}" for _ in range(5))
    return {
        "chain": "ethereum",
        "address": f"0x{address}",
        "owners": f"p-{draw.below(land.counts['persons'])}",
    }


_MAKERS = {
    "documents": ("d", _document),
    "phones": ("ph", _phone),
    "vehicles": ("v", _vehicle),
    "weapons": ("w", _weapon),
    "accounts": ("acc", _account),
    "wallets": ("wal", _wallet),
}


def rows(world: World, land: Land, kind: str) -> Iterator[Row]:
    """All things of one kind in a land's file."""
    prefix, make = _MAKERS[kind]
    codes = tuple(other.code for other in world.others(land))
    stream = land.stream(kind)
    for number in range(land.counts[kind]):
        draw = stream.at(number)
        yield _row(world, land, draw, f"{prefix}-{number}", codes) | make(world, land, number, draw)
