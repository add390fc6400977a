"""The service with one of its tests of visibility taken out, which the harness must notice.

Mutants are made from what stands there: every predicate of every query, every test of a mask, a day or a record's
visibility in the kernels and beside them, and every part of the rule of handling. A mutant lasts as long as its block.
"""

import ast
import copy
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

import msgspec

from graphsvc.access import view as door
from graphsvc.store.queries import Query, all_names, named

SHAPES = ("graphsvc.topology.links", "graphsvc.topology.timed", "graphsvc.topology.events_scope")
KERNELS = "graphsvc.topology.kernels"
RULE = {
    "graphsvc.model.handling": ("permits", "_class_permits", "oversees"),
    "graphsvc.access.caller": ("asker",),
}
SCOPE = {"graphsvc.access.scope": ("_visible",)}
DECIDED = {"graphsvc.store.decisions": ("_seen",)}
BOOKS = "books"
"""In the place of a query's name: a statement about the books of the service, which is asked over HTTP."""
BOOKED = (
    "graphsvc.access.compliance",
    "graphsvc.access.hits",
    "graphsvc.access.requests",
    "graphsvc.store.retention",
)
PREDICATE = re.compile(
    r"n\.handling IN \$held(?! AS)|coalesce\(n\.retain_day, \$today\) >= \$today|n\.retain_day >= \$today"
)
MASKS = ("mask", "_mask", "keep", "saw")
JUDGES = ("visible", "tie_ok")


EQUIVALENT = {
    "whole.identities: keep[n]": "keep is narrower than saw, and only records that were seen are joined",
    "expand.links_back: visible(g, r, v)": "only records that an expansion reached are marked",
}
"""Tests that change nothing of what is hidden, each with the reason; they make no mutants."""


class Mutant(msgspec.Struct, frozen=True):
    """One test taken out. ``query`` is the named query that it is in, or nothing."""

    name: str
    query: str
    apply: Callable[[], Any]
    """Gives a context manager."""


def mutants() -> list[Mutant]:
    """All of them, in a fixed order."""
    return [*of_queries(), *of_statements(), *of_code(), *of_rule()]


# queries


def of_queries() -> Iterator[Mutant]:
    """One for each predicate of each query."""
    for name in all_names():
        query = named(name)
        for number, one in enumerate(query.predicates):
            text = query.text[: one.start] + "true" + query.text[one.end :]
            line = query.text.count("\n", 0, one.start) + 1
            title = f"cypher/{name}.cypher:{line} {one.name} by {one.by} ({number + 1})"
            yield Mutant(title, name, _swapped_query(msgspec.structs.replace(query, text=text)))


def _swapped_query(changed: Query) -> Callable[[], Any]:
    @contextmanager
    def apply() -> Iterator[None]:
        space = vars(door)
        plain = space["named"]
        space["named"] = lambda name: changed if name == changed.name else plain(name)
        try:
            yield
        finally:
            space["named"] = plain

    return apply


# statements about the books of the service


def of_statements() -> Iterator[Mutant]:
    """One for each predicate of each statement that stands in the code: of hits, requests, reviews and what is due."""
    for module in [importlib.import_module(name) for name in BOOKED]:
        for name, text in sorted(vars(module).items()):
            if not isinstance(text, str) or not name.isupper() or name not in _assigned(module):
                continue
            for at, found in enumerate(PREDICATE.finditer(text)):
                changed = text[: found.start()] + "true" + text[found.end() :]
                title = f"{module.__name__.replace('.', '/')}.py {name}: {found[0]} ({at + 1})"
                yield Mutant(title, BOOKS, _swapped_text(text, changed))


def _assigned(module: ModuleType) -> set[str]:
    """Names that a module gives itself; what it imports stands elsewhere."""
    tree = ast.parse(inspect.getsource(module))
    return {_name(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)}


def _swapped_text(text: str, changed: str) -> Callable[[], Any]:
    @contextmanager
    def apply() -> Iterator[None]:
        places = [
            (module, name) for module in _ours() for name, value in vars(module).items() if value is text
        ]
        for module, name in places:
            vars(module)[name] = changed
        try:
            yield
        finally:
            for module, name in places:
                vars(module)[name] = text

    return apply


def _ours() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.startswith("graphsvc")]


# code


def of_code() -> Iterator[Mutant]:
    """One for each test of visibility in the kernels and the code around them."""
    package = importlib.import_module(KERNELS)
    kernels = [f"{KERNELS}.{one.name}" for one in pkgutil.iter_modules(package.__path__)]
    for name in (*kernels, *SHAPES):
        yield from _of_module(name, _tests)


def of_rule() -> Iterator[Mutant]:
    """One for each part of the rule that takes away, and one for the scope that applies it."""
    for name, functions in (*RULE.items(), *SCOPE.items()):
        yield from _of_module(name, _permissions, functions)
    for name, functions in DECIDED.items():
        yield from _of_module(name, _permissions, functions, BOOKS)


