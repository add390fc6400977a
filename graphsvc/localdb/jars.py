"""The program files of the private Neo4j: fetched once by Maven from ``pom.xml``, proven by ``jars.sha256``."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from graphsvc.errors import SetupError
from graphsvc.localdb.lock import locked
from graphsvc.settings import Settings

# Neo4j looks for procedures in its plugins folder alone; every other jar must be on the class path only.
PROCEDURES = re.compile(r"(alpha-proc|proc|proc-.*|cypher-aggregation)-\d[\d.]*\.jar")
JAVA_LEAST = 17

Say = Callable[[str], None]


@dataclass(frozen=True)
class Jars:
    """``lib`` is the class path; ``plugins`` holds those that declare procedures."""

    lib: Path
    plugins: Path


def quiet(_: str) -> None:
    """Say nothing."""


def find_java() -> str:
    """The path of ``java``, from ``JAVA_HOME`` first. Raises SetupError when there is none of version 17 or later."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        raise SetupError(
            f"Java {JAVA_LEAST} or later is missing; install the package openjdk-17-jre-headless."
        )
    found = java_version(java)
    if found < JAVA_LEAST:
        raise SetupError(
            f"Java {found} at {java} is too old; install the package openjdk-17-jre-headless, or set JAVA_HOME."
        )
    return java


def java_version(java: str) -> int:
    """The feature version of a ``java`` program, 0 when it does not say."""
    printed = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    match = re.search(r'version "(\d+)', printed)
    return int(match[1]) if match else 0


def jars(settings: Settings, say: Say = quiet) -> Jars:
    """The jars under ``GRAPHSVC_JARS_DIR``, fetched when this version of them is not there yet."""
    pom = files(__package__).joinpath("pom.xml").read_bytes()
    sums = files(__package__).joinpath("jars.sha256").read_bytes()
    folder = settings.jars_home / hashlib.sha256(pom + sums).hexdigest()[:16]
    found = Jars(folder / "lib", folder / "plugins")
    if folder.exists():
        return found
    settings.jars_home.mkdir(parents=True, exist_ok=True)
    with locked(settings.jars_home / "fetch.lock"):
        if not folder.exists():
            say("Fetching Neo4j and Graph Data Science (138 MB, once)")
            fetch(pom, sums.decode(), folder)
    return found


def fetch(pom: bytes, sums: str, folder: Path) -> None:
    """Fill ``folder`` in one step: it is there complete and proven, or not at all."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetch-") as name:
        work = Path(name)
        (work / "pom.xml").write_bytes(pom)
        run_maven(work)
        prove(work / "lib", sums)
        (work / "plugins").mkdir()
        for jar in (work / "lib").iterdir():
            if PROCEDURES.fullmatch(jar.name):
                shutil.copy2(jar, work / "plugins")
        work.joinpath("done").mkdir()
        for part in ("lib", "plugins"):
            (work / part).rename(work / "done" / part)
        (work / "done").rename(folder)


def run_maven(work: Path) -> None:
    """Copy the jars that ``work/pom.xml`` names into ``work/lib``."""
    maven = shutil.which("mvn")
    if maven is None:
        raise SetupError("Maven is missing; install the package maven.")
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={work / 'lib'}"]
    command = [maven, "--quiet", "--batch-mode", "--file", str(work / "pom.xml"), *goal]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        reason = next((line for line in done.stdout.splitlines() if "ERROR" in line), "it said nothing")
        raise SetupError(
            f"Maven could not fetch the private Neo4j ({reason.strip()}); check the network and try again."
        )


def prove(lib: Path, sums: str) -> None:
    """Hold what came against ``jars.sha256``: the same names, each with its hash."""
    wanted = {name: digest for digest, name in (line.split() for line in sums.splitlines())}
    came = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in lib.iterdir()}
    wrong = sorted(name for name in wanted.keys() | came.keys() if wanted.get(name) != came.get(name))
    if wrong:
        raise SetupError(
            f"{len(wrong)} program files of the private Neo4j are not those expected, {wrong[0]} first; "
            "empty Maven's local repository and try again."
        )
