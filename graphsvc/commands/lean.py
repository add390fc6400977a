"""Imported first by commands that only read files and write: the driver looks for pandas and pyarrow when it is
imported, which costs 70 MB and a second. What needs them later can still import them."""

import sys
from typing import Any

HEAVY = ("pandas", "pyarrow")


def _import_driver() -> None:
    hidden: list[str] = [name for name in HEAVY if name not in sys.modules]
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(hidden))
    try:
        import neo4j  # noqa: F401
    finally:
        for name in hidden:
            del modules[name]


_import_driver()
