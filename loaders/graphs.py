"""GraphML and GEXF, read as streams. Attributes named like declared fields are kept, others are left out and told.

The kind of a node is its attribute ``kind`` (or ``label`` where that names one), else Person; that of an edge likewise,
else ASSOCIATE_OF. XML entities are refused, since they are how an XML file blows up or reads what it should not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import ParseError

from graphsvc.errors import UsageError
from graphsvc.model import kinds, links
from loaders.files import BROKEN, Input
from loaders.parcel import Element
from loaders.rows import Rejected, Row
from loaders.shaped import ObjectLoader, Values
from loaders.tables import checked
from loaders.terms import Terms

NAMES = {"label": "label", "weight": "weight", "start": "first_seen", "end": "last_seen"}
"""What GEXF says in attributes of the element itself."""


class Attributes:
    """The attributes that a file declares, apart for nodes and edges: their ids are those of one of the two."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._defaults: dict[str, Values] = {"node": {}, "edge": {}}

    def learn(self, element: Xml, of: str | None, name: str | None) -> None:
        """Take up the declaration of an attribute of nodes, of edges or of all."""
        id_ = str(element.get("id"))
        given = next((part.text for part in element if part.tag.endswith("default")), None)
        for tag in ("node", "edge"):
            if of in (tag, "all", None):
                self._names[tag, id_] = name or id_
                if given is not None:
                    self._defaults[tag][name or id_] = given

    def name(self, tag: str, id_: str | None) -> str:
        """What the attribute of a node or edge is called; its id where nothing declares it."""
        return self._names.get((tag, str(id_)), str(id_))

    def defaults(self, tag: str) -> Values:
        """What holds of a node or edge that says nothing else."""
        return self._defaults[tag]


class Graphs(ObjectLoader):
    """The loader of GraphML and GEXF files."""

    suffixes = (".graphml", ".gexf", ".xml")

    def __init__(self, terms: Terms, paths: list[Path]) -> None:
        super().__init__("graph", terms, paths)

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        from defusedxml import DefusedXmlException

        empty = True
        try:
            with self.open(source) as stream:
                for number, (tag, element, attributes) in enumerate(_found(stream), 1):
                    empty = False
                    yield checked(source.name, number, _values(element, tag, attributes))
        except ParseError as error:
            line, column = error.position
            raise UsageError(
                f"{source.name}, line {line}, sign {column}: is not XML from here on: send it again"
            ) from error
        except DefusedXmlException as error:
            raise UsageError(
                f"{source.name} declares entities or a document type: remove them and load it again"
            ) from error
        except BROKEN as error:
            raise UsageError(
                f"{source.name}: the packed file is cut or damaged ({error}): send it again"
            ) from error
        except (LookupError, ValueError) as error:  # of expat, for an encoding that it was not made for
            raise UsageError(
                f"{source.name} declares an encoding in which XML is not read here ({error}): save it as UTF-8"
            ) from error
        if empty:
            raise UsageError(f"{source.name} holds no node: it is empty or of another format")

    def turn(self, row: Row) -> list[Element]:
        values = dict(row.values)
        edge = values.pop("is_edge")
        if edge:
            kind = _kind(values, links.BY_NAME) or "ASSOCIATE_OF"
            return [
                self.elements.link(kind, str(values["from"] or ""), str(values["to"] or ""), values, row.line)
            ]
        kind = _kind(values, kinds.BY_NAME) or "Person"
        values.setdefault(kinds.BY_NAME[kind].caption[0], values.get("label"))
        self._tell(kind, values, row.file)
        return self.elements.record(kind, values, row.line)

    def _tell(self, kind: str, values: Values, file: str) -> None:
        declared = kinds.BY_NAME[kind]
        known = {field.name for field in (*declared.fields, *kinds.COMMON)} | {
            "label",
            "x",
            "y",
            "size",
            "color",
        }
        for name in values.keys() - known:
            self.remark(f"the attribute {name!r} is not one of {declared.command} and is left out", file)


def _kind(values: Values, table: dict[str, Any]) -> str | None:
    for name in ("kind", "label", "labels", "type"):
        text = str(values.get(name) or "").strip(":")
        for form in (text, text.upper()):
            if form in table:
                if name != "type":
                    values.pop(name)
                return form
    return None


def _found(stream: BinaryIO) -> Iterator[tuple[str, Xml, Attributes]]:
    """The nodes and edges of a file as they end, with what is declared before them."""
    attributes = Attributes()
    for tag, element, parent in _ended(stream):
        if tag == "key":
            attributes.learn(element, element.get("for"), element.get("attr.name"))
        elif tag == "attribute":
            attributes.learn(element, parent.get("class"), element.get("title"))
        elif tag in ("node", "edge"):
            yield tag, element, attributes
            parent.remove(element)


def _ended(stream: BinaryIO) -> Iterator[tuple[str, Xml, Xml]]:
    """Everything below the root as it ends: its tag without a namespace, itself, and what it stands in."""
    from defusedxml.ElementTree import iterparse

    open_elements: list[Xml] = []
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            open_elements.append(element)
            continue
        open_elements.pop()
        if open_elements:
            yield element.tag.rpartition("}")[2], element, open_elements[-1]


def _values(element: Xml, tag: str, attributes: Attributes) -> Values:
    """Attributes of a node or edge, in the forms of GraphML (data) and GEXF (attvalue, label, weight)."""
    values: Values = dict(attributes.defaults(tag))
    for name, field in NAMES.items():
        if element.get(name):
            values[field] = element.get(name)
    for part in element.iter():
        mark = part.tag.rpartition("}")[2]
        if mark == "data":
            values[attributes.name(tag, part.get("key"))] = part.text
        elif mark == "attvalue":
            values[attributes.name(tag, part.get("for"))] = part.get("value")
    values |= {"id": element.get("id"), "is_edge": tag == "edge"}
    if tag == "edge":
        values |= {"from": element.get("source"), "to": element.get("target")}
    return values
