"""Plain values into records and links of any kind, for formats whose objects are of many kinds."""

from abc import abstractmethod
from pathlib import Path
from typing import Any

from graphsvc.errors import RowError
from graphsvc.model.kinds import BY_NAME
from loaders.files import Input, expand
from loaders.frame import Element, Loader
from loaders.links import LinkShaper
from loaders.records import Shaper
from loaders.rows import Row
from loaders.terms import Terms

Values = dict[str, Any]


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
            raise RowError(
                f"is not as {self.name} wants it ({error}): check the object against the format"
            ) from error
