"""What must not come in. Sensitive columns are dropped and counted after the triggers that they raise, free text that
speaks of such things is flagged, templates of biometrics are refused, minors are restricted.

Nobody computes a verdict here: a trigger says that a person must look, and why.
Rules on the Processing of Data, articles 10, 35 and 42; Constitution of Interpol, article 3.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from graphsvc.errors import RowError
from graphsvc.model import days, identifiers
from graphsvc.model.columns import Columns
from graphsvc.model.record import Record, Value
from graphsvc.model.vocabulary import Class
from loaders.sensitive import WORDS, category, is_template

ABSENT = frozenset({"", "no", "n", "false", "0", "none", "unknown", "null", "-"})

TEXTS = ("note", "description", "facts", "title", "modus", "charges", "name")
FREE = ("note", "description", "facts", "marks", "occupation", "purpose")
OF_LINKS = ("basis",)

FLAGS: dict[str, str] = {
    "religion": r"muslims?|christians?|jew(?:s|ish)?|catholics?|protestants?|shi'?a|shiite|sunnis?|hindus?|buddhists?|"
    r"atheists?|musulmane?s?|juif|juive|chrétienne?s?|musulm[aá]n|jud[ií]o|cristian[oa]|muslimisch|jüdisch",
    "politics": r"member of the [\w ]{0,40}party|political (?:activist|opponent|opinion|refugee)|dissident|"
    r"opposition (?:member|leader|party|activist)|opposant politique|opositor político",
    "health": r"hiv|aids|schizophreni\w+|epilep\w+|diabet\w+|pregnan\w+|mentally ill|psychiatric|cancer|séropositi\w+",
    "sexual life": r"homosexual\w*|gay|lesbian|bisexual|transgender|sexual orientation",
    "ethnicity": r"roma(?:ni)? (?:origin|descent|ethnicity)|gyps(?:y|ies)|ethnic \w+|of \w+ ethnicity|kurdish origin",
    "union membership": r"trade union(?:ist)?|union (?:member|leader)|syndicaliste|sindicalista",
    "genetics": r"dna profile|genotype|genetic (?:test|disease|profile)",
    "asylum": r"asylum (?:seeker|claim|application)|refugee status|demandeur d'asile|solicitante de asilo",
}
ARTICLE_3: dict[str, str] = {
    "political": r"treason|sedition|espionage|subversion|insult(?:ing)? (?:of )?the (?:president|king|head of state)|"
    r"illegal (?:demonstration|assembly)|separatis\w+|overthrow|anti-state|extremis[mt]|lèse-majesté|coup d'état|"
    r"electoral (?:offence|crime)|propaganda against",
    "military": r"desertion|deserter|draft evasion|evading (?:military|conscription)|mutiny|absent without leave",
    "religious": r"apostasy|blasphemy|proselyti\w+|witchcraft|sorcery",
    "racial": r"miscegenation|racial (?:offence|classification)",
}


def _pattern(table: dict[str, str]) -> re.Pattern[str]:
    """One pattern for all; the group that matched names the category."""
    return re.compile(
        "|".join(f"(?P<g{number}>\\b(?:{text})\\b)" for number, text in enumerate(table.values())),
        re.IGNORECASE,
    )


FLAG, THIRD = _pattern(FLAGS), _pattern(ARTICLE_3)
CHARGED = frozenset({"Case", "Notice", "Event"})
TRIGGERS = "_triggers"
"""Where a row that is kept to be mended says what was dropped of it."""


def carried(values: dict[str, Any]) -> tuple[str, ...]:
    """The categories that were dropped of a row when it was first refused; it comes back mended.

    Anyone can write this into a file, and gains nothing by it: a trigger asks a person to look.
    """
    told = values.get(TRIGGERS)
    if not told or "_reason" not in values:
        return ()
    parts = told.split(";") if isinstance(told, str) else told if isinstance(told, list) else ()
    names = {str(part).strip().removeprefix("dropped:") for part in parts}
    return tuple(sorted(names & WORDS.keys()))


class Screen:
    """The screen of one load; it remembers the columns that it has judged."""

    def __init__(self, owner: str, today: int | None = None) -> None:
        self.owner = owner
        self._today = days.today() if today is None else today
        self._year = date.fromordinal(self._today + days.EPOCH).year
        self._plain: set[str] = set()
        self._sensitive: dict[str, str] = {}
        self._templates: set[str] = set()

    def columns(self, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The row without its sensitive columns, and the categories that were dropped.

        Raises RowError for a biometric template.
        """
        if values.keys() <= self._plain:
            return values, ()
        for column in values:
            self._judge(column)
        for column in self._templates & values.keys():
            if says(values[column]):
                raise RowError(
                    f"{column}: templates of biometrics are not held here: leave the column out and say which "
                    "database holds it",
                    field=column,
                )
        gone = self._sensitive.keys() & values.keys()
        dropped = {self._sensitive[column] for column in gone if says(values[column])} | {*carried(values)}
        gone |= {TRIGGERS}
        return {name: value for name, value in values.items() if name not in gone}, tuple(sorted(dropped))

    def plain(self, columns: Iterable[str]) -> bool:
        """Whether no column of these names holds what must not come in."""
        for column in columns:
            self._judge(column)
        return self._plain.issuperset(columns)

    def _judge(self, column: str) -> None:
        if (
            column in self._plain
            or column in self._sensitive
            or column in self._templates
            or column == TRIGGERS
        ):
            return
        if is_template(column):
            self._templates.add(column)
        elif (name := category(column)) is not None:
            self._sensitive[column] = name
        else:
            self._plain.add(column)

    def record(self, record: Record, dropped: tuple[str, ...]) -> list[str]:
        """Restrict and flag one shaped record in place; what there is to tell of it. Raises RowError."""
        properties = record.properties
        if record.kind == "Document":
            self._own_document(properties)
        if record.kind == "Person" and self._minor(properties):
            _restrict(record)
        triggers = [f"dropped:{name}" for name in dropped]
        triggers += [f"text:{name}" for name in _marks(properties, FREE, FLAG, tuple(FLAGS))]
        if record.kind in CHARGED:
            triggers += [f"article 3:{name}" for name in _marks(properties, TEXTS, THIRD, tuple(ARTICLE_3))]
        if triggers:
            properties["triggers"] = triggers
        told = [f"{name} was dropped, and the trigger that it raises is kept" for name in dropped]
        told += [
            f"trigger {name!r}: a person must look at it"
            for name in triggers
            if not name.startswith("dropped:")
        ]
        return told + identifiers.findings(record.kind, properties)

    def wanted(self, kind: str, columns: Columns, count: int) -> Sequence[int]:
        """Of records given by columns, those that must be looked at one by one, as ``record`` does."""
        if kind == "Document" or identifiers.checked(kind, columns):
            return range(count)
        looked = [(field, FLAG) for field in FREE] + [(field, THIRD) for field in TEXTS if kind in CHARGED]
        found: set[int] = set()
        for field, pattern in looked:
            if field in columns:
                found.update(_speaking(columns[field], pattern))
        if kind == "Person" and "birth_date" in columns:
            found.update(self._young(columns))
        return sorted(found)

    def _young(self, columns: Columns) -> Iterator[int]:
        births, times = columns["birth_date"], [columns.get(name) for name in ("first_seen", "recorded_at")]
        years = {int(str(time)[:4]) for column in times for time in set(column or ()) if time is not None}
        last = min(years | {self._year}) - 18
        late = {birth for birth in set(births) if birth is not None and int(str(birth)[:4]) >= last}
        names = [name for name in ("birth_date", "first_seen", "recorded_at") if name in columns]
        for number, birth in enumerate(births) if late else ():
            if birth in late and self._minor({name: columns[name][number] for name in names}):
                yield number

    def link(self, properties: dict[str, Value]) -> list[str]:
        """What there is to tell of a link. Reviews are of records, so a link raises no trigger."""
        return [
            f"a link speaks of {name} in its basis and raises no trigger: a person must look at it"
            for name in _marks(properties, OF_LINKS, FLAG, tuple(FLAGS))
        ]

    def _own_document(self, properties: dict[str, Value]) -> None:
        if properties.get("status") and properties.get("country") != self.owner:
            raise RowError(
                f"country: a document reported as {properties['status']} is accepted only from the country that issued "
                f"it, {properties.get('country')}, and not from {self.owner}: leave status empty for one seen in use",
                field="country",
            )

    def _minor(self, properties: dict[str, Value]) -> bool:
        """Whether the person was under 18 at the facts, or may have been, by the birth date as far as it is known."""
        birth = properties.get("birth_date")
        if birth is None:
            return False
        facts = properties.get("first_seen") or properties.get("recorded_at")
        if facts is None and int(str(birth)[:4]) < self._year - 19:
            return False
        when = self._today if facts is None else days.first_day(str(facts))
        return _under_18(str(birth), when)


