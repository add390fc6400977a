"""A report as a file: whole, safe, and readable in every script."""

import re
from pathlib import Path

import msgspec
import pytest

from graphsvc.errors import SetupError
from graphsvc.reports import html, outlines, pdf
from graphsvc.reports.charts import bars
from graphsvc.reports.document import Document, Section, Table, figure, footing, isolated, percent

SCRIPTS = ("Maruga", "Маруга", "Μαρουγα", "ماروجا", "马鲁加")
LATIN = SCRIPTS[:1]


def document(*sentences: str, names: tuple[str, ...] = SCRIPTS) -> Document:
    table = Table(
        "People", ("Name", "Count"), tuple((name, "1,234") for name in names), frozenset({1}), "A note."
    )
    chart = bars("Names", [(name, at) for at, name in enumerate(names)], "things")
    return Document(
        "Trends", "all events", "OFFICIAL - for FR, ES only", ("FR", "ES"), "2024-01-01T00:00:00+00:00",
        "graphsvc report trends --ncb FR -o x.html", (Section("First", sentences, (chart,), (table,)),), ("ask first",),
    )  # fmt: skip


def test_the_html_stands_alone() -> None:
    written = html.written(document("One sentence."))
    assert not re.search(r"(src|href)=\"(?!data:|#)", written)
    assert "url(" not in written
    assert "<script" not in written
    assert written.count("<h1>") == 1
    assert all(name in written for name in SCRIPTS)


def test_the_html_shows_markup_as_text() -> None:
    written = html.written(document("<img src=x onerror=alert(1)> & co"))
    assert "<img src=x" not in written
    assert "&lt;img src=x" in written


def test_charts_have_words_for_those_who_do_not_see_them() -> None:
    assert 'alt="Bars of things: Maruga 0' in html.written(document())


def test_the_banner_recipients_conditions_and_command_stand_in_both() -> None:
    written, source = html.written(document()), pdf.source(document())
    for text in (
        "OFFICIAL - for FR, ES only",
        "FR, ES",
        "ask first",
        "graphsvc report trends --ncb FR -o x.html",
    ):
        assert text in written
        assert text in source


def test_time_and_conditions_stand_at_the_foot_of_each_page() -> None:
    long = msgspec.structs.replace(document(), conditions=("ask first", "x" * 200))
    foot = "Data as of 2024-01-01 00:00. Conditions: ask first."
    assert f'content: "{foot}' in html.written(document())
    assert pdf.source(document()).index(foot) < pdf.source(document()).index("= #")
    assert "(all on the first page)" in footing(long)
    assert len(footing(long)) < 200


def test_the_pdf_is_archival_and_says_so(tmp_path: Path) -> None:
    text = 'A "quoted" \\ one with #markup and $x$ and *stars*.'
    written = pdf.written(document("One sentence.", text, names=LATIN))
    assert written.startswith(b"%PDF-1.7")
    assert b"pdfaid" in written


@pytest.mark.parametrize("text", ['"', "\\", '\\"', "#let x = 1", "line\nbreak"])
def test_no_text_is_markup_in_the_pdf(text: str) -> None:
    quoted = pdf.quoted(text)
    assert quoted[0] == quoted[-1] == '"'
    assert not re.search(r'(?<!\\)(?:\\\\)*"', quoted[1:-1])
    assert pdf.written(document(text, names=LATIN)).startswith(b"%PDF")


def test_columns_of_long_texts_get_more_room_than_those_of_short_ones() -> None:
    rows = (
        ("FR", "Maruga", "Some words of it. " * 3),
        ("ES", "Name of a person that is long", "And more of it. " * 4),
    )
    table = Table("People", ("Country", "Name", "Text"), rows)
    widths = re.findall(
        r"columns: \(([^)]*),\)",
        pdf.source(msgspec.structs.replace(document(), sections=(Section("First", (), (), (table,)),))),
    )[-1].split(", ")
    assert widths[0] == "auto"
    assert int(widths[1][:-2]) < int(widths[2][:-2])


def test_a_long_table_of_short_columns_is_set_in_parts_read_line_by_line() -> None:
    rows = tuple((f"2024-{at}", str(at)) for at in range(100, 125))
    table = Table("Events", ("Interval", "Events"), rows, frozenset({1}))
    told = pdf.source(msgspec.structs.replace(document(), sections=(Section("First", (), (), (table,)),)))
    assert '"2024-100", "100", "2024-101", "101", "2024-102", "102", "2024-103"' in told
    assert told.count('strong("Interval")') == 3
    assert re.search(r'"2024-124", "124", "", "", "", ""\)', told)


def test_a_row_stays_on_one_page_unless_it_is_longer_than_one() -> None:
    table = Table("People", ("Name", "Text"), (("short", "x"), ("long", "word " * 3_000)))
    told = pdf.source(msgspec.structs.replace(document(), sections=(Section("First", (), (), (table,)),)))
    assert "#set table.cell(breakable: false)" in told
    assert re.findall(r'breakable: true, "(\w+)', told) == ["long", "word"]


def test_a_word_that_is_too_long_for_a_line_is_broken_and_others_are_not() -> None:
    long = "0123456789abcdef" * 4
    source = pdf.source(document(f"Seen at ordinary.example with {long}."))
    assert "ordinary.example" in source
    assert long not in source
    assert f"with {long}." in source.replace("\u200b", "")


def test_a_paragraph_is_set_from_the_side_that_it_is_read_from() -> None:
    source = pdf.source(document("12 ماروجا.", "马鲁加 ماروجا", "1, 2"))
    assert [source.count(f"#text(dir: {way}, par(") for way in ("rtl", "ltr")] == [1, 2]


def test_a_name_that_is_read_from_the_right_turns_nothing_else_round() -> None:
    assert [isolated(name) for name in ("ماروجا 5", "Маруга", "马")] == [
        "\u2068ماروجا 5\u2069",
        "Маруга",
        "马",
    ]


def test_numbers_as_people_read_them() -> None:
    assert [figure(n) for n in (1234567, 0.5, 2.0, 1234.56789)] == ["1,234,567", "0.5", "2", "1,234.568"]
    assert [percent(n) for n in (0.5, -0.25, 0.001)] == ["+50%", "-25%", "0%"]


def test_a_letter_without_a_font_stops_the_pdf_and_says_what_to_install() -> None:
    with pytest.raises(SetupError, match="fonts-noto-cjk"):
        pdf.written(document("\U0010ffff\U000e0fff\U0001f9ff\ue000"))


@pytest.mark.skipif(not outlines.HOME.exists(), reason="the fonts are not installed; run `make setup`")
def test_every_script_is_set_with_the_fonts_that_come_along() -> None:
    assert pdf.written(document("One sentence.")).startswith(b"%PDF")
