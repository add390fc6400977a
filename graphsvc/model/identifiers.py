"""What can be told of an identifier by itself. Findings inform; none of them refuses a record.

Each function gives one short finding, or nothing when the identifier is as its standard wants it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from graphsvc.model import mrz
from graphsvc.model.keys import compact, phone
from graphsvc.model.record import Value

Finding = str | None
MIDS = re.compile(r"[2-7]\d{8}")


def vin(text: str) -> Finding:
    """ISO 3779. Makers outside North America and China need no valid check digit, so that one is but a note."""
    from vininfo import Vin
    from vininfo.exceptions import ValidationError

    try:
        found = Vin(compact(text))
    except ValidationError:
        return "VIN is not 17 signs without I, O and Q"
    return (
        None
        if found.verify_checksum(check_year=False)
        else "VIN fails its check digit, which not every maker uses"
    )


def imo(text: str) -> Finding:
    """IMO ship number."""
    from stdnum import imo as standard

    return None if standard.is_valid(text) else "IMO number fails its check digit"


def mmsi(text: str) -> Finding:
    """Nine digits; those of ships begin with 2 to 7."""
    return None if MIDS.fullmatch(text.strip()) else "MMSI is not that of a ship"


def imei(text: str) -> Finding:
    """15 digits with a Luhn digit, 14 without, or 16 with a software version."""
    from stdnum import imei as standard

    return None if standard.is_valid(text) else "IMEI fails its check digit"


def iban(text: str) -> Finding:
    """ISO 13616."""
    from stdnum import iban as standard

    return None if standard.is_valid(text) else "IBAN fails its check digits or the form of its country"


@lru_cache(maxsize=16_384)
def e164(text: str) -> Finding:
    """ITU-T E.164, with the numbering plans of the phonenumbers library."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone(text))
    except phonenumbers.NumberParseException:
        return "phone number has no country code, so it joins no other record"
    return (
        None
        if phonenumbers.is_possible_number(number)
        else "phone number has a length that its country does not use"
    )


def wallet(address: str, chain: str = "") -> Finding:
    """Bitcoin addresses have checksums; Ethereum ones are 40 hexadecimal digits."""
    if address.startswith("0x"):
        return (
            None
            if re.fullmatch(r"0x[0-9a-fA-F]{40}", address)
            else "wallet address is not 40 hexadecimal digits"
        )
    if chain.lower() in ("bitcoin", "btc", "xbt"):
        from stdnum import bitcoin

        return None if bitcoin.is_valid(address) else "wallet address fails its checksum"
    return None


@lru_cache(maxsize=16_384)
def domain(text: str) -> Finding:
    """A name under a public suffix, by the list that the tldextract library carries."""
    return None if _extract(text.strip().rstrip(".").lower()) else "domain is under no public suffix"


def _extract(text: str) -> str:
    import tldextract

    found = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)(text)
    return found.suffix if found.domain else ""


def plate(text: str) -> Finding:
    """Plates have no common form: two to twelve letters and digits."""
    return None if 2 <= len(compact(text)) <= 12 else "plate has an unusual length"


def zone(text: str) -> Finding:
    """Machine-readable zone."""
    try:
        found = mrz.read(text)
    except ValueError as error:
        return f"mrz {error}"
    return f"machine-readable zone: {found.findings[0]}" if found.findings else None


CHECKS: dict[str, dict[str, Callable[[str], Finding]]] = {
    "Vehicle": {"vin": vin, "plate": plate},
    "Vessel": {"imo": imo, "mmsi": mmsi},
    "Device": {"imei": imei},
    "Account": {"iban": iban},
    "Phone": {"number": e164},
    "Document": {"mrz": zone},
}


def checked(kind: str, fields: Collection[str]) -> bool:
    """Whether a record of this kind with these fields has an identifier of which something can be told."""
    return kind in ("Wallet", "Infrastructure") or any(field in fields for field in CHECKS.get(kind, {}))


def findings(kind: str, properties: Mapping[str, Value]) -> list[str]:
    """What is to be told of the identifiers of a record."""
    found = [
        check(str(properties[field])) for field, check in CHECKS.get(kind, {}).items() if field in properties
    ]
    if kind == "Wallet" and "address" in properties:
        found.append(wallet(str(properties["address"]), str(properties.get("chain", ""))))
    if kind == "Infrastructure" and properties.get("type") == "domain":
        found.append(domain(str(properties.get("value", ""))))
    return [finding for finding in found if finding is not None]
