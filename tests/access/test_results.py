"""Results on the disk: what a killed process left there goes."""

import os
from pathlib import Path

import msgspec
import numpy as np

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
    (folder,) = (tmp_path / "analyses").iterdir()
    old, young = folder / ".old", folder / ".young"
    for half in (old, young):
        half.mkdir()
        (half / "group.npy").write_bytes(b"half")
    os.utime(old, (0, 0))
    results.keep("two", Answer("2"), {})
    assert sorted(path.name for path in folder.iterdir()) == [".young", "one", "two"]
    assert results.answer("one", Answer) == Answer("1")
    assert results.array("one", "group").tolist() == [0, 1, 2]