Alter = Callable[[ast.AST], Iterator[tuple[ast.expr, ast.expr]]]


def _of_module(name: str, alter: Alter, functions: tuple[str, ...] = (), query: str = "") -> Iterator[Mutant]:
    module = importlib.import_module(name)
    tree = ast.parse(inspect.getsource(module))
    for owner, function in _functions(tree):
        if functions and function.name not in functions:
            continue
        for old, new in alter(function):
            if f"{name.rpartition('.')[2]}.{function.name}: {ast.unparse(old)}" in EQUIVALENT:
                continue
            title = f"{name.replace('.', '/')}.py:{old.lineno} {function.name}: {ast.unparse(old)}"
            changed = _Replace(old, new).on(function)
            yield Mutant(title, query, _swapped_function(module, owner, changed))


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield "", node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield node.name, inner


def _tests(function: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Tests of visibility, each with what lets everything pass."""
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _name(node.value) in MASKS:
            yield node, ast.BinOp(node, ast.BitOr(), ast.Constant(True))
        elif isinstance(node, ast.Compare) and _name(node.comparators[-1]) in ("today", "_today"):
            passes = isinstance(node.ops[-1], ast.GtE)
            yield node, ast.BinOp(node, ast.BitOr() if passes else ast.BitAnd(), ast.Constant(passes))
        elif isinstance(node, ast.Call) and _name(node.func) in JUDGES:
            yield node, ast.BoolOp(ast.Or(), [node, ast.Constant(True)])


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _permissions(function: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Parts of conditions that take away, each with what takes nothing away."""
    for node in ast.walk(function):
        if isinstance(node, ast.If) and _refuses(node):
            yield from _parts(node.test, ast.Or, allowed=False)
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.BoolOp | ast.Call | ast.Compare):
            if not _makes_something(node.value):
                yield from _parts(node.value, ast.And, allowed=True)
        elif isinstance(node, ast.comprehension):
            for condition in node.ifs:
                yield condition, ast.Constant(True)


def _refuses(node: ast.If) -> bool:
    first = node.body[0]
    return (
        isinstance(first, ast.Return) and isinstance(first.value, ast.Constant) and first.value.value is False
    )


def _makes_something(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and _name(value.func)[:1].isupper()


def _parts(test: ast.expr, joint: type[ast.boolop], *, allowed: bool) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The parts of a condition that are joined so."""
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, joint) else [test]
    for part in parts:
        yield part, ast.Constant(allowed)


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.place = (old.lineno, old.col_offset, old.end_lineno, old.end_col_offset)
        self.kind = type(old)
        self.new = new

    def on(self, function: ast.AST) -> ast.FunctionDef:
        changed: ast.FunctionDef = ast.fix_missing_locations(self.visit(copy.deepcopy(function)))
        return changed

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, self.kind) and self.place == (
            node.lineno,
            node.col_offset,
            node.end_lineno,
            node.end_col_offset,
        ):
            return copy.deepcopy(self.new)
        return self.generic_visit(node)


def _swapped_function(module: ModuleType, owner: str, function: ast.FunctionDef) -> Callable[[], Any]:
    @contextmanager
    def apply() -> Iterator[None]:
        made = _compiled(module, owner, function)
        places = [(getattr(module, owner), function.name)] if owner else list(_holders(module, function.name))
        plain = inspect.getattr_static(places[0][0], function.name)
        for holder, name in places:
            setattr(holder, name, made)
        try:
            yield
        finally:
            for holder, name in places:
                setattr(holder, name, plain)

    return apply


def _compiled(module: ModuleType, owner: str, function: ast.FunctionDef) -> Any:
    """The function as it would be in its module, private names of its class included."""
    body: list[ast.stmt] = [function]
    if owner:
        body = [ast.ClassDef(name=owner, bases=[], keywords=[], body=[function], decorator_list=[])]
    tree = ast.fix_missing_locations(ast.Module(body, []))
    space: dict[str, Any] = {}
    code = compile(tree, f"<{function.name}>", "exec", dont_inherit=True)
    names = dict(module.__dict__)
    exec(code, names, space)
    if owner:
        return inspect.getattr_static(space[owner], function.name)
    made = space[function.name]
    # what it calls must be what its module holds, mutated or not
    return _rebound(made, module)


def _rebound(made: Any, module: ModuleType) -> Any:
    bound = FunctionType(made.__code__, module.__dict__, made.__name__, made.__defaults__, made.__closure__)
    bound.__kwdefaults__ = made.__kwdefaults__
    return bound


def _holders(module: ModuleType, name: str) -> Iterator[tuple[ModuleType, str]]:
    """Every module that holds the function under its name."""
    plain = getattr(module, name)
    yield module, name
    for other in _ours():
        if other is not module:
            for held, value in list(vars(other).items()):
                if value is plain:
                    yield other, held
