"""What a benchmark says: one figure a line, ours beside a peer's, with the bar that the issue sets."""

import json
import statistics
from collections.abc import Iterable
from pathlib import Path

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """``holds`` says whether ``ours`` against ``peer`` reaches the bar; without a bar it is None."""

    name: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str = ""
    bar: str = ""
    holds: bool | None = None


def at_least(name: str, unit: str, ours: float, peer: float, peer_name: str, bar: float) -> Figure:
    """Higher is better: ours must be at least ``bar`` times the peer's."""
    return Figure(name, unit, ours, peer, peer_name, f"at least {bar:g} times", ours >= bar * peer)


def at_most(name: str, unit: str, ours: float, peer: float, peer_name: str, bar: float) -> Figure:
    """Lower is better: ours must be at most ``bar`` times the peer's."""
    return Figure(name, unit, ours, peer, peer_name, f"at most {bar:g} times", ours <= bar * peer)


def under(name: str, unit: str, ours: float, bar: float) -> Figure:
    """Lower is better, against a fixed bar."""
    return Figure(name, unit, ours, None, "", f"at most {bar:g} {unit}", ours <= bar)


def middle(values: Iterable[float]) -> float:
    """The median."""
    return statistics.median(values)


def write(figures: Iterable[Figure], path: Path | None, before: Path | None = None) -> list[Figure]:
    """Print each figure as it comes, and keep those so far as JSON where a path is given; all of them.

    ``before`` are figures of an earlier run, of another size say: each line then says how often its figure is that.
    """
    earlier = {(figure.name, figure.peer_name): figure for figure in _read(before)}
    found: list[Figure] = []
    for figure in figures:
        found.append(figure)
        print(line(figure) + grown(figure, earlier.get((figure.name, figure.peer_name))), flush=True)
        if path is not None:
            path.write_text(json.dumps(msgspec.to_builtins(found), indent=1) + "\n", encoding="utf-8")
    return found


def _read(path: Path | None) -> list[Figure]:
    return [] if path is None else msgspec.json.decode(path.read_bytes(), type=list[Figure])


def grown(figure: Figure, earlier: Figure | None) -> str:
    """How often a figure is the earlier one of the same name and peer, and the peer's is the peer's."""
    if earlier is None or not earlier.ours:
        return ""
    peers = f" (peer {figure.peer / earlier.peer:.2f})" if figure.peer and earlier.peer else ""
    return f"  {figure.ours / earlier.ours:.2f} times as before{peers}"


def line(figure: Figure) -> str:
    """A figure as people read it."""
    against = "" if figure.peer is None else f"  {figure.peer_name} {figure.peer:,.4g}"
    ratio = "" if not figure.peer else f"  ratio {figure.ours / figure.peer:.3f}"
    held = "holds" if figure.holds else "DOES NOT HOLD"
    verdict = "" if figure.holds is None else f"  {figure.bar}: {held}"
    return f"{figure.name}: {figure.ours:,.4g} {figure.unit}{against}{ratio}{verdict}"
