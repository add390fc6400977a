"""Blocks of shaped elements as lines for the importer, made by several processes at once."""

import gc
import itertools
import pickle
from collections import Counter, defaultdict
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import BinaryIO

import msgspec

from graphsvc.errors import UsageError
from graphsvc.model import derive
from graphsvc.model.handling import Handling
from graphsvc.model.rules import state_before_review
from graphsvc.store.batch import Reject, Shaped, shaped_links, shaped_nodes
from graphsvc.store.lines import PART, Form, link_form, record_form
from graphsvc.store.plan import Row as Values
from graphsvc.store.plan import superseded
from graphsvc.store.reviews import REVIEWER
from graphsvc.store.tombstones import Hash
from loaders.files import Input
from loaders.frame import Loader, Parcel, as_reject
from loaders.records import TableLoader
from loaders.rows import Rejected, Row

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
        terms = {"source": loader.terms.source, "owner": loader.terms.owner}
        nodes = shaped_nodes(parcel.records, **terms)
        links = shaped_links(parcel.links, **terms)
        rejects = list(map(as_reject, parcel.rejects))
        content = derive.digest([row["digest"] for row, _, _ in (*nodes, *links)], rejects)
        block = Block(place, parcel.file, content, [], rejects, parcel.rejects[:10], len(parcel))
        own = self.terms.own[loader.terms.owner]
        next_no = self.ask(len(nodes)) if nodes else 0
        for row, _, _ in nodes:
            row["no"] = next_no
            next_no += 1
        for link, several in ((False, nodes), (True, links)):
            by_kind: dict[str, list[Shaped]] = defaultdict(list)
            for shaped in several:
                by_kind[shaped[0]["kind"]].append(shaped)
            for kind, rows in by_kind.items():
                block.pieces.append(self.piece(kind, link, rows, at, own, block))
        return block

    def piece(
        self, kind: str, link: bool, rows: list[Shaped], at: int, own: frozenset[str], block: Block
    ) -> Piece:
        """The rows of one kind."""
        import numpy as np

        form = link_form(kind) if link else record_form(kind)
        name = f"{'links' if link else 'records'}-{kind}-{self.number}.csv"
        file, lines = self.file(name), []
        noted: list[tuple[int, int, int, int, int]] = []
        aside: dict[int, tuple[Values, Handling, int]] = {}
        start, run, prefix = file.tell(), self.terms.runs[at], f"{kind} " if link else ""
        for number, (row, handling, line) in enumerate(rows):
            row["handling"] = self.handling(handling)
            row["run"] = run
            text, keep = self.text(form, row)
            if keep is not None or not text:
                aside[number] = (keep or row, handling, line)
            raw = text.encode()
            lines.append(raw)
            block.multiline = block.multiline or 0 <= raw.find(b"\n") < len(raw) - 1 or b"\r" in raw
            ends = (hash(row["from"]), hash(row["to"])) if link else (0, 0)
            noted.append((hash(prefix + row["id"]), *ends, len(raw), line | marks(row, own, link)))
        file.writelines(lines)
        ids = PART.join(row["id"] for row, _, _ in rows).encode()
        at_ids = self.file(f"ids-{self.number}")
        where = (f"ids-{self.number}", at_ids.tell(), len(ids))
        at_ids.write(ids)
        told = f"noted-{self.number}-{next(self._count)}"
        np.save(self.folder / f"{told}.npy", np.array(noted, dtype=np.int64))
        if aside:
            (self.folder / f"{told}.aside").write_bytes(pickle.dumps(aside, pickle.HIGHEST_PROTOCOL))
        return Piece(kind, link, name, start, f"{told}.npy", where, f"{told}.aside" if aside else None)

    def text(self, form: Form, row: Values) -> tuple[str, Values | None]:
        """The line of a row, empty where the importer may not take it; the row as it was where it raises something."""
        if self.terms.buried and self.terms.hash(row["id"]) in self.terms.buried:
            return "", None
        if superseded(row, self.terms.complete.get(row["source"])):
            return "", None
        keep = None
        if not form.link and (row["kind"] == "Notice" or row.get("triggers")):
            keep = dict(row)
            if row["kind"] == "Notice":
                row["compliance"] = state_before_review(row, reviewer=row["owner"] == REVIEWER)
        return form.line(row) or "", keep

    def file(self, name: str) -> BinaryIO:
        """The file of this process of that name."""
        if name not in self._files:
            self._files[name] = (self.folder / name).open("wb")
        return self._files[name]

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


def marks(row: Values, own: frozenset[str], link: bool) -> int:
    """What the account must know of a row."""
    if not link:
        return REVOKED if row["kind"] == "Document" and row.get("status") == "revoked" else 0
    one, other = source_of(row["from"]), source_of(row["to"])
    return 0 if one in own and other in own else FOREIGN


def source_of(id_: str) -> str:
    """The source of a whole id."""
    return id_[: id_.index(":")]


def splits(loader: Loader) -> bool:
    """Whether its rows can be shaped in any order by several processes."""
    return isinstance(loader, TableLoader)


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
                parcel = shaped(loader, source, rows or [], failure)
                if len(parcel):
                    yield at, number, parcel
            elif turn == 0:
                for row in rows or ():
                    if not isinstance(row, Rejected):
                        loader.check(row)


Part = tuple[list[Row | Rejected] | None, Rejected | None]


def parts(loader: TableLoader, source: Input, turn: int, of: int) -> Iterator[Part]:
    """The groups of a stream, None for one passed over unread, and at the end what ended it before its time.

    The first process reads all groups until one tells it the columns.
    """
    told = turn != 0

    def mine(number: int) -> bool:
        return number % of == turn or not told

    try:
        for group in loader.groups(source, SIZE, mine):
            told = told or any(isinstance(row, Row) for row in group or ())
            yield group, None
    except (UsageError, OSError) as error:
        yield None, Rejected(source.name, 0, str(error))


def shaped(loader: Loader, source: Input, rows: list[Row | Rejected], failure: Rejected | None) -> Parcel:
    """What rows come to."""
    parcel = Parcel(source.name)
    for row in rows:
        loader.take(row, parcel)
    if failure is not None:
        loader.failed.append(failure)
        parcel.rejects.append(failure)
    return parcel
