"""A whole world in one go: every file that the manifest ``world.yml`` of a folder names, source by source.

The manifest says ``sources``, each with ``name``, ``owner`` and ``files``: a path for each kind, in any order.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from graphsvc.errors import UsageError
from loaders.catalogue import Request, loader
from loaders.files import Input
from loaders.frame import Loader
from loaders.parcel import Element, Parcel
from loaders.rows import Rejected, Row

MANIFEST = "world.yml"


class Source(msgspec.Struct, frozen=True):
    """One source of a world. ``files`` are paths below the manifest, by kind."""

    name: str
    owner: str
    files: dict[str, str]


class World(msgspec.Struct, frozen=True):
    """What a manifest says."""

    sources: list[Source]


def read(folder: Path) -> World:
    """The manifest of a folder. Raises UsageError."""
    path = folder / MANIFEST if folder.is_dir() else folder
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=World)
    except OSError:
        raise UsageError(
            f"{path} is not there: make a world with graphsvc sample, or name its folder"
        ) from None
    except msgspec.DecodeError as error:
        raise UsageError(
            f"{path} is no manifest of a world ({error}): see docs/sample.md for its form"
        ) from None


class SourceFiles(Loader):
    """All files of one source, one after the other in one run. ``parts`` are their own loaders."""

    def __init__(self, parts: list[Loader]) -> None:
        super().__init__("world", parts[0].terms)
        self.parts = parts
        self._of = {source: part for part in parts for source in part.inputs}
        self._named = {source.name: part for source, part in self._of.items()}
        for part in parts:
            part.remarks, part.failed = self.remarks, self.failed

    @property
    def inputs(self) -> list[Input]:
        return list(self._of)

    def options(self) -> object:
        return [(part.name, part.options()) for part in self.parts]

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        return self._of[source].read(source)

    def check(self, row: Row) -> None:
        self._named[row.file].check(row)

    def shape(self, row: Row) -> list[Element]:
        return self._named[row.file].shape(row)

    def parcels(self, size: int) -> Iterator[Parcel]:
        return self._all(lambda part: part.parcels(size))

    def batches(self, size: int) -> Iterator[Parcel]:
        return self._all(lambda part: part.batches(size))

    def _all(self, parcels: Callable[[Loader], Iterator[Parcel]]) -> Iterator[Parcel]:
        for part in self.parts:
            before = self.bytes_read
            for parcel in parcels(part):
                self.bytes_read = before + part.bytes_read
                yield parcel


def loaders(request: Request) -> Iterator[Loader]:
    """A loader for each source of the worlds that a request names: its records first, its links last."""
    for folder in request.paths:
        root = folder if folder.is_dir() else folder.parent
        for source in read(folder).sources:
            named = sorted(source.files.items(), key=lambda part: part[0] == "links")
            yield SourceFiles([_part(request, source, kind, root / path) for kind, path in named])


def _part(request: Request, source: Source, kind: str, path: Path) -> Loader:
    return loader(
        msgspec.structs.replace(request, format=kind, paths=[path], source=source.name, owner=source.owner)
    )
