"""Quotas: what was given counts, in an hour and in a day, over all workers."""

from pathlib import Path

import pytest

from graphsvc.access.caller import Caller
from graphsvc.access.quota import Quotas
from graphsvc.errors import LimitError
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings

MARA = Caller("mara", "FR", Level.OFFICIAL, Purpose.LOCATE)
OTTO = Caller("otto", "FR", Level.OFFICIAL, Purpose.LOCATE)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, objects_hour=10, objects_day=15)


def test_a_caller_is_stopped_by_objects_and_not_by_requests(settings: Settings) -> None:
    quotas = Quotas(settings, clock=lambda: 0.0)
    for _ in range(100):
        quotas.add(MARA, 0)
    quotas.add(MARA, 10)

    with pytest.raises(LimitError, match="10 records"):
        quotas.check(MARA)
    quotas.check(OTTO)


def test_an_answer_that_goes_over_is_refused_as_a_whole(settings: Settings) -> None:
    quotas = Quotas(settings, clock=lambda: 0.0)
    quotas.add(MARA, 9)

    with pytest.raises(LimitError, match=r"in 6[01] minutes"):
        quotas.add(MARA, 2)


def test_the_next_hour_is_new_and_the_day_goes_on(settings: Settings) -> None:
    now = [0.0]
    quotas = Quotas(settings, clock=lambda: now[0])
    quotas.add(MARA, 10)
    now[0] = 3_601.0
    quotas.add(MARA, 5)

    with pytest.raises(LimitError, match="a day"):
        quotas.check(MARA)
    now[0] = 86_401.0
    quotas.check(MARA)


def test_workers_share_the_count(settings: Settings) -> None:
    one, other = Quotas(settings, clock=lambda: 0.0), Quotas(settings, clock=lambda: 0.0)
    one.add(MARA, 6)
    other.add(MARA, 4)

    with pytest.raises(LimitError):
        one.check(MARA)
