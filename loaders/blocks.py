"""Blocks of shaped elements as lines for the importer, made by several processes at once."""

import gc
import itertools
import pickle
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from graphsvc.model import derive
from graphsvc.model.handling import Handling
from graphsvc.model.rules import state_before_review
from graphsvc.store.batch import Reject, Shaped, shaped_links, shaped_nodes
from graphsvc.store.lines import ALWAYS, PART, link_form, record_form
from graphsvc.store.plan import Row as Values
from graphsvc.store.plan import superseded
from graphsvc.store.reviews import REVIEWER
from graphsvc.store.table import Table
from graphsvc.store.tombstones import Hash
from loaders import files
from loaders.declared import TableLoader
from loaders.files import Input
from loaders.frame import UNREADABLE, Loader
from loaders.parcel import Parcel, as_reject
from loaders.rows import Rejected, Row, Sheet
from loaders.terms import Terms as On

if TYPE_CHECKING:
    import numpy as np

SIZE = 10_000
FOREIGN, REVOKED = 1 << 40, 1 << 41
"""Beside the line of a row in its column of marks."""
MARK, FROM, TO, LENGTH, LINE = range(5)
"""Columns of what is noted of each row."""


class Piece(msgspec.Struct):
    """The records or links of one kind in a block: where their lines stand in the file of that kind.

    ``noted`` is a file of numbers, five a row; a row of length 0 has no line. ``aside`` holds, by their place, rows
    that no line holds and rows that raise something, as they were shaped; ``ids`` is a part of the file of ids.
    """

    kind: str
    link: bool
    file: str
    start: int
    noted: str
    ids: tuple[str, int, int]
    aside: str | None = None


class Block(msgspec.Struct):
    """One batch of a loader: the how-manieth loader, stream and block of the stream."""

    place: tuple[int, int, int]
    file: str
    content: str
    pieces: list[Piece]
    rejects: list[Reject]
    first: list[Rejected]
    count: int = 0
    read: int = 0
    multiline: bool = False
    hollow: bool = False


class Told(msgspec.Struct):
    """What a process says of a loader when it is through with it."""

    loader: int
    remarks: Counter[tuple[str, str]]
    failed: list[Rejected]


class Terms(msgspec.Struct):
    """What is known before the first row is read. ``own`` are the sources of each owner."""

    runs: list[str]
    own: dict[str, frozenset[str]]
    complete: dict[str, int]
    buried: set[str]
    hash: Hash


class Worker:
    """One process of several. It asks the first one for numbers, so that all of them draw from the same ones."""

    def __init__(self, number: int, of: int, folder: Path, terms: Terms, line: Connection) -> None:
        self.number = number
        self.of = of
        self.folder = folder
        self.terms = terms
        self.line = line
        self._files: dict[str, BinaryIO] = {}
        self._count = itertools.count()
        self._handlings: dict[Handling, int] = {}

    def work(self, loaders: list[Loader], mine: list[bool | None]) -> None:
        """Go through all loaders in order: alone through those that are ``mine``, in turns where that is None."""
        gc.disable()  # rows hold no cycles, and looking for some takes as long as shaping
        try:
            for at, loader in enumerate(loaders):
                if mine[at] is not False:
                    for block in self.blocks(at, loader, whole=mine[at] is True):
                        self.line.send(block)
                    self.line.send(Told(at, loader.remarks, loader.failed))
            for file in self._files.values():
                file.close()
            self.line.send(None)
        except (EOFError, BrokenPipeError):
            return  # nobody listens any more
        except BaseException as error:
            self.line.send(error)

    def blocks(self, at: int, loader: Loader, *, whole: bool) -> Iterator[Block]:
        """The blocks of a loader that are this process's turn."""
        if whole or not isinstance(loader, TableLoader):
            parcels = whole_parcels(loader)
        else:
            parcels = turns(loader, self.number, self.of)
        before = 0
        for stream, number, parcel in parcels:
            block = self.block(at, loader, parcel, (at, stream, number))
            block.read = loader.bytes_read - before if self.number == 0 or whole else 0
            before = loader.bytes_read
            yield block

    def block(self, at: int, loader: Loader, parcel: Parcel, place: tuple[int, int, int]) -> Block:
        """One block, its lines written."""
        tables = [*parcel.tables, *tables_of(parcel, loader.terms)]
        rejects = list(map(as_reject, parcel.rejects))
        content = derive.digest([table.columns["digest"] for table in tables], rejects)
        block = Block(place, parcel.file, content, [], rejects, parcel.rejects[:10], len(parcel))
        own = self.terms.own[loader.terms.owner]
        for table in tables:
            table.columns["run"] = [self.terms.runs[at]] * len(table)
            numbers = {handling: self.handling(handling) for handling in set(table.handlings)}
            table.columns["handling"] = [numbers[handling] for handling in table.handlings]
            if not table.link:
                first = self.ask(len(table))
                table.columns["no"] = list(range(first, first + len(table)))
            block.pieces.append(self.piece(table, own, block))
        return block

    def piece(self, table: Table, own: frozenset[str], block: Block) -> Piece:
        """The lines of one table, written, and what is to be known of them."""
        import numpy as np

        kind, link = table.kind, table.link
        form = link_form(kind) if link else record_form(kind)
        kept = {} if link else kept_rows(table)
        block.hollow = block.hollow or (not link and any([] in table.columns[name] for name in ALWAYS))
        lines = form.lines(table)
        for number in self.refused(table):
            lines[number] = ""
        aside = {
            number: (kept.get(number) or table.row(number), table.handlings[number], table.lines[number])
            for number, line in enumerate(lines)
            if not line or number in kept
        }
        text, name = "".join(lines), f"{'links' if link else 'records'}-{kind}-{self.number}.csv"
        start, _ = self.write(name, text)
        several = text.count("\n") > len(lines) - lines.count("") or "\r" in text
        block.multiline = block.multiline or several
        lengths = map(len, lines) if text.isascii() else (len(line.encode()) for line in lines)
        told = f"noted-{self.number}-{next(self._count)}"
        np.save(self.folder / f"{told}.npy", noted(table, lengths, own))
        if aside:
            (self.folder / f"{told}.aside").write_bytes(pickle.dumps(aside, pickle.HIGHEST_PROTOCOL))
        ids = f"ids-{self.number}"
        where = (ids, *self.write(ids, PART.join(table.columns["id"])))
        return Piece(kind, link, name, start, f"{told}.npy", where, f"{told}.aside" if aside else None)

    def refused(self, table: Table) -> list[int]:
        """The rows that may not come (back) in."""
        buried, complete = self.terms.buried, self.terms.complete
        if not buried and not complete:
            return []
        rows = map(table.row, range(len(table)))
        return [
            number
            for number, row in enumerate(rows)
            if (buried and self.terms.hash(row["id"]) in buried)
            or superseded(row, complete.get(row["source"]))
        ]

    def write(self, name: str, text: str) -> tuple[int, int]:
        """Write at the end of the file of this name; where that begins, and how many bytes it has."""
        if name not in self._files:
            self._files[name] = (self.folder / name).open("wb")
        file, raw = self._files[name], text.encode()
        start = file.tell()
        file.write(raw)
        return start, len(raw)

    def handling(self, handling: Handling) -> int:
        """Its number."""
        found = self._handlings.get(handling)
        if found is None:
            found = self._handlings[handling] = self.ask(handling)
        return found

    def ask(self, what: int | Handling) -> int:
        """The number of a handling, or the first of as many numbers for records."""
        self.line.send(what)
        return int(self.line.recv())


