"""The objects of STIX as records: the kind that each type becomes, and the values that it gives."""

import re
from collections.abc import Callable
from typing import Any

from loaders.shaped import Values, part, parts, text, texts

Object = dict[str, Any]

COUNTRIES = re.compile(r"[A-Za-z]{2}")


def day(raw: Any) -> str | None:
    """The day of a time."""
    return str(raw)[:10] if raw else None


def _aliases(given: Object) -> list[str]:
    names = [
        *texts(given, "aliases"),
        *texts(given, "x_mitre_aliases"),
        *texts(given, "x_opencti_aliases"),
    ]
    return [name for name in dict.fromkeys(names) if name != given.get("name")]


def _reference(given: Object) -> str | None:
    for source in parts(given, "external_references"):
        if source.get("external_id") and text(source, "source_name").startswith(("mitre", "cve", "capec")):
            return text(source, "external_id")
    return None


def _cyber(kind: str) -> Callable[[Object], tuple[str, Values]]:
    def make(given: Object) -> tuple[str, Values]:
        return kind, {
            "name": given.get("name"),
            "names": _aliases(given),
            "reference": _reference(given) or (given.get("name") if kind == "Vulnerability" else None),
            "stix_id": given.get("id"),
            "description": given.get("description"),
            "platforms": given.get("x_mitre_platforms"),
            "revoked": withdrawn(given),
            "first_seen": day(given.get("first_seen")),
            "last_seen": day(given.get("last_seen")),
        }

    return make


def withdrawn(given: Object) -> bool | None:
    """Whether its source has taken the object back, in STIX's words or in MITRE's."""
    return bool(given.get("revoked") or given.get("x_mitre_deprecated")) or None


def _actor(given: Object) -> tuple[str, Values]:
    return "Organization", {
        "name": given.get("name"),
        "names": _aliases(given),
        "type": "threat_actor",
        "areas": ["CYBER"],
        "stix_id": given.get("id"),
        "revoked": withdrawn(given),
        "note": given.get("description"),
        "first_seen": day(given.get("first_seen")),
        "last_seen": day(given.get("last_seen")),
    }


def _identity(given: Object) -> tuple[str, Values]:
    if given.get("identity_class") == "individual":
        return "Person", {"name": given.get("name"), "note": given.get("description")}
    return "Organization", {
        "name": given.get("name"),
        "type": "other",
        "stix_id": given.get("id"),
        "revoked": withdrawn(given),
        "note": given.get("description"),
    }


def _location(given: Object) -> tuple[str, Values]:
    code = str(given.get("country") or "")
    return "Location", {
        "name": given.get("name") or given.get("region") or given.get("country"),
        "address": given.get("street_address"),
        "postcode": given.get("postal_code"),
        "city": given.get("city"),
        "country": code if COUNTRIES.fullmatch(code) else None,
        "latitude": given.get("latitude"),
        "longitude": given.get("longitude"),
    }


def _value(type_: str, field: str = "value") -> Callable[[Object], tuple[str, Values]]:
    def make(given: Object) -> tuple[str, Values]:
        refs = [ref for ref in texts(given, "resolves_to_refs") if ref.partition("--")[0] in KINDS]
        return "Infrastructure", {
            "type": type_,
            "value": given.get(field),
            "asn": given.get("number"),
            "stix_id": given.get("id"),
            "resolves_to": refs,
            "note": given.get("description"),
            "first_seen": day(given.get("first_seen")),
            "last_seen": day(given.get("last_seen")),
        }

    return make


def _file(given: Object) -> tuple[str, Values]:
    hashes = {name.upper(): value for name, value in part(given, "hashes").items()}
    return "File", {
        "name": given.get("name"),
        "sha256": hashes.get("SHA-256"),
        "sha1": hashes.get("SHA-1"),
        "md5": hashes.get("MD5"),
        "size": given.get("size"),
    }


def _certificate(given: Object) -> tuple[str, Values]:
    hashes = part(given, "hashes")
    return "Certificate", {
        "fingerprint": hashes.get("SHA-256") or hashes.get("SHA-1") or given.get("serial_number"),
        "subject": given.get("subject"),
        "issuer": given.get("issuer"),
    }


def _account(given: Object) -> tuple[str, Values]:
    return "OnlineAccount", {
        "platform": given.get("account_type") or "unknown",
        "handle": given.get("account_login") or given.get("user_id"),
    }


KINDS: dict[str, Callable[[Object], tuple[str, Values]]] = {
    "intrusion-set": _actor,
    "threat-actor": _actor,
    "identity": _identity,
    "location": _location,
    "malware": _cyber("Malware"),
    "tool": _cyber("Tool"),
    "attack-pattern": _cyber("Technique"),
    "x-mitre-tactic": _cyber("Technique"),
    "vulnerability": _cyber("Vulnerability"),
    "campaign": _cyber("Campaign"),
    "infrastructure": _value("server", "name"),
    "domain-name": _value("domain"),
    "ipv4-addr": _value("ip"),
    "ipv6-addr": _value("ip"),
    "url": _value("url"),
    "autonomous-system": _value("other", "name"),
    "x-mitre-asset": lambda given: ("Device", {"name": given.get("name")}),
    "email-addr": lambda given: ("Email", {"address": given.get("value")}),
    "file": _file,
    "x509-certificate": _certificate,
    "user-account": _account,
}
