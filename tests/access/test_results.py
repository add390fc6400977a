"""Results on the disk: whom they answer, and that what a killed process left there goes."""

import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from graphsvc.access.caller import Caller
from graphsvc.access.results import Results
from graphsvc.access.scope import Scope
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings

SCOPE = Scope(Caller("tester", "FR", Level.CONFIDENTIAL, Purpose.TRENDS), (0,), 0, 7, "built", "now")


class Answer(msgspec.Struct, frozen=True):
    text: str


def test_what_a_killed_process_left_half_written_goes_with_the_next_result(tmp_path: Path) -> None:
    results = Results(Settings(data_dir=tmp_path), SCOPE)
    results.keep("one", Answer("1"), {"group": np.arange(3)})
    (folder,) = (path for path in (tmp_path / "analyses").glob("*/*") if path.is_dir())
    old, young = folder / ".old", folder / ".young"
    for half in (old, young):
        half.mkdir()
        (half / "group.npy").write_bytes(b"half")
    os.utime(old, (0, 0))
    results.keep("two", Answer("2"), {})
    assert sorted(path.name for path in folder.iterdir()) == [".young", "held", "one", "two"]
    assert results.answer("one", Answer) == Answer("1")
    assert results.array("one", "group").tolist() == [0, 1, 2]


def test_a_scope_that_grew_takes_over_what_it_kept_and_says_so(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    Results(settings, SCOPE).keep("one", Answer("1"), {"group": np.arange(3)})
    grown = Results(settings, msgspec.structs.replace(SCOPE, held=(0, 4)))
    assert grown.answer("one", Answer) is None
    assert (grown.inherit("one"), grown.inherit("two")) == (True, False)
    assert (grown.answer("one", Answer), grown.grown("one")) == (Answer("1"), True)
    assert grown.array("one", "group").tolist() == [0, 1, 2]
    grown.keep("one", Answer("2"), {})
    assert not grown.grown("one")


@pytest.mark.parametrize(
    "other",
    [
        {"held": ()},
        {"held": (4,)},
        {"built": "anew"},
        {"caller": Caller("tester", "DE", Level.CONFIDENTIAL, Purpose.TRENDS)},
        {"caller": Caller("tester", "FR", Level.RESTRICTED, Purpose.TRENDS)},
        {"caller": Caller("tester", "FR", Level.CONFIDENTIAL, Purpose.LOCATE)},
        {"caller": Caller("tester", "FR", Level.CONFIDENTIAL, Purpose.TRENDS, units=frozenset({"north"}))},
    ],
)
def test_nobody_takes_over_what_another_kept_or_what_holds_more(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    settings = Settings(data_dir=tmp_path)
    Results(settings, SCOPE).keep("one", Answer("1"), {})
    others = Results(settings, msgspec.structs.replace(SCOPE, **{"held": (0, 4), **other}))
    assert not others.inherit("one")
    assert others.answer("one", Answer) is None


def test_an_answer_is_forgotten_in_what_the_scope_was_before_too(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    Results(settings, SCOPE).keep("one", Answer("1"), {})
    grown = Results(settings, msgspec.structs.replace(SCOPE, held=(0, 4)))
    grown.inherit("one")
    grown.forget("one")
    assert not grown.inherit("one")
    assert Results(settings, SCOPE).answer("one", Answer) is None
