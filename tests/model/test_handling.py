"""The rule of handling, as a table that a lawyer can read: ``policy.yml``."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from graphsvc.access.caller import Caller
from graphsvc.model.handling import make, permits
from graphsvc.model.vocabulary import Level, Purpose

CASES = yaml.safe_load(Path(__file__).with_name("policy.yml").read_text(encoding="utf-8"))
PARTIES = {name: frozenset(members) for name, members in CASES["agreements"].items()}


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["says"])
def test_policy(case: dict[str, Any]) -> None:
    record = dict(case["record"])
    terms: dict[str, Any] = {
        name: frozenset(record.pop(name, default)) for name, default in (("allow", "*"), ("deny", ""))
    }
    lists: dict[str, Any] = {
        name: frozenset(record.pop(name, ())) for name in ("units", "purposes", "conditions")
    }
    level = Level[record.pop("level", "OFFICIAL")]
    handling = make(
        record.pop("of"), level=level, class_=record.pop("class", "ordinary"), **terms, **lists, **record
    )
    asks = case["asks"]
    caller = Caller(
        "someone",
        asks["from"],
        Level[asks.get("level", "CONFIDENTIAL")],
        Purpose[asks.get("purpose", "INVESTIGATE")],
        roles=frozenset(asks.get("roles", ())),
        units=frozenset(asks.get("units", ())),
    )
    assert permits(handling, caller.asker(PARTIES)) is case["sees"]
