"""Machine-readable zones out of documents that states print as specimens: the public vectors, line by line."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from graphsvc.model import mrz

pytestmark = pytest.mark.data

NAMES = "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
WHOLE = {
    ("I<CHED231458907ABC", "7408122F1204159CHE"): ("TD1", "CHE", "D23145890", "740812"),
    ("I<FINXA10000585010195<112X", "9501016F2803135FIN"): ("TD1", "FIN", "XA1000058", "950101"),
    ("I<PRT007666667<ZZ00", "8303143M3405293PRT"): ("TD1", "PRT", "007666667ZZ0", "830314"),
    ("I<PRT007777779<ZZ92", "8303143M3405282PRT"): ("TD1", "PRT", "007777779ZZ9", "830314"),
    ("I<UTOD231458907ABC", "7408122F1204159UTO<<<<<<<<<<<1"): ("TD1", "UTO", "D23145890", "740812"),
    ("I<UTOD23145890<1233", "7408122F1204159UTO<<<<<<<<<<<2"): ("TD1", "UTO", "D23145890123", "740812"),
    ("I<UTOD23145890<7349", "3407127M9507122UTO"): ("TD1", "UTO", "D23145890734", "340712"),
    ("IDCHEA1234567<6", "7510256M2009018CHE"): ("TD1", "CHE", "A1234567", "751025"),
    ("I<UTOERIKSSON", "D231458907UTO7408122"): ("TD2", "UTO", "D23145890", "740812"),
    ("P<UTOERIKSSON", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"): ("TD3", "UTO", "L898902C3", "740812"),
    ("P<D<<MUSTERMANN", "C01X0006H1D"): ("TD3", "D", "C01X0006H", "640812"),
}  # fmt: skip
"""Lines of one document by how they begin, and what they say: format, issuer, number, birth date."""

WRONG = (
    ("L898902C36UTO7408122F1204159ZE184226B<<<<<20", "check digit of the optional data is 2 and should be 1"),
    ("L898902C36UTO740BIZZF12041S9ZE184226B<<<<<1O", "check digit of the birth date"),
    ("D231458907UT0740BIZZF12O4IS9<<<<<<<G", "check digit of the whole is G"),
)
"""Second lines with one digit of the whole wrong, or read by a machine that takes 0 for O, 1 for I, 5 for S."""


@pytest.fixture
def vectors(public_data: Callable[..., Path]) -> list[str]:
    found = public_data("document-vectors", "mrz_lines.txt").read_text(encoding="ascii").split()
    assert len(found) == 58
    return found


def beginning(vectors: list[str], start: str) -> str:
    (line,) = (line for line in vectors if line.startswith(start))
    return line


def zone(top: str, bottom: str) -> str:
    return "\n".join([top, bottom, *([NAMES] if len(top) == 30 else [])])


def test_every_document_adds_up_and_says_what_stands_on_it(vectors: list[str]) -> None:
    for (top, bottom), expected in WHOLE.items():
        found = mrz.read(zone(only(vectors, top, bottom), beginning(vectors, bottom)))
        assert found.findings == ()
        assert (found.format, found.country, found.number, found.birth) == expected


def only(vectors: list[str], top: str, bottom: str) -> str:
    """The upper line of the same width as the lower one."""
    width = len(beginning(vectors, bottom))
    (line,) = (line for line in vectors if line.startswith(top) and len(line) == width)
    return line


def test_lower_lines_that_were_misread_are_told(vectors: list[str]) -> None:
    for bottom, finding in WRONG:
        assert bottom in vectors
        top = next(line for line in vectors if len(line) == len(bottom) and line[0] in "IP")
        assert any(text.startswith(finding) for text in mrz.read(zone(top, bottom)).findings)


def test_every_pair_of_lines_is_read_and_none_of_them_breaks_it(vectors: list[str]) -> None:
    for width in (30, 36, 44):
        of_width = [line for line in vectors if len(line) == width]
        for top, bottom in product(of_width, of_width):
            assert mrz.read(zone(top, bottom)).format in ("TD1", "TD2", "TD3")
    assert {len(line) for line in vectors} == {30, 36, 44}
