"""What a batch does to what is stored. Pure: stored facts in, decisions out."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")
Row = dict[str, Any]


class Many(list[T]):
    """A parameter with very many values. The driver writes out parameters for its log, whether it keeps one or not:
    this one gives its length, which saves the time, and keeps names out of logs."""

    def __repr__(self) -> str:
        return f"<{len(self):,} values>"


class Change(Enum):
    """What becomes of one row."""

    NEW = "new"
    CHANGED = "changed"
    RESTRICTED = "restricted"  # changed, and who may see it changed too
    UNCHANGED = "unchanged"
    STALE = "stale"  # a later version is already there
    DUPLICATE = "duplicate"  # this run has already brought this id with other content
    OTHER_KIND = "other kind"


WRITES = (Change.NEW, Change.CHANGED, Change.RESTRICTED)
REFUSES = (Change.DUPLICATE, Change.OTHER_KIND)


Version = tuple[bool, int, str, str]


def _version(row: Row) -> Version | None:
    """By what one version of an id stands before or after another, or None when it says nothing of that.

    A sequence stands above any date, then the later date wins, and the content's hash parts two of one sequence and
    date: a total order, so that any order of arrival ends the same.
    """
    sequence, day = row.get("sequence"), row.get("recorded_at")
    if sequence is None and day is None:
        return None
    return sequence is not None, sequence or 0, str(day or ""), row["digest"]


def _version_order(row: Row, stored: Row) -> int:
    """-1 when the row is older than what is stored, 1 when newer, 0 when neither says.

    What has neither sequence nor date is older than all that has one.
    """
    mine, theirs = _version(row), _version(stored)
    if mine is None or theirs is None:
        return (mine is not None) - (theirs is not None)
    return 1 if mine > theirs else -1


def unversioned(row: Row) -> bool:
    """Whether it says nothing of what is newer."""
    return _version(row) is None


def decide(row: Row, stored: Row | None, *, run: str) -> Change:
    """What becomes of ``row`` given the stored facts of the same id (``digest, sequence, recorded_at, run,
    handling`` and for nodes ``kind``)."""
    if stored is None:
        return Change.NEW
    if stored.get("kind", row["kind"]) != row["kind"]:
        return Change.OTHER_KIND
    if stored["digest"] == row["digest"]:
        return Change.UNCHANGED
    order = _version_order(row, stored)
    if order < 0:
        return Change.STALE
    if order == 0 and stored["run"] == run:
        return Change.DUPLICATE
    return Change.CHANGED if stored["handling"] == row["handling"] else Change.RESTRICTED


def key(row: Row) -> str:
    """What an element is known by among records and links of every type; of a link, also while it waits."""
    return f"{row['kind'] if 'from' in row else ''} {row['id']}"


def sources(link: Row) -> set[str]:
    """Those of the records at its ends."""
    return {link["from"].partition(":")[0], link["to"].partition(":")[0]}


def superseded(row: Row, complete: int | None) -> bool:
    """Whether a row that is not there was left out by a later complete batch of its source."""
    sequence = row.get("sequence")
    return complete is not None and sequence is not None and sequence < complete


def settled(row: Row, stored: Row | None, *, run: str, complete: int | None) -> Change:
    """As ``decide``, after the source's complete batch of that number."""
    change = decide(row, stored, run=run)
    return Change.STALE if change is Change.NEW and superseded(row, complete) else change


def reason(change: Change, row: Row, stored: Row) -> str:
    """The sentence for a refused row."""
    if change is Change.OTHER_KIND:
        return f"The id {row['id']} already belongs to a {stored['kind']}; give this {row['kind']} an id of its own."
    return (
        f"The id {row['id']} was already read in this run with other content; keep one of the two, "
        "or give both a sequence."
    )


def in_order(rows: Iterable[Row]) -> Many[Row]:
    """Rows by id: every writer takes its locks in the same order."""
    return Many(sorted(rows, key=lambda row: str(row["id"])))
