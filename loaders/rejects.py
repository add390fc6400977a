"""Refused rows as a file that can be mended and loaded again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec


def mendable(reject: dict[str, Any]) -> str:
    """A refused row as one JSON object: its own values, with the reason under names that loaders pass over."""
    about = {"_file": reject["file"], "_line": reject["line"], "_reason": reject["reason"]}
    try:
        row = msgspec.json.decode(reject["row"], type=dict[str, Any])
    except msgspec.DecodeError:
        row = {"_raw": reject["row"]} if reject["row"] else {}
    return msgspec.json.encode({**about, **row, **about}).decode()


def write(rejects: Iterable[dict[str, Any]], path: Path) -> None:
    """One JSON object a line."""
    with path.open("w", encoding="utf-8") as stream:
        for reject in rejects:
            stream.write(mendable(reject) + "\n")
