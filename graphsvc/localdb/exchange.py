"""A database built aside takes the place of the private one in a single step.

That step is one renaming, to ``data.next``. Whoever comes later finishes what a cut-off left half done.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from graphsvc.localdb import process

NEXT, BEFORE, NOW = "data.next", "data.before", "data"
ASIDE = "bulk"
"""The folder beside the server's own in which a database is built."""


def exchange(home: Path, aside: Path) -> None:
    """Let the stopped server of ``home`` have the data that the stopped one of ``aside`` made."""
    with (aside / "password").open("rb") as file:
        os.fsync(file.fileno())
    (aside / "password").replace(home / "password")
    os.sync()
    (aside / NOW).rename(home / NEXT)
    settle(home)


def settle(home: Path) -> None:
    """Finish an exchange whose one step was taken. The server must be stopped."""
    following, before, now = (home / name for name in (NEXT, BEFORE, NOW))
    if following.exists():
        if now.exists():
            shutil.rmtree(before, ignore_errors=True)
            now.rename(before)
        following.rename(now)
    shutil.rmtree(before, ignore_errors=True)


def clear(home: Path) -> None:
    """Take away what a cut-off bulk load left: its server, its importer, its files."""
    folder = home.parent / ASIDE
    if not folder.exists():
        return
    aside = folder / home.name
    for pid in [*process.strays(aside), *importers(aside)]:
        end(pid)
    shutil.rmtree(folder, ignore_errors=True)


def importers(aside: Path) -> Iterator[int]:
    """Ids of importers that write into ``aside``."""
    wanted = f"-Dgraphsvc.import={aside}"
    return (p.pid for p in psutil.process_iter(["cmdline"]) if wanted in (p.info["cmdline"] or []))


def end(pid: int) -> None:
    """Kill a process whose work is worth nothing, and wait until it is gone."""
    try:
        found = psutil.Process(pid)
        found.kill()
        found.wait(timeout=process.STOP_SECONDS)
    except psutil.NoSuchProcess:
        return


@contextmanager
def building(home: Path) -> Iterator[Path]:
    """An empty folder to build in, which goes away in the end. Nobody may start the server of ``home`` meanwhile."""
    clear(home)
    folder = home.parent / ASIDE
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        clear(home)


def copy_system(home: Path, aside: Path, database: str) -> None:
    """What the server knows beside its one database: users and their passwords."""
    aside.mkdir(mode=0o700, exist_ok=True)
    if not (home / "password").exists() or not (home / NOW / "databases" / "system").exists():
        return
    skip = shutil.ignore_patterns("store_lock", "database_lock")
    shutil.copytree(
        home / NOW, aside / NOW, ignore=lambda folder, names: skip(folder, names) | ({database} & set(names))
    )
    shutil.copy2(home / "password", aside / "password")
