"""A report as PDF/A-2b, set by Typst; nothing is fetched."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from graphsvc.errors import SetupError
from graphsvc.reports import charts
from graphsvc.reports.document import Document, Section, Table, footing
from graphsvc.reports.outlines import HOME

FONTS = ("Noto Sans", "Noto Sans Arabic", "Noto Sans SC", "Noto Sans CJK SC", "Noto Sans Hebrew", "DejaVu Sans",
         "Droid Sans Fallback", "Liberation Sans")  # fmt: skip
"""The first three come with ``make setup``; what they lack is taken from those of the machine."""

SHORT, NAME, LONG = 18, 40, 60
"""Letters of a text that is not broken into lines, of a long name, and of a text that gets no more room for being
longer."""
MANY, NARROW, PARTS = 24, 24, 3
"""Rows of a table that is set in parts beside one another, the letters of its columns together, and the parts."""
WORD = 24
"""Letters of the longest word that is kept whole: names of hosts and checksums are longer."""
PAGE = 600
"""Letters of a cell that may go on on the next page; a row of shorter ones stays on one."""

HEAD = """
#set document(title: {title}, date: auto)
#set page(paper: "a4", margin: (x: 18mm, top: 24mm, bottom: 20mm),
  header: align(center, text(8pt, weight: "bold", fill: rgb("#8c1d18"), {banner})),
  footer: context align(center, text(8pt)[{page} #counter(page).display("1 / 1", both: true)]))
#set text(font: {fonts}, size: 9.5pt, lang: "en")
#set par(justify: false)
#set table.cell(breakable: false)
#let chart(name, words) = layout(page => align(center,
  image(name, alt: words, width: calc.min(measure(image(name)).width * 95%, page.width))))
#set heading(numbering: "1.")
#show heading.where(level: 1): set text(13pt)
#text(20pt, weight: "bold", {title})

#text(11pt, {subtitle})

#table(columns: (auto, 1fr), stroke: none, inset: 3pt,
  [Data as of], {as_of}, [Recipients], {recipients}, [Conditions], {conditions}, [Made again by], raw({command}))

#outline(depth: 1)
"""


def quoted(text: str) -> str:
    """A Typst string literal: nothing in it is markup."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign >= " " else " " for sign in escaped) + '"'


def broken(text: str) -> str:
    """The same, of a text in which words that are too long for a line can be broken anywhere. Where one reads from the
    right, ids from the left are not broken at their hyphens: their halves would change places."""
    long = re.sub(rf"[!-~]{{{WORD + 1},}}", lambda found: "\u200b".join(found[0]), text)
    return quoted(long if _way(text) == "ltr" else re.sub(r"(?<=\w)-(?=\w)", "-\u2060", long))


def source(document: Document) -> str:
    """The report in Typst; chart number n of the whole report is the file ``chart-n.svg``."""
    parts = [
        HEAD.format(
            title=quoted(document.title), banner=quoted(document.banner), subtitle=quoted(document.subtitle),
            as_of=quoted(document.as_of), recipients=quoted(", ".join(document.recipients)),
            conditions=quoted("; ".join(document.conditions) or "none"), command=quoted(document.command),
            page=f"#{quoted(footing(document))}", fonts="(" + ", ".join(quoted(font) for font in FONTS) + ")",
        )
    ]  # fmt: skip
    number = 0
    for section in document.sections:
        parts.append(_section(section, number))
        number += len(section.charts)
    return "\n".join(parts)


def _way(text: str) -> str:
    """From which side a paragraph is read: that of its first letter that has one."""
    from unicodedata import bidirectional

    sides = (bidirectional(sign) for sign in text)
    return "rtl" if next((side for side in sides if side in ("L", "R", "AL")), "L") != "L" else "ltr"


