"""The Traffic Light Protocol as handling: FIRST's TLP 2.0, with the names of version 1 and of STIX."""

from typing import Any

LEVELS: dict[str, dict[str, Any]] = {
    "clear": {"level": "official", "allow": "*"},
    "green": {"level": "official", "allow": "*", "conditions": ["TLP:GREEN, not for publication"]},
    "amber": {"level": "restricted", "allow": "*", "conditions": ["TLP:AMBER, those who need to know only"]},
    "amber+strict": {
        "level": "restricted",
        "allow": [],
        "conditions": ["TLP:AMBER+STRICT, own organisation only"],
    },
    "red": {"level": "confidential", "allow": [], "conditions": ["TLP:RED, named recipients only"]},
}
ORDER = tuple(LEVELS)
OTHER_NAMES = {"white": "clear", "amber-strict": "amber+strict"}

WELL_KNOWN: dict[str, str] = {
    "613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    "94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
"""Marking definitions whose UUIDs are fixed by STIX 2.1 and by its TLP 2.0 extension."""


def level(text: str) -> str | None:
    """``TLP:AMBER`` is ``amber``; None for what is no such level."""
    name = text.strip().lower().removeprefix("tlp:").replace(" ", "")
    name = OTHER_NAMES.get(name, name)
    return name if name in LEVELS else None


def strictest(levels: list[str]) -> str:
    """The one that allows least."""
    return max(levels, key=ORDER.index)
