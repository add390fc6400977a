"""Which formats there are, and the loader of each."""

import importlib
import textwrap
from collections.abc import Iterable
from pathlib import Path

import msgspec

from graphsvc.errors import UsageError
from graphsvc.model import kinds
from loaders.frame import Loader
from loaders.rows import Reading
from loaders.terms import Terms, terms
from loaders.yamlnodes import nearest

MAPPINGS = Path(__file__).parent / "mappings"


OTHERS: dict[str, tuple[str, str]] = {
    "stix": ("loaders.stix:Stix", "STIX 2.0 and 2.1 bundles."),
    "ftm": ("loaders.ftm:Ftm", "FollowTheMoney entities as JSON lines."),
    "interpol-notices": ("loaders.notices:Notices", "Public notices as JSON lines."),
    "misp-galaxy": ("loaders.misp:Misp", "MISP galaxy clusters."),
    "graph": ("loaders.graphs:Graphs", "GraphML and GEXF."),
}
"""Formats of objects of many kinds: where the loader is, and one line about it."""


class Request(msgspec.Struct, frozen=True):
    """What someone asks to be loaded, as it stands on the command line."""

    format: str
    paths: list[Path]
    data: list[Path] = []
    source: str | None = None
    owner: str | None = None
    grade: str | None = None
    handling: dict[str, str | None] = {}
    reading: Reading = Reading()
    sequence: int | None = None

    def terms(
        self, source: str | None = None, owner: str | None = None, handling: dict[str, str] | None = None
    ) -> Terms:
        """The terms of the load, with what a mapping gives where the command line is silent. Raises UsageError."""
        named, holder = self.source or source, self.owner or owner
        if not named or not holder:
            raise UsageError(
                "Say whose records these are: --source NAME --owner COUNTRY, such as --source fr-nominal --owner FR"
            )
        columns = {**(handling or {}), **_told(self.handling)}
        return terms(named, holder, grade=self.grade, sequence=self.sequence, **columns)


def _told(handling: dict[str, str | None]) -> dict[str, str]:
    """What was told of the handling. Raises UsageError for an option that is empty, since nothing can mean all."""
    for name, text in handling.items():
        if text is not None and not text.strip():
            raise UsageError(
                f"{name} is empty: give it a value (a lone ; allows nobody else), or leave it out"
            )
    return {name: text for name, text in handling.items() if text is not None}


def formats() -> dict[str, str]:
    """Every format with one line about it."""
    return {
        **{kind.command: kind.help for kind in kinds.KINDS},
        **{name: text for name, (_, text) in OTHERS.items()},
        "links": "Links of every type between records.",
        "mapping": "Any table, through a mapping file or one of: " + ", ".join(mappings()) + ".",
        "world": "All files of a synthetic world; each source and owner as its manifest says.",
    }


def mappings() -> list[str]:
    """Names of the mappings that come with the program."""
    return sorted(path.stem for path in MAPPINGS.glob("*.yml"))


def listing() -> str:
    """The formats for ``--help``, a line or more each; the first sign tells Click to leave the lines as they are."""
    wide = max(map(len, formats()))
    lines = ["\b", "Formats:"]
    for name, text in formats().items():
        lines += textwrap.wrap(
            text, 76, initial_indent=f"  {name:<{wide}}  ", subsequent_indent=" " * (wide + 4)
        )
    return "\n".join(lines)


def loaders(request: Request) -> Iterable[Loader]:
    """The loaders for a request, one a run. Raises UsageError."""
    if request.format == "world":
        from loaders import world

        return world.loaders(request)
    return [loader(request)]


def loader(request: Request) -> Loader:
    """The loader for a request. Raises UsageError."""
    if request.format == "mapping":
        return _mapping(request)
    if request.format == "links":
        from loaders.declared import Links

        return Links(request.terms(), request.paths, request.reading)
    if request.format in OTHERS:
        module, _, name = OTHERS[request.format][0].partition(":")
        made: Loader = getattr(importlib.import_module(module), name)(request.terms(), request.paths)
        return made
    if request.format in kinds.BY_COMMAND:
        from loaders.declared import Records

        return Records(kinds.BY_COMMAND[request.format], request.terms(), request.paths, request.reading)
    raise UsageError(f"There is no format {request.format!r}{nearest(request.format, tuple(formats()))}")


def _mapping(request: Request) -> Loader:
    from loaders import mapping_yaml
    from loaders.mapping import Mapping

    path, *more = request.paths
    shipped = MAPPINGS / f"{path}.yml"
    spec = mapping_yaml.read(shipped if not path.exists() and shipped.exists() else path)
    data = [*request.data, *more]
    if not data:
        raise UsageError(
            f"Say where the files of the mapping are: graphsvc load mapping {path} --data FOLDER-OR-ZIP"
        )
    grade = request.grade or spec.grade
    named = msgspec.structs.replace(request, grade=grade).terms(spec.source, spec.owner, spec.handling)
    return Mapping(spec, named, data)