@lru_cache(maxsize=65_536)
def _under_18(birth: str, day: int) -> bool:
    youngest = date.fromordinal(days.last_day(birth) + days.EPOCH)
    there = date.fromordinal(day + days.EPOCH)
    return there.year - youngest.year - ((there.month, there.day) < (youngest.month, youngest.day)) < 18


def says(value: Any) -> bool:
    """Whether a cell holds more than that there is nothing."""
    if isinstance(value, list):
        return any(map(says, value))
    return value is not None and str(value).strip().lower() not in ABSENT


def _restrict(record: Record) -> None:
    if record.handling.class_ == Class.ORDINARY:
        record.handling = msgspec.structs.replace(record.handling, class_=str(Class.MINOR))


def _speaking(column: list[Any], pattern: re.Pattern[str]) -> Iterator[int]:
    """Which values the pattern is found in."""
    texts = ["; ".join(value) if isinstance(value, list) else value for value in column]
    found = {text for text in set(texts) if text is not None and pattern.search(str(text))}
    return (number for number, text in enumerate(texts) if text in found)


def _marks(
    properties: dict[str, Value], fields: tuple[str, ...], pattern: re.Pattern[str], names: tuple[str, ...]
) -> list[str]:
    found: dict[str, None] = {}
    for field in fields:
        value = properties.get(field)
        if value is None:
            continue
        text = "; ".join(value) if isinstance(value, list) else str(value)
        for match in pattern.finditer(text):
            found[names[int((match.lastgroup or "g0")[1:])]] = None
    return list(found)
