"""The kernels are compiled before anybody waits for them."""

import asyncio
import threading
from pathlib import Path

import pytest

from graphsvc.errors import StoreUnavailable
from graphsvc.topology import layout, warm
from graphsvc.topology.kernels import _FOLDER, between, connect, expand, shortest, timed, weighted
from graphsvc.topology.question import Question
from graphsvc.topology.snapshot import Snapshot
from tests.topology.worlds import Link, Node, World

KERNELS = (between, connect, expand, shortest, timed, weighted)
WORLD = World(
    tuple(Node(f"a:{n}", keys=("phone:1",) if n < 2 else ()) for n in range(5)),
    tuple(Link(f"l:{n}", "CALLED", f"a:{n}", f"a:{n + 1}", days=(n, n), confidence=0.5) for n in range(4)),
)


def compiled() -> dict[str, int]:
    """How often each kernel was compiled."""
    return {
        f"{module.__name__}.{name}": len(kernel.signatures)
        for module in KERNELS
        for name, kernel in vars(module).items()
        if hasattr(kernel, "signatures")
    }


def test_after_a_warm_start_questions_of_a_mapped_graph_compile_nothing(tmp_path: Path) -> None:
    warm.warm()
    before = compiled()
    built = WORLD.snapshot()
    folder = layout.write(tmp_path, WORLD.arrays(), built.meta)
    links = WORLD.under({0}, Snapshot.open(folder, room=10))
    for question in (Question(), Question(types=frozenset({"CALLED"}), since=0, until=9)):
        for count in (1, 3):
            links.shortest("a:0", "a:4", question, count=count)
        for path in links.k_shortest("a:0", "a:4", 3, question).paths:
            links.explain(path, "a:0", "a:4", question)
        links.timed("a:0", "a:4", 3, question)
        links.surest("a:0", "a:4", question)
        links.connect(["a:0", "a:3", "a:4"], question)
        reached = links.expand(["a:1"], 2, 5, question)
        links.back_links(reached.records, 0, 3, question, most=5)
        links.cluster("a:1", question)
    assert any(before.values())
    assert compiled() == before


def test_each_kernel_is_compiled_for_one_sort_of_arguments() -> None:
    """Each more takes seconds of the first start of a version; a Python number given to a kernel is a sort apart."""
    warm.warm()
    again = {path.name.split("-")[0] for path in Path(_FOLDER).glob("kernels_*/*.2.nbc")}
    assert again <= {"sort.counting_order"}  # of codes and of numbers


def test_a_question_that_comes_while_kernels_are_compiled_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = threading.Event()
    begun.set()
    monkeypatch.setattr(warm, "_begun", begun)
    monkeypatch.setattr(warm, "_ended", threading.Event())
    monkeypatch.setattr(warm, "PATIENCE", 0.1)
    with pytest.raises(StoreUnavailable, match="compiling"):
        asyncio.run(warm.warmed())


def test_a_question_goes_on_as_soon_as_they_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()
    begun.set()
    monkeypatch.setattr(warm, "_begun", begun)
    monkeypatch.setattr(warm, "_ended", ended)
    threading.Timer(0.1, ended.set).start()
    asyncio.run(warm.warmed())


def test_a_report_waits_for_all_kernels_and_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()
    begun.set()
    ended.set()
    monkeypatch.setattr(warm, "_begun", begun)
    monkeypatch.setattr(warm, "_ended", ended)
    monkeypatch.setattr(warm, "_whole_ended", threading.Event())
    monkeypatch.setattr(warm, "LONG_PATIENCE", 0.1)
    asyncio.run(warm.warmed())
    with pytest.raises(StoreUnavailable, match="ask again soon"):
        asyncio.run(warm.warmed(whole=True))
