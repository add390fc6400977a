"""A report gives no small number away, whatever of its tables, sentences and charts is put together."""

import os
import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsvc.analysis.compare import Window
from graphsvc.analysis.small import Rule
from graphsvc.reports.document import HIDDEN, Section, Table
from graphsvc.reports.trends import COMPARED, COUNTRIES, PLACES, one_way, spans
from tests.trends.attack import INSIDE, KNOWN, RELEASE, Attack, Cell, Whose, dated, events, rough_and_few
from tests.trends.test_small import Drawn, comparison_of, flows_of, spread, trend_of, worlds

YEARS = ("2022", "2023")
EXAMPLES = int(os.environ.get("GRAPHSVC_EXAMPLES", "25"))
Value = Callable[[Cell], object]


def report(drawn: Drawn, rule: Rule, places: str) -> tuple[Section, ...]:
    """The sections of a report that compares 2022 with 2023."""
    found = events(spread(drawn))
    before, after = (Window(year, year) for year in YEARS)
    alike = places == COUNTRIES
    series = trend_of(found, rule, windows=spans(before, after), like_for_like=alike)
    compared = {title: comparison_of(found, rule, by, like_for_like=alike) for title, by in COMPARED.items()}
    return one_way(series, (before, after), compared, flows_of(found, rule), rule.remark(), places)


def number(text: str) -> float | None:
    return None if text == HIDDEN else float(text.replace(",", ""))


def read(attack: Attack, sections: tuple[Section, ...], few: set[str]) -> None:
    """All that the report says; its routes leave rough dates out in the years of ``few``."""
    tables = {table.title: table for section in sections for table in section.tables}
    for interval, count in tables["Events by interval"].rows:
        attack.told(interval, number(count), lambda c, i=interval: c.time == i)
    left_out = _left_out(tables["Commodities compared"].note)
    _compared(attack, tables["Commodities compared"], lambda c: c.good, left_out)
    if "Countries compared" in tables:
        _compared(attack, tables["Countries compared"], lambda c: c.country, left_out)
    if "Reporters" in tables:
        _reporters(attack, tables["Reporters"])
    if "Routes" in tables:
        _routes(attack, tables["Routes"], tables["Balance by country"], few)
    _said(attack, " ".join(sentence for section in sections for sentence in section.sentences), few)
    for chart in (chart for section in sections for chart in section.charts):
        for value in chart.spec.get("data", {}).get("values", ()):
            if value.get("steady") is not None:
                attack.told("steady", value["steady"], lambda c, v=value: _steady(c, v["interval"], left_out))
            if value.get("count") is not None:
                attack.told("chart", value["count"], lambda c, v=value: c.time == v["interval"])


def _steady(cell: Cell, time: str, left_out: set[str]) -> bool:
    return cell.time == time and cell.country not in left_out


def _left_out(note: str) -> set[str]:
    """Countries of the reporters that a like-for-like comparison leaves out."""
    return set(re.findall(r"file (\w\w):", note))


def _compared(attack: Attack, table: Table, value: Value, left_out: set[str]) -> None:
    def of(cell: Cell, name: str, year: str) -> bool:
        return dated(cell) and cell.time[:4] == year and cell.country not in left_out and value(cell) == name

    for row in table.rows:
        attack.listed(lambda c, n=row[0]: any(of(c, n, year) for year in YEARS))
        for year, text in zip(YEARS, row[1:3], strict=True):
            attack.told(f"{row[0]} in {year}", number(text), lambda c, n=row[0], y=year: of(c, n, y))


def _reporters(attack: Attack, table: Table) -> None:
    for row in table.rows:
        attack.told(f"reports of {row[1]}", number(row[2]), lambda c, n=row[1]: dated(c) and c.country == n)
        attack.listed(lambda c, n=row[1]: dated(c) and c.country == n)


def _counted(cell: Cell, year: str, few: set[str]) -> bool:
    return cell.time[:4] == year and not (year in few and cell.time == year)


def _routes(attack: Attack, routes: Table, balance: Table, few: set[str]) -> None:
    before, now = YEARS
    for origin, _, destination, events_, earlier, *_ in routes.rows:
        ends = origin, destination
        for year, text in ((before, earlier), (now, events_)):
            attack.told(
                f"{ends} in {year}",
                number(text),
                lambda c, e=ends, y=year: _counted(c, y, few) and c.ends == e,
            )
        if events_ != "0":
            attack.listed(lambda c, e=ends: _counted(c, now, few) and c.ends == e)
    for country, _, out, _, into in balance.rows:
        for side, text in enumerate((out, into)):
            attack.told(
                f"{country} side {side}",
                number(text),
                lambda c, n=country, s=side: _counted(c, now, few) and bool(c.ends[0]) and c.ends[s] == n,
            )


def _said(attack: Attack, text: str, few: set[str]) -> None:
    year = YEARS[1]
    if found := re.search(r"([\d,]+) events were reported", text):
        attack.told("n", number(found[1]), dated)
    if found := re.search(r"([\d,]+) more events have no date", text):
        attack.told("undated", number(found[1]), lambda c: not dated(c))
    if found := re.search(r"([\d,]+) of ([\d,]+) events have an origin", text):
        attack.told("routed", number(found[1]), lambda c: _counted(c, year, few) and bool(c.ends[0]))
        attack.told("in flows", number(found[2]), lambda c: _counted(c, year, few))


@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("known", KNOWN)
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data(), rule=st.sampled_from((INSIDE, RELEASE)))
def test_a_report_gives_no_hidden_count_away(
    known: Whose, places: str, data: st.DataObject, rule: Rule
) -> None:
    drawn: Drawn = data.draw(worlds(known))
    attack = Attack(rule.least, known)
    read(attack, report(drawn, rule, places), rough_and_few(Counter(drawn), rule.least))
    assert attack.found_out(Counter(drawn)) == []


def test_what_two_windows_add_up_to_tells_no_reporter() -> None:
    """All of MA, which is steady, is in the two windows; what the others reported is not told beside it."""
    route = ("MA", "FR")
    drawn = {
        Cell("2022-03", "MA", "cash", ("", "")): 5, Cell("2022-11", "FR", "cash", route): 1,
        Cell("2022-11", "FR", "pills", route): 4, Cell("2022-03", "ES", "cash", ("MA", "ES")): 2,
        Cell("2022-03", "FR", "cash", route): 6, Cell("2023-02", "MA", "cash", ("", "")): 1,
        Cell("2023-05", "MA", "cash", ("", "")): 4,
    }  # fmt: skip
    attack = Attack(INSIDE.least)
    read(attack, report(drawn, INSIDE, COUNTRIES), rough_and_few(Counter(drawn), INSIDE.least))
    assert attack.found_out(Counter(drawn)) == []


def test_where_numbers_are_small_a_report_tells_of_countries_or_of_routes() -> None:
    drawn = {
        Cell("2022-03", "ES", "pills", ("MA", "ES")): 30,
        Cell("2023-05", "FR", "pills", ("MA", "FR")): 40,
    }
    told = {
        places: {table.title for section in report(drawn, RELEASE, places) for table in section.tables}
        for places in PLACES
    }
    assert told["countries"] - told["routes"] == {"Countries compared", "Reporters"}
    assert told["routes"] - told["countries"] == {"Routes", "Balance by country"}


def test_a_report_of_routes_names_no_reporter() -> None:
    drawn = {
        Cell("2022-03", "ES", "pills", ("MA", "ES")): 30,
        Cell("2023-05", "FR", "pills", ("MA", "FR")): 40,
    }
    assert "file" not in str(report(drawn, RELEASE, "routes"))
