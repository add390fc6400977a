"""The documented form of every kind, made from the declared types: ``python -m loaders.forms docs/formats``."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphsvc.model import kinds, links
from graphsvc.model.fields import Field, Type
from graphsvc.model.kinds import Kind
from graphsvc.model.links import ROLES_OF_REFERENCES

FORMS: dict[Type, str] = {
    Type.TEXT: "text",
    Type.INTEGER: "whole number",
    Type.NUMBER: "number",
    Type.BOOLEAN: "true or false",
    Type.DATE: "date: 2017-08-24, 2017-08 or 2017",
    Type.TIME: "time: 2017-08-24T13:05:00, or less of it",
    Type.COUNTRY: "country: ISO 3166 code",
    Type.CHOICE: "one of",
}

HANDLING = (
    Field("level", help="Confidentiality: official, restricted or confidential."),
    Field("allow", help="Who may see it: `*`, `FR`, `region:EUROPE`, `agreement:NAME`.", many=True),
    Field("deny", help="Who may not; stronger than allow.", many=True),
    Field("units", help="Units and case teams that alone may see it.", many=True),
    Field("purposes", help="Purposes for which alone it may be used.", many=True),
    Field("conditions", help="Conditions of use, shown with every answer.", many=True),
    Field("class", help="Protection: ordinary, minor or victim."),
    Field("on_hit", help="What a match shows to those who may not see it: open, silent or contact."),
)

HEAD = "<!-- Made from the declared types by `python -m loaders.forms docs/formats`. -->\n"


def form(field: Field) -> str:
    """What a value looks like, in words."""
    text = FORMS[field.type]
    if field.choices:
        text = f"one of {', '.join(f'`{choice}`' for choice in field.choices)}"
    return f"list of {text}" if field.many else text


def _rows(fields: tuple[Field, ...]) -> Iterator[str]:
    for field in fields:
        name = f"**`{field.name}`**" if field.required else f"`{field.name}`"
        example = f"`{field.example}`" if field.example else ""
        yield f"| {name} | {form(field)} | {field.help} | {example} |"


def _table(fields: tuple[Field, ...]) -> str:
    head = "| column | form | meaning | example |\n|---|---|---|---|\n"
    return head + "\n".join(_rows(fields)).replace("\n\n", "\n") + "\n"


def _references(kind: Kind) -> str:
    if not kind.references:
        return ""
    lines = ["## Columns that become links\n", "| column | link | meaning | example |", "|---|---|---|---|"]
    for reference in kind.references:
        arrow = f"this `{reference.link}` that" if reference.outward else f"that `{reference.link}` this"
        role = ROLES_OF_REFERENCES.get(reference.name)
        role = f", role `{role}`" if role else ""
        lines.append(f"| `{reference.name}` | {arrow}{role} | {reference.help} | `{reference.example}` |")
    text = "\nIds of this source, or `source:id` of another; several between semicolons, in JSON a list.\n"
    return "\n".join(lines) + "\n" + text + "\n"


def page(kind: Kind) -> str:
    """The page of one kind."""
    return (
        f"{HEAD}# {kind.command}\n\n{kind.help} Kind `{kind.name}`.\n\n"
        f"    graphsvc load {kind.command} {kind.command}.csv --source fr-example --owner FR\n\n"
        f"CSV with a header line, or one JSON object a line, in any order of columns; those in bold are needed. "
        f"Examples: [{kind.command}.csv](examples/{kind.command}.csv), "
        f"[{kind.command}.jsonl](examples/{kind.command}.jsonl).\n\n"
        f"## Columns of this kind\n\n{_table(kind.fields)}\n{_references(kind)}"
        f"## Columns of every kind\n\n{_table(kinds.COMMON)}\n"
        f"## Handling of one row\n\nWhere a row says nothing, what the command line says holds.\n\n{_table(HANDLING)}"
    )


def link_page() -> str:
    """The page of links."""
    types = "\n".join(
        f"| `{link.name}` | {link.help} | {', '.join(f'`{field.name}`' for field in link.fields)} |"
        for link in links.LINKS
    )
    own = tuple({field.name: field for link in links.LINKS for field in link.fields}.values())
    return (
        f"{HEAD}# links\n\nLinks of every type between records.\n\n"
        "    graphsvc load links links.csv --source fr-example --owner FR\n\n"
        "Examples: [links.csv](examples/links.csv), [links.jsonl](examples/links.jsonl). An end that has not arrived "
        "is waited for; of an end that is another's, nothing more is said than that the link was accepted.\n\n"
        f"## Types\n\n| type | meaning | own columns |\n|---|---|---|\n{types}\n\n"
        f"## Columns of every link\n\n{_table(links.COMMON)}\n## Own columns\n\n{_table(own)}\n"
        f"## Handling of one row\n\n{_table(HANDLING)}"
    )


def example(kind: Kind) -> dict[str, str]:
    """One row of invented values with every column that has an example."""
    fields = {field.name: field.example for field in (*kinds.COMMON, *kind.fields) if field.example}
    return fields | {reference.name: reference.example for reference in kind.references if reference.example}


def link_example() -> dict[str, str]:
    """One link of invented values."""
    fields = (*links.COMMON, *links.BY_NAME["ASSOCIATE_OF"].fields)
    return {field.name: field.example for field in fields if field.example}


def _csv(row: dict[str, str]) -> str:
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(row)
    table.writerow(row.values())
    return stream.getvalue()


def _json(row: dict[str, str], lists: frozenset[str]) -> str:
    values: dict[str, Any] = {name: text.split(";") if name in lists else text for name, text in row.items()}
    return json.dumps(values, ensure_ascii=False) + "\n"


def files() -> dict[str, str]:
    """Every page and example by its path."""
    found = {"links.md": link_page()}
    found["examples/links.csv"] = _csv(link_example())
    found["examples/links.jsonl"] = _json(link_example(), frozenset())
    for kind in kinds.KINDS:
        lists = {field.name for field in kind.fields if field.many}
        lists |= {reference.name for reference in kind.references}
        found[f"{kind.command}.md"] = page(kind)
        found[f"examples/{kind.command}.csv"] = _csv(example(kind))
        found[f"examples/{kind.command}.jsonl"] = _json(example(kind), frozenset(lists))
    names = "\n".join(f"- [{kind.command}]({kind.command}.md): {kind.help}" for kind in kinds.KINDS)
    found["README.md"] = f"{HEAD}# Forms of files\n\n{names}\n- [links](links.md): Links of every type.\n"
    return found


def main(folder: Path) -> None:
    """Write them all."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
