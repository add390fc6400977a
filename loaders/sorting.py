"""What of the shaped lines the importer may take, and the ledger and the feed of that; the rest is put aside."""

import os
import pickle
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from graphsvc.model.handling import Handling
from graphsvc.model.rules import state_before_review
from graphsvc.store.aside import spooled
from graphsvc.store.batch import Batch, Shaped
from graphsvc.store.lines import CELL, PART, link_form, record_form
from graphsvc.store.reviews import REVIEWER
from loaders.blocks import FOREIGN, FROM, LENGTH, LINE, MARK, REVOKED, TO, Block, Piece
from loaders.rows import Rejected

AT_ONCE = 2
"""Threads that look for ends."""
BOOKS = {
    "Batch": (
        "id:string", "run:string", "at:datetime", "seq:long", "revoked:long", "read:long", "written:long",
        "unchanged:long", "waiting:long", "accepted:long", "rejected:long", "joined:long",
    ),
    "Change": (
        "seq:long", "run:string", "op:string", "at:datetime", "nodes:string[]", "kinds:string[]", "links:string[]",
        "link_kinds:string[]",
    ),
}  # fmt: skip


class Odd(msgspec.Struct):
    """Rows of one block that the importer may not take, each with the number of its handling and its line."""

    id: str
    run: str
    source: str
    file: str
    nodes: list[tuple[dict[str, Any], int, int]] = []
    links: list[tuple[dict[str, Any], int, int]] = []


class Part(msgspec.Struct):
    """What is left to be done of one run."""

    rejects: Path
    spool: Path
    first: list[Rejected] = []

    def odd(self, rules: dict[int, Handling]) -> Iterator[Batch]:
        """The batches of rows that go the ordinary way."""
        for odd in spooled(self.spool):
            nodes: list[Shaped] = [(row, rules[number], line) for row, number, line in odd.nodes]
            links: list[Shaped] = [(row, rules[number], line) for row, number, line in odd.links]
            yield Batch(odd.id, odd.run, odd.source, frozenset(), odd.file, nodes, links, [])


class Sorted(msgspec.Struct):
    """Files for the importer by label and type, and what else there is to do."""

    seq: int
    nodes: dict[str, list[str]]
    links: dict[str, list[str]]
    parts: list[Part]
    flagged: Path
    multiline: bool
    hollow: bool
    bare: dict[str, list[int]]
    """Numbers of the changes that name no nodes, or no links."""


def sort(folder: Path, blocks: list[Block], runs: list[tuple[str, str]], seq: int) -> Sorted:
    """Sort all blocks, in their order. ``runs`` are the id and the source of each run."""
    return Sorting(folder, blocks, runs, seq).sort()


