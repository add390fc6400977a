"""Neo4j's own offline importer: files of lines into a store that no server has open."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from graphsvc.errors import StoreError
from graphsvc.localdb import config
from graphsvc.localdb.jars import find_java, jars
from graphsvc.localdb.server import home_of
from graphsvc.settings import Settings

Groups = Mapping[str, Iterable[str]]
"""By labels (``Entity:Person``) or type: names of files in one folder, the one with the header first."""

BUFFER = "8m"
"""Characters that are read at once; the longest line must fit in."""


def run(
    settings: Settings,
    folder: Path,
    nodes: Groups,
    links: Groups,
    signs: tuple[str, str, str],
    *,
    multiline: bool,
) -> None:
    """Make the database of ``settings`` out of files in ``folder``. ``signs`` part cells and parts, and quote.

    Raises StoreError, with what the importer said kept in ``folder/import.log``.
    """
    home, java, kept = home_of(settings), find_java(), jars(settings)
    (home / "conf").mkdir(parents=True, exist_ok=True)
    names = ("delimiter", "array-delimiter", "quote")
    arguments = [
        "database",
        "import",
        "full",
        settings.neo4j_database,
        "--overwrite-destination",
        "--report-file=import.report",
        f"--read-buffer-size={BUFFER}",
        f"--multiline-fields={str(multiline).lower()}",
        *(f"--{name}=U+{ord(sign):04X}" for name, sign in zip(names, signs, strict=True)),
        *(f"--nodes={labels}={','.join(files)}" for labels, files in nodes.items()),
        *(f"--relationships={type}={','.join(files)}" for type, files in links.items()),
    ]
    (folder / "import.arguments").write_text("\n".join(arguments) + "\n", encoding="utf-8")
    heap = config.memory(settings, config.machine_mb()).heap
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in config.OPENED]
    command = [java, f"-Xmx{heap}m", *opened, f"-Dgraphsvc.import={home}", "-cp", f"{kept.lib}/*"]
    variables = os.environ | {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    with (folder / "import.log").open("wb") as log:
        done = subprocess.run(
            [*command, "org.neo4j.cli.AdminTool", "@import.arguments"],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    if done.returncode:
        raise StoreError(
            f"Neo4j's importer ended with {done.returncode} and nothing was loaded; {folder / 'import.log'} says why."
        )