def tables_of(parcel: Parcel, terms: On) -> list[Table]:
    """What was shaped row by row, by kind."""
    whose = {"source": terms.source, "owner": terms.owner}
    found = []
    shaped = shaped_nodes(parcel.records, **whose), shaped_links(parcel.links, **whose)
    for link, several in zip((False, True), shaped, strict=True):
        by_kind: dict[str, list[Shaped]] = defaultdict(list)
        for one in several:
            by_kind[one[0]["kind"]].append(one)
        found += [Table.of(kind, link, rows) for kind, rows in by_kind.items()]
    return found


def kept_rows(table: Table) -> dict[int, Values]:
    """The records that raise something, as they are; their state of review is set in the table."""
    if table.kind == "Notice":
        found = {number: table.row(number) for number in range(len(table))}
        table.columns["compliance"] = [
            state_before_review(row, reviewer=row["owner"] == REVIEWER) for row in found.values()
        ]
        return found
    raised = table.columns.get("triggers", ())
    return {number: table.row(number) for number, triggers in enumerate(raised) if triggers}


def noted(table: Table, lengths: Iterable[int], own: frozenset[str]) -> "np.ndarray[Any, Any]":
    """What the account and the sorting must know of each row."""
    import numpy as np

    columns = table.columns
    found = np.zeros((len(table), LINE + 1), dtype=np.int64)
    found[:, LENGTH] = np.fromiter(lengths, np.int64, len(table))
    found[:, LINE] = table.lines
    if table.link:
        ours = tuple(f"{name}:" for name in own)
        ends = columns["from"], columns["to"]
        found[:, MARK] = [hash(f"{table.kind} {id_}") for id_ in columns["id"]]
        found[:, FROM], found[:, TO] = (list(map(hash, column)) for column in ends)
        strange = [not (a.startswith(ours) and b.startswith(ours)) for a, b in zip(*ends, strict=True)]
        found[:, LINE] |= np.array(strange, dtype=np.int64) * FOREIGN
    else:
        found[:, MARK] = list(map(hash, columns["id"]))
        if table.kind == "Document":
            states = columns.get("status", [None] * len(table))
            found[:, LINE] |= np.array([state == "revoked" for state in states], dtype=np.int64) * REVOKED
    return found


def whole_parcels(loader: Loader) -> Iterator[tuple[int, int, Parcel]]:
    """All parcels of a loader."""
    for number, parcel in enumerate(loader.parcels(SIZE)):
        yield 0, number, parcel


def turns(loader: TableLoader, turn: int, of: int) -> Iterator[tuple[int, int, Parcel]]:
    """Every ``of``-th group of rows of each stream. The first process looks at the columns of all rows that it reads,
    for those that are left out."""
    loader.quiet = turn != 0
    for at, source in enumerate(loader.inputs):
        for number, (rows, failure) in enumerate(parts(loader, source, turn, of)):
            if number % of == turn:
                parcel = loader.parcel(source, rows or [])
                if failure is not None:
                    loader.failed.append(failure)
                    parcel.rejects.append(failure)
                if len(parcel):
                    yield at, number, parcel
            elif turn == 0:
                for row in rows if isinstance(rows, list) else ():
                    if not isinstance(row, Rejected):
                        loader.check(row)


Part = tuple[list[Row | Rejected] | Sheet | None, Rejected | None]


def parts(loader: TableLoader, source: Input, turn: int, of: int) -> Iterator[Part]:
    """The groups of a stream, None for one passed over unread, and at the end what ended it before its time.

    The first process reads all groups until one tells it the columns.
    """
    told = turn != 0

    def mine(number: int) -> bool:
        return number % of == turn or not told

    try:
        for group in loader.groups(source, itertools.repeat(SIZE), mine):
            told = told or isinstance(group, Sheet) or any(isinstance(row, Row) for row in group or ())
            yield group, None
    except UNREADABLE as error:
        yield None, Rejected(source.name, 0, files.broken(source, error))
