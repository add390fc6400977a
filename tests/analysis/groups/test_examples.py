"""The worked examples of ``docs/groups.md`` on published data: each figure there is worked out here again."""

import re
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pytest

from graphsvc.access.jobs import Job
from graphsvc.access.view import Door, View
from graphsvc.analysis.centrality import Ranking, brokers, core_structure
from graphsvc.analysis.groups import Question
from graphsvc.analysis.keyplayers import key_players, removal
from graphsvc.analysis.overlap import overlapping_groups
from graphsvc.analysis.partitions import Method
from graphsvc.analysis.projection import ScopeSpec
from graphsvc.analysis.quality import modularity
from graphsvc.exports.groups import exported
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from loaders.catalogue import Request, loader
from tests.analysis.groups.asking import ask, asking, caller

pytestmark = [pytest.mark.neo4j, pytest.mark.data]

Find = Callable[..., Path]
DOCS = Path(__file__).resolve().parents[3] / "docs" / "groups.md"
MONTHS = [f"199{4 + (4 + at) // 12}-{(4 + at) % 12 + 1:02}" for at in range(0, 22, 2)]
PERSONS = ScopeSpec(kinds=("Person",))
RELATIONS = (
    "classmates", "communications", "friendship", "kinship", "logistics", "meetings", "operations", "soulmates",
    "training",
)  # fmt: skip


def page() -> str:
    """The text, with lines that were broken put together."""
    return re.sub(r"(?<=\S)\n(?=[^\n|#])", " ", DOCS.read_text(encoding="utf-8"))


def says(*sentences: str) -> None:
    missing = [sentence for sentence in sentences if sentence not in page()]
    assert not missing, "docs/groups.md should say: " + "\n".join(missing)


@pytest.fixture
def caviar(database: Database, public_data: Find) -> None:
    loader(Request("mapping", [Path("caviar")], [public_data("covert-networks")])).load(database)


@pytest.fixture
def noordin(database: Database, public_data: Find) -> None:
    loader(Request("mapping", [Path("covert-networks")], [public_data("covert-networks")])).load(database)


def number(caption: str) -> str:
    """``CAVIAR participant 12`` as N12."""
    return "N" + caption.split()[-1].removeprefix("N")


def named(answer: Ranking) -> list[str]:
    return [one.who.caption for one in answer.ranked]


def test_the_brokers_of_caviar_in_each_phase(caviar: None, open_server: Settings) -> None:
    async def each(view: View) -> list[Ranking]:
        spec = [ScopeSpec(kinds=("Person",), since=month, until=month) for month in MONTHS]
        return [await brokers(view, scope, first=3) for scope in spec]

    rows = []
    for phase, answer in enumerate(ask(open_server, each), 1):
        first = ", ".join(f"{number(one.who.caption)} {one.score:.1f}" for one in answer.ranked)
        kept = answer.ranked[0].stability.links_10
        rows.append(f"| {phase} | {answer.identities}, {answer.links} | {first} | {kept:.2f} |")
    says(*rows)


def test_the_key_players_of_caviar(caviar: None, open_server: Settings) -> None:
    found = ask(open_server, lambda view: key_players(view, PERSONS))
    names = [number(one.caption) for one in found.players]
    three = f"{names[0]}, {names[1]} and {names[2]}"
    score, top = (f"{value:.3f}".removeprefix("0") for value in (found.score, found.top_score))
    again = {name: kept.links_10 for name, kept in zip(names, found.stability, strict=True)}
    assert again["N1"] == again["N12"] == 1.0
    says(
        f"Over all phases the three that fragment the network most are {three} ({score} of the pairs cut apart)",
        f"who have most contacts ({top})",
        f"N1 and N12 are always chosen again, N87 in {again['N87']:.0%} of the draws",
    )


def test_what_is_left_of_caviar(caviar: None, open_server: Settings) -> None:
    found = ask(open_server, lambda view: removal(view, PERSONS, rule="betweenness", steps=5))
    names = [number(step.removed.caption) for step in found.steps if step.removed]
    left = [str(step.largest) for step in found.steps]
    says(
        f"Taking out {', '.join(names[:-1])} and {names[-1]} one after another, by betweenness on what is left, "
        f"shrinks the largest piece from {left[0]} to {', '.join(left[1:-1])} and {left[-1]}."
    )


def test_the_groups_of_caviar_that_share_members(caviar: None, open_server: Settings) -> None:
    found = ask(open_server, lambda view: overlapping_groups(view, PERSONS, k=5))
    sizes = ", ".join(str(group.size) for group in found.groups[:-1])
    three, two = ([number(one.who.caption) for one in found.shared if len(one.groups) == n] for n in (3, 2))
    says(
        f"By cliques of five CAVIAR has {found.total} groups, of {sizes} and {found.groups[-1].size} persons.",
        f"{' and '.join(three)} belong to three of them, {', '.join(two)} to two.",
    )


def test_the_core_of_caviar(caviar: None, open_server: Settings) -> None:
    found = ask(open_server, lambda view: core_structure(view, PERSONS, first=100))
    deep = [number(one.who.caption) for one in found.core if one.core == found.deepest]
    assert {"N1", "N3", "N12", "N87"} <= set(deep)
    cut = ", ".join(number(one.who.caption) for one in found.cut_points[:6])
    says(
        f"{len(deep)} of its {found.identities} persons have {found.deepest} contacts or more among themselves",
        f"There are {len(found.cut_points)} cut points, by their ids {cut} and so on, and {len(found.bridges)} bridges",
    )


def test_the_groups_of_caviar_as_a_file(caviar: None, open_server: Settings) -> None:
    async def both(door: Door) -> str:
        view, leaving = await door.view(caller()), await door.view(caller())
        (file,) = await exported(view, leaving, PERSONS, format="graphml", first=3)
        return file.text

    graph = nx.parse_graphml(asking(open_server, both), force_multigraph=True)
    groups = {known["group"] for _, known in graph.nodes(data=True)}
    assert len(groups) == 3
    says(
        f"networkx reads back {graph.number_of_nodes()} persons in three groups and "
        f"{graph.number_of_edges()} links among them"
    )


def test_the_noordin_network_by_relation(noordin: None, open_server: Settings) -> None:
    async def each(view: View) -> list[str]:
        rows = []
        for relation in RELATIONS:
            scope = ScopeSpec(bases=(relation,))
            division = await Question(scope, Method(), "collapsed").divide(view, Job())
            part = division.part
            first = named(await brokers(view, scope, parallel="collapsed", first=2))
            quality = f"{modularity(part, division.group):.3f}".removeprefix("0")
            counts = f"{part.size} | {len(part.link)} | {division.total}"
            rows.append(f"| {relation} | {counts} | {quality} | {', '.join(first)} |")
        return rows

    says(*ask(open_server, each))
