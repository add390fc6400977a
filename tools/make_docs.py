"""Writes the pages of docs/ that follow from the code: settings, the API's reference, error codes, queries.

Usage: python tools/make_docs.py    (tests/test_docs.py fails while a page is not up to date)
"""

import inspect
import json
from pathlib import Path

from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, Undefined
from graphql.type.definition import GraphQLArgument, GraphQLField, GraphQLInputField, GraphQLNamedType

from graphsvc import errors
from graphsvc.api.schema import make_schema
from graphsvc.commands.settings import page as settings_page
from graphsvc.store.queries import all_names, named

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN = "<!-- made by tools/make_docs.py: begin -->"
END = "<!-- made by tools/make_docs.py: end -->"
BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}


def pages() -> dict[Path, str]:
    """Every page as it should be."""
    api = DOCS / "api.md"
    return {
        DOCS / "settings.md": settings_page(),
        DOCS / "queries.md": queries_page(),
        api: filled(api.read_text(encoding="utf-8"), reference()),
    }


def filled(text: str, made: str) -> str:
    """A page with the part between the marks replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{made}\n{END}{after}"


def reference() -> str:
    """Error codes, questions and types, in order of their names."""
    schema = make_schema()._schema
    types = [one for name, one in sorted(schema.type_map.items()) if not name.startswith("__")]
    parts = ["### Error codes\n", *codes(), "", "### Questions\n"]
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        if root is not None:
            for name, field in root.fields.items():
                parts += question(root.name, name, field)
    roots = {
        root.name for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root
    }
    parts.append("### Types\n")
    for one in types:
        if one.name not in roots and one.name not in BUILT_IN:
            parts += described_type(one)
    return "\n".join(parts)


def codes() -> list[str]:
    """A table of the error codes."""
    found = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.Error)]
    rows = [f"| `{one.code}` | {(one.__doc__ or '').split(chr(10))[0]} |" for one in found]
    return ["| code | meaning |", "|---|---|", *sorted(rows)]


def question(root: str, name: str, field: GraphQLField) -> list[str]:
    """One question with its arguments."""
    lines = [f"#### {name} → `{field.type}`", "", field.description or "", ""]
    if root != "Query":
        lines[0] += f" ({root.lower()})"
    if field.args:
        lines += ["| argument | type | meaning |", "|---|---|---|"]
        lines += [row(argument, given) for argument, given in field.args.items()]
        lines.append("")
    return lines


def row(name: str, given: GraphQLArgument | GraphQLInputField) -> str:
    """One argument or field of an input."""
    default = given.default_value
    shown = "" if default is None or default is Undefined else f" = `{json.dumps(default)}`"
    return f"| `{name}` | `{given.type}`{shown} | {given.description or ''} |"


def described_type(one: GraphQLNamedType) -> list[str]:
    """One type with its own fields; those of its interface stand there."""
    lines = [f"#### {one.name}", "", one.description or "", ""]
    if isinstance(one, GraphQLInputObjectType):
        lines += ["| field | type | meaning |", "|---|---|---|"]
        lines += [row(name, field) for name, field in one.fields.items()]
    elif isinstance(one, GraphQLObjectType | GraphQLInterfaceType):
        inherited = {name for parent in one.interfaces for name in parent.fields}
        if one.interfaces:
            lines += ["With all fields of " + ", ".join(parent.name for parent in one.interfaces) + ".", ""]
        lines += ["| field | type | meaning |", "|---|---|---|"]
        lines += [
            f"| `{name}` | `{field.type}` | {field.description or ''} |"
            for name, field in one.fields.items()
            if name not in inherited
        ]
    return [*lines, ""]


def queries_page() -> str:
    """Every named query by its header."""
    lines = [
        "# Queries",
        "",
        "Every Cypher text that answers questions, from the headers of the files in `cypher/`.",
        "This page is made by `tools/make_docs.py`.",
        "",
    ]
    for name in all_names():
        header = named(name).header
        lines += [f"## {name}", "", header["purpose"], ""]
        lines += [f"- {part}: {text}" for part, text in header.items() if part != "purpose"]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Write what is not up to date."""
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