class Sorting:
    """The work of ``sort``."""

    def __init__(self, folder: Path, blocks: list[Block], runs: list[tuple[str, str]], seq: int) -> None:
        self.folder = folder
        self.blocks = blocks
        self.runs = runs
        self.seq = seq
        self.at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        self.bare: dict[str, list[int]] = {"nodes": [], "links": []}
        self.cuts: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.parts = [Part(folder / f"rejects-{n}", folder / f"odd-{n}") for n in range(len(runs))]

    def sort(self) -> Sorted:
        taken = self.firsts()
        files = {name: (self.folder / f"{name}.csv").open("w", encoding="utf-8") for name in BOOKS}
        with (self.folder / "flagged").open("wb") as flagged:
            for name, columns in BOOKS.items():
                files[name].write(CELL.join(columns) + "\n")
            for number, block in enumerate(self.blocks):
                self.block(number, block, taken, files, flagged)
        for file in files.values():
            file.close()
        for name, cuts in self.cuts.items():
            cut(self.folder / name, cuts)
        nodes, links = self.groups()
        multiline = any(block.multiline for block in self.blocks)
        hollow = any(block.hollow for block in self.blocks)
        return Sorted(
            self.seq, nodes, links, self.parts, self.folder / "flagged", multiline, hollow, self.bare
        )

    def pieces(self, *, link: bool) -> Iterator[Piece]:
        return (piece for block in self.blocks for piece in block.pieces if piece.link is link)

    def noted(self, piece: Piece, *columns: int) -> Any:
        """Columns of the numbers noted of a piece."""
        import numpy as np

        return np.load(self.folder / piece.noted, mmap_mode="r")[:, list(columns)]

    def firsts(self) -> dict[str, Any]:
        """By piece, which of its rows the importer takes: of each id the first, when it has a line, with both ends."""
        import numpy as np

        taken = self.first_of(list(self.pieces(link=False)))
        there = [self.noted(p, MARK)[taken[p.noted], 0] for p in self.pieces(link=False)]
        present = np.sort(np.concatenate(there)) if there else np.empty(0, dtype=np.int64)
        by_kind: dict[str, list[Piece]] = defaultdict(list)
        for piece in self.pieces(link=True):
            by_kind[piece.kind].append(piece)
        for pieces in by_kind.values():
            for name, mask in self.first_of(pieces).items():
                taken[name] = mask
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for piece, mask in zip(pieces, pool.map(partial(self.joined, present), pieces), strict=True):
                    taken[piece.noted] &= mask
        return taken

    def joined(self, present: Any, piece: Piece) -> Any:
        """Which rows have both ends."""
        ends = self.noted(piece, FROM, TO)
        return holds(present, ends[:, 0]) & holds(present, ends[:, 1])

    def first_of(self, pieces: list[Piece]) -> dict[str, Any]:
        """Which rows are the first of their id and have a line."""
        import numpy as np

        if not pieces:
            return {}
        marks = np.concatenate([self.noted(piece, MARK)[:, 0] for piece in pieces])
        ordered = np.sort(marks)  # takes a third of np.unique, which only repeats want
        first = np.ones(len(marks), dtype=bool)
        if (ordered[1:] == ordered[:-1]).any():
            first[:] = False
            first[np.unique(marks, return_index=True)[1]] = True
        found, start = {}, 0
        for piece in pieces:
            lengths = self.noted(piece, LENGTH)[:, 0]
            found[piece.noted] = first[start : start + len(lengths)] & (lengths > 0)
            start += len(lengths)
        return found

    def block(
        self, number: int, block: Block, taken: dict[str, Any], files: dict[str, Any], flagged: Any
    ) -> None:
        """The ledger's row and the feed's of one block; what the importer may not take of it is put aside."""
        run, source = self.runs[block.place[0]]
        id_ = f"{run}/{number:06d}-{block.content[:16]}"
        odd = Odd(f"{id_}-odd", run, source, block.file)
        feed: dict[bool, tuple[list[str], list[str]]] = {False: ([], []), True: ([], [])}
        foreign = revoked = read = 0
        for piece in block.pieces:
            mask = taken[piece.noted]
            lines = self.noted(piece, LINE)[:, 0][mask]
            foreign += int((lines & FOREIGN > 0).sum())
            revoked += int((lines & REVOKED > 0).sum())
            read += int(mask.sum())
            ids = self.ids(piece, mask)
            feed[piece.link][0].extend(ids)
            feed[piece.link][1].extend([piece.kind] * len(ids))
            self.put_aside(piece, mask, odd, flagged)
        if read:
            self.seq += 1
            nodes, links = feed[False], feed[True]
            for name, (ids, _) in (("nodes", nodes), ("links", links)):
                if not ids:
                    self.bare[name].append(self.seq)
            change = (self.seq, run, "upsert", self.at, *map(PART.join, (*nodes, *links)))
            files["Change"].write(CELL.join(map(str, change)) + "\n")
        rejected = len(block.rejects)
        counts = (read + rejected, read - foreign, 0, 0, foreign, rejected, 0)
        files["Batch"].write(CELL.join(map(str, (id_, run, self.at, self.seq, revoked, *counts))) + "\n")
        part = self.parts[block.place[0]]
        part.first += block.first[: max(0, 10 - len(part.first))]
        append(part.rejects, *(msgspec.to_builtins(reject) for reject in block.rejects))
        if odd.nodes or odd.links:
            append(part.spool, odd)

    def ids(self, piece: Piece, mask: Any) -> list[str]:
        """Ids of the rows that the importer takes."""
        name, start, length = piece.ids
        with (self.folder / name).open("rb") as file:
            file.seek(start)
            ids = file.read(length).decode().split(PART)
        return ids if mask.all() else [id_ for id_, takes in zip(ids, mask.tolist(), strict=True) if takes]

    def put_aside(self, piece: Piece, mask: Any, odd: Odd, flagged: Any) -> None:
        """Rows that the importer may not take, and those that raise something."""
        aside = pickle.loads((self.folder / piece.aside).read_bytes()) if piece.aside else {}  # noqa: S301
        for at, (row, _, _) in aside.items():
            if mask[at]:
                pickle.dump((row, imported_state(row)), flagged)
        if mask.all():
            return
        noted = self.noted(piece, LENGTH, LINE)
        starts = piece.start + noted[:, 0].cumsum() - noted[:, 0]
        for at in (~mask).nonzero()[0].tolist():
            length, line = int(noted[at, 0]), int(noted[at, 1]) & (FOREIGN - 1)
            if length:
                self.cuts[piece.file].append((int(starts[at]), length))
            row = aside[at][0] if at in aside else self.read(piece, at)
            (odd.links if piece.link else odd.nodes).append((row, row["handling"], line))

    def read(self, piece: Piece, at: int) -> dict[str, Any]:
        """The row of a line."""
        lengths = self.noted(piece, LENGTH)[:, 0]
        with (self.folder / piece.file).open("rb") as file:
            file.seek(piece.start + int(lengths[:at].sum()))
            text = file.read(int(lengths[at])).decode()
        return (link_form(piece.kind) if piece.link else record_form(piece.kind)).row(text)

    def groups(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The importer's groups, each with its header first."""
        nodes = {name: [f"{name}.csv"] for name in BOOKS}
        links: dict[str, list[str]] = {}
        for link in (False, True):
            by_kind: dict[str, set[str]] = defaultdict(set)
            for piece in self.pieces(link=link):
                if (self.folder / piece.file).stat().st_size:
                    by_kind[piece.kind].add(piece.file)
            for kind, names in sorted(by_kind.items()):
                form = link_form(kind) if link else record_form(kind)
                header = f"header-{'links' if link else 'records'}-{kind}.csv"
                (self.folder / header).write_text(form.header(), encoding="utf-8")
                (links if link else nodes)[kind if link else f"Entity:{kind}"] = [header, *sorted(names)]
        return nodes, links


def imported_state(row: dict[str, Any]) -> str | None:
    """The state of review with which the importer has a row."""
    if row["kind"] == "Notice":
        return state_before_review(row, reviewer=row["owner"] == REVIEWER)
    state: str | None = row.get("compliance")
    return state


def holds(sorted_marks: Any, wanted: Any) -> Any:
    """Which of the wanted marks are there."""
    if not len(sorted_marks):
        return wanted != wanted  # none
    places = sorted_marks.searchsorted(wanted).clip(max=len(sorted_marks) - 1)
    return sorted_marks[places] == wanted


def append(path: Path, *rows: Any) -> None:
    """Add to a spool."""
    if rows:
        with path.open("ab") as file:
            for row in rows:
                pickle.dump(row, file, pickle.HIGHEST_PROTOCOL)


def cut(path: Path, cuts: list[tuple[int, int]]) -> None:
    """Take ranges of bytes out of a file."""
    fresh = path.with_suffix(".cut")
    with path.open("rb") as old, fresh.open("wb") as new:
        for start, length in sorted(cuts):
            copy(old, new, start - old.tell())
            old.seek(length, os.SEEK_CUR)
        copy(old, new, path.stat().st_size - old.tell())
    fresh.replace(path)


def copy(old: Any, new: Any, count: int) -> None:
    """Copy as many bytes."""
    while count > 0:
        part = old.read(min(count, 1 << 20))
        new.write(part)
        count -= len(part)
