"""A whole world in one go: every file that the manifest ``world.yml`` of a folder names, source by source.

The manifest says ``sources``, each with ``name``, ``owner`` and ``files``: a path for each kind, in any order.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from graphsvc.errors import UsageError
from loaders.catalogue import Request, loader
from loaders.frame import Loader

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


def loaders(request: Request) -> Iterator[Loader]:
    """A loader for each file of the worlds that a request names: records first, links last, so that few wait."""
    for folder in request.paths:
        root = folder if folder.is_dir() else folder.parent
        named = [
            (source, kind, path) for source in read(folder).sources for kind, path in source.files.items()
        ]
        for source, kind, path in sorted(named, key=lambda part: part[1] == "links"):
            yield loader(
                msgspec.structs.replace(
                    request, format=kind, paths=[root / path], source=source.name, owner=source.owner
                )
            )
