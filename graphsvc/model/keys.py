"""Identity keys: the normalised identifiers through which records of any owners stand together.

A key is ``scheme:part:part``. It is made only from identifiers that are unique in the world, never from
names, so two records that share one are about the same thing as far as their owners wrote it down right.
"""

import ipaddress
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from graphsvc.model.record import Value

Properties = Mapping[str, Value]
Maker = Callable[[Properties], Iterator[str]]


def compact(text: object) -> str:
    """Upper-case letters and digits only, compatibility forms folded: ``"ab 12-3"`` becomes ``"AB123"``."""
    folded = str(text)
    if not folded.isascii():
        folded = unicodedata.normalize("NFKC", folded)
    elif folded.isalnum():
        return folded.upper()
    return "".join(filter(str.isalnum, folded)).upper()


def phone(text: object) -> str:
    """Digits after a plus sign, as E.164 writes them; a leading ``00`` is read as the plus sign."""
    raw = str(text).strip()
    digits = "".join(filter(str.isdecimal, raw))
    if raw.startswith("+"):
        return "+" + digits
    return "+" + digits[2:] if digits.startswith("00") else digits


class Joined:
    """A key made of all the fields named, each spelled in one way, and none when one of them is empty."""

    def __init__(self, scheme: str, spell: Callable[[object], str], *fields: str) -> None:
        self.scheme = scheme
        self.spell = spell
        self.fields = fields

    def __call__(self, properties: Properties) -> Iterator[str]:
        parts = [self.spell(properties.get(field, "")) for field in self.fields]
        if all(parts):
            yield ":".join((self.scheme, *parts))


def _all(scheme: str, *fields: str) -> Maker:
    return Joined(scheme, compact, *fields)


def _lower(scheme: str, *fields: str) -> Maker:
    """For identifiers whose punctuation counts: lower case, no white space."""
    return Joined(scheme, lowered, *fields)


def lowered(text: object) -> str:
    """Lower case without white space."""
    return "".join(str(text).split()).lower()


def _document(properties: Properties) -> Iterator[str]:
    number = compact(properties.get("number", ""))
    if number and "country" in properties and "type" in properties:
        yield f"doc:{properties['country']}:{properties['type']}:{number}"


def _wallet(properties: Properties) -> Iterator[str]:
    chain, address = str(properties.get("chain", "")).lower(), str(properties.get("address", "")).strip()
    if chain and address:
        # Base58 addresses count case; hexadecimal and bech32 ones do not.
        caseless = address.lower().startswith(("0x", "bc1", "ltc1", "tb1"))
        yield f"wallet:{chain}:{address.lower() if caseless else address}"


def _phone(properties: Properties) -> Iterator[str]:
    number = phone(properties.get("number", ""))
    if number.startswith("+") and len(number) > 5:
        yield f"tel:{number}"


def _infrastructure(properties: Properties) -> Iterator[str]:
    value = str(properties.get("value", "")).strip().rstrip(".")
    match properties.get("type"):
        case "domain" if value:
            yield f"domain:{value.lower()}"
        case "ip":
            try:
                yield f"ip:{ipaddress.ip_address(value)}"
            except ValueError:
                return
        case "url" if value:
            yield f"url:{value}"


MAKERS: dict[str, tuple[Maker, ...]] = {
    "Person": (_lower("nid", "birth_country", "national_id"),),
    "Document": (_document,),
    "Vehicle": (
        _all("vin", "vin"),
        _all("chassis", "make", "chassis"),
        _all("plate", "country", "plate"),
        _all("engine", "make", "engine_number"),
    ),
    "Weapon": (_all("gun", "make", "calibre", "serial"),),
    "Case": (_all("case", "country", "number"),),
    "Notice": (_all("notice", "issuer", "reference"),),
    "Organization": (_lower("reg", "country", "registration"), _lower("stix", "stix_id")),
    "Event": (_all("event", "reference"),),
    "Account": (_all("iban", "iban"), _all("account", "bank", "number")),
    "Wallet": (_wallet,),
    "Phone": (_phone,),
    "Device": (_all("imei", "imei"),),
    "Sim": (_all("imsi", "imsi"), _all("iccid", "iccid")),
    "Email": (_lower("mail", "address"),),
    "OnlineAccount": (_lower("handle", "platform", "handle"),),
    "Vessel": (_all("imo", "imo"), _all("mmsi", "mmsi")),
    "Infrastructure": (_infrastructure, _lower("stix", "stix_id")),
    "File": (_lower("sha256", "sha256"), _lower("sha1", "sha1"), _lower("md5", "md5")),
    "Certificate": (_lower("cert", "fingerprint"),),
    **{name: (_lower("stix", "stix_id"),) for name in ("Malware", "Tool", "Technique", "Campaign")},
    "Vulnerability": (_lower("cve", "reference"), _lower("stix", "stix_id")),
    "Biometric": (_all("bio", "database", "reference"),),
}


def identity_keys(kind: str, properties: Properties) -> list[str]:
    """The keys of one record, in the order of the table and without repeats."""
    return list(dict.fromkeys(key for maker in MAKERS.get(kind, ()) for key in maker(properties)))
