"""Writes a synthetic world: one folder a source, the manifest ``world.yml``, and the truth beside it.

Rows are made one at a time from their numbers and written at once, so memory does not grow with the world.
"""

import csv
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import yaml

from graphsvc.errors import UsageError
from graphsvc.model import kinds, links
from graphsvc.sample import events, files, people, rules, things, ties, truth
from graphsvc.sample.lands import Land, World
from graphsvc.sample.planted import chain as smuggling
from graphsvc.sample.planted import gang, innocents, ring
from graphsvc.sample.planted.plants import Plants
from graphsvc.sample.rules import Row
from graphsvc.sample.tally import Tally, count

LEAST = 1_000
"""Records of the smallest world; a few hundred of them are the planted groups."""
LINKS = "links"
Progress = Callable[[int], None]


class Made(msgspec.Struct):
    """What was written."""

    folder: Path
    records: int = 0
    links: int = 0
    sources: int = 0


def columns(kind: str) -> tuple[str, ...]:
    """The columns of a kind's file, by its name on the command line: all declared ones, then the handling."""
    if kind == LINKS:
        named = [field.name for field in links.COMMON]
        named += [field.name for link in links.LINKS for field in link.fields]
    else:
        declared = kinds.BY_COMMAND[kind]
        named = [field.name for field in (*kinds.COMMON, *declared.fields)]
        named += [reference.name for reference in declared.references]
    return tuple(dict.fromkeys((*named, *rules.COLUMNS)))


def plant(seed: int) -> Plants:
    """All planted groups."""
    plants = Plants(seed)
    for module in (ring, smuggling, gang, innocents):
        module.plant(plants)
    return plants


def _bulk(world: World, land: Land, kind: str, tally: Tally) -> Iterable[Row]:
    if kind == "persons":
        return people.rows(world, land)
    if kind == "events":
        return events.rows(world, land, tally)
    if kind == LINKS:
        return chain(ties.associates(world, land), ties.outcomes(world, land), events.judgements(world, land))
    if kind in files.KINDS:
        return files.rows(world, land, kind)
    return things.rows(world, land, kind) if kind in land.counts else ()


def _kinds(plants: Plants, land: Land) -> list[str]:
    planted = [kind for code, kind in plants.rows if code == land.code]
    counted = [kind for kind, count in land.counts.items() if count]
    return list(dict.fromkeys((*counted, *planted, LINKS)))


def _write(path: Path, kind: str, rows: Iterable[Row], progress: Progress) -> int:
    named = columns(kind)
    number = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, named, restval="", lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(rows, 1):
            writer.writerow(row)
            if number % 10_000 == 0:
                progress(10_000)
    progress(number % 10_000)
    return number


def _source(
    folder: Path, world: World, land: Land, plants: Plants, tally: Tally, made: Made, progress: Progress
) -> dict[str, Any]:
    (folder / land.source).mkdir(parents=True, exist_ok=True)
    paths = {}
    for kind in _kinds(plants, land):
        paths[kind] = f"{land.source}/{kind}.csv"
        planted = plants.rows.get((land.code, kind), [])
        if kind == "events":
            for row in planted:
                count(tally, row)
        number = _write(folder / paths[kind], kind, chain(planted, _bulk(world, land, kind, tally)), progress)
        if kind == LINKS:
            made.links += number
        else:
            made.records += number
    made.sources += 1
    return {"name": land.source, "owner": land.code, "files": paths}


def make(folder: Path, size: int, seed: int, progress: Progress = lambda _: None) -> Made:
    """A world of ``size`` records (links come on top) in an empty or new folder; the same bytes for the same seed.

    Raises UsageError when the folder holds something else or the size is too small.
    """
    if size < LEAST:
        raise UsageError(f"a world has at least {LEAST:,} records: ask for --size {LEAST} or more")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty: name a new folder, or remove this one first")
    plants = plant(seed)
    world = World(size - plants.records, seed)
    made, tally = Made(folder), Tally()
    sources = [_source(folder, world, land, plants, tally, made, progress) for land in world.lands]
    manifest = {
        "world": f"synthetic, {size} records, seed {seed}",
        "size": size,
        "seed": seed,
        "sources": sources,
    }
    (folder / "world.yml").write_text(yaml.safe_dump(manifest, sort_keys=False), encoding="utf-8")
    truth.write(folder / "truth", world, plants, tally)
    return made
