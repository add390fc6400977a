"""Bulk loading: files into an empty database, against Neo4j's importer alone on the same rows ready-made.

Ours reads, checks and shapes the files, keeps the ledger and the feed, makes every constraint and index, and swaps the
database in. The peer gets the lines of the very records and links that ours gave to the importer, and makes a bare
store of them: no books, no constraint, no index.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.figures import Figure, at_most
from bench.load import OWNER, SOURCE, links, persons, server
from graphsvc.localdb import importer
from graphsvc.localdb import server as localdb
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from loaders import bulk
from loaders.catalogue import Request, loader
from loaders.frame import Progress

LINKS_A_RECORD = 4


class Kept:
    """Stands before the importer: keeps its lines for the peer, and how long it took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.groups: list[dict[str, list[str]]] = []
        self.seconds = 0.0
        self._run = importer.run

    def __call__(
        self, beside: Settings, folder: Path, nodes: Any, links: Any, signs: Any, *, multiline: bool
    ) -> None:
        """The importer, with hard links to its files kept."""
        self.folder.mkdir()
        self.groups = [
            {name: files for name, files in nodes.items() if name.startswith("Entity")},
            dict(links),
        ]
        for name in (name for group in self.groups for files in group.values() for name in files):
            os.link(folder / name, self.folder / name)
        self.signs, self.multiline = signs, multiline
        began = time.perf_counter()
        self._run(beside, folder, nodes, links, signs, multiline=multiline)
        self.seconds = time.perf_counter() - began

    def alone(self, given: Settings) -> float:
        """Seconds of the importer on records and links alone."""
        nodes, links = self.groups
        began = time.perf_counter()
        self._run(given, self.folder, nodes, links, self.signs, multiline=self.multiline)
        return time.perf_counter() - began


def run(size: int = 1_000_000, progress: Callable[[str], None] = print) -> Iterator[Figure]:
    """The figure at ``size`` records and four times as many links."""
    with tempfile.TemporaryDirectory(prefix="graphsvc-bench-") as name:
        folder = Path(name)
        persons(folder / "persons.csv", size)
        links(folder / "links.csv", LINKS_A_RECORD * size, size)
        given = server(folder / "server")
        kept = Kept(folder / "kept")
        ours = load(given, folder, kept, progress)
        check(given, size)
        peer = kept.alone(given.model_copy(update={"data_dir": folder / "peer"}))
        progress(f"the importer took {kept.seconds:.1f} s within ours, {peer:.1f} s alone")
        shutil.rmtree(folder / "kept")
    yield at_most(
        f"bulk load of {size:,} records and {LINKS_A_RECORD * size:,} links",
        "s",
        ours,
        peer,
        "the importer on ready-made lines",
        3,
    )


def load(given: Settings, folder: Path, kept: Kept, progress: Callable[[str], None]) -> float:
    """Seconds of ours, from the files to the database in its place."""
    step, began = "", time.perf_counter()

    def heard(now: str, _: Progress) -> None:
        nonlocal step
        if now != step:
            step = now
            progress(f"{time.perf_counter() - began:7.1f} s {now}")

    several = [
        loader(Request(format, [folder / f"{format}.csv"], [], SOURCE, OWNER))
        for format in ("persons", "links")
    ]
    with patch.object(importer, "run", kept):
        bulk.load(given, several, heard)
    return time.perf_counter() - began


def check(given: Settings, size: int) -> None:
    """Nothing is missing."""
    try:
        with Database.open(given) as database:
            (nodes,) = database.rows("MATCH (n:Entity) RETURN count(n) AS n")
            (links,) = database.rows("MATCH ()-[r:ASSOCIATE_OF]->() RETURN count(r) AS n")
            assert (nodes["n"], links["n"]) == (size, LINKS_A_RECORD * size)
    finally:
        localdb.stop(given)