def _section(section: Section, number: int) -> str:
    lines = [f"= #{quoted(section.title)}"]
    lines += [f"#text(dir: {_way(sentence)}, par({broken(sentence)}))" for sentence in section.sentences]
    for at, chart in enumerate(section.charts):
        lines.append(
            f'#figure(chart("chart-{number + at}.svg", {quoted(chart.words)}), '
            f"caption: {quoted(chart.title)})"
        )
    lines += [_table(table) for table in section.tables]
    return "\n".join(lines)


def _side_by_side(table: Table) -> Table:
    """A long table of a few short columns in three parts beside one another, read line by line."""
    widths = [
        max(map(len, (column, *(row[at] for row in table.rows)))) for at, column in enumerate(table.columns)
    ]
    if len(table.rows) <= MANY or sum(widths) > NARROW:
        return table
    size = len(table.columns)
    padded = [*table.rows, *[("",) * size] * (-len(table.rows) % PARTS)]
    lines = zip(*[iter(padded)] * PARTS, strict=True)
    return msgspec.structs.replace(
        table,
        columns=table.columns * PARTS,
        rows=tuple(tuple(cell for row in line for cell in row) for line in lines),
        numbers=frozenset(at + part * size for at in table.numbers for part in range(PARTS)),
    )


def _table(table: Table) -> str:
    part, table = len(table.columns), _side_by_side(table)
    places = range(len(table.columns))
    align = ", ".join("right" if at in table.numbers else "left" for at in places)
    widths = ", ".join(_width([row[at] for row in table.rows]) for at in places)
    gaps = ", ".join("0pt" if (at + 1) % part else "14pt" for at in places)
    cells = ", ".join(cell for row in table.rows for cell in _row(row))
    head = ", ".join(f"strong({quoted(column)})" for column in table.columns)
    return (
        f'#block(sticky: true, text(weight: "bold", {quoted(table.title)}))\n'
        f"#table(columns: ({widths},), column-gutter: ({gaps},), align: ({align},), "
        f"stroke: (x: none, y: 0.4pt + gray), inset: 3pt, table.header({head}), {cells})\n"
        + (f"#text(8pt, {quoted(table.note)})" if table.note else "")
    )


def _row(row: Sequence[str]) -> list[str]:
    """The cells of a row; a very long one may go on on the next page."""
    how = "breakable: true, " if max(map(len, row), default=0) > PAGE else ""
    return [_cell(text, how) for text in row]


def _cell(text: str, how: str) -> str:
    """A cell, from the side that it is read from."""
    said = broken(text)
    if _way(text) == "rtl":
        said, how = f"text(dir: rtl, {said})", f"align: right, {how}"
    return f"table.cell({how}{said})" if how else said


def _width(cells: Sequence[str]) -> str:
    """A column of short texts is as wide as these; the others share the rest by how long theirs are, or mostly are."""
    longest = max(map(len, cells), default=0)
    if longest <= SHORT:
        return "auto"
    usual = sum(map(len, cells)) / len(cells)
    return f"{min(max(min(longest, NAME), usual), LONG):.0f}fr"


def written(document: Document) -> bytes:
    """The whole file. Raises SetupError when no font here has all its letters."""
    import typst

    with tempfile.TemporaryDirectory(prefix="graphsvc-report-") as name:
        folder = Path(name)
        number = 0
        for section in document.sections:
            for chart in section.charts:
                (folder / f"chart-{number}.svg").write_text(charts.svg(chart), encoding="utf-8")
                number += 1
        (folder / "report.typ").write_text(source(document), encoding="utf-8")
        try:
            return bytes(
                typst.compile(str(folder / "report.typ"), font_paths=[str(HOME)], pdf_standards="a-2b")
            )
        except (RuntimeError, typst.TypstError) as error:
            raise SetupError(_why(str(error))) from error


def _why(error: str) -> str:
    """What to do about it. PDF/A holds every letter's shape, so one that no font has stops the report."""
    if "could not be displayed" in error:
        return (
            f"No font of this machine has some letter of the report ({error.strip().splitlines()[0]}): install the "
            "packages fonts-noto-core and fonts-noto-cjk, or write HTML instead."
        )
    return f"The report could not be set: {error}"
