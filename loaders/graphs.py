"""GraphML and GEXF, read as streams. Attributes named like declared fields are kept, others are left out and told.

The kind of a node is its attribute ``kind`` (or ``label`` where that names one), else Person; that of an edge likewise,
else ASSOCIATE_OF. XML entities are refused, since they are how an XML file blows up or reads what it should not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import ParseError

from graphsvc.errors import UsageError
from graphsvc.model import kinds, links
from loaders.files import Input
from loaders.frame import Element
from loaders.rows import Rejected, Row
from loaders.shaped import ObjectLoader, Values
from loaders.tables import checked
from loaders.terms import Terms


class Graphs(ObjectLoader):
    """The loader of GraphML and GEXF files."""

    suffixes = (".graphml", ".gexf", ".xml")

    def __init__(self, terms: Terms, paths: list[Path]) -> None:
        super().__init__("graph", terms, paths)

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import iterparse

        number = 0
        names: dict[str, str] = {}
        open_elements: list[Xml] = []
        try:
            with self.open(source) as stream:
                for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
                    tag = element.tag.rpartition("}")[2]
                    if event == "start":
                        open_elements.append(element)
                        continue
                    open_elements.pop()
                    if tag in ("key", "attribute"):
                        names[str(element.get("id"))] = str(element.get("attr.name") or element.get("title"))
                    elif tag in ("node", "edge"):
                        number += 1
                        yield checked(source.name, number, _values(element, tag, names))
                        open_elements[-1].remove(element)
        except ParseError as error:
            line, column = error.position
            raise UsageError(
                f"{source.name}, line {line}, sign {column}: is not XML from here on: send it again"
            ) from error
        except DefusedXmlException as error:
            raise UsageError(
                f"{source.name} declares entities or a document type: remove them and load it again"
            ) from error
        if not number:
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


def _values(element: Xml, tag: str, names: dict[str, str]) -> Values:
    """Attributes of a node or edge, in the forms of GraphML (data) and GEXF (attvalue, label, weight)."""
    values: Values = {"id": element.get("id"), "is_edge": tag == "edge"}
    if tag == "edge":
        values |= {"from": element.get("source"), "to": element.get("target")}
    for name in ("label", "weight"):
        if element.get(name):
            values[name] = element.get(name)
    for name, field in (("start", "first_seen"), ("end", "last_seen")):
        if element.get(name):
            values[field] = element.get(name)
    for part in element.iter():
        mark = part.tag.rpartition("}")[2]
        if mark == "data":
            values[names.get(str(part.get("key")), str(part.get("key")))] = part.text
        elif mark == "attvalue":
            values[names.get(str(part.get("for")), str(part.get("for")))] = part.get("value")
    return values
