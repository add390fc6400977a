"""Fail when a lock file does not hold what ``pyproject.toml`` asks for; `make lock` brings it up to date.

Compares names and versions only, so that it needs no network.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

REPOSITORY = Path(__file__).parents[1]
LOCKS = {"run": [], "build": ["build"], "dev": ["dev"]}


def group(groups: dict[str, Any], name: str) -> list[str]:
    """The requirements of a dependency group, included groups in place."""
    included = (group(groups, e["include-group"]) if isinstance(e, dict) else [e] for e in groups[name])
    return [requirement for part in included for requirement in part]


def pins(text: str) -> dict[str, list[Version]]:
    """The versions that a lock file pins, by normalised name; several where they depend on the platform."""
    found: dict[str, list[Version]] = {}
    for line in text.splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            name, version = line.split(";")[0].strip(" \\").split("==")
            found.setdefault(canonicalize_name(name), []).append(Version(version.strip()))
    return found


def unmet(wanted: list[str], locked: dict[str, list[Version]]) -> list[str]:
    """Those requirements that no pin satisfies."""

    def met(requirement: Requirement) -> bool:
        return any(v in requirement.specifier for v in locked.get(canonicalize_name(requirement.name), []))

    return [text for text in wanted if not met(Requirement(text))]


def main() -> int:
    """Print what each lock lacks; 1 when any lacks something."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    faults = 0
    for lock, names in LOCKS.items():
        wanted = [] if lock == "build" else list(project["project"]["dependencies"])
        wanted += [requirement for name in names for requirement in group(groups, name)]
        locked = pins((REPOSITORY / "requirements" / f"{lock}.txt").read_text(encoding="utf-8"))
        for requirement in unmet(wanted, locked):
            sys.stderr.write(f"requirements/{lock}.txt does not hold {requirement}; run `make lock`.\n")
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
