"""The planted rings of the sample are found, its innocent look-alikes are not: the scores of a small world."""

from pathlib import Path

import pytest

from bench.rings import Score, scores
from graphsvc.sample.make import make
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from tests.analysis.asking import Service
from tests.stories.pages import Run

pytestmark = pytest.mark.neo4j


def test_planted_rings_are_found_and_innocents_are_not(
    database: Database, open_server: Settings, command: Run, tmp_path: Path
) -> None:
    world = tmp_path / "world"
    make(world, 3_000, 7)
    command(["load", "world", str(world)], "")
    service = Service(open_server)
    try:
        found = {one.name: one for one in service.ask(scores, world)}
    finally:
        service.close()
    for name in ("indicators, planted groups", "money flows", "co-offending", "cyber pivot"):
        assert (name, found[name].precision, found[name].recall) == (name, 1.0, 1.0)
    assert found["indicators, all trips"].recall == 1.0


def test_precision_is_of_those_found_and_recall_of_those_wanted() -> None:
    one = Score("half", found=4, right=3, wanted=6, hit=2)
    assert (one.precision, round(one.recall, 2)) == (0.75, 0.33)
