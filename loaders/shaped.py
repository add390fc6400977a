"""Plain values into records and links of any kind, for formats whose objects are of many kinds."""

import math
from abc import abstractmethod
from pathlib import Path
from typing import Any

from graphsvc.errors import RowError
from graphsvc.model.kinds import BY_NAME
from loaders.files import Input, expand
from loaders.frame import Loader
from loaders.links import LinkShaper
from loaders.parcel import Element
from loaders.records import Shaper
from loaders.rows import Row
from loaders.terms import Terms
from loaders.values import called

Values = dict[str, Any]


def texts(given: Values, name: str) -> list[str]:
    """The texts of a field that is a list of them, or absent. Raises RowError."""
    return _listed(given, name, str, "texts")


def parts(given: Values, name: str) -> list[Values]:
    """The objects of a field that is a list of them, or absent. Raises RowError."""
    return _listed(given, name, dict, "objects")


def part(given: Values, name: str) -> Values:
    """A field that is an object, or absent. Raises RowError."""
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(name, f"is {called(value)}", "an object")
    return value


def text(given: Values, name: str) -> str:
    """A field that is text, or absent. Raises RowError."""
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(name, f"is {called(value)}", "text")
    return value


def number(given: Values, name: str) -> float | None:
    """A field that is a number, or absent. Raises RowError."""
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(name, f"is {called(value)}", "a number")
    if not math.isfinite(value):
        raise _wrong(name, "is past all bounds", "a number")
    return value


def _listed(given: Values, name: str, wanted: type, what: str) -> list[Any]:
    value = given.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong(name, f"is {called(value)}", "a list")
    for one in value:
        if not isinstance(one, wanted):
            raise _wrong(name, f"holds {called(one)}", f"a list of {what}")
    return value


def _wrong(name: str, found: str, wanted: str) -> RowError:
    return RowError(f"{name}: {found} where {wanted} is wanted: mend it", field=name)


class Elements:
    """The shapers of every kind under one load's terms."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._links = LinkShaper(terms)
        self._kinds: dict[str, Shaper] = {}

    def record(self, kind: str, values: Values, line: int) -> list[Element]:
        """A record, with the links of its references. Raises RowError."""
        shaper = self._kinds.get(kind)
        if shaper is None:
            shaper = self._kinds[kind] = Shaper(BY_NAME[kind], self.terms)
        return shaper.elements(values, line)

    def link(self, kind: str, from_: str, to: str, values: Values, line: int) -> Element:
        """A link. Raises RowError."""
        return self._links.element({**values, "kind": kind, "from": from_, "to": to}, line)


class ObjectLoader(Loader):
    """A loader of files that hold objects of many kinds."""

    suffixes: tuple[str, ...] = (".json", ".jsonl", ".ndjson")

    def __init__(self, name: str, terms: Terms, paths: list[Path]) -> None:
        super().__init__(name, terms)
        self.elements = Elements(terms)
        self._inputs = expand(paths, self.suffixes)

    @property
    def inputs(self) -> list[Input]:
        return self._inputs

    def options(self) -> object:
        return None

    def check(self, row: Row) -> None:
        """Objects are checked as they are shaped."""

    @abstractmethod
    def turn(self, row: Row) -> list[Element]:
        """The records and links of one object. Raises RowError."""

    def shape(self, row: Row) -> list[Element]:
        try:
            return self.turn(row)
        except (TypeError, AttributeError, KeyError, ValueError, IndexError) as error:
            # what Python says of it helps nobody who has to mend a file
            raise RowError(
                f"is not as {self.name} wants it: check the fields of the object against the format"
            ) from error
