"""The frame that all loaders share: read, check, shape, load, sweep.

A reading thread makes parcels of shaped elements while the one before is being committed.
"""

import hashlib
import itertools
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import msgspec

from graphsvc.errors import Error, RowError, UsageError
from graphsvc.model.derive import digest
from graphsvc.model.record import Record
from graphsvc.store import books
from graphsvc.store.batch import Batch, Counts
from graphsvc.store.database import Database
from graphsvc.store.runs import Account, Run
from graphsvc.store.seen import Seen
from graphsvc.store.sweeping import Swept, sweep
from loaders import files, kept
from loaders.ahead import Ahead, in_a_hurry
from loaders.files import Input
from loaders.parcel import Element, Parcel, as_reject
from loaders.rows import Rejected, Row
from loaders.screen import Screen
from loaders.terms import Terms

UNREADABLE = (UsageError, OSError, *files.BROKEN)
"""What costs a file the rest of itself."""
FIRST = 5
"""How many times smaller the first parcel of a load is."""
MOST_REMARKS = 1_000


class Loader(ABC):
    """One way of reading files into records and links."""

    def __init__(self, name: str, terms: Terms) -> None:
        self.name = name
        self.terms = terms
        self.screen = Screen(terms.owner)
        self.remarks: Counter[tuple[str, str]] = Counter()
        self.failed: list[Rejected] = []
        self.bytes_read = 0

    @property
    @abstractmethod
    def inputs(self) -> list[Input]:
        """The streams that are read, in order."""

    @abstractmethod
    def options(self) -> object:
        """What beside the files and the terms decides the result; plain data."""

    @abstractmethod
    def read(self, source: Input) -> Iterator[Row | Rejected]:
        """The rows of one stream, as they stand there. Raises UsageError when it can't be read at all."""

    @abstractmethod
    def check(self, row: Row) -> None:
        """Whether the row can be taken at all. Raises RowError."""

    @abstractmethod
    def shape(self, row: Row) -> list[Element]:
        """The records and links of one row, in declared types. Raises RowError."""

    def remark(self, text: str, file: str = "") -> None:
        """Something worth telling that stops nothing; counted by its text."""
        if len(self.remarks) < MOST_REMARKS or (file, text) in self.remarks:
            self.remarks[file, text] += 1

    def notes(self) -> list[str]:
        """The remarks as lines, with how often each was made."""
        return [
            f"{file + ': ' if file else ''}{text}{f' ({count:,} times)' if count > 1 else ''}"
            for (file, text), count in self.remarks.items()
        ]

    @contextmanager
    def open(self, source: Input) -> Iterator[BinaryIO]:
        """The stream, with what is read of it counted for progress."""
        stream = files.open_stream(source, self._heard)
        try:
            yield stream
        finally:
            stream.close()

    def _heard(self, count: int) -> None:
        self.bytes_read += count

    def total_bytes(self) -> int:
        """How much there is to read."""
        return sum(files.size(source) for source in self.inputs)

    def content(self) -> str:
        """Hash of what decides which ids there are: contents of the files, loader and options, whose source it is."""
        whose = self.terms.source, self.terms.owner
        found = hashlib.blake2b(msgspec.json.encode([self.name, whose, self.options()]), digest_size=16)
        for path in dict.fromkeys(source.path for source in self.inputs):
            with path.open("rb") as stream:
                found.update(hashlib.file_digest(stream, "blake2b").digest())
        return found.hexdigest()

    def facts(self) -> dict[str, Any]:
        """What is written down of a run of this loader; ``fingerprint`` stands for all that decides the result."""
        content = self.content()
        return {
            "source": self.terms.source,
            "owner": self.terms.owner,
            "loader": self.name,
            "files": [source.name for source in self.inputs],
            "content": content,
            "sequence": self.terms.sequence,
            "fingerprint": digest(content, self.terms),
        }

    def parcels(self, size: int) -> Iterator[Parcel]:
        """Everything in the files, shaped, in parcels of about ``size`` elements that never span two files.

        The very first is small, so that the database has something to do while the second is read.
        """
        several = sizes(size)
        for source in self.inputs:
            yield from self.parcels_of(source, several)

    def parcels_of(self, source: Input, several: Iterator[int]) -> Iterator[Parcel]:
        """Those of one stream, each of about the next of so many elements."""
        parcel, most = Parcel(source.name), next(several)
        try:
            for item in self.read(source):
                self.take(item, parcel)
                if len(parcel) >= most:
                    yield parcel
                    parcel, most = Parcel(source.name), next(several)
        except UNREADABLE as error:
            parcel.rejects.append(self.broken(source, error))
        if len(parcel):
            yield parcel

    def batches(self, size: int) -> Iterator[Parcel]:
        """The same as they are written: where that is quicker, as tables of many elements."""
        return self.parcels(size)

    def broken(self, source: Input, error: Exception) -> Rejected:
        """What ends a stream before its time; that its file could not be read whole is kept in mind."""
        failure = Rejected(source.name, 0, files.broken(source, error))
        self.failed.append(failure)
        return failure

    def screened(self, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The row without what must not come in, and the categories of it. Raises RowError."""
        return self.screen.columns(values)

    def take(self, item: Row | Rejected, parcel: Parcel) -> None:
        """Screen, check and shape one row into the parcel, or put it among its rejects."""
        if isinstance(item, Rejected):
            parcel.rejects.append(item)
            return
        try:
            values, dropped = self.screened(item.values)
            row = item if values is item.values else item._replace(values=values)
            self.check(row)
            elements = self.shape(row)
            told = [text for element in elements for text in self._screened(element, dropped)]
        except RowError as error:
            parcel.rejects.append(Rejected(item.file, item.line, error.reason, kept.values(item.values)))
            return
        for text in told:
            self.remark(text, item.file)
        for element in elements:
            if isinstance(element, Record):
                parcel.records.append(element)
            else:
                parcel.links.append(element)

    def _screened(self, element: Element, dropped: tuple[str, ...]) -> list[str]:
        if isinstance(element, Record):
            return self.screen.record(element, dropped)
        return self.screen.link(element.properties)

    def sweep(
        self, database: Database, *, share: float = 0.1, sequence: int | None = None, look: bool = False
    ) -> Swept:
        """Take out what the source has in the graph and these files, its complete batch, do not hold.

        The number of the batch is that of its load, and on which terms it was loaded makes no difference. Raises
        UsageError unless these very files were the last load of the source, complete, and every row can be read.
        """
        run = books.last(database, self.terms.source)
        if run is None or run.get("content") != self.content():
            raise self._telling_nothing("they were not its last complete load: load them first")
        number = run.get("sequence")
        if sequence is not None and sequence != number:
            with_ = "without a number" if number is None else f"with --sequence {number}"
            raise self._telling_nothing(f"they were loaded {with_}: sweep them so, or load them anew")
        held = Seen()
        held.add(self._ids())
        return sweep(
            database,
            source=self.terms.source,
            owner=self.terms.owner,
            held=held.among,
            share=share,
            sequence=number,
            look=look,
        )

    def _ids(self) -> Iterator[str]:
        for parcel in self.parcels(10_000):
            if parcel.rejects:
                refused = parcel.rejects[0]
                raise self._telling_nothing(
                    f"line {refused.line} of {refused.file} was refused: mend it and load them again"
                )
            yield from (element.id for element in parcel.elements())

    def _telling_nothing(self, why: str) -> UsageError:
        return UsageError(f"These files don't tell what {self.terms.source} holds, since {why}")

    def _prepared(self, run: Run, size: int, outcome: "Outcome") -> Iterator[Batch]:
        for parcel in self.batches(size):
            outcome.keep(parcel.rejects)
            rejects = list(map(as_reject, parcel.rejects))
            yield run.prepare(parcel.records, parcel.links, rejects, tables=parcel.tables, file=parcel.file)

    def _write(self, run: Run, size: int, outcome: "Outcome", heard: Callable[["Progress"], None]) -> None:
        progress = Progress(total=self.total_bytes())
        with in_a_hurry() as tidy, Ahead(self._prepared(run, size, outcome)) as batches:
            for counts in run.commit_all(batches):
                tidy()
                progress.read = self.bytes_read
                progress.counts.add(counts)
                heard(progress)

    def load(
        self, database: Database, *, size: int = 10_000, heard: Callable[["Progress"], None] = lambda _: None
    ) -> "Outcome":
        """Load everything through one run. A run that was cut off over the same input is gone on with.

        The same input as in the source's last run, when that was complete, is not even read.
        """
        began = time.monotonic()
        facts = self.facts()
        account = books.repeated(database, self.terms.source, facts["fingerprint"])
        if account is not None:
            account.seconds = time.monotonic() - began
            return Outcome(account, repeated=True)
        run = Run.begin(database, **facts)
        outcome = Outcome()
        with unfinished(run.id):
            self._write(run, size, outcome, heard)
            outcome.account = run.finish("partial" if self.failed else "complete", self.notes())
        outcome.failed = self.failed
        outcome.notes = self.notes()
        return outcome


def sizes(size: int) -> Iterator[int]:
    """The sizes of parcels: a small one, then as given."""
    yield size // FIRST or 1
    yield from itertools.repeat(size)


@contextmanager
def unfinished(run: str) -> Iterator[None]:
    """Whatever ends a load says what becomes of its run."""
    what = f"the run {run} is not finished: the same command goes on with it, and mended files make a new one"
    try:
        yield
    except Error as error:
        error.args = (f"{str(error).rstrip('.')}; {what}",)
        raise
    except Exception as error:
        error.add_note(f"graphsvc: {what}")
        raise


class Progress(msgspec.Struct):
    """How far a load is: bytes read of ``total``, and what the batches did."""

    total: int
    read: int = 0
    counts: Counts = msgspec.field(default_factory=Counts)


class Outcome(msgspec.Struct):
    """What a load came to, for those who started it."""

    account: Account | None = None
    repeated: bool = False
    rejects: list[Rejected] = []
    failed: list[Rejected] = []
    notes: list[str] = []

    def keep(self, rejects: list[Rejected]) -> None:
        """Remember the first few rejects; all of them are in the graph's books."""
        self.rejects += rejects[: max(0, 10 - len(self.rejects))]
