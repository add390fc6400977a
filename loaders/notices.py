"""The public notices as JSON lines, as https://ws-public.interpol.int/notices/v1 gives them: a person, the notice
about them, and who asked for it. Null and zero mean that nothing is stated. Ids of countries are not all ISO 3166.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from graphsvc.model.countries import country_code
from loaders.files import Input
from loaders.parcel import Element
from loaders.reading import rows
from loaders.rows import Reading, Rejected, Row
from loaders.shaped import ObjectLoader, Values, number, part, parts, text, texts
from loaders.terms import Terms

COLOURS = {"red": "red", "yellow": "yellow", "un": "un_special"}


class Notices(ObjectLoader):
    """The loader of public notices."""

    def __init__(self, terms: Terms, paths: list[Path]) -> None:
        super().__init__("interpol-notices", terms, paths)

    def read(self, source: Input) -> Iterator[Row | Rejected]:
        with self.open(source) as stream:
            for item in rows(source, stream, Reading()):
                if isinstance(item, Row | Rejected):
                    yield item

    def turn(self, row: Row) -> list[Element]:
        given = row.values
        id_ = str(given.get("entity_id") or "")
        name = " ".join(filter(None, (text(given, "forename"), text(given, "name"))))
        height = number(given, "height")
        person = {
            "id": id_ and f"person-{id_}",
            "name": name,
            "given_name": given.get("forename"),
            "family_name": given.get("name"),
            "birth_date": _date(given.get("date_of_birth")),
            "sex": given.get("sex_id") if given.get("sex_id") in ("F", "M") else None,
            "nationalities": self._countries(texts(given, "nationalities"), row),
            "birth_country": next(iter(self._countries([given.get("country_of_birth_id")], row)), None),
            "birth_place": given.get("place_of_birth"),
            "height_cm": round(height * 100) if height else None,
            "marks": _marks(given),
            "languages": [code.lower() for code in texts(given, "languages_spoken_ids")],
        }
        warrants = parts(given, "arrest_warrants")
        issuers = self._countries([warrant.get("issuing_country_id") for warrant in warrants], row)
        notice = {
            "id": id_ and f"notice-{id_}",
            "colour": _colour(given),
            "reference": id_,
            "issuer": issuers[0] if issuers else None,
            "charges": [_line(charge) for warrant in warrants if (charge := text(warrant, "charge"))],
            "subjects": [person["id"]],
        }
        return [
            *self.elements.record("Person", person, row.line),
            *self.elements.record("Notice", notice, row.line),
        ]

    def _countries(self, codes: Sequence[Any], row: Row) -> list[str]:
        found = []
        for code in codes:
            if not code:
                continue
            try:
                found.append(country_code(str(code)))
            except ValueError:
                self.remark(f"the country id {code!r} names no country and is left out", row.file)
        return found


def _date(raw: Any) -> str | None:
    return str(raw).replace("/", "-") if raw else None


def _line(charge: str) -> str:
    """One charge, without the semicolons that part charges."""
    return " ".join(charge.split()).replace(";", ",")[:2_000]


def _marks(given: Values) -> list[str]:
    marks = [f"eyes {code}" for code in texts(given, "eyes_colors_id")]
    marks += [f"hair {code}" for code in texts(given, "hairs_id")]
    if told := text(given, "distinguishing_marks"):
        marks.append(_line(told))
    return marks


def _colour(given: Values) -> str:
    address = text(part(part(given, "_links"), "self"), "href")
    return next((colour for name, colour in COLOURS.items() if f"/{name}/" in address), "red")
