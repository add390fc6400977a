"""What a search spends is counted on visible links alone, also where a few links make a record a crowded one.

Small worlds have no crowded records at the usual threshold, and a compiled kernel can't be told another: so the worlds
are walked by plain Python, in a process of its own.
"""

import importlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from graphsvc.topology.question import Question
from tests.topology.worlds import Link, Node, World

ROOT = Path(__file__).resolve().parent.parent.parent
WORLDS = 25
HELD = {0}


def world(rng: random.Random) -> World:
    """Records and links of which a third are hidden; some records share a key."""
    ids = [f"{rng.choice('abc')}:{number}" for number in range(14)]
    nodes = tuple(
        Node(
            id_,
            handling=rng.choice((0, 0, 0, 1)),
            keys=(f"k:{rng.randint(1, 3)}",) if rng.random() < 0.3 else (),
        )
        for id_ in ids
    )
    links = []
    for number in range(40):
        from_, to = rng.sample(ids, 2)
        links.append(Link(f"l:{number}", "CALLED", from_, to, handling=rng.choice((0, 0, 1))))
    return World(nodes, tuple(links))


def differences(calm: int) -> list[str]:
    """Answers that are not the same with and without what is hidden, with what was spent on them."""
    importlib.import_module("graphsvc.topology.kernels.shortest")
    for name, module in list(sys.modules.items()):
        if name.startswith("graphsvc.topology") and "CALM" in vars(module):
            vars(module)["CALM"] = calm
    found = []
    for seed in range(WORLDS):
        rng = random.Random(seed)
        made = world(rng)
        a, b = rng.sample([node.id for node in made.nodes if node.handling in HELD], 2)
        asked = Question(
            hub_cap=rng.choice((3, 5, 5_000)),
            key_cap=rng.choice((1, 2, 100)),
            budget=rng.choice((10, 30, 100_000)),
        )
        whole, part = made.under(HELD), made.without_hidden(HELD).under(HELD)
        for k in (1, 4):
            if whole.shortest(a, b, asked, count=k) != part.shortest(a, b, asked, count=k):
                found.append(f"{seed} shortest {k}")
            if whole.k_shortest(a, b, k, asked, most=8) != part.k_shortest(a, b, k, asked, most=8):
                found.append(f"{seed} k shortest {k}")
    return found


@pytest.mark.parametrize("calm", [2, 64])
def test_what_is_spent_does_not_depend_on_hidden_links(calm: int) -> None:
    code = f"from tests.topology.test_spent import differences; print(differences({calm}))"
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
