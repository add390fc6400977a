"""Texts that are known to be valid are not read again, and none that may name somebody is kept."""

import pytest
from graphql import parse

from graphsvc.api import schema
from graphsvc.api.documents import LONGEST, REMEMBERED, Documents
from graphsvc.api.limits import Limits
from tests.api.conftest import Ask

WIDE = Limits(depth=10, fields=1_000, operations=10)
NARROW = Limits(depth=1, fields=1_000, operations=10)
ME = "{ me { ncb } }"


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> Documents:
    """Those of the schema, empty."""
    fresh = Documents()
    monkeypatch.setattr(schema, "valid", fresh)
    return fresh


def test_a_text_is_remembered_under_the_limits_it_was_measured_with() -> None:
    known = Documents()
    known.keep(ME, WIDE, parse(ME))

    assert known.get(ME, WIDE) is not None
    assert known.get(ME, NARROW) is None


def test_a_text_that_may_name_somebody_is_not_kept() -> None:
    known = Documents()
    named = '{ search(text: "Ana Moreno") { id } }'
    known.keep(named, WIDE, parse(named))

    assert known.get(named, WIDE) is None


def test_the_text_not_used_for_longest_goes_first() -> None:
    known = Documents()
    texts = [f"{{ a{n}: me {{ ncb }} }}" for n in range(REMEMBERED)]
    for text in texts:
        known.keep(text, WIDE, parse(text))
    assert known.get(texts[0], WIDE) is not None
    known.keep(ME, WIDE, parse(ME))

    assert known.get(texts[0], WIDE) is not None
    assert known.get(texts[1], WIDE) is None


def test_a_very_long_text_is_not_kept() -> None:
    known = Documents()
    text = ME + " " * LONGEST
    known.keep(text, WIDE, parse(text))

    assert known.get(text, WIDE) is None


def test_the_second_answer_is_the_first(ask: Ask, documents: Documents) -> None:
    first, second = ask(ME), ask(ME)

    assert first == second
    assert len(documents) == 1


@pytest.mark.parametrize("text", ["{ me { nobody } }", "{ me { ncb }", "query($a: Nothing) { me { ncb } }"])
def test_what_is_wrong_is_told_each_time(ask: Ask, documents: Documents, text: str) -> None:
    first, second = ask(text), ask(text)

    assert first["errors"] == second["errors"]
    assert len(documents) == 0
