"""``graphsvc load --bulk``: many files into an empty database at once, through Neo4j's own offline importer.

Processes shape the files into lines. The first row of each id whose ends are there goes through the importer, with
the ledger and the feed; the few others go, in their order, through the ordinary way of a load, before the database
that was built aside takes the place of the empty one.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from graphsvc.errors import AccessError, Error, StoreError, UsageError
from graphsvc.localdb import exchange, importer
from graphsvc.localdb import server as localdb
from graphsvc.model.handling import Handling
from graphsvc.settings import Settings
from graphsvc.store import aside
from graphsvc.store.database import Database
from graphsvc.store.lines import CELL, PART, QUOTE
from graphsvc.store.tombstones import hasher
from graphsvc.vault import Vault
from loaders.blocks import Block, Terms, Told, Worker
from loaders.declared import TableLoader
from loaders.frame import Loader, Outcome, Progress
from loaders.sorting import Sorted, sort

MOST_PROCESSES = 8
Heard = Callable[[str, Progress], None]


def load(settings: Settings, loaders: list[Loader], heard: Heard = lambda *_: None) -> list[Outcome]:
    """Load everything into the private database, which must be empty: all of it, or nothing.

    Raises UsageError where there is no private database, ConflictError where it is not empty, AccessError for a
    source of another owner.
    """
    if settings.neo4j_uri is not None:
        raise UsageError(
            "GRAPHSVC_NEO4J_URI names a server, whose files are not here for --bulk: unset it, or load without --bulk."
        )
    began = datetime.now(UTC)
    with emptied(settings) as (home, folder, books):
        bulk = Bulk(settings, folder, books, loaders, heard)
        blocks = bulk.shape()
        heard("Sorting", bulk.progress)
        beside = settings.model_copy(
            update={"data_dir": folder, "bolt_port": 0, "jars_dir": settings.jars_home}
        )
        exchange.copy_system(home, localdb.home_of(beside), settings.neo4j_database)
        runs = [(id, loader.terms.source) for id, loader in zip(bulk.runs, loaders, strict=True)]
        with ThreadPoolExecutor(1) as other:
            ready = other.submit(localdb.prepare, beside)
            found = sort(folder, blocks, runs, books.seq)
            ready.result()
        bulk.meta(found)
        heard("Importing", bulk.progress)
        bulk.run_importer(beside, found)
        heard("Starting", bulk.progress)
        outcomes = bulk.finish(beside, found, began)
        heard("Exchanging", bulk.progress)
        exchange.exchange(home, localdb.home_of(beside))
    return outcomes


@contextmanager
def emptied(settings: Settings) -> Iterator[tuple[Path, Path, aside.Books]]:
    """The folder of the stopped private server, one to build in, and what the empty database knew."""
    with localdb.held(settings):
        fresh = not localdb.made(settings)
    if not fresh:
        localdb.start(settings)
    with localdb.held(settings) as home, exchange.building(home) as folder:
        books = aside.Books() if fresh else take(settings, folder)
        yield home, folder, books


def take(settings: Settings, folder: Path) -> aside.Books:
    """Read the books and stop the server, so that nothing can be written in between."""
    server = localdb.status(settings)
    if server is None:
        raise StoreError("The private Neo4j was stopped by somebody else: try again.")
    with Database.beside(settings, server) as database, database.driver.session() as session:
        tx = session.begin_transaction()
        try:
            books = aside.take(tx, folder / "books")
        except BaseException:
            tx.close()  # a load that is refused leaves the server as it was
            raise
        localdb.stop_held(server.home)  # while we hold the writer's lock
        return books


class Bulk:
    """One bulk load."""

    def __init__(
        self, settings: Settings, folder: Path, books: aside.Books, loaders: list[Loader], heard: Heard
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.books = books
        self.loaders = loaders
        self.heard = heard
        self.progress = Progress(total=sum(loader.total_bytes() for loader in loaders))
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        self.runs = [f"{stamp}-{secrets.token_hex(4)}" for _ in loaders]
        self.next_no = books.next_no
        self.next_handling = books.next_handling
        self.handlings: dict[Handling, int] = {}
        self.outcomes = [Outcome() for _ in loaders]
        self.vault = Vault(settings.home / "keys")

    def shape(self) -> list[Block]:
        """Have processes turn the files into lines; their blocks, in order."""
        terms = self._terms()
        count = min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
        mine = shares(self.loaders, count)
        context = get_context("fork")  # hashes of texts must be the same in all of them
        lines: list[Connection] = []
        processes: list[BaseProcess] = []
        for number in range(count):
            line, other = context.Pipe()
            worker = Worker(number, count, self.folder, terms, other)
            given = worker, [*lines, line], self.loaders, mine[number]
            process = context.Process(target=alone, args=given, daemon=True)
            process.start()
            other.close()
            lines.append(line)
            processes.append(process)
        try:
            return self._listen(lines)
        finally:
            end(processes)

    def _listen(self, lines: list[Connection]) -> list[Block]:
        blocks: list[Block] = []
        while lines:
            for line in wait(lines):
                assert isinstance(line, Connection)
                self._hear(line, lines, blocks)
        return sorted(blocks, key=lambda block: block.place)

    def _hear(self, line: Connection, lines: list[Connection], blocks: list[Block]) -> None:
        try:
            told = line.recv()
        except EOFError:
            raise StoreError("A process that reads the files has ended; nothing was loaded.") from None
        match told:
            case None:
                lines.remove(line)
            case int():
                line.send(self.next_no)
                self.next_no += told
            case Handling():
                line.send(self._number(told))
            case Block():
                blocks.append(told)
                self.progress.read += told.read
                self.progress.counts.read += told.count
                self.heard("Shaping", self.progress)
            case Told():
                self.loaders[told.loader].remarks.update(told.remarks)
                self.loaders[told.loader].failed.extend(told.failed)
            case Error():
                raise told
            case _:
                raise StoreError(f"A process that reads the files has failed ({told!r}); nothing was loaded.")

    def _number(self, handling: Handling) -> int:
        found = self.handlings.get(handling)
        if found is None:
            found = self.books.handlings.get(handling.digest)
            if found is None:
                found, self.next_handling = self.next_handling, self.next_handling + 1
            self.handlings[handling] = found
        return found

    def _terms(self) -> Terms:
        owners = dict(self.books.owners)
        for loader in self.loaders:
            holder = owners.setdefault(loader.terms.source, loader.terms.owner)
            if holder != loader.terms.owner:
                raise AccessError(
                    f"The source {loader.terms.source} belongs to {holder}; load under a source of your own."
                )
        own = {
            owner: frozenset(name for name, holder in owners.items() if holder == owner)
            for owner in set(owners.values())
        }
        hash = hasher(self.vault.key("tombstones"))
        return Terms(self.runs, own, self.books.complete, self.books.buried, hash)

    def meta(self, found: Sorted) -> None:
        """The numbers that the books end with."""
        cells = ("graph", found.seq, self.next_no, self.next_handling, secrets.token_hex(16))
        header = CELL.join(("name:string", "seq:long", "next_no:long", "handlings:long", "built:string"))
        text = header + "\n" + CELL.join(map(str, cells)) + "\n"
        (self.folder / "meta.csv").write_text(text, encoding="utf-8")

    def run_importer(self, beside: Settings, found: Sorted) -> None:
        """Make the store."""
        nodes = {**found.nodes, "Meta": ["meta.csv"]}
        importer.run(beside, self.folder, nodes, found.links, (CELL, PART, QUOTE), multiline=found.multiline)

    def finish(self, beside: Settings, found: Sorted, began: datetime) -> list[Outcome]:
        """Make the graph whole on a server of its own, and give the accounts."""
        server = localdb.start(beside, building=True)
        try:
            with Database.beside(self.settings, server) as database:
                self.heard("Indexing", self.progress)
                aside.furnish(
                    database,
                    self.folder / "books",
                    self.handlings,
                    self.books.next_handling,
                    hollow=found.hollow,
                    bare=found.bare,
                )
                self.heard("Closing", self.progress)
                rules = {number: handling for handling, number in self.handlings.items()}
                claimed = [
                    aside.claim(database, id, loader.facts(), began)
                    for id, loader in zip(self.runs, self.loaders, strict=True)
                ]
                aside.flag(database, found.flagged)
                for run, loader, outcome, part in zip(
                    claimed, self.loaders, self.outcomes, found.parts, strict=True
                ):
                    state = "partial" if loader.failed else "complete"
                    odd = part.odd(rules)
                    outcome.account = aside.close(run, began, part.rejects, odd, state, loader.notes())
                    outcome.keep(part.first)
                    outcome.failed, outcome.notes = loader.failed, loader.notes()
        finally:
            self.heard("Stopping", self.progress)
            localdb.stop(beside)
        return self.outcomes


def shares(loaders: list[Loader], count: int) -> list[list[bool | None]]:
    """For each process, what it does of each loader: nothing, all of it, or None for its turns."""
    load = [0] * count
    found: list[list[bool | None]] = [[] for _ in range(count)]
    for loader in loaders:
        if isinstance(loader, TableLoader):
            for share in found:
                share.append(None)
            continue
        least = load.index(min(load))
        load[least] += loader.total_bytes()
        for number, share in enumerate(found):
            share.append(number == least)
    return found


def alone(worker: Worker, others: list[Connection], loaders: list[Loader], share: list[bool | None]) -> None:
    """The work of a process, which keeps no end of a line but its own, so that it hears when the first one is gone.

    It holds the database's lock as long as it lives.
    """
    for line in others:
        line.close()
    worker.work(loaders, share)


def end(processes: Sequence[BaseProcess]) -> None:
    """Wait for those that are through, and end those that nobody waits for any more."""
    for process in processes:
        process.join(timeout=0.5)
        if process.is_alive():
            process.terminate()
            process.join()
