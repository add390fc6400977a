"""How large one question may be: counted in one pass over the parsed document, before it is validated.

Every fragment is measured once and its totals are reused wherever it is spread, so the work grows with the
length of the text and never with what it expands to.
"""

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    Source,
    parse,
)
from graphql.language.ast import SelectionNode, SelectionSetNode

from graphsvc.errors import Error, LimitError, UsageError
from graphsvc.settings import Settings

NESTING = 64
"""Deepest nesting of brackets in a text: the parser calls itself, so it is checked before it."""
TOKENS = 20_000
INTEGER_DIGITS = 20
CEILING = 1_000_000_000
SCHEMA = frozenset({"__schema", "__type", "__typename"})


class Limits(msgspec.Struct, frozen=True):
    """Figures that one question may not pass."""

    depth: int
    fields: int
    operations: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Those of the settings."""
        return cls(settings.query_depth, settings.query_fields, settings.query_operations)


class Size(msgspec.Struct, frozen=True):
    """What a selection expands to: its depth, all its fields, and those at its own root."""

    depth: int = 0
    fields: int = 0
    roots: int = 0


def read_document(text: str, limits: Limits) -> DocumentNode:
    """The parsed text, when it is within the limits. Raises LimitError, or GraphQL's own error for bad syntax."""
    check_nesting(text)
    document = parse(Source(text), no_location=False, max_tokens=TOKENS)
    _Measure(document, limits).check()
    return document


def asks_schema_alone(text: str, limits: Limits) -> bool:
    """Whether a text asks for the schema and for nothing else."""
    try:
        document = read_document(text, limits)
    except (GraphQLError, Error):
        return False
    roots = [
        part
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        for part in node.selection_set.selections
    ]
    return bool(roots) and all(isinstance(part, FieldNode) and part.name.value in SCHEMA for part in roots)


def check_nesting(text: str) -> None:
    """Refuse brackets nested too deep and numbers too long, in JSON or GraphQL, within strings or not."""
    depth = digits = 0
    for sign in text:
        if sign in "0123456789":
            digits += 1
            if digits > INTEGER_DIGITS * 10:
                raise UsageError("A number is too long.")
            continue
        digits = 0
        if sign in "{[(":
            depth += 1
            if depth > NESTING:
                raise LimitError(f"Brackets may be nested {NESTING} deep at most.")
        elif sign in "}])":
            depth -= 1


def check_choice(document: DocumentNode, name: str | None) -> None:
    """Refuse a text of several operations that does not say which one to run."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > 1 and not name:
        raise UsageError("Name one of the operations of the text as `operationName`.")


class _Measure:
    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self.limits = limits
        self.operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.sizes: dict[str, Size] = {}
        self.open: set[str] = set()

    def check(self) -> None:
        for name in self.fragments:
            self.fragment(name)
        total = [self.selection(operation.selection_set) for operation in self.operations]
        self._hold("depth", max((size.depth for size in total), default=0), self.limits.depth)
        self._hold("fields", sum(size.fields for size in total), self.limits.fields)
        self._hold("operations", sum(size.roots for size in total), self.limits.operations)

    @staticmethod
    def _hold(what: str, found: int, allowed: int) -> None:
        if found > allowed:
            raise LimitError(f"One question may have {allowed} {what} at most; ask for less at a time.")

    def fragment(self, name: str) -> Size:
        if name in self.sizes:
            return self.sizes[name]
        node = self.fragments.get(name)
        if node is None:
            return Size()  # validation names it
        if name in self.open or len(self.open) > NESTING:
            raise UsageError("Fragments may not spread themselves, nor one another without end.")
        self.open.add(name)
        size = self.selection(node.selection_set)
        self.open.remove(name)
        self.sizes[name] = size
        return size

    def selection(self, node: SelectionSetNode | None) -> Size:
        if node is None:
            return Size()
        depth = fields = roots = 0
        for part in node.selections:
            size = self.part(part)
            depth = max(depth, size.depth)
            fields = min(fields + size.fields, CEILING)
            roots = min(roots + size.roots, CEILING)
        return Size(depth, fields, roots)

    def part(self, node: SelectionNode) -> Size:
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value)
        if isinstance(node, InlineFragmentNode):
            return self.selection(node.selection_set)
        assert isinstance(node, FieldNode)
        below = self.selection(node.selection_set)
        return Size(below.depth + 1, min(below.fields + 1, CEILING), 1)
